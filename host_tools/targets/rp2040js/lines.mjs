/** Byte streams to the outside: a socket that was inherited, or one that listens for one program at a time. */

import { createServer, Socket } from 'node:net';

const KEPT_BYTES = 64 * 1024; // in front of a guest that does not take them: then the sender has to wait

/** @typedef {{fd: number} | {listen: string}} Place a descriptor, or the path of a Unix socket */

export class Line {
  /**
   * @param {Place} place
   * @param {(data: Buffer) => void} receive takes what the outside sends
   * @param {() => void} closed is told when the outside has gone
   */
  constructor(place, receive, closed = () => {}) {
    this.receive = receive;
    this.closed = closed;
    /** @type {Socket | null} */
    this.socket = null;
    this.waiting = 0;
    if ('fd' in place) this.connect(new Socket({ fd: place.fd, readable: true, writable: true }));
    else this.server = createServer((socket) => this.connect(socket)).listen(place.listen);
  }

  /** Sends to the outside; lost where nobody listens. @param {Uint8Array | string} data */
  send(data) {
    if (this.socket?.writable) this.socket.write(data);
  }

  /** The guest has `count` bytes in front of it that it has not taken: the outside waits while they are many. */
  backlog(/** @type {number} */ count) {
    if (count > KEPT_BYTES) this.socket?.pause();
    else if (this.socket?.isPaused()) this.socket.resume();
  }

  /** @private */
  connect(/** @type {Socket} */ socket) {
    if (this.socket) {
      socket.destroy();
      return;
    }
    this.socket = socket;
    socket.on('data', this.receive);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.socket = null;
      this.closed();
    });
  }
}
