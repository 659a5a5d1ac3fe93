/** What ends an instruction in a HardFault: the only fault that Armv6-M has. */
export class Fault {
  /**
   * @param {string} words what was tried, such as "read of 0x60000000"
   * @param {'fetch' | 'instruction'} stage before or after the program counter has gone on to the next instruction
   */
  constructor(words, stage = 'instruction') {
    this.words = words;
    this.stage = stage;
  }
}

/** @param {number} value */
export const hex = (value) => `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
