/**
 * A boot ROM of our own: 16 KiB that stock firmware takes for the RP2040's, version 3.
 *
 * Each function of it is two instructions, `udf #n` and `bx lr`; the emulator hands `udf` below ROM_BYTES to
 * {@link Rom.call}, which does the work in JavaScript. The layout is that of the RP2040 datasheet, section 2.8.2.1.
 */

import { DOUBLE_FUNCTIONS, FLOAT_FUNCTIONS } from './soft_float.mjs';

export const ROM_BYTES = 16 * 1024;

const VERSION = 3;
const STACK_TOP = 0x20041f00; // where the stage that the ROM copies lies; the stack grows down from it
const STAGE2_ADDRESS = STACK_TOP;
const STAGE2_BYTES = 256;
const CODE_START = 0x100;
const UDF = 0xde00;
const BX_LR = 0x4770;
const WATCHDOG_BOOT_MAGIC = 0xb007c0d3; // in scratch register 4: start at scratch 7 with the stack of scratch 6

/** @typedef {import('./machine.mjs').Machine} Machine */
/** @typedef {(machine: Machine, r: Uint32Array) => void} RomFunction works on the registers r0 to r3 */

/** What does nothing here: the flash is always there to be read. */
const nothing = () => {};

/** @type {Record<string, [number, RomFunction]>} the cycles that each takes, about, and what it does */
const FUNCTIONS = {
  P3: [18, (_, r) => (r[0] = popcount(r[0]))],
  R3: [21, (_, r) => (r[0] = reverse(r[0]))],
  L3: [4, (_, r) => (r[0] = Math.clz32(r[0]))],
  T3: [4, (_, r) => (r[0] = r[0] ? 31 - Math.clz32(r[0] & -r[0]) : 32)],
  MS: [8, (machine, r) => machine.fill(r[0], r[1] & 0xff, r[2])],
  S4: [8, (machine, r) => machine.fill(r[0], r[1] & 0xff, r[2])],
  MC: [8, (machine, r) => machine.copy(r[0], r[1], r[2])],
  C4: [8, (machine, r) => machine.copy(r[0], r[1], r[2])],
  UB: [0, (machine) => machine.end('boot loader', 'the firmware entered the boot loader')],
  WV: [0, (machine) => machine.end('boot loader', 'the firmware entered wait_for_vector, which is not emulated')],
  IF: [100, nothing],
  EX: [100, nothing],
  RE: [100, (machine, r) => machine.flash.erase(r[0], r[1])],
  RP: [100, (machine, r) => machine.flash.program(r[0], machine.bytes(r[1], r[2]))],
  FC: [100, nothing],
  CX: [100, nothing],
};

/** Called at a reset: checks the second stage in flash, copies it to RAM and goes there. */
const BOOT = /** @type {[number, RomFunction]} */ ([100, boot]);

/** The function table's two letters as the number that the firmware looks up. */
const code = (/** @type {string} */ name) => name.charCodeAt(0) | (name.charCodeAt(1) << 8);

export class Rom {
  constructor() {
    this.image = new Uint8Array(ROM_BYTES);
    this.view = new DataView(this.image.buffer);
    /** @type {[number, RomFunction][]} by the number in `udf` */
    this.functions = [];
    this.next = CODE_START;
    this.build();
  }

  /**
   * Does the work of the function whose `udf` was executed, and counts its cycles.
   * @param {Machine} machine
   * @param {number} number of the instruction
   */
  call(machine, number) {
    const { core } = machine;
    const [cycles, work] = this.functions[number];
    core.cycles += cycles;
    work(machine, core.registers);
  }

  /** @private */
  build() {
    const reset = this.function(BOOT);
    const lookup = this.lookupCode();
    this.word(0x00, STACK_TOP);
    this.word(0x04, reset);
    for (let vector = 0x08; vector < 0x10; vector += 4) this.word(vector, reset);
    this.image.set([0x4d, 0x75, 0x01, VERSION], 0x10); // "Mu", 1
    const functions = Object.entries(FUNCTIONS).map(([name, of]) => [code(name), this.function(of)]);
    const data = [
      [code('SF'), this.table(FLOAT_FUNCTIONS)],
      [code('SD'), this.table(DOUBLE_FUNCTIONS)],
      [code('CR'), this.text('Corten: a boot ROM for an emulated RP2040')],
      [code('GR'), this.words([0])],
    ];
    this.half(0x14, this.pairs(functions));
    this.half(0x16, this.pairs(data));
    this.half(0x18, lookup);
  }

