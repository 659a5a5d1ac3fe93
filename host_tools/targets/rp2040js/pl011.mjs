/**
 * A UART of the RP2040: a PL011 with FIFOs of 32 bytes, in place of rp2040js's own, whose transmit interrupt never ends
 * and which has neither levels nor the receive timeout, the loop and breaks.
 *
 * Source: Arm DDI 0183G, sections 2.4 (operation), 2.8 (interrupts) and 3.3 (registers); RP2040 datasheet, sections
 * 4.2 (UART) and 2.19.2 (functions of the pins). Characters take their time, in guest time. Two things are not as on a
 * wire: whoever sends waits while the receive FIFO is full, so only the loop can overrun it; and framing, parity and
 * modem lines have no errors and no effect.
 */

const [DR, RSR, FR, IBRD, FBRD, LCR_H, CR, IFLS, IMSC, RIS, MIS, ICR] = [
  0x00, 0x04, 0x18, 0x24, 0x28, 0x2c, 0x30, 0x34, 0x38, 0x3c, 0x40, 0x44,
];
const IDENTIFICATION = 0xfe0;
const IDENTITY = [0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1];

const [CTS, BUSY, RXFE, TXFF, RXFF, TXFE] = [1 << 0, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7]; // FR
const [BRK, PEN, STP2, FEN] = [1 << 0, 1 << 1, 1 << 3, 1 << 4]; // LCR_H
const [UARTEN, LBE, TXE, RXE] = [1 << 0, 1 << 7, 1 << 8, 1 << 9]; // CR
const [RX, TX, RT, BE, OE] = [1 << 4, 1 << 5, 1 << 6, 1 << 9, 1 << 10]; // RIS and the registers beside it
const ENTRY_BREAK = 1 << 10; // DR
const ENTRY_OVERRUN = 1 << 11;

const FIFO_BYTES = 32;
const EIGHTHS = [1, 2, 4, 6, 7]; // of the FIFO, by a field of IFLS
const TIMEOUT_BITS = 32;
const FUNCTION_UART = 2;
const NANOS_PER_S = 1e9;
const SAMPLES_A_BIT = 16;

const REGISTERS = new Map([
  [IBRD, 0xffff],
  [FBRD, 0x3f],
  [LCR_H, 0xff],
  [CR, 0xff87],
  [IFLS, 0x3f],
  [IMSC, 0x7ff],
]); // those that keep what was written, and their bits

/** The pins that can be a UART's transmitter; each one's receiver is the pin after it. */
const TRANSMITTERS = [
  [0, 12, 16, 28],
  [4, 8, 20, 24],
];

export class Pl011 {
  /**
   * @param {any} chip rp2040js's RP2040
   * @param {number} number 0 or 1
   * @param {(byte: number) => void} send takes each byte that leaves by a pin
   * @param {() => void} drained is told when the guest has received all that was fed
   */
  constructor(chip, number, send, drained) {
    this.chip = chip;
    this.send = send;
    this.drained = drained;
    this.irq = 20 + number;
    this.dreq = chip.uart[number].dreq;
    this.transmitters = TRANSMITTERS[number];
    this.characterEnd = chip.clock.createAlarm(() => this.endCharacter());
    this.arrival = chip.clock.createAlarm(() => this.arrive());
    this.silence = chip.clock.createAlarm(() => this.fallSilent());
    /** @type {number[]} what the host has sent and the line has not brought yet */
    this.waiting = [];
    this.isArriving = false;
    this.reset();
  }

  /** As after a reset of the block. What the host has sent still comes. */
  reset() {
    this.registers = new Map([...REGISTERS.keys()].map((offset) => [offset, 0]));
    this.registers.set(CR, TXE | RXE);
    this.registers.set(IFLS, 0x12);
    this.raw = 0;
    this.empty();
    /** @type {number | null} the byte that is being shifted out */
    this.shifting = null;
    this.overran = false;
    this.characterEnd.cancel();
    this.silence.cancel();
    this.request();
  }

  /** Has bytes come in on the line, one after the other. @param {Iterable<number>} bytes */
  feed(bytes) {
    for (const byte of bytes) this.waiting.push(byte);
    this.startArrival();
  }

  /** Holds the line low for longer than a character, after what was fed before. */
  feedBreak() {
    this.feed([ENTRY_BREAK]);
  }

  /** @param {number} offset */
  readUint32(offset) {
    switch (offset) {
      case DR:
        return this.take();
      case RSR:
        return 0;
      case FR:
        return this.flags;
      case RIS:
        return this.raw;
      case MIS:
        return this.raw & this.value(IMSC);
      case ICR:
        return 0;
    }
    if (offset >= IDENTIFICATION) return IDENTITY[(offset - IDENTIFICATION) >> 2];
    return this.value(offset);
  }

  /** @param {number} offset @param {number} value */
  writeUint32(offset, value) {
    if (offset === DR) this.put(value & 0xff);
    else if (offset === ICR) this.raw &= ~value;
    else if (REGISTERS.has(offset)) this.set(offset, value & (REGISTERS.get(offset) ?? 0));
    this.request();
  }

  /**
   * A store through one of the aliases: of the address itself, and those that toggle, set and clear bits.
   * @param {number} offset @param {number} value @param {number} alias
   */
  writeUint32Atomic(offset, value, alias) {
    if (alias === 0 || offset === ICR || offset === DR) return this.writeUint32(offset, value);
    const was = this.value(offset);
    this.writeUint32(offset, [value, was ^ value, was | value, was & ~value][alias]);
  }

