/**
 * A PL011 UART: FIFOs of 32 bytes with their levels, the receive timeout, overruns, breaks, the loop, and the time that
 * a byte takes on the line. rp2040js's own has no transmit FIFO and holds its transmit interrupt for ever.
 *
 * Source: Arm DDI 0183G, sections 2.4, 2.8 and 3.3; RP2040 datasheet, section 4.2.
 */

import { Registers } from './registers.mjs';

const DR = 0x00;
const RSR = 0x04;
const FR = 0x18;
const ILPR = 0x20;
const IBRD = 0x24;
const FBRD = 0x28;
const LCR_H = 0x2c;
const CR = 0x30;
const IFLS = 0x34;
const IMSC = 0x38;
const RIS = 0x3c;
const MIS = 0x40;
const ICR = 0x44;
const DMACR = 0x48;
const IDENTITY = 0xfe0;
const IDENTITY_BYTES = [0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1];

const DEPTH = 32;
const LEVELS = [4, 8, 16, 24, 28]; // of IFLS: entries at which the FIFO interrupts
const ERRORS = 0xf00; // of an entry: framing, parity, break, overrun
const FRAMING = 1 << 8;
const BREAK_SEEN = 1 << 10;
const OVERRUN = 1 << 11;

const CTS = 1 << 0; // FR
const BUSY = 1 << 3;
const RXFE = 1 << 4;
const TXFF = 1 << 5;
const RXFF = 1 << 6;
const TXFE = 1 << 7;
const SEND_BREAK = 1 << 0; // LCR_H
const PARITY = 1 << 1;
const TWO_STOP_BITS = 1 << 3;
const FIFOS = 1 << 4;
const ENABLE = 1 << 0; // CR
const LOOP = 1 << 7;
const TXE = 1 << 8;
const RXE = 1 << 9;
const RX = 1 << 4; // interrupts
const TX = 1 << 5;
const RT = 1 << 6;
const FE = 1 << 7;
const BE = 1 << 9;
const OE = 1 << 10;

const TIMEOUT_BITS = 32;
const NANOS_PER_S = 1e9;

export class Uart extends Registers {
  /**
   * @param {{
   *   clock: import('./clock.mjs').Clock,
   *   clockHz: () => number,
   *   interrupt: (isHigh: boolean) => void,
   *   request: (isReceive: boolean, isWanted: boolean) => void,
   *   isConnected: (isReceive: boolean) => boolean,
   *   send: (byte: number) => void,
   *   ready: () => void,
   * }} outside its clock's frequency, what it drives, whether a pin is its line, and where bytes go; `ready` is told
   *   when a byte more may come
   */
  constructor(outside) {
    super();
    this.outside = outside;
    this.sending = outside.clock.createAlarm(() => this.sent());
    this.receiving = outside.clock.createAlarm(() => this.arrived());
    this.silence = outside.clock.createAlarm(() => this.raise(RT));
    this.reset();
  }

  /** As RESETS does it. */
  reset() {
    for (const alarm of [this.sending, this.receiving, this.silence]) alarm.cancel();
    /** @type {number[]} */
    this.received = [];
    /** @type {number[]} */
    this.toSend = [];
    /** @type {number | null} in the shift registers */
    this.outgoing = null;
    /** @type {number | null} */
    this.incoming = null;
    this.status = 0;
    this.isOverrun = false;
    this.integer = 0;
    this.fraction = 0;
    this.lineControl = 0;
    this.control = TXE | RXE;
    this.levels = 0x12;
    this.mask = 0;
    this.raw = 0;
    this.dma = 0;
    this.update();
  }

  /** rp2040js tells that the clock has changed; the rate is worked out for each byte. */
  clkPeriChanged() {}

  /** Whether a byte may be given to `receive`: the pin is connected, none is on its way, and there is room for it. */
  get isFree() {
    if (this.incoming !== null || !this.isListening || this.control & LOOP) return false;
    return this.received.length < this.depth && this.outside.isConnected(true);
  }

  /** The nanoseconds that a bit takes; a rate that was not set counts as the fastest. */
  get bitNanos() {
    const divider = Math.max(1, this.integer + this.fraction / 64);
    return (16 * divider * NANOS_PER_S) / this.outside.clockHz();
  }

  /** A byte begins to arrive, or with `null` a break. @param {number | null} byte */
  receive(byte) {
    this.incoming = byte ?? BREAK_SEEN | FRAMING;
    this.receiving.schedule(this.bitNanos * this.bitsOfByte);
  }

  /** @param {number} offset */
  read(offset) {
    switch (offset) {
      case DR:
        return this.take();
      case RSR:
        return this.status;
      case FR:
        return this.flags;
      case ILPR:
        return 0;
      case IBRD:
        return this.integer;
      case FBRD:
        return this.fraction;
      case LCR_H:
        return this.lineControl;
      case CR:
        return this.control;
      case IFLS:
        return this.levels;
      case IMSC:
        return this.mask;
      case RIS:
        return this.raw;
      case MIS:
        return this.raw & this.mask;
      case DMACR:
        return this.dma;
    }
    return IDENTITY_BYTES[(offset - IDENTITY) >> 2] ?? 0;
  }