  /** Adds the code of a function; returns its address with the Thumb bit. @private */
  function(/** @type {[number, RomFunction]} */ of) {
    const number = this.functions.push(of) - 1;
    return this.halves([UDF | number, BX_LR]) | 1;
  }

  /** The firmware's `rom_table_lookup(table, code)`: walks pairs of half-words up to a zero. @private */
  lookupCode() {
    return (
      this.halves([
        0x8802, // ldrh r2, [r0, #0]
        0x2a00, // cmp  r2, #0
        0xd004, // beq  missing
        0x428a, // cmp  r2, r1
        0xd004, // beq  found
        0x3004, // adds r0, #4
        0xe7f8, // b    start
        0xbf00, // nop
        0x2000, // missing: movs r0, #0
        BX_LR,
        0x8840, // found: ldrh r0, [r0, #2]
        BX_LR,
      ]) | 1
    );
  }

  /** A table of pointers to functions, as its own length in words in the half-word before it. @private */
  table(/** @type {[number, RomFunction][]} */ functions) {
    const pointers = functions.map((of) => this.function(of));
    this.next += 4;
    this.image[this.next - 2] = pointers.length;
    return this.words(pointers);
  }

  /** @private */
  pairs(/** @type {number[][]} */ entries) {
    return this.halves([...entries.flat(), 0, 0]);
  }

  /** @private */
  text(/** @type {string} */ value) {
    const bytes = new TextEncoder().encode(value);
    const half = (/** @type {unknown} */ _, /** @type {number} */ at) => bytes[2 * at] | (bytes[2 * at + 1] << 8);
    return this.halves(Array.from({ length: (bytes.length >> 1) + 1 }, half));
  }

  /** @private */
  halves(/** @type {number[]} */ values) {
    const start = this.next;
    values.forEach((value, index) => this.half(start + 2 * index, value));
    this.next = (start + 2 * values.length + 3) & ~3;
    return start;
  }

  /** @private */
  words(/** @type {number[]} */ values) {
    const start = this.next;
    values.forEach((value, index) => this.word(start + 4 * index, value));
    this.next = start + 4 * values.length;
    return start;
  }

  /** @private */
  word(/** @type {number} */ address, /** @type {number} */ value) {
    this.view.setUint32(address, value, true);
  }

  /** @private */
  half(/** @type {number} */ address, /** @type {number} */ value) {
    this.view.setUint16(address, value, true);
  }
}

/** @param {Machine} machine */
function boot(machine) {
  const { core, flash, watchdog } = machine;
  const [magic, check, stack, entry] = watchdog.scratch.slice(4);
  if (magic === WATCHDOG_BOOT_MAGIC && (check ^ entry) >>> 0 === -WATCHDOG_BOOT_MAGIC >>> 0) {
    watchdog.scratch[4] = 0;
    core.registers[13] = stack;
    core.registers[15] = entry & ~1;
    return;
  }
  const stage2 = flash.bytes.subarray(0, STAGE2_BYTES);
  const view = new DataView(stage2.buffer, stage2.byteOffset, STAGE2_BYTES);
  if (crc32(stage2.subarray(0, STAGE2_BYTES - 4)) !== view.getUint32(STAGE2_BYTES - 4, true)) {
    machine.end('boot loader', 'there is no firmware in the flash: the chip waits in its boot loader');
    return;
  }
  machine.store(STAGE2_ADDRESS, stage2);
  core.registers[14] = 0; // the second stage then goes on to the firmware's vectors
  core.registers[15] = STAGE2_ADDRESS;
}

/** CRC-32 with polynomial 0x04c11db7, not reflected: datasheet section 2.8.1.3.1. @param {Uint8Array} bytes */
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

/** @param {number} value */
function popcount(value) {
  let count = 0;
  for (let rest = value; rest; rest &= rest - 1) count++;
  return count;
}

/** @param {number} value */
function reverse(value) {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = (reversed << 1) | ((value >>> bit) & 1);
  return reversed;
}
