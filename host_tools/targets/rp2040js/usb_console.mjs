/**
 * The host's end of the USB cable: enumerates the device and carries its CDC serial port.
 *
 * rp2040js's own USBCDC drops what does not fit into 512 bytes, answers an OUT endpoint without data with empty
 * packets, each an interrupt of the guest's, and skips the status stage. This one keeps what the guest has not taken.
 */

import { addFrames } from './usb_frames.mjs';
import { ControlPipe, FROM_DEVICE, TO_DEVICE, CLASS_TO_INTERFACE } from './usb_control.mjs';

const ENDPOINT_ZERO = 0;
const CONFIGURATION = 2; // descriptor types: USB 2.0, table 9-5
const INTERFACE = 4;
const ENDPOINT = 5;
const HEADER_BYTES = 9;
const CDC_CONTROL_CLASS = 2;
const CDC_DATA_CLASS = 10;
const BULK = 2;

const GET_DESCRIPTOR = 6; // requests: USB 2.0, table 9-4
const SET_ADDRESS = 5;
const SET_CONFIGURATION = 9;
const SET_LINE_CODING = 0x20; // USB CDC 1.2, PSTN subclass, section 6.3
const SET_CONTROL_LINE_STATE = 0x22;
const DTR_AND_RTS = 3;

export class UsbConsole {
  /**
   * @param {any} usb rp2040js's USB controller
   * @param {import('./clock.mjs').Clock} clock
   * @param {(data: Uint8Array) => void} receive takes what the guest prints
   * @param {() => void} drained is told when the guest has taken all that was sent
   */
  constructor(usb, clock, receive, drained) {
    this.usb = usb;
    this.receive = receive;
    this.drained = drained;
    this.control = new ControlPipe(usb, clock);
    this.inEndpoint = -1;
    this.outEndpoint = -1;
    this.interface = 0;
    this.isOpen = false;
    /** @type {Uint8Array[]} */
    this.queue = [];
    this.queuedBytes = 0;
    this.room = 0;
    addFrames(usb, clock);
    usb.onResetReceived = () => this.enumerate();
    usb.onEndpointWrite = (/** @type {number} */ endpoint, /** @type {Uint8Array} */ data) => {
      if (endpoint === ENDPOINT_ZERO) this.control.received(data);
      else if (endpoint === this.inEndpoint) this.receive(data);
    };
    usb.onEndpointRead = (/** @type {number} */ endpoint, /** @type {number} */ size) => {
      if (endpoint === ENDPOINT_ZERO) this.control.wanted(size);
      else if (endpoint === this.outEndpoint) this.feed(size);
    };
  }

  /** Sends to the guest, in order, whenever it takes it. @param {Uint8Array} data */
  send(data) {
    this.queue.push(data);
    this.queuedBytes += data.length;
    this.feed(this.room);
  }

  /** Sets the line's rate, as a terminal program does when it opens the port. @param {number} baud bits per second */
  setBaud(baud) {
    const coding = new Uint8Array(7);
    new DataView(coding.buffer).setUint32(0, baud, true);
    coding[6] = 8; // data bits; the zeros before it are one stop bit and no parity
    this.control.send(CLASS_TO_INTERFACE, SET_LINE_CODING, 0, this.interface, coding);
  }

  /** Sets DTR and RTS, both or neither. @param {boolean} on */
  setLines(on) {
    this.control.send(CLASS_TO_INTERFACE, SET_CONTROL_LINE_STATE, on ? DTR_AND_RTS : 0, this.interface);
  }

  /** After a reset of the bus: what a host asks before it opens the port. @private */
  enumerate() {
    const { control } = this;
    control.reset();
    this.isOpen = false;
    control.send(TO_DEVICE, SET_ADDRESS, 1);
    control.ask(FROM_DEVICE, GET_DESCRIPTOR, CONFIGURATION << 8, HEADER_BYTES, (header) => {
      const total = header[2] | (header[3] << 8);
      control.ask(FROM_DEVICE, GET_DESCRIPTOR, CONFIGURATION << 8, total, (descriptors) => {
        this.findEndpoints(descriptors);
        control.send(TO_DEVICE, SET_CONFIGURATION, 1);
        this.setLines(true);
        this.isOpen = true;
      });
    });
  }

  /** Gives the guest a packet of at most `room` bytes, if there is anything to give. @private */
  feed(/** @type {number} */ room) {
    this.room = room;
    if (!room || !this.queuedBytes) return;
    const packet = new Uint8Array(Math.min(room, this.queuedBytes));
    for (let filled = 0; filled < packet.length; ) {
      const part = this.queue[0].subarray(0, packet.length - filled);
      packet.set(part, filled);
      filled += part.length;
      if (part.length === this.queue[0].length) this.queue.shift();
      else this.queue[0] = this.queue[0].subarray(part.length);
    }
    this.queuedBytes -= packet.length;
    this.room = 0;
    this.usb.endpointReadDone(this.outEndpoint, packet);
    if (!this.queuedBytes) this.drained();
  }

  /** Finds the CDC interfaces and the two bulk endpoints in the configuration's descriptors. @private */
  findEndpoints(/** @type {Uint8Array} */ all) {
    let isData = false;
    for (let at = 0; at + 1 < all.length && all[at] >= 2; at += all[at]) {
      const [, type, address, attributes, , interfaceClass] = all.subarray(at, at + 6);
      if (type === INTERFACE) {
        isData = interfaceClass === CDC_DATA_CLASS;
        if (interfaceClass === CDC_CONTROL_CLASS) this.interface = address;
      } else if (type === ENDPOINT && isData && (attributes & 3) === BULK) {
        if (address & 0x80) this.inEndpoint = address & 0xf;
        else this.outEndpoint = address;
      }
    }
  }
}
