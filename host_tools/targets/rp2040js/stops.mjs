/**
 * Where a debugger stops the guest: breakpoints, at any address of code, and watchpoints, as many as it likes.
 *
 * An access that is watched stops before its instruction, which is what GDB takes of ARM cores; one of an exception's
 * entry or return, or of the boot ROM's, right behind it. The accesses of DMA are not watched.
 */

import { execute } from './instructions.mjs';

const PC = 15;
const LOAD_MULTIPLE = 0b11001; // the five high bits of `ldm`
const POP_WITH_PC = 0b10111101;

/** @typedef {'watch' | 'rwatch' | 'awatch'} Kind what GDB calls those of writes, of reads, and of both */
/** @typedef {{address: number, size: number, kind: Kind}} Watch */

/** The core's methods, with the sizes of their accesses. @type {[string, number, boolean][]} */
const ACCESSES = [
  ['readUint8', 1, false],
  ['readUint16', 2, false],
  ['readUint32', 4, false],
  ['writeUint8', 1, true],
  ['writeUint16', 2, true],
  ['writeUint32', 4, true],
];

/** What undoes the instruction that was to make an access. */
const UNDO = new Error('an access that is watched');

export class Stops {
  /** @param {(words: string) => void} stopped the guest has come to one, which `words` name as in GDB's protocol */
  constructor(stopped) {
    this.stopped = stopped;
    /** @type {Set<number>} addresses of breakpoints */
    this.points = new Set();
    /** @type {Watch[]} */
    this.watches = [];
    /** Whether one instruction is to be executed, in which neither a breakpoint nor an interrupt is taken. */
    this.isStep = false;
    this.isRunning = false;
    this.isUndoable = false;
    /** What the current instruction came upon. @type {string | null} */
    this.hit = null;
    /** @type {any} */
    this.core = null;
  }

  /** Whether the guest is to run here, and not by the core's own loop. */
  get isNeeded() {
    return this.isStep || this.points.size > 0 || this.watches.length > 0;
  }

  /** @param {Watch} watch */
  addWatch(watch) {
    this.removeWatch(watch);
    this.watches.push(watch);
    this.listen();
  }

  /** @param {Watch} watch */
  removeWatch({ address, size, kind }) {
    this.watches = this.watches.filter((it) => it.address !== address || it.size !== size || it.kind !== kind);
    this.listen();
  }

  clear() {
    this.points.clear();
    this.watches = [];
    this.listen();
  }

  /**
   * Executes instructions up to a clock's deadline, until one waits, or to a stop.
   * @param {any} core
   * @param {{deadline: number}} clock
   */
  run(core, clock) {
    if (core !== this.core) {
      this.core = core;
      this.listen();
    }
    const { readUint16 } = Object.getPrototypeOf(core);
    const { registers } = core;
    this.isRunning = true;
    try {
      do {
        if (core.interruptsUpdated && !this.isStep) core.checkForInterrupts();
        const at = registers[PC];
        if (!this.isStep && this.points.has(at)) return this.stopped('');
        this.execute(core, at, readUint16.call(core, at));
        if (this.hit !== null) return this.stopped(this.hit);
      } while (!this.isStep && core.cycles < clock.deadline && !core.waiting);
    } finally {
      this.isRunning = false;
      this.hit = null;
    }
  }

  /** @private */
  execute(/** @type {any} */ core, /** @type {number} */ at, /** @type {number} */ opcode) {
    const { registers } = core;
    const isPending = core.interruptsUpdated; // only where it is a step, and to be left for later
    const base = (opcode >> 8) & 7;
    const kept = registers[base];
    this.isUndoable = isAccess(opcode);
    registers[PC] = at + 2;
    try {
      if (execute(core, opcode)) return;
      registers[PC] = at;
      core.interruptsUpdated = false;
      core.executeInstruction();
      core.interruptsUpdated ||= isPending;
    } catch (error) {
      if (error !== UNDO) throw error;
      registers[PC] = at;
      if (opcode >> 11 === LOAD_MULTIPLE) registers[base] = kept; // the others are loaded once more
    } finally {
      this.isUndoable = false;
    }
  }

  /** Puts what looks at accesses before the core's methods, where there is anything to look for. @private */
  listen() {
    const { core } = this;
    if (!core) return;
    for (const [name, size, isWrite] of ACCESSES) {
      delete core[name];
      if (!this.watches.length) continue;
      const method = core[name];
      core[name] = (/** @type {number} */ address, /** @type {number} */ value) => {
        if (this.isRunning) this.look(address >>> 0, size, isWrite);
        return method.call(core, address, value);
      };
    }
  }

  /** @private */
  look(/** @type {number} */ address, /** @type {number} */ size, /** @type {boolean} */ isWrite) {
    for (const watch of this.watches) {
      if (address >= watch.address + watch.size || watch.address >= address + size) continue;
      if (watch.kind === (isWrite ? 'rwatch' : 'watch')) continue;
      this.hit = `${watch.kind}:${Math.max(address, watch.address).toString(16)};`;
      if (this.isUndoable) throw UNDO;
    }
  }
}

/** Whether an instruction does nothing but load or store, so that it can begin anew. @param {number} opcode */
function isAccess(opcode) {
  const kind = opcode >> 11;
  if (kind === 0b01001 || (kind >= 0b01010 && kind <= 0b10011)) return true;
  if (kind === 0b11000 || kind === LOAD_MULTIPLE) return true;
  return (opcode >> 9 === 0b1011010 || opcode >> 9 === 0b1011110) && opcode >> 8 !== POP_WITH_PC;
}