  /** @param {number} offset @param {number} value @param {number} given */
  write(offset, value, given) {
    switch (offset) {
      case DR:
        if (this.toSend.length < this.depth) this.toSend.push(value & 0xff);
        this.startSending();
        if (this.toSend.length > this.sendLevel) this.raw &= ~TX;
        break;
      case RSR:
        this.status = 0;
        break;
      case IBRD:
        this.integer = value & 0xffff;
        break;
      case FBRD:
        this.fraction = value & 0x3f;
        break;
      case LCR_H:
        this.setLineControl(value & 0xff);
        break;
      case CR:
        this.control = value & 0xff87;
        this.startSending();
        this.tellIfFree();
        break;
      case IFLS:
        this.levels = value & 0x3f;
        break;
      case IMSC:
        this.mask = value & 0x7ff;
        break;
      case ICR:
        this.raw &= ~given;
        break;
      case DMACR:
        this.dma = value & 7;
        break;
    }
    this.update();
  }

  /** @private */
  get isListening() {
    return (this.control & (ENABLE | RXE)) === (ENABLE | RXE);
  }

  /** @private */
  get depth() {
    return this.lineControl & FIFOS ? DEPTH : 1;
  }

  /** The entries at which the receive FIFO interrupts, and down to which the other one has to empty. @private */
  get receiveLevel() {
    return this.lineControl & FIFOS ? (LEVELS[(this.levels >> 3) & 7] ?? DEPTH) : 1;
  }

  /** @private */
  get sendLevel() {
    return this.lineControl & FIFOS ? (LEVELS[this.levels & 7] ?? DEPTH) : 0;
  }

  /** Start bit, data bits, parity, stop bits. @private */
  get bitsOfByte() {
    const word = 5 + ((this.lineControl >> 5) & 3);
    return 2 + word + (this.lineControl & PARITY ? 1 : 0) + (this.lineControl & TWO_STOP_BITS ? 1 : 0);
  }

  /** @private */
  get flags() {
    const { length } = this.received;
    const isBusy = this.outgoing !== null || this.toSend.length > 0;
    return (
      CTS |
      (isBusy ? BUSY : 0) |
      (length ? 0 : RXFE) |
      (length === this.depth ? RXFF : 0) |
      (this.toSend.length ? 0 : TXFE) |
      (this.toSend.length >= this.depth ? TXFF : 0)
    );
  }

  /** A break lasts from the bit's rise to its fall: a receiver in the loop sees one. @private */
  setLineControl(/** @type {number} */ value) {
    const isBreak = value & ~this.lineControl & SEND_BREAK;
    if ((value ^ this.lineControl) & FIFOS) this.received = [];
    this.lineControl = value;
    if (isBreak && this.control & LOOP) this.receive(null);
    if (!(value & SEND_BREAK)) this.startSending();
  }

  /** @private */
  startSending() {
    if (this.outgoing !== null || !this.toSend.length || this.lineControl & SEND_BREAK) return;
    if ((this.control & (ENABLE | TXE)) !== (ENABLE | TXE)) return;
    this.outgoing = /** @type {number} */ (this.toSend.shift());
    if (this.toSend.length === this.sendLevel) this.raw |= TX;
    this.sending.schedule(this.bitNanos * this.bitsOfByte);
  }

  /** The byte in the shift register has left. @private */
  sent() {
    const byte = /** @type {number} */ (this.outgoing);
    this.outgoing = null;
    if (this.control & LOOP) {
      if (this.isListening) this.put(byte);
    } else if (this.outside.isConnected(false)) this.outside.send(byte);
    this.startSending();
    this.update();
  }

  /** @private */
  arrived() {
    const entry = /** @type {number} */ (this.incoming);
    this.incoming = null;
    if (this.isListening) this.put(entry);
    this.update();
    this.tellIfFree();
  }

  /** A byte may come where none might before. */
  tellIfFree() {
    if (this.isFree) this.outside.ready();
  }

  /** @private */
  put(/** @type {number} */ entry) {
    this.raw |= (entry & FRAMING ? FE : 0) | (entry & BREAK_SEEN ? BE : 0);
    if (this.received.length >= this.depth) {
      this.isOverrun = true;
      this.raw |= OE;
      return;
    }
    this.received.push(this.isOverrun ? entry | OVERRUN : entry);
    this.isOverrun = false;
    if (this.received.length === this.receiveLevel) this.raw |= RX;
    this.silence.schedule(this.bitNanos * TIMEOUT_BITS);
  }

  /** @private */
  take() {
    const entry = this.received.shift() ?? 0;
    this.status = (entry & ERRORS) >> 8;
    if (this.received.length < this.receiveLevel) this.raw &= ~RX;
    if (!this.received.length) {
      this.raw &= ~RT;
      this.silence.cancel();
    }
    this.update();
    this.tellIfFree();
    return entry;
  }

  /** @private */
  raise(/** @type {number} */ interrupts) {
    this.raw |= interrupts;
    this.update();
  }

  /** @private */
  update() {
    this.outside.interrupt((this.raw & this.mask) !== 0);
    this.outside.request(true, this.received.length > 0);
    this.outside.request(false, this.toSend.length < this.depth);
  }
}
