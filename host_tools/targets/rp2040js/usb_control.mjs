/** Control transfers of a USB host to endpoint 0, one after the other: setup, data, status stage (USB 2.0, 8.5.3). */

export const TO_DEVICE = 0x00;
export const FROM_DEVICE = 0x80;
export const CLASS_TO_INTERFACE = 0x21;

const PACKET_BYTES = 64;
const BETWEEN_NANOS = 20_000;
const NO_DATA = new Uint8Array(0);

/**
 * @typedef {object} Transfer
 * @property {Uint8Array} setup
 * @property {boolean} isIn
 * @property {Uint8Array} data to send, empty when it asks
 * @property {number} length of the data stage
 * @property {(data: Uint8Array) => void} done
 * @property {boolean} isAnswered whether the device has sent all of its data, or the empty packet that confirms ours
 * @property {boolean} isTaken whether it has taken the empty packet that confirms its own
 */

export class ControlPipe {
  /**
   * @param {any} usb rp2040js's USB controller
   * @param {import('./clock.mjs').Clock} clock
   */
  constructor(usb, clock) {
    this.usb = usb;
    this.pause = clock.createAlarm(() => this.startNext());
    this.reset();
  }

  /** Forgets what was asked. */
  reset() {
    this.pause.cancel();
    /** @type {Transfer[]} */
    this.waiting = [];
    /** @type {Transfer | null} */
    this.current = null;
    /** @type {number[]} */
    this.got = [];
  }

  /**
   * Sends a request, with its data where it has some.
   * @param {number} type
   * @param {number} request
   * @param {number} value
   * @param {number} [index]
   * @param {Uint8Array} [data]
   */
  send(type, request, value, index = 0, data = NO_DATA) {
    this.add(type, request, value, index, data.length, data, () => {});
  }

  /**
   * Sends a request for up to `length` bytes.
   * @param {number} type
   * @param {number} request
   * @param {number} value
   * @param {number} length
   * @param {(data: Uint8Array) => void} done takes the answer
   */
  ask(type, request, value, length, done) {
    this.add(type, request, value, 0, length, NO_DATA, done);
  }

  /** The device sent a packet on endpoint 0. @param {Uint8Array} packet */
  received(packet) {
    const { current } = this;
    if (!current) return;
    this.got.push(...packet);
    current.isAnswered = !current.isIn || this.got.length >= current.length || packet.length < PACKET_BYTES;
    this.finishIfDone(current);
  }

  /** The device has room for a packet on endpoint 0: for our data, or for the empty one that ends its answer. */
  wanted(/** @type {number} */ size) {
    const { current } = this;
    if (!current) return;
    this.usb.endpointReadDone(0, current.data.subarray(0, size));
    current.data = current.data.subarray(size);
    current.isTaken = true; // with an answer, rp2040js tells of this before it hands over the answer's last packet
    this.finishIfDone(current);
  }

  /** @private */
  add(
    /** @type {number} */ type,
    /** @type {number} */ request,
    /** @type {number} */ value,
    /** @type {number} */ index,
    /** @type {number} */ length,
    /** @type {Uint8Array} */ data,
    /** @type {(data: Uint8Array) => void} */ done,
  ) {
    const words = [value, index, length].flatMap((word) => [word & 0xff, word >> 8]);
    const isIn = (type & FROM_DEVICE) !== 0;
    const setup = Uint8Array.of(type, request, ...words);
    this.waiting.push({ setup, isIn, data, length, done, isAnswered: false, isTaken: !isIn });
    if (!this.current && !this.pause.scheduled) this.startNext();
  }

  /** @private */
  startNext() {
    const next = this.waiting.shift();
    if (!next) return;
    this.current = next;
    this.got = [];
    this.usb.sendSetupPacket(next.setup);
  }

  /** @private */
  finishIfDone(/** @type {Transfer} */ transfer) {
    if (!transfer.isAnswered || !transfer.isTaken) return;
    this.current = null;
    this.pause.schedule(BETWEEN_NANOS);
    transfer.done(Uint8Array.from(this.got));
  }
}
