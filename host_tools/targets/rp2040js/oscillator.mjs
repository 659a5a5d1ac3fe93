/** The ring oscillator: always stable, and a source of bits that repeats. RP2040 datasheet, section 2.17. */

import { Memory } from './registers.mjs';

const STATUS = 0x18;
const RANDOMBIT = 0x1c;
const STABLE_AND_ENABLED = 0x80001000;
const TAPS = 0x80200003; // of a shift register of 32 bits with the longest period

export class RingOscillator extends Memory {
  state = 0x2040;

  /** @param {number} offset */
  read(offset) {
    if (offset === STATUS) return STABLE_AND_ENABLED;
    if (offset !== RANDOMBIT) return super.read(offset);
    const bit = this.state & 1;
    this.state = (this.state >>> 1) ^ (bit ? TAPS : 0);
    return bit;
  }
}
