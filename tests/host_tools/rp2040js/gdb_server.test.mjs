/** A debugger's end on a core with a small program: packets, registers, memory, steps, breakpoints and watchpoints. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { chipClass } from '../../../host_tools/targets/rp2040js/chip.mjs';
import { Clock } from '../../../host_tools/targets/rp2040js/clock.mjs';
import { GdbServer } from '../../../host_tools/targets/rp2040js/gdb_server.mjs';
import { Stops } from '../../../host_tools/targets/rp2040js/stops.mjs';

const library = await import(pathToFileURL(`${process.env.CORTEN_RP2040JS}/dist/esm/index.js`).href);
const Chip = chipClass(library);
const [CODE, DATA, FLASH, SP, PC] = [0x20010000, 0x20020000, 0x10000000, 13, 15];
const LIMIT = { deadline: 1000 };
const ENDLESS = 0xe7fe; // b .

/** A core at a program in SRAM, and what speaks GDB's protocol for it. */
function make(...program) {
  const flash = new Uint8Array(2 * 1024 * 1024);
  const { core } = new Chip(new Clock(125e6), flash, new Uint8Array(264 * 1024), new Uint8Array(16 * 1024));
  core.sram16.set([...program, ENDLESS], (CODE - 0x20000000) / 2);
  core.registers[PC] = CODE;
  core.registers[SP] = DATA + 0x1000;
  core.cycles = 0;
  const said = [];
  const stops = new Stops((words) => said.push(words));
  const guest = { core, stops, goOn: () => stops.run(core, LIMIT), interrupt: () => said.push('interrupt') };
  let text = '';
  const server = new GdbServer(guest, (data) => (text += data));
  const ask = (command) => {
    text = '';
    server.feed(packet(command));
    return /^\+\$(.*)#..$/s.exec(text)?.[1] ?? null;
  };
  return { core, stops, said, server, ask, sent: () => text };
}

function packet(command) {
  const sum = [...command].reduce((total, letter) => total + letter.charCodeAt(0), 0) & 0xff;
  return `$${command}#${sum.toString(16).padStart(2, '0')}`;
}

const word = (value) => Buffer.from(Uint32Array.of(value).buffer).toString('hex');

test('packets come in pieces, between acknowledgements and interrupts; a damaged one is asked for anew', () => {
  const { server, said, sent } = make();
  for (const letter of `+-${packet('?')}\x03`) server.feed(letter);
  assert.equal(sent(), '+$S05#b8');
  assert.deepEqual(said, ['interrupt']);
  server.feed('$?#00');
  assert.equal(sent(), '+$S05#b8-');
});

test('registers, by one and together', () => {
  const { core, ask } = make();
  assert.equal(ask('p11'), word(core.registers[SP]));
  assert.equal(ask(`P0=${word(0x80000001)}`), 'OK');
  assert.equal(core.registers[0], 0x80000001);
  assert.equal(ask(`P13=${word(1)}`), 'OK');
  assert.equal(core.PM, true);
  assert.equal(ask('p15'), 'E01');
  const all = ask('g');
  assert.equal(all.length, 8 * 21);
  core.registers.fill(0);
  assert.equal(ask(`G${all}`), 'OK');
  assert.equal(core.registers[0], 0x80000001);
  assert.equal(ask('g'), all);
});

test('the description comes in parts and names as many registers as there are', () => {
  const { ask } = make();
  let text = '';
  for (let more = true; more; ) {
    const part = ask(`qXfer:features:read:target.xml:${text.length.toString(16)},64`);
    more = part[0] === 'm';
    text += part.slice(1);
  }
  assert.equal(text.match(/<reg /g).length, 21);
});

test('memory: of any alignment, none where nothing is, and flash is not changed', () => {
  const { ask } = make();
  assert.equal(ask(`M${(DATA + 1).toString(16)},7:01020304050607`), 'OK');
  assert.equal(ask(`m${DATA.toString(16)},9`), '000102030405060700');
  assert.equal(ask('m60000000,4'), 'E01');
  assert.equal(ask(`M${FLASH.toString(16)},1:ff`), 'E01');
});

test('a breakpoint stops before its instruction', () => {
  const { core, said, ask } = make(0x2001, 0x2102); // movs r0, 1; movs r1, 2
  assert.equal(ask(`Z0,${(CODE + 2).toString(16)},2`), 'OK');
  ask('c');
  assert.deepEqual(said, ['']);
  assert.deepEqual([core.registers[PC], core.registers[0], core.registers[1]], [CODE + 2, 1, 0]);
  assert.equal(ask(`z0,${(CODE + 2).toString(16)},2`), 'OK');
  assert.equal(ask('Z9,0,2'), '');
});

test('watchpoints stop before the access, by its kind', () => {
  const program = [0x6808, 0x6048]; // ldr r0, [r1]; str r0, [r1, 4]
  for (const [type, at, where, words] of [
    [2, DATA + 4, CODE + 2, 'watch'],
    [3, DATA, CODE, 'rwatch'],
    [4, DATA + 4, CODE + 2, 'awatch'],
    [4, DATA + 2, CODE, 'awatch'],
  ]) {
    const { core, said, ask } = make(...program);
    core.registers[1] = DATA;
    ask(`Z${type},${at.toString(16)},1`);
    ask('c');
    assert.deepEqual(said, [`${words}:${at.toString(16)};`]);
    assert.equal(core.registers[PC], where);
    ask(`z${type},${at.toString(16)},1`);
    ask('c');
    assert.equal(said.length, 1);
  }
  const { said, ask, core } = make(...program);
  core.registers[1] = DATA;
  ask(`Z2,${DATA.toString(16)},4`);
  ask('c');
  assert.deepEqual(said, []);
});

test('a load of several registers that is watched begins anew with its base', () => {
  const { core, said, ask } = make(0xc907); // ldmia r1, {r0, r1, r2}
  core.registers[1] = DATA;
  ask(`M${DATA.toString(16)},c:010000000200000003000000`);
  ask(`Z3,${(DATA + 8).toString(16)},1`);
  ask('c');
  assert.deepEqual([said.length, core.registers[PC], core.registers[1]], [1, CODE, DATA]);
  ask(`z3,${(DATA + 8).toString(16)},1`);
  ask('c');
  assert.deepEqual([...core.registers.slice(0, 3)], [1, 2, 3]);
});

test('a step takes no interrupt', () => {
  const { core, stops } = make(0xb662, 0x2001); // cpsie i; movs r0, 1
  core.PM = true;
  core.enabledInterrupts = 1;
  core.setInterrupt(0, true);
  stops.isStep = true;
  stops.run(core, LIMIT);
  stops.run(core, LIMIT);
  assert.deepEqual([core.registers[PC], core.registers[0], core.IPSR], [CODE + 4, 1, 0]);
  assert.equal(core.interruptsUpdated, true);
});
