/**
 * The Cortex-M0+ of rp2040js, with what it leaves out: HardFaults, interrupt lines that are levels, events, and waits
 * that neither lose a pending interrupt nor take one that PRIMASK masks. Memory is read without a detour: it is faster.
 *
 * Source: Armv6-M Architecture Reference Manual (DDI 0419), sections B1.5 (exceptions) and B3.4 (NVIC).
 */

import { Fault, hex } from './fault.mjs';
import { ROM_BYTES } from './bootrom.mjs';
import { execute } from './instructions.mjs';

export const SRAM_BASE = 0x20000000;
export const SRAM_BYTES = 264 * 1024;

const FLASH_REGION = 0x10;
const LAST_FLASH_ALIAS = 0x13;
const SRAM_REGION = 0x20;
const PPB_PAGE = 0xe000e;
const DPRAM_START = 0x50100000;
const DPRAM_END = 0x50101000;
const SIO_REGION = 0xd0;

const PC = 15;
const NMI = 2;
const HARD_FAULT = 3;
const SVCALL = 11;
const PENDSV = 14;
const SYSTICK = 15;
const FIRST_LINE = 16;
const LOWEST_PRIORITY = 4;
const SEVONPEND = 1 << 4;

/**
 * The class, for rp2040js's own one.
 * @param {any} Base
 */
