/**
 * A debugger's end: GDB's remote protocol as rp2040js speaks it, on a socket, with the guest halted at its first
 * instruction. Breakpoints are those that GDB writes into memory, in flash as well; they do not get into its file.
 */

import { createServer } from 'node:net';

export class Debugger {
  /**
   * @param {any} library the package rp2040js
   * @param {string} place the path of a Unix socket
   * @param {import('./run_loop.mjs').RunLoop} loop
   */
  constructor(library, place, loop) {
    this.loop = loop;
    this.server = new library.GDBServer({
      get rp2040() {
        return loop.machine.chip;
      },
      get executing() {
        return !loop.isHalted;
      },
      execute: () => loop.goOn(),
      stop: () => loop.halt(),
    });
    this.server.addConnection = (/** @type {any} */ connection) => this.server.connections.add(connection);
    const { processGDBMessage } = this.server;
    this.server.processGDBMessage = (/** @type {string} */ message) => {
      if (message !== 'D') return processGDBMessage.call(this.server, message);
      loop.goOn(); // it detaches, which rp2040js does not know
      return '$OK#9a';
    };
    createServer((socket) => {
      const connection = new library.GDBConnection(this.server, (/** @type {string} */ data) => socket.write(data));
      loop.halt();
      socket.on('data', (data) => connection.feedData(data.toString()));
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.server.removeConnection(connection);
        loop.goOn();
      });
    }).listen(place);
    loop.halt();
  }

  /** Whether a debugger is there to take a breakpoint. */
  get isAttached() {
    return this.server.connections.size > 0;
  }

  /** The guest has come to a breakpoint: it stands at it from now on. @param {any} core */
  stopAt(core) {
    core.PC -= 2;
    this.loop.halt();
    for (const connection of this.server.connections) connection.onBreakpoint();
  }
}
