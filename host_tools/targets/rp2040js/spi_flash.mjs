/**
 * The flash chip on its serial bus: what the boot ROM's functions bypass and firmware asks of it directly, and the SSI
 * block and the chip-select pin through which it does.
 *
 * Source: RP2040 datasheet, section 4.10; commands of a W25Q16JV (Winbond, revision M), section 8.
 */

import { Memory, Registers } from './registers.mjs';

const SSIENR = 0x08;
const TXFLR = 0x20;
const RXFLR = 0x24;
const SR = 0x28;
const IDR = 0x58;
const VERSION = 0x5c;
const DR0 = 0x60;
const TRANSMIT_READY = 0x6; // not full, and empty
const RECEIVE_READY = 0x8;

const READ_STATUS = 0x05;
const READ_STATUS_2 = 0x35;
const READ_UNIQUE_ID = 0x4b;
const READ_JEDEC_ID = 0x9f;
const QUAD_ENABLED = 0x02;
const JEDEC_ID = [0xef, 0x40, 0x15]; // Winbond, 2 MiB
const UNIQUE_ID = [0xe6, 0x61, 0xc0, 0x27, 0x04, 0x20, 0x40, 0x01]; // any: the same board each time

/** What the chip answers to each byte of a command, from its first on. */
const ANSWERS = new Map([
  [READ_STATUS, [0, 0]],
  [READ_STATUS_2, [0, QUAD_ENABLED]],
  [READ_JEDEC_ID, [0, ...JEDEC_ID]],
  [READ_UNIQUE_ID, [0, 0, 0, 0, 0, ...UNIQUE_ID]],
]);

const OUTPUT_SELECT = 0x0c; // IO_QSPI: GPIO_QSPI_SS_CTRL
const OVERRIDE = 3 << 8;
const DRIVE_HIGH = 3 << 8;

/** The SSI: each byte that is sent brings one back. */
export class Ssi extends Registers {
  constructor() {
    super();
    this.memory = new Memory();
    this.deselect();
  }

  /** The chip-select line rises: the next byte begins a command. */
  deselect() {
    /** @type {number[]} */
    this.received = [];
    /** @type {number[]} */
    this.answer = [];
    this.sentBytes = 0;
  }

  /** @param {number} offset */
  read(offset) {
    if (offset === SR) return TRANSMIT_READY | (this.received.length ? RECEIVE_READY : 0);
    if (offset === DR0) return this.take();
    if (offset === TXFLR) return 0;
    if (offset === RXFLR) return this.received.length;
    if (offset === IDR) return 0x51535049;
    if (offset === VERSION) return 0x3430312a;
    return this.memory.read(offset);
  }

  /** @param {number} offset @param {number} value */
  write(offset, value) {
    if (offset === DR0) this.send(value & 0xff);
    else if (offset === SSIENR) this.deselect();
    this.memory.write(offset, value);
  }

  /** @private */
  send(/** @type {number} */ byte) {
    if (this.sentBytes === 0) this.answer = ANSWERS.get(byte) ?? [];
    this.received.push(this.answer[this.sentBytes++] ?? 0);
  }

  /** The line rises by itself once everything was received, unless a pin holds it. @private */
  take() {
    const byte = this.received.shift() ?? 0;
    if (!this.received.length && !this.isHeld) this.deselect();
    return byte;
  }

  /** Whether a pin's override holds the chip selected. */
  isHeld = false;
}

/** The pins of the flash: the override of chip select delimits commands. */
export class QspiPins extends Memory {
  /** @param {Ssi} ssi */
  constructor(ssi) {
    super();
    this.ssi = ssi;
  }

  /** @param {number} offset @param {number} value */
  write(offset, value) {
    super.write(offset, value);
    if (offset !== OUTPUT_SELECT) return;
    this.ssi.isHeld = (value & OVERRIDE) === 2 << 8;
    if ((value & OVERRIDE) === DRIVE_HIGH) this.ssi.deselect();
  }
}
