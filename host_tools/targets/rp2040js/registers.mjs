/** The base of our own peripherals: registers by offset, and the aliases that set, clear and flip bits of them. */

const XOR = 1; // RP2040 datasheet, section 2.1.2
const SET = 2;
const CLEAR = 3;
const ALIAS_BYTES = 0x1000;

export class Registers {
  /** @param {number} offset @returns {number} */
  readUint32(offset) {
    return this.read(offset % ALIAS_BYTES);
  }

  /** @param {number} offset @param {number} value @param {number} kind of access: 0 is a plain store */
  writeUint32Atomic(offset, value, kind) {
    let stored = value;
    if (kind === XOR) stored = this.read(offset) ^ value;
    if (kind === SET) stored = this.read(offset) | value;
    if (kind === CLEAR) stored = this.read(offset) & ~value;
    this.write(offset, stored >>> 0, value >>> 0);
  }

  /** What a load finds at an offset. @param {number} offset @returns {number} */
  read(offset) {
    void offset;
    return 0;
  }

  /**
   * @param {number} offset
   * @param {number} value that the register is to hold
   * @param {number} given by the store: for bits that are cleared by writing 1, whatever the alias
   */
  write(offset, value, given) {
    void [offset, value, given];
  }
}

/** Registers that hold what was stored, and do nothing. */
export class Memory extends Registers {
  /** @param {Record<number, number>} reset values by offset, where they are not 0 */
  constructor(reset = {}) {
    super();
    this.values = new Map(Object.entries(reset).map(([offset, value]) => [Number(offset), value]));
  }

  /** @param {number} offset */
  read(offset) {
    return this.values.get(offset) ?? 0;
  }

  /** @param {number} offset @param {number} value */
  write(offset, value) {
    this.values.set(offset, value);
  }
}