  /** Told by the chip when the clock of the UARTs changes; characters that are under way keep their time. */
  clkPeriChanged() {}

  /** @param {number} offset */
  value(offset) {
    return this.registers.get(offset) ?? 0;
  }

  /** Whether all of these bits of a register are set. @param {number} offset @param {number} bits */
  has(offset, bits) {
    return (this.value(offset) & bits) === bits;
  }

  get depth() {
    return this.has(LCR_H, FEN) ? FIFO_BYTES : 1;
  }

  get flags() {
    const isBusy = this.shifting !== null || this.toSend.length > 0;
    return (
      CTS |
      (isBusy ? BUSY : 0) |
      (this.received.length ? 0 : RXFE) |
      (this.received.length >= this.depth ? RXFF : 0) |
      (this.toSend.length >= this.depth ? TXFF : 0) |
      (this.toSend.length ? 0 : TXFE)
    );
  }

  get nanosPerBit() {
    const divider = this.value(IBRD) + this.value(FBRD) / 64;
    return (Math.max(divider, 1) * SAMPLES_A_BIT * NANOS_PER_S) / this.chip.clkPeri;
  }

  get characterNanos() {
    const line = this.value(LCR_H);
    const bits = 1 + 5 + ((line >> 5) & 3) + (line & PEN ? 1 : 0) + (line & STP2 ? 2 : 1);
    return bits * this.nanosPerBit;
  }

  /** At how many bytes a FIFO interrupts. @param {number} shift of its field in IFLS */
  level(shift) {
    return this.depth === 1 ? 1 : (FIFO_BYTES / 8) * EIGHTHS[Math.min((this.value(IFLS) >> shift) & 7, 4)];
  }

  /** Whether one of the pins that can be this UART's is. @param {number} further 0 for transmitters, 1 for receivers */
  hasPin(further) {
    return this.transmitters.some((pin) => this.chip.gpio[pin + further].functionSelect === FUNCTION_UART);
  }

  /** @param {number} offset @param {number} value */
  set(offset, value) {
    const before = this.value(offset);
    this.registers.set(offset, value);
    if (offset === LCR_H && (before ^ value) & FEN) this.empty();
    if (offset === LCR_H && value & ~before & BRK && this.has(CR, UARTEN | LBE)) this.push(ENTRY_BREAK);
    if (offset !== CR) return;
    if (value & UARTEN) this.chip.dma.setDREQ(this.dreq.tx);
    else this.chip.dma.clearDREQ(this.dreq.tx);
    this.startCharacter();
    this.startArrival();
  }

  empty() {
    /** @type {number[]} */
    this.received = [];
    /** @type {number[]} */
    this.toSend = [];
    this.raw &= ~(RX | RT);
  }

  /** The combined interrupt, which stays as long as something asks for it. */
  request() {
    this.chip.setInterrupt(this.irq, (this.raw & this.value(IMSC)) !== 0);
  }

  /** @param {number} byte */
  put(byte) {
    if (this.toSend.length >= this.depth) return;
    this.toSend.push(byte);
    this.startCharacter();
    if (this.toSend.length > this.transmitLevel) this.raw &= ~TX;
  }

  get transmitLevel() {
    return this.depth === 1 ? 0 : this.level(0);
  }

  startCharacter() {
    if (this.shifting !== null || !this.toSend.length || !this.has(CR, UARTEN | TXE)) return;
    const before = this.toSend.length;
    this.shifting = this.toSend.shift() ?? 0;
    if (before > this.transmitLevel && this.toSend.length <= this.transmitLevel) this.raw |= TX;
    this.characterEnd.schedule(this.characterNanos);
  }

  endCharacter() {
    const byte = this.shifting ?? 0;
    this.shifting = null;
    if (this.has(CR, LBE)) this.push(byte);
    else if (this.hasPin(0)) this.send(byte);
    this.startCharacter();
    this.request();
  }

  startArrival() {
    if (this.isArriving || !this.waiting.length || this.received.length >= this.depth) return;
    if (!this.has(CR, UARTEN | RXE) || this.has(CR, LBE) || !this.hasPin(1)) return;
    this.isArriving = true;
    this.arrival.schedule(this.characterNanos);
  }

  arrive() {
    this.isArriving = false;
    if (!this.has(CR, UARTEN | RXE)) return;
    this.push(/** @type {number} */ (this.waiting.shift()));
    if (this.waiting.length) this.startArrival();
    else this.drained();
    this.request();
  }

  /** A character is complete. @param {number} entry as DR shows it */
  push(entry) {
    if (entry & ENTRY_BREAK) this.raw |= BE;
    if (this.received.length >= this.depth) {
      this.raw |= OE;
      this.overran = true;
      return;
    }
    this.received.push(entry | (this.overran ? ENTRY_OVERRUN : 0));
    this.overran = false;
    if (this.received.length >= this.level(3)) this.raw |= RX;
    this.silence.schedule(TIMEOUT_BITS * this.nanosPerBit);
  }

  fallSilent() {
    if (this.received.length) this.raw |= RT;
    this.request();
  }

  take() {
    const entry = this.received.shift() ?? 0;
    if (this.received.length < this.level(3)) this.raw &= ~RX;
    if (!this.received.length) this.raw &= ~RT;
    this.startArrival();
    this.request();
    return entry;
  }
}
