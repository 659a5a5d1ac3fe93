/** One RP2040 with its flash, its cable and its pins: what is wired together here is reset together. */

import { Rom, ROM_BYTES } from './bootrom.mjs';
import { Clock } from './clock.mjs';

const RESET_HZ = 125e6;
const FLASH_BASE = 0x10000000;

export class Machine {
  /**
   * @param {any} library the package rp2040js
   * @param {{
   *   flash: (bytes: Uint8Array) => import('./flash.mjs').Flash,
   *   end: (kind: string, words: string) => void,
   * }} outside
   */
  constructor(library, outside) {
    this.library = library;
    this.outside = outside;
    this.rom = new Rom();
    this.clock = new Clock(RESET_HZ);
    this.chip = new library.RP2040(this.clock);
    this.chip.logger = new library.ConsoleLogger(library.LogLevel.Error, false);
    this.core = this.chip.core;
    this.clock.core = this.core;
    this.chip.loadBootrom(new Uint32Array(this.rom.image.buffer));
    this.flash = outside.flash(this.chip.flash);
    this.watchdog = { scratch: new Uint32Array(8) };
    this.chip.addClockListener((/** @type {number} */ hz) => this.clock.setFrequency(hz));
    this.chip.onBreak = (/** @type {number} */ number) => {
      if (this.core.PC < ROM_BYTES) this.rom.call(this, number);
      else this.end('fault', `a breakpoint at 0x${(this.core.PC - 2).toString(16)}`);
    };
    this.core.reset();
  }

  /** Executes instructions until the clock has something to do, or the core waits. */
  runUntilDeadline() {
    const { core, clock } = this;
    while (core.cycles < clock.deadline && !core.waiting) core.executeInstruction();
  }

  /** @param {string} kind @param {string} words */
  end(kind, words) {
    this.clock.endSlice();
    this.outside.end(kind, words);
  }

  /** Sets bytes of memory. @param {number} address @param {number} value @param {number} count */
  fill(address, value, count) {
    const ram = this.ram(address, count);
    if (ram) ram.fill(value);
    else for (let index = 0; index < count; index++) this.chip.writeUint8(address + index, value);
    this.core.cycles += count >> 2;
  }

  /** Copies memory that does not overlap. @param {number} target @param {number} source @param {number} count bytes */
  copy(target, source, count) {
    this.store(target, this.bytes(source, count));
    this.core.cycles += count >> 1;
  }

  /** @param {number} address @param {Uint8Array} data */
  store(address, data) {
    const ram = this.ram(address, data.length);
    if (ram) ram.set(data);
    else data.forEach((byte, index) => this.chip.writeUint8(address + index, byte));
  }

  /** Bytes of memory, as the core would read them. @param {number} address @param {number} count */
  bytes(address, count) {
    const ram = this.ram(address, count);
    if (ram) return ram.slice();
    if (address >= FLASH_BASE && address + count <= FLASH_BASE + this.chip.flash.length)
      return this.chip.flash.slice(address - FLASH_BASE, address - FLASH_BASE + count);
    return Uint8Array.from({ length: count }, (_, index) => this.chip.readUint8(address + index));
  }

  /** A view of that range where all of it is SRAM. @private */
  ram(/** @type {number} */ address, /** @type {number} */ count) {
    const offset = address - 0x20000000;
    if (offset < 0 || offset + count > this.chip.sram.length) return null;
    return this.chip.sram.subarray(offset, offset + count);
  }
}
