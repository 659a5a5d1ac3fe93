/**
 * Runs one emulated RP2040; started by host_tools/targets/rp2040.py with a JSON object as its only argument.
 *
 * The last line on standard error is a JSON object that says why it ended; the exit status says the kind.
 */

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Flash, FLASH_BYTES, PowerCut } from './flash.mjs';
import { Line } from './lines.mjs';
import { Machine } from './machine.mjs';
import { RunLoop } from './run_loop.mjs';
import { readUf2 } from './uf2.mjs';
import { UsbConsole } from './usb_console.mjs';

/**
 * @typedef {object} Options
 * @property {string} library the folder of the package rp2040js
 * @property {string | null} uf2
 * @property {string | null} flash
 * @property {number | null} cutAfter
 * @property {boolean} realTime
 * @property {import('./lines.mjs').Place} usb
 */

const FLASH_BASE = 0x10000000;

const STATUS = { stopped: 0, reset: 0, wrong: 2, fault: 70, 'power cut': 71, 'boot loader': 72 };

/** @param {keyof typeof STATUS} kind @param {string} words */
function exit(kind, words) {
  process.stderr.write(`${JSON.stringify({ kind, words })}\n`);
  process.exit(STATUS[kind]);
}

/** @param {Options} options */
async function main(options) {
  const library = await import(pathToFileURL(`${options.library}/dist/esm/index.js`).href);
  const machine = new Machine(library, {
    flash: (bytes) => {
      const flash = new Flash(bytes, { file: options.flash, cutAfter: options.cutAfter });
      if (options.uf2) flash.load(readUf2(readFileSync(options.uf2), FLASH_BASE, FLASH_BYTES));
      return flash;
    },
    end: (kind, words) => exit(/** @type {keyof typeof STATUS} */ (kind), words),
  });
  const loop = new RunLoop(machine, options.realTime);
  const console_ = new Line(options.usb, (data) => {
    usb.send(data);
    console_.backlog(usb.queuedBytes);
    loop.wake();
  });
  const usb = new UsbConsole(
    machine.chip.usbCtrl,
    machine.clock,
    (data) => console_.send(data),
    () => console_.backlog(0),
  );
  loop.start();
}

process.on('uncaughtException', (error) => {
  if (error instanceof PowerCut) exit('power cut', error.message);
  process.stderr.write(`${error.stack}\n`);
  exit('wrong', String(error.message));
});
await main(JSON.parse(process.argv[2]));
