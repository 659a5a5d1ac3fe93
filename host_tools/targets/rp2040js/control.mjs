/**
 * The control line: a JSON object in a line is a command and has one as its answer, in order. Events come between.
 *
 *     {"op": "drive", "pin": 2, "level": true}    the outside drives a pin; null lets go of it
 *     {"op": "levels"}                            {"levels": [true or false for each pin]}
 *     {"op": "watch"}                             from now on {"pin", "level", "us"} for each change of a pin
 *     {"op": "read", "address": A}                {"value": the word there, as the core would read it}
 *     {"op": "write", "address": A, "value": V}   stores a word, as the core would
 *     {"op": "flash"}                             {"operations": erased sectors and programmed pages since the start}
 *     {"op": "cut", "after": N}                   the power fails in the middle of the N-th of those from now
 *     {"op": "break", "uart": 0}                  a break arrives at a UART
 *     {"op": "baud", "baud": 1200}                the terminal program sets the USB port's rate
 *     {"op": "terminal", "open": false}           it closes the USB port, or opens it
 *     {"op": "state"}                             {"pc", "waiting", "us": since the last reset}
 *     {"op": "reset"}                             the RUN pin: the chip starts as after power-on
 *     {"op": "stop"}                              ends the emulator
 *
 * An answer to what cannot be done is {"error": why}.
 */

import { Line } from './lines.mjs';
import { Fault } from './fault.mjs';
import { exit } from './status.mjs';

/** @typedef {Record<string, any>} Command */

export class Control {
  /**
   * @param {import('./lines.mjs').Place | null} place
   * @param {() => void} wake is told after each command
   */
  constructor(place, wake) {
    /** @type {import('./machine.mjs').Machine | null} */
    this.machine = null;
    /** @type {import('./usb_console.mjs').UsbConsole | null} */
    this.usb = null;
    this.isWatching = false;
    this.text = '';
    const gone = () => exit('stopped', 'the process that it was for has ended');
    this.line = place && new Line(place, (data) => this.take(data.toString(), wake), gone);
  }

  /**
   * @param {import('./machine.mjs').Machine} machine
   * @param {import('./usb_console.mjs').UsbConsole} usb of the chip that was just made
   */
  connect(machine, usb) {
    this.machine = machine;
    this.usb = usb;
  }

  /** @param {number} pin @param {boolean} level */
  pinChanged(pin, level) {
    if (this.isWatching && this.machine) this.say({ pin, level, us: this.machine.clock.micros });
  }

  /** @private */
  take(/** @type {string} */ text, /** @type {() => void} */ wake) {
    const lines = (this.text + text).split('\n');
    this.text = lines.pop() ?? '';
    for (const line of lines) this.say(this.answer(line));
    wake();
  }

  /** @private */
  answer(/** @type {string} */ line) {
    try {
      const command = JSON.parse(line);
      const work = COMMANDS[command.op];
      if (!work) return { error: `there is no command ${command.op}` };
      return work(this, command) ?? {};
    } catch (error) {
      return { error: error instanceof Fault ? error.words : String(error) };
    }
  }

  /** @private */
  say(/** @type {object} */ answer) {
    this.line?.send(`${JSON.stringify(answer)}\n`);
  }
}

/** @type {Record<string, (control: Control & {machine: any, usb: any}, command: Command) => object | void>} */
const COMMANDS = {
  drive: ({ machine }, { pin, level }) => machine.pins.drive(pin, level),
  levels: ({ machine }) => ({ levels: machine.pins.levels }),
  watch(control) {
    control.isWatching = true;
  },
  read: ({ machine }, { address }) => ({ value: machine.core.readUint32(address) >>> 0 }),
  write: ({ machine }, { address, value }) => machine.core.writeUint32(address, value),
  flash: ({ machine }) => ({ operations: machine.flash.operations }),
  cut({ machine }, { after }) {
    machine.flash.cutAfter = machine.flash.operations + after;
  },
  break: ({ machine }, { uart }) => machine.uarts[uart].receive(null),
  baud: ({ usb }, { baud }) => usb.setBaud(baud),
  terminal: ({ usb }, { open }) => usb.setLines(open),
  state: ({ machine }) => ({
    pc: machine.core.PC,
    waiting: machine.core.waiting,
    us: machine.clock.micros,
  }),
  reset: ({ machine }) => machine.powerOn(),
  stop: () => exit('stopped', 'stopped by a command'),
};
