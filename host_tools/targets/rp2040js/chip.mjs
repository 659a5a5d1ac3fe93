/** rp2040js's RP2040 with our own core, memory that outlives it, and our blocks in place of some of its own. */

import { coreClass } from './core.mjs';
import { Fault, hex } from './fault.mjs';

const BREAKPOINT = 0xbe; // the high byte of `bkpt`; that of `udf` is 0xde
const WORD = 2 ** 32;

/**
 * The class of a chip.
 * @param {any} library the package rp2040js
 */
export function chipClass(library) {
  return class Chip extends library.RP2040 {
    /**
     * @param {import('./clock.mjs').Clock} clock
     * @param {Uint8Array} flash
     * @param {Uint8Array} sram
     * @param {Uint8Array} rom
     */
    constructor(clock, flash, sram, rom) {
      super(clock);
      this.pwm.reset();
      this.sram = sram;
      this.sramView = new DataView(sram.buffer);
      this.flash = flash;
      this.flash16 = new Uint16Array(flash.buffer);
      this.flashView = new DataView(flash.buffer);
      this.bootrom = new Uint32Array(rom.buffer);
      const Core = coreClass(this.core.constructor);
      this.core = new Core(this, flash);
      this.logger = new Log(this.core);
      this.sio.updateHardwareDivider = (/** @type {boolean} */ isSigned) => divide(this.sio, this.core, isSigned);
    }

    /** rp2040js erases the flash here. */
    reset() {}

    /** One instruction, for a debugger. */
    step() {
      try {
        this.core.executeInstruction();
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        this.core.takeFault(error);
      }
    }
  };
}

/** What rp2040js says of the guest: some of it is what the core has to do. */
class Log {
  /** @param {any} core */
  constructor(core) {
    this.core = core;
  }

  debug() {}

  /** @param {string} _ @param {string} message */
  info(_, message) {
    if (message === 'SEV') this.core.eventRegistered = true;
  }

  /** @param {string} _ @param {string} message */
  warn(_, message) {
    if (message.startsWith('Warning: Instruction')) throw new Fault('an instruction that there is not');
  }

  error() {}
}

/**
 * The fault of a `bkpt` or `udf` of the firmware's: there is no debugger.
 * @param {any} core
 * @param {number} number of the instruction
 */
export function breakpoint(core, number) {
  const isBreakpoint = core.readUint16(core.PC - 2) >> 8 === BREAKPOINT;
  return new Fault(isBreakpoint ? `bkpt ${hex(number)}` : `udf ${hex(number)}`);
}

/**
 * The divider with its results for a divisor of 0, which rp2040js gives otherwise: RP2040 datasheet, section 2.3.1.5.
 * @param {any} sio
 * @param {any} core
 * @param {boolean} isSigned
 */
function divide(sio, core, isSigned) {
  const [dividend, divisor] = isSigned
    ? [sio.divDividend | 0, sio.divDivisor | 0]
    : [sio.divDividend >>> 0, sio.divDivisor >>> 0];
  const quotient = divisor ? Math.trunc(dividend / divisor) : isSigned && dividend < 0 ? 1 : -1;
  sio.divQuotient = (quotient + WORD) % WORD;
  sio.divRemainder = ((divisor ? dividend % divisor : dividend) + WORD) % WORD;
  sio.divCSR = 3;
  core.cycles += 8;
}
