/** RESETS: a block that is held in reset comes out of it as it was after power-on. RP2040 datasheet, section 2.14. */

import { Registers } from './registers.mjs';

const RESET = 0x0;
const WDSEL = 0x4;
const RESET_DONE = 0x8;
const BLOCKS = 0x1ffffff;

export class Resets extends Registers {
  /** @param {Map<number, () => void>} blocks what to do for each bit that rises */
  constructor(blocks) {
    super();
    this.blocks = blocks;
    this.held = 0; // after power-on all of them are; the boot ROM lets those go that it uses, we all
    this.selected = 0;
  }

  /** @param {number} offset */
  read(offset) {
    if (offset === RESET) return this.held;
    if (offset === WDSEL) return this.selected;
    return offset === RESET_DONE ? ~this.held & BLOCKS : 0;
  }

  /** @param {number} offset @param {number} value */
  write(offset, value) {
    if (offset === WDSEL) this.selected = value & BLOCKS;
    if (offset !== RESET) return;
    const risen = value & ~this.held;
    this.held = value & BLOCKS;
    for (const [bit, reset] of this.blocks) if (risen & (1 << bit)) reset();
  }
}
