/**
 * GDB's remote protocol: packets and commands. What they do to the guest is debugger.mjs's; source: "Debugging with
 * GDB", appendix E.
 */

import { Fault } from './fault.mjs';
import { DESCRIPTION, readRegister, REGISTERS, writeRegister } from './gdb_registers.mjs';

const INTERRUPT = '\x03';
const PACKET_BYTES = 0x4000;
const FLASH_END = 0x14000000; // what is below, ROM and flash, no store changes
/** What breakpoints and watchpoints are by their numbers; the first two are both breakpoints. */
const WATCHES = [null, null, 'watch', 'rwatch', 'awatch'];
const CANNOT = 'E01';

/**
 * @typedef {object} Guest
 * @property {any} core
 * @property {import('./stops.mjs').Stops} stops
 * @property {() => void} goOn its next stop is told by `stopped`
 * @property {() => void} step executes an instruction
 * @property {() => void} interrupt
 * @property {() => void} detach lets it go on without a debugger
 * @property {() => void} kill ends it
 */

export class GdbServer {
  /** @param {Guest} guest @param {(data: string) => void} send */
  constructor(guest, send) {
    this.guest = guest;
    this.send = send;
    this.text = '';
  }

  /** The guest has stopped. @param {string} words */
  stopped(words) {
    this.put(words);
  }

  /** What came from GDB, in pieces of any size. @param {string} text */
  feed(text) {
    this.text += text;
    for (;;) {
      this.text = this.text.replace(/^[^$\x03]+/, '');
      if (this.text.startsWith(INTERRUPT)) {
        this.text = this.text.slice(1);
        this.guest.interrupt();
        continue;
      }
      const end = this.text.indexOf('#');
      if (end < 0 || this.text.length < end + 3) return;
      const command = this.text.slice(1, end);
      const isWhole = sum(command) === this.text.slice(end + 1, end + 3).toLowerCase();
      this.text = this.text.slice(end + 3);
      this.send(isWhole ? '+' : '-');
      if (!isWhole) continue;
      const answer = this.answer(command);
      if (answer !== null) this.put(answer);
    }
  }

  /** @private */
  put(/** @type {string} */ words) {
    this.send(`$${words}#${sum(words)}`);
  }

  /** The answer to a command: empty to one that is not known, null where it comes later. @private */
  answer(/** @type {string} */ command) {
    try {
      const work = COMMANDS[command[0]];
      return work ? work(this.guest, command.slice(1)) : '';
    } catch (error) {
      if (error instanceof Fault) return CANNOT;
      throw error;
    }
  }
}

/**
 * By their first letters, each with what follows it.
 * @type {Record<string, (guest: Guest, rest: string) => string | null>}
 */
const COMMANDS = {
  '?': () => 'S05',
  c: (guest) => (guest.goOn(), null),
  D: (guest) => (guest.detach(), 'OK'),
  g: ({ core }) => Array.from({ length: REGISTERS }, (_, number) => word(readRegister(core, number))).join(''),
  G({ core }, rest) {
    for (let number = 0; number < REGISTERS; number++) {
      writeRegister(core, number, fromWord(rest.slice(8 * number, 8 * number + 8)));
    }
    return 'OK';
  },
  H: () => 'OK',
  k: (guest) => (guest.kill(), null),
  m({ core }, rest) {
    const [address, count] = numbers(rest);
    return read(core, address, Math.min(count, PACKET_BYTES / 2));
  },
  M({ core }, rest) {
    const [place, data] = rest.split(':');
    const [address] = numbers(place);
    if (address < FLASH_END) return CANNOT;
    write(core, address, Buffer.from(data, 'hex'));
    return 'OK';
  },
  p({ core }, rest) {
    const [number] = numbers(rest);
    return number < REGISTERS ? word(readRegister(core, number)) : CANNOT;
  },
  P({ core }, rest) {
    const [name, value] = rest.split('=');
    const [number] = numbers(name);
    if (number >= REGISTERS) return CANNOT;
    writeRegister(core, number, fromWord(value));
    return 'OK';
  },
  q(_, rest) {
    const [name] = rest.split(':', 1);
    if (name === 'Supported') return `PacketSize=${PACKET_BYTES.toString(16)};qXfer:features:read+;vContSupported+`;
    if (name === 'Attached') return '1';
    if (!rest.startsWith('Xfer:features:read:target.xml:')) return '';
    const [start, count] = numbers(rest.slice(rest.lastIndexOf(':') + 1));
    const part = DESCRIPTION.slice(start, start + count);
    return `${start + count < DESCRIPTION.length ? 'm' : 'l'}${part}`;
  },
  s: (guest) => (guest.step(), null),
  v(guest, rest) {
    if (rest === 'Cont?') return 'vCont;c;C;s;S';
    const [, action] = /^Cont;([cs])/i.exec(rest) ?? [];
    return action ? COMMANDS[action.toLowerCase()](guest, '') : '';
  },
  z: (guest, rest) => stop(guest, rest, false),
  Z: (guest, rest) => stop(guest, rest, true),
};

/** Sets or removes a breakpoint or a watchpoint. @param {Guest} guest @param {string} rest @param {boolean} isSet */
function stop({ stops }, rest, isSet) {
  const [type, address, size] = numbers(rest);
  if (type >= WATCHES.length) return '';
  const kind = /** @type {import('./stops.mjs').Kind | null} */ (WATCHES[type]);
  if (kind) isSet ? stops.addWatch({ address, size, kind }) : stops.removeWatch({ address, size, kind });
  else isSet ? stops.points.add(address) : stops.points.delete(address);
  return 'OK';
}

/** As few accesses as its alignment asks for: a register may change when it is read. */
function read(/** @type {any} */ core, /** @type {number} */ address, /** @type {number} */ count) {
  const data = Buffer.alloc(count);
  let done = 0;
  while (done < count) {
    const size = sizeAt(address + done, count - done);
    const at = address + done;
    const value = size === 4 ? core.readUint32(at) : size === 2 ? core.readUint16(at) : core.readUint8(at);
    data.writeUIntLE(value >>> 0, done, size);
    done += size;
  }
  return data.toString('hex');
}

function write(/** @type {any} */ core, /** @type {number} */ address, /** @type {Buffer} */ data) {
  let done = 0;
  while (done < data.length) {
    const size = sizeAt(address + done, data.length - done);
    const at = address + done;
    const value = data.readUIntLE(done, size);
    if (size === 4) core.writeUint32(at, value);
    else if (size === 2) core.writeUint16(at, value);
    else core.writeUint8(at, value);
    done += size;
  }
}

/** The size of the next access, in bytes. */
function sizeAt(/** @type {number} */ address, /** @type {number} */ left) {
  if (address % 4 === 0 && left >= 4) return 4;
  return address % 2 === 0 && left >= 2 ? 2 : 1;
}

/** The hexadecimal numbers between commas. @param {string} text */
const numbers = (text) => text.split(',').map((each) => parseInt(each, 16));

/** @param {number} value */
function word(value) {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(value >>> 0);
  return data.toString('hex');
}

/** @param {string} text */
const fromWord = (text) => Buffer.from(text.padEnd(8, '0'), 'hex').readUInt32LE();

/** A packet's sum. @param {string} text */
function sum(text) {
  let total = 0;
  for (let index = 0; index < text.length; index++) total += text.charCodeAt(index);
  return (total & 0xff).toString(16).padStart(2, '0');
}
