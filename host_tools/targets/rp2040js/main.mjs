/** Runs one emulated RP2040; started by host_tools/targets/rp2040.py with a JSON object as its only argument. */

import './speed.mjs';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Control } from './control.mjs';
import { Debugger } from './debugger.mjs';
import { Flash, FLASH_BYTES, PowerCut } from './flash.mjs';
import { Line } from './lines.mjs';
import { Machine } from './machine.mjs';
import { RunLoop } from './run_loop.mjs';
import { exit } from './status.mjs';
import { UartLine } from './uart_line.mjs';
import { readUf2 } from './uf2.mjs';
import { UsbConsole } from './usb_console.mjs';

/**
 * @typedef {object} Options
 * @property {string} library the folder of the package rp2040js
 * @property {string | null} uf2 the file to load into the flash
 * @property {string | null} flash the file that the flash is kept in
 * @property {number | null} cutAfter the flash operation in which the power fails
 * @property {boolean} realTime whether a guest that waits follows the host's clock
 * @property {boolean} mayReset whether a reset by the firmware is followed, or ends the emulator
 * @property {[number, number][]} jumpers pairs of pins
 * @property {string | null} gdb the socket for a debugger
 * @property {import('./lines.mjs').Place} usb
 * @property {import('./lines.mjs').Place[]} uarts
 * @property {import('./lines.mjs').Place | null} control
 */

const FLASH_BASE = 0x10000000;

/** @param {Options} options */
async function main(options) {
  const library = await import(pathToFileURL(`${options.library}/dist/esm/index.js`).href);
  const flash = new Flash({ file: options.flash, cutAfter: options.cutAfter });
  if (options.uf2) flash.load(readUf2(readFileSync(options.uf2), FLASH_BASE, FLASH_BYTES));

  /** @type {UsbConsole} */
  let usb;
  const wake = () => loop.wake();
  const terminal = new Line(options.usb, (data) => {
    usb.send(data);
    terminal.backlog(usb.queuedBytes);
    wake();
  });
  const uarts = options.uarts.map((place) => new UartLine(place, wake));
  const control = new Control(options.control, wake);
  const machine = new Machine(library, {
    flash,
    jumpers: options.jumpers,
    uartSent: (index, byte) => uarts[index]?.send(byte),
    uartReady: (index) => uarts[index]?.feed(),
    pinChanged: (pin, isHigh) => control.pinChanged(pin, isHigh),
    stopAt: (core) => gdb?.stopAt(core) ?? false,
    mayReset: () => options.mayReset,
    end: exit,
    started({ chip, clock, uarts: made }) {
      const print = (/** @type {Uint8Array} */ data) => terminal.send(data);
      usb = new UsbConsole(chip.usbCtrl, clock, print, () => terminal.backlog(0));
      uarts.forEach((line, index) => line.connect(made[index]));
      control.connect(machine, usb);
      loop.restartClock();
    },
  });
  const loop = new RunLoop(machine, options.realTime);
  machine.powerOn();
  const gdb = options.gdb === null ? null : new Debugger(options.gdb, loop);
  loop.start();
}

process.on('uncaughtException', (error) => {
  if (error instanceof PowerCut) exit('power cut', error.message);
  else exit('wrong', error.message);
});
await main(JSON.parse(process.argv[2]));