export function coreClass(Base) {
  return class Core extends Base {
    /** @param {any} chip @param {Uint8Array} flash */
    constructor(chip, flash) {
      super(chip);
      this.flash8 = flash;
      this.flash16 = new Uint16Array(flash.buffer, flash.byteOffset, flash.length / 2);
      this.flash32 = new Uint32Array(flash.buffer, flash.byteOffset, flash.length / 4);
      this.flashMask = flash.length - 1; // the chip decodes no higher address lines
      this.sram8 = chip.sram;
      this.sram16 = new Uint16Array(chip.sram.buffer);
      this.sram32 = new Uint32Array(chip.sram.buffer);
      /** Interrupt lines that their peripherals hold. */
      this.lines = 0;
      this.systemControl = 0;
      /** The last fault that did not come out of its own handler, for the report. @type {string | null} */
      this.lastFault = null;
    }

    // An address may be the sum of two registers, so more than 32 bits: the bitwise operators cut it.

    readUint32(/** @type {number} */ address) {
      if (address & 3) throw new Fault(`read of a word at ${hex(address)}`);
      const region = address >>> 24;
      if (region === FLASH_REGION) return this.flash32[(address & this.flashMask) >>> 2];
      const offset = (address - SRAM_BASE) | 0;
      if (region === SRAM_REGION && offset < SRAM_BYTES) return this.sram32[offset >>> 2];
      return this.readBus(address >>> 0);
    }

    readUint16(/** @type {number} */ address) {
      if (address & 1) throw new Fault(`read of a half-word at ${hex(address)}`);
      const region = address >>> 24;
      if (region === FLASH_REGION) return this.flash16[(address & this.flashMask) >>> 1];
      const offset = (address - SRAM_BASE) | 0;
      if (region === SRAM_REGION && offset < SRAM_BYTES) return this.sram16[offset >>> 1];
      return (this.readBus((address & ~3) >>> 0, address) >>> (8 * (address & 2))) & 0xffff;
    }

    readUint8(/** @type {number} */ address) {
      const region = address >>> 24;
      if (region === FLASH_REGION) return this.flash8[address & this.flashMask];
      const offset = (address - SRAM_BASE) | 0;
      if (region === SRAM_REGION && offset < SRAM_BYTES) return this.sram8[offset];
      return (this.readBus((address & ~3) >>> 0, address) >>> (8 * (address & 3))) & 0xff;
    }

    writeUint32(/** @type {number} */ address, /** @type {number} */ value) {
      if (address & 3) throw new Fault(`write of a word at ${hex(address)}`);
      const offset = (address - SRAM_BASE) | 0;
      if (address >>> 24 === SRAM_REGION && offset < SRAM_BYTES) this.sram32[offset >>> 2] = value;
      else if (this.isWritable(address >>> 0)) this.rp2040.writeUint32(address >>> 0, value);
    }

    writeUint16(/** @type {number} */ address, /** @type {number} */ value) {
      if (address & 1) throw new Fault(`write of a half-word at ${hex(address)}`);
      const offset = (address - SRAM_BASE) | 0;
      if (address >>> 24 === SRAM_REGION && offset < SRAM_BYTES) this.sram16[offset >>> 1] = value;
      else if (this.isWritable(address >>> 0)) this.rp2040.writeUint16(address >>> 0, value);
    }

    writeUint8(/** @type {number} */ address, /** @type {number} */ value) {
      const offset = (address - SRAM_BASE) | 0;
      if (address >>> 24 === SRAM_REGION && offset < SRAM_BYTES) this.sram8[offset] = value;
      else if (this.isWritable(address >>> 0)) this.rp2040.writeUint8(address >>> 0, value);
    }

    /** A word that is neither in flash nor in SRAM; `asked` is the address that the instruction gave. */
    readBus(/** @type {number} */ address, asked = address) {
      const region = address >>> 24;
      if (region > FLASH_REGION && region <= LAST_FLASH_ALIAS) return this.flash32[(address & this.flashMask) >>> 2];
      if (address < ROM_BYTES) return this.rp2040.bootrom[address >>> 2];
      if (this.isDevice(address)) return this.rp2040.readUint32(address) >>> 0;
      const isFetch = asked === this.PC;
      throw new Fault(`${isFetch ? 'execution' : 'read'} of ${hex(asked)}`, isFetch ? 'fetch' : 'instruction');
    }

    /**
     * Whether a store reaches a device. One to the flash's first window has no effect (datasheet 2.6.3), nor has one
     * to the ROM: TinyUSB stores through a null pointer whenever it starts a transfer on endpoint 0.
     */
    isWritable(/** @type {number} */ address) {
      if (this.isDevice(address)) return true;
      if (address >>> 24 === FLASH_REGION || address < ROM_BYTES) return false;
      throw new Fault(`write of ${hex(address)}`);
    }

    isDevice(/** @type {number} */ address) {
      if (address >>> 12 === PPB_PAGE || address >>> 24 === SIO_REGION) return true;
      if (address >= DPRAM_START && address < DPRAM_END) return true;
      return address >= 0x14000000 && this.rp2040.findPeripheral(address) !== undefined;
    }

    /** Executes instructions up to a clock's deadline, or until one of them waits. */
    run(/** @type {{deadline: number}} */ clock) {
      const { registers, flash16, flashMask } = this;
      while (this.cycles < clock.deadline && !this.waiting) {
        if (this.interruptsUpdated) this.checkForInterrupts();
        const at = registers[PC];
        const opcode = at >>> 24 === FLASH_REGION ? flash16[(at & flashMask) >>> 1] : this.readUint16(at);
        registers[PC] = at + 2;
        if (execute(this, opcode)) continue;
        registers[PC] = at;
        this.executeInstruction();
      }
    }

    /** A branch to an address without the Thumb bit faults when the core gets there. */
    BXWritePC(/** @type {number} */ address) {
      super.BXWritePC(address);
      if (!(address & 1)) throw new Fault(`branch to ${hex(address)}, which is no Thumb code`, 'fetch');
    }

    /** A peripheral raises or lowers its line: the interrupt becomes pending when it rises, and stays so. */
    setInterrupt(/** @type {number} */ line, /** @type {boolean} */ isHigh) {
      const bit = 1 << line;
      if (isHigh && !(this.lines & bit)) {
        if (this.systemControl & SEVONPEND && !(this.pendingInterrupts & bit)) this.eventRegistered = true;
        this.pendingInterrupts |= bit;
        this.interruptsUpdated = true;
      }
      this.lines = isHigh ? this.lines | bit : this.lines & ~bit;
    }

    /** The program clears pending bits; those whose line is high are pending again at once. */
    clearPending(/** @type {number} */ bits) {
      this.pendingInterrupts = (this.pendingInterrupts & ~bits) | (this.lines & bits);
    }

    /** The pending exception that is to be taken before the others, of those above a priority; 0 for none. */
    nextException(/** @type {number} */ below) {
      if (this.pendingNMI) return NMI;
      const lines = this.pendingInterrupts & this.enabledInterrupts;
      for (let priority = 0; priority < below; priority++) {
        if (this.pendingSVCall && priority === this.svCallPriority) return SVCALL;
        if (this.pendingPendSV && priority === this.pendSVPriority) return PENDSV;
        if (this.pendingSystick && priority === this.systickPriority) return SYSTICK;
        const level = lines & this.interruptPriorities[priority];
        if (level) return FIRST_LINE + 31 - Math.clz32(level & -level);
      }
      return 0;
    }

    get vectPending() {
      return this.nextException(LOWEST_PRIORITY);
    }

    /** Takes the next exception, if one may be taken now. */
    checkForInterrupts() {
      this.interruptsUpdated = false;
      const active = this.exceptionPriority(this.IPSR);
      const number = this.nextException(this.PM ? Math.min(active, 0) : active);
      if (!number) return false;
      if (number === NMI) this.pendingNMI = false;
      else if (number === SVCALL) this.pendingSVCall = false;
      else if (number === PENDSV) this.pendingPendSV = false;
      else if (number === SYSTICK) this.pendingSystick = false;
      else this.pendingInterrupts &= ~(1 << (number - FIRST_LINE));
      this.exceptionEntry(number);
      return true;
    }

    /** Whether a wait is over: for an exception that PRIMASK alone holds back, or an event. */
    get isWoken() {
      if (this.nextException(this.exceptionPriority(this.IPSR))) return true;
      return this.eventRegistered && this.isWaitingForEvent;
    }

    /** Whether the instruction that waits is `wfe`; it is the one before the program counter. */
    get isWaitingForEvent() {
      return this.readUint16(this.PC - 2) === 0xbf20;
    }

    /** Goes on behind the instruction that waits. */
    endWait() {
      if (this.isWaitingForEvent) this.eventRegistered = false;
      this.waiting = false;
      this.interruptsUpdated = true;
    }

    /** A vector's lowest bit says that its code is Thumb, and is none of the address. */
    exceptionEntry(/** @type {number} */ number) {
      super.exceptionEntry(number);
      this.PC &= ~1;
    }

    exceptionReturn(/** @type {number} */ excReturn) {
      const line = 1 << (this.IPSR - FIRST_LINE);
      if (this.IPSR >= FIRST_LINE) this.pendingInterrupts |= this.lines & line;
      super.exceptionReturn(excReturn);
    }

    /**
     * Enters the HardFault handler for an instruction that failed.
     * @param {Fault} fault
     * @returns {string | null} why the core has locked up instead, null when it has not
     */
    takeFault(fault) {
      if (fault.stage === 'instruction') this.PC -= 2;
      const where = this.IPSR ? `, in exception ${this.IPSR}` : '';
      const report = `${fault.words} at pc ${hex(this.PC)}${where}\n${this.dump()}`;
      const isNested = this.IPSR === HARD_FAULT || this.IPSR === NMI;
      if (!isNested || this.lastFault === null) this.lastFault = report;
      if (isNested) return this.lastFault;
      try {
        this.exceptionEntry(HARD_FAULT);
      } catch (error) {
        if (error instanceof Fault) return this.lastFault;
        throw error;
      }
      return null;
    }

    /** The registers, for a person. */
    dump() {
      const names = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11', 'r12', 'sp', 'lr', 'pc'];
      const shown = names.map((name, index) => `${name}=${hex(this.registers[index])}`);
      return `${shown.slice(0, 8).join(' ')}\n${shown.slice(8).join(' ')} psr=${hex(this.xPSR)}`;
    }
  };
}
