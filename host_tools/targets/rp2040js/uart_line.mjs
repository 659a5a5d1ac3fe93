/** What a UART of the guest's is wired to: a line to the outside, whose bytes wait until the UART can receive. */

import { Line } from './lines.mjs';

export class UartLine {
  /**
   * @param {import('./lines.mjs').Place} place
   * @param {() => void} wake is told when something came
   */
  constructor(place, wake) {
    /** @type {import('./uart.mjs').Uart | null} */
    this.uart = null;
    /** @type {Buffer[]} */
    this.queue = [];
    this.at = 0; // in the first of them
    this.line = new Line(place, (data) => {
      this.queue.push(data);
      this.feed();
      wake();
    });
  }

  /** @param {import('./uart.mjs').Uart} uart of a chip that was just made */
  connect(uart) {
    this.uart = uart;
  }

  /** The guest sent a byte. @param {number} byte */
  send(byte) {
    this.line.send(Uint8Array.of(byte));
  }

  /** Lets the next byte arrive, if there is one and the UART is free. */
  feed() {
    const [data] = this.queue;
    this.line.backlog(this.queue.reduce((sum, each) => sum + each.length, -this.at));
    if (!data || !this.uart?.isFree) return;
    this.uart.receive(data[this.at++]);
    if (this.at < data.length) return;
    this.queue.shift();
    this.at = 0;
  }
}
