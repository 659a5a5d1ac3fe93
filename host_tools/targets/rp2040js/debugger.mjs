/** A debugger's end, on a socket: the guest is halted at its first instruction, and by whoever connects. */

import { createServer } from 'node:net';
import { GdbServer } from './gdb_server.mjs';
import { exit } from './status.mjs';
import { Stops } from './stops.mjs';

const TRAP = 'T05';
const INTERRUPTED = 'T02';
const BREAKPOINT = 0xbe; // the high byte of `bkpt`

export class Debugger {
  /**
   * @param {string} place the path of a Unix socket
   * @param {import('./run_loop.mjs').RunLoop} loop
   */
  constructor(place, loop) {
    this.loop = loop;
    this.stops = new Stops((words) => this.stopped(TRAP + words));
    loop.machine.stops = this.stops;
    /** @type {GdbServer | null} */
    this.server = null;
    /** Whether GDB waits for a stop. */
    this.isAwaited = false;
    createServer((socket) => this.connect(socket)).listen(place);
    loop.halt();
  }

  /** @private */
  connect(/** @type {import('node:net').Socket} */ socket) {
    if (this.server) {
      socket.destroy(); // one is enough
      return;
    }
    this.loop.halt();
    const server = new GdbServer(this, (data) => socket.write(data, 'latin1'));
    this.server = server;
    socket.setEncoding('latin1');
    socket.on('data', (text) => server.feed(text.toString()));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.server = null;
      this.detach();
    });
  }

  get core() {
    return this.loop.machine.core;
  }

  goOn() {
    this.isAwaited = true;
    this.loop.goOn();
  }

  /** Executes an instruction; one that waits is left behind. */
  step() {
    const { machine } = this.loop;
    this.isAwaited = true;
    if (machine.core.waiting) machine.core.endWait();
    this.stops.isStep = true;
    machine.run();
    this.stops.isStep = false;
    machine.clock.runAlarms();
    machine.resetIfAsked();
    this.stopped(TRAP);
  }

  interrupt() {
    this.stopped(INTERRUPTED);
  }

  detach() {
    this.stops.clear();
    this.isAwaited = false;
    this.loop.goOn();
  }

  kill() {
    exit('stopped', 'killed by its debugger');
  }

  /** Whether what was executed is a `bkpt`, and a debugger's: then the guest stands at it. @param {any} core */
  stopAt(core) {
    if (!this.server || core.readUint16(core.PC - 2) >> 8 !== BREAKPOINT) return false;
    core.PC -= 2;
    this.stopped(TRAP);
    return true;
  }

  /** @private */
  stopped(/** @type {string} */ words) {
    if (!this.isAwaited) return;
    this.isAwaited = false;
    this.loop.halt();
    this.server?.stopped(words);
  }
}
