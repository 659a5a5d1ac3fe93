/** Our instructions against rp2040js's own, on random opcodes, registers and flags; where that is wrong, the manual. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { Clock } from '../../../host_tools/targets/rp2040js/clock.mjs';
import { chipClass } from '../../../host_tools/targets/rp2040js/chip.mjs';
import { execute } from '../../../host_tools/targets/rp2040js/instructions.mjs';

const library = await import(pathToFileURL(`${process.env.CORTEN_RP2040JS}/dist/esm/index.js`).href);
const Chip = chipClass(library);
const [SRAM, CODE, SP, LR, PC] = [0x20000000, 0x20010000, 13, 14, 15];
const ROUNDS = 100_000;

let seed = 2040;

/** A number below a limit, from a generator that repeats. */
function random(limit) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * limit);
}

/** A core with memory of its own. */
function make() {
  const flash = new Uint8Array(2 * 1024 * 1024);
  const { core } = new Chip(new Clock(125e6), flash, new Uint8Array(264 * 1024), new Uint8Array(16 * 1024));
  core.plain = Object.getPrototypeOf(Object.getPrototypeOf(core)).executeInstruction;
  return core;
}

const NUMBERS = [0, 1, 31, 32, 33, 0x7fffffff, 0x80000000, 0xffffffff];

/** A state in which loads and stores mostly reach SRAM. */
function state() {
  const registers = Array.from({ length: 16 }, () => {
    const kind = random(3);
    return kind === 0 ? NUMBERS[random(NUMBERS.length)] : kind === 1 ? random(2 ** 32) : SRAM + 4 * random(0x3f00);
  });
  registers[SP] = SRAM + 4 * random(0x3f00);
  registers[LR] = CODE | 1;
  registers[PC] = CODE;
  return { registers, flags: random(16) };
}

function put(core, { registers, flags }, opcode, second) {
  core.registers.set(registers);
  core.APSR = flags * 2 ** 28;
  core.cycles = 0;
  core.interruptsUpdated = false;
  core.currentMode = 0;
  core.IPSR = 0;
  core.sram16[(CODE - SRAM) / 2] = opcode;
  core.sram16[(CODE - SRAM) / 2 + 1] = second;
}

/** What there is to compare after an instruction, or why it faulted. */
function after(core, work) {
  try {
    work();
  } catch (error) {
    return error.words ?? String(error);
  }
  return [...core.registers, core.APSR >>> 0, core.cycles].join(' ');
}

/** Whether rp2040js is known to differ: shifts, the overflow with a carry, `stm` of its own base, wrong branches. */
function isKnown(opcode) {
  const kind = opcode >> 10 === 0b010000 ? (opcode >> 6) & 0xf : -1;
  if ([2, 3, 4, 5, 6, 7].includes(kind)) return true;
  if (opcode >> 8 === 0b01000101) return true; // cmp with the program counter
  if (opcode >> 11 === 0b11000) return (opcode & (1 << ((opcode >> 8) & 7))) !== 0;
  return opcode >> 7 === 0b010001111; // blx to what is no Thumb code
}

test('random instructions do what they do in rp2040js', () => {
  const [ours, theirs] = [make(), make()];
  let compared = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const [opcode, second, begin] = [random(2 ** 16), 0xd000 | random(2 ** 14), state()];
    if (isKnown(opcode)) continue;
    put(ours, begin, opcode, second);
    ours.registers[PC] += 2;
    let isOurs = true;
    const got = after(ours, () => (isOurs = execute(ours, opcode)));
    if (!isOurs) continue;
    put(theirs, begin, opcode, second);
    const wanted = after(theirs, () => theirs.plain());
    assert.equal(got, wanted, `opcode ${opcode.toString(16)} after ${begin.registers.map((n) => n.toString(16))}`);
    compared++;
  }
  assert.ok(compared > ROUNDS / 2);
  assert.deepEqual(ours.sram8, theirs.sram8);
});

/** The result and the flags N, Z, C, V of a data processing instruction on two numbers. */
function dataProcessing(kind, own, other, carry = 0) {
  const core = make();
  put(core, { registers: [own, other, ...Array(14).fill(0)], flags: carry ? 2 : 0 }, 0, 0);
  execute(core, (0b010000 << 10) | (kind << 6) | (1 << 3));
  return [core.registers[0], ...[core.N, core.Z, core.C, core.V].map(Number)];
}

const [LSLS, LSRS, ASRS, ADCS, SBCS, RORS] = [2, 3, 4, 5, 6, 7];

test('a shift by nothing leaves the carry', () => {
  for (const kind of [LSLS, LSRS, ASRS, RORS]) assert.deepEqual(dataProcessing(kind, 5, 0x100, 1), [5, 0, 0, 1, 0]);
});

test('shifts of 32 and more', () => {
  assert.deepEqual(dataProcessing(LSLS, 1, 32), [0, 0, 1, 1, 0]);
  assert.deepEqual(dataProcessing(LSLS, 1, 40, 1), [0, 0, 1, 0, 0]);
  assert.deepEqual(dataProcessing(LSRS, 0x80000000, 32), [0, 0, 1, 1, 0]);
  assert.deepEqual(dataProcessing(LSRS, 0x80000000, 33, 1), [0, 0, 1, 0, 0]);
  assert.deepEqual(dataProcessing(ASRS, 0x80000000, 99), [0xffffffff, 1, 0, 1, 0]);
  assert.deepEqual(dataProcessing(RORS, 0x80000001, 33), [0xc0000000, 1, 0, 1, 0]);
});

test('carries and overflows', () => {
  assert.deepEqual(dataProcessing(ADCS, 0x7fffffff, 0, 1), [0x80000000, 1, 0, 0, 1]);
  assert.deepEqual(dataProcessing(ADCS, 0xffffffff, 0xffffffff, 1), [0xffffffff, 1, 0, 1, 0]);
  assert.deepEqual(dataProcessing(SBCS, 0, 0xffffffff, 0), [0, 0, 1, 0, 0]);
  assert.deepEqual(dataProcessing(SBCS, 0x80000000, 1, 1), [0x7fffffff, 0, 0, 1, 1]);
});
