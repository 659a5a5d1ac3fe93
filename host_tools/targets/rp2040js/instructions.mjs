/**
 * The instructions that programs mostly consist of, decoded by switches in place of rp2040js's chain of comparisons.
 *
 * It is faster, and right where rp2040js is not: the flags of shifts by 0 and by more than 32, the overflow of `adcs`
 * and `sbcs`, `stm` of its own base. An instruction takes the cycles that rp2040js gives it. What is not here, rp2040js
 * executes.
 *
 * Source: Armv6-M Architecture Reference Manual (DDI 0419), section A6.7.
 */

const SP = 13;
const LR = 14;
const PC = 15;
const APB = 0x4; // the highest four bits of addresses
const SIO = 0xd;

/**
 * Executes an instruction that was fetched; the program counter is behind its first half-word.
 * @param {any} core
 * @param {number} opcode
 * @returns {boolean} whether it is one of those here; else nothing was done
 */
export function execute(core, opcode) {
  const r = core.registers;
  const low = opcode & 7;
  const middle = (opcode >> 3) & 7;
  const high = (opcode >> 8) & 7;
  const byte = opcode & 0xff;
  const five = (opcode >> 6) & 0x1f;
  switch (opcode >> 11) {
    case 0b00000: // lsls by a constant
      if (five) core.C = (r[middle] & (1 << (32 - five))) !== 0;
      set(core, r, low, r[middle] << five);
      break;
    case 0b00001: // lsrs
      core.C = ((r[middle] >>> (five ? five - 1 : 31)) & 1) !== 0;
      set(core, r, low, five ? r[middle] >>> five : 0);
      break;
    case 0b00010: // asrs
      core.C = ((r[middle] >> (five ? five - 1 : 31)) & 1) !== 0;
      set(core, r, low, r[middle] >> (five || 31));
      break;
    case 0b00011: {
      const other = opcode & 0x400 ? (opcode >> 6) & 7 : r[(opcode >> 6) & 7];
      r[low] = opcode & 0x200 ? subtract(core, r[middle], other) : add(core, r[middle], other);
      break;
    }
    case 0b00100:
      set(core, r, high, byte);
      break;
    case 0b00101:
      subtract(core, r[high], byte);
      break;
    case 0b00110:
      r[high] = add(core, r[high], byte);
      break;
    case 0b00111:
      r[high] = subtract(core, r[high], byte);
      break;
    case 0b01000:
      return opcode & 0x400 ? special(core, r, opcode) : processData(core, r, (opcode >> 6) & 0xf, low, r[middle]);
    case 0b01001: {
      const address = ((r[PC] + 2) & ~3) + 4 * byte;
      core.cycles += loadCycles(address);
      r[high] = core.readUint32(address);
      break;
    }
    case 0b01010:
    case 0b01011:
      indexed(core, r, (opcode >> 9) & 7, low, (r[middle] + r[(opcode >> 6) & 7]) >>> 0);
      break;
    case 0b01100: {
      const address = r[middle] + 4 * five;
      core.cycles += storeCycles(address);
      core.writeUint32(address, r[low]);
      break;
    }
    case 0b01101: {
      const address = r[middle] + 4 * five;
      core.cycles += loadCycles(address);
      r[low] = core.readUint32(address);
      break;
    }
    case 0b01110: {
      const address = r[middle] + five;
      core.cycles += storeCycles(address);
      core.writeUint8(address, r[low]);
      break;
    }
    case 0b01111: {
      const address = r[middle] + five;
      core.cycles += loadCycles(address);
      r[low] = core.readUint8(address);
      break;
    }
    case 0b10000: {
      const address = r[middle] + 2 * five;
      core.cycles += storeCycles(address);
      core.writeUint16(address, r[low]);
      break;
    }
    case 0b10001: {
      const address = r[middle] + 2 * five;
      core.cycles += loadCycles(address);
      r[low] = core.readUint16(address);
      break;
    }
    case 0b10010: {
      const address = r[SP] + 4 * byte;
      core.cycles += storeCycles(address);
      core.writeUint32(address, r[high]);
      break;
    }
    case 0b10011: {
      const address = r[SP] + 4 * byte;
      core.cycles += loadCycles(address);
      r[high] = core.readUint32(address);
      break;
    }
    case 0b10100:
      r[high] = ((r[PC] + 2) & ~3) + 4 * byte;
      break;
    case 0b10101:
      r[high] = r[SP] + 4 * byte;
      break;
    case 0b10110:
      return stack(core, r, opcode, low, middle);
    case 0b10111:
      if (opcode >> 9 !== 0b1011110) return false;
      pop(core, r, opcode);
      break;
    case 0b11000:
      storeMultiple(core, r, high, byte);
      break;
    case 0b11001:
      loadMultiple(core, r, high, byte);
      break;
    case 0b11010:
    case 0b11011: {
      const condition = (opcode >> 8) & 0xf;
      if (condition >= 14) return false; // udf, svc
      if (holds(core, condition)) {
        r[PC] += ((byte << 24) >> 23) + 2;
        core.cycles++;
      }
      break;
    }
    case 0b11100:
      r[PC] += ((opcode << 21) >> 20) + 2;
      core.cycles++;
      break;
    case 0b11110:
      return branchWithLink(core, r, opcode);
    default:
      return false;
  }
  core.cycles++;
  return true;
}

/** Puts a result and its N and Z. */
function set(
  /** @type {any} */ core,
  /** @type {Uint32Array} */ r,
  /** @type {number} */ at,
  /** @type {number} */ value,
) {
  const result = value | 0;
  r[at] = result;
  core.N = result < 0;
  core.Z = result === 0;
}

function add(/** @type {any} */ core, /** @type {number} */ one, /** @type {number} */ other, carry = 0) {
  const sum = one + other + carry;
  const result = sum | 0;
  core.N = result < 0;
  core.Z = result === 0;
  core.C = sum > 0xffffffff;
  core.V = ((one ^ result) & (other ^ result)) < 0;
  return result;
}

function subtract(/** @type {any} */ core, /** @type {number} */ one, /** @type {number} */ other) {
  const result = (one - other) | 0;
  core.N = result < 0;
  core.Z = result === 0;
  core.C = one >= other;
  core.V = ((one ^ other) & (one ^ result)) < 0;
  return result;
}

/** Whether a condition holds, by its four bits. */
function holds(/** @type {any} */ core, /** @type {number} */ condition) {
  switch (condition) {
    case 0:
      return core.Z;
    case 1:
      return !core.Z;
    case 2:
      return core.C;
    case 3:
      return !core.C;
    case 4:
      return core.N;
    case 5:
      return !core.N;
    case 6:
      return core.V;
    case 7:
      return !core.V;
    case 8:
      return core.C && !core.Z;
    case 9:
      return !core.C || core.Z;
    case 10:
      return core.N === core.V;
    case 11:
      return core.N !== core.V;
    case 12:
      return !core.Z && core.N === core.V;
    default:
      return core.Z || core.N !== core.V;
  }
}

/** Data processing between low registers: the destination's number, and the value of the other. */
function processData(
  /** @type {any} */ core,
  /** @type {Uint32Array} */ r,
  /** @type {number} */ kind,
  /** @type {number} */ at,
  /** @type {number} */ other,
) {
  const own = r[at];
  const shift = other & 0xff;
  switch (kind) {
    case 0b0000:
      set(core, r, at, own & other);
      break;
    case 0b0001:
      set(core, r, at, own ^ other);
      break;
    case 0b0010: // lsls
      if (shift) core.C = shift <= 32 && (own & (1 << (32 - shift))) !== 0;
      set(core, r, at, shift < 32 ? own << shift : 0);
      break;
    case 0b0011: // lsrs
      if (shift) core.C = shift <= 32 && ((own >>> (shift - 1)) & 1) !== 0;
      set(core, r, at, shift < 32 ? own >>> shift : 0);
      break;
    case 0b0100: // asrs
      if (shift) core.C = ((own >> Math.min(shift - 1, 31)) & 1) !== 0;
      set(core, r, at, own >> Math.min(shift, 31));
      break;
    case 0b0101:
      r[at] = add(core, own, other, core.C ? 1 : 0);
      break;
    case 0b0110:
      r[at] = add(core, own, ~other >>> 0, core.C ? 1 : 0);
      break;
    case 0b0111: // rors
      set(core, r, at, (own >>> (shift & 31)) | (own << (-shift & 31)));
      if (shift) core.C = r[at] >>> 31 === 1;
      break;
    case 0b1000: {
      const result = own & other;
      core.N = result < 0;
      core.Z = result === 0;
      break;
    }
    case 0b1001:
      r[at] = subtract(core, 0, other);
      break;
    case 0b1010:
      subtract(core, own, other);
      break;
    case 0b1011:
      add(core, own, other);
      break;
    case 0b1100:
      set(core, r, at, own | other);
      break;
    case 0b1101:
      set(core, r, at, Math.imul(own, other));
      break;
    case 0b1110:
      set(core, r, at, own & ~other);
      break;
    default:
      set(core, r, at, ~other);
  }
  core.cycles++;
  return true;
}

/** `add`, `cmp` and `mov` of any registers, and branches to an address. */
function special(/** @type {any} */ core, /** @type {Uint32Array} */ r, /** @type {number} */ opcode) {
  const from = (opcode >> 3) & 0xf;
  const to = ((opcode >> 4) & 8) | (opcode & 7);
  const kind = (opcode >> 8) & 3;
  if (kind === 3) {
    if (opcode & 7) return false;
    const target = r[from];
    if (opcode & 0x80) r[LR] = r[PC] | 1;
    core.cycles += 2;
    core.BXWritePC(target);
    return true;
  }
  const value = from === PC ? r[PC] + 2 : r[from];
  if (kind === 1) subtract(core, r[to], value);
  else {
    const result = kind === 2 ? value : (to === PC ? r[PC] + 2 : r[to]) + value;
    r[to] = to === PC ? result & ~1 : to === SP ? result & ~3 : result;
    if (to === PC) core.cycles++;
  }
  core.cycles++;
  return true;
}

/** Loads and stores at the sum of two registers. */
function indexed(
  /** @type {any} */ core,
  /** @type {Uint32Array} */ r,
  /** @type {number} */ kind,
  /** @type {number} */ at,
  /** @type {number} */ address,
) {
  core.cycles += kind < 3 ? storeCycles(address) : loadCycles(address);
  switch (kind) {
    case 0:
      core.writeUint32(address, r[at]);
      break;
    case 1:
      core.writeUint16(address, r[at]);
      break;
    case 2:
      core.writeUint8(address, r[at]);
      break;
    case 3:
      r[at] = (core.readUint8(address) << 24) >> 24;
      break;
    case 4:
      r[at] = core.readUint32(address);
      break;
    case 5:
      r[at] = core.readUint16(address);
      break;
    case 6:
      r[at] = core.readUint8(address);
      break;
    default:
      r[at] = (core.readUint16(address) << 16) >> 16;
  }
}

/** What begins with 10110: the stack pointer, extensions, `push`. */
function stack(
  /** @type {any} */ core,
  /** @type {Uint32Array} */ r,
  /** @type {number} */ opcode,
  /** @type {number} */ to,
  /** @type {number} */ from,
) {
  switch ((opcode >> 6) & 0x1f) {
    case 0b00000:
    case 0b00001:
      r[SP] += 4 * (opcode & 0x7f);
      break;
    case 0b00010:
    case 0b00011:
      r[SP] -= 4 * (opcode & 0x7f);
      break;
    case 0b01000:
      r[to] = (r[from] << 16) >> 16;
      break;
    case 0b01001:
      r[to] = (r[from] << 24) >> 24;
      break;
    case 0b01010:
      r[to] = r[from] & 0xffff;
      break;
    case 0b01011:
      r[to] = r[from] & 0xff;
      break;
    default:
      if (opcode >> 9 !== 0b1011010) return false;
      push(core, r, opcode & 0x1ff);
  }
  core.cycles++;
  return true;
}

/** Registers 0 to 7 by their bits, and LR by bit 8. */
function push(/** @type {any} */ core, /** @type {Uint32Array} */ r, /** @type {number} */ bits) {
  let start = r[SP];
  for (let rest = bits; rest; rest &= rest - 1) start -= 4;
  let address = start;
  for (let at = 0; at < 8; at++) {
    if (!(bits & (1 << at))) continue;
    core.writeUint32(address, r[at]);
    address += 4;
    core.cycles++;
  }
  if (bits & 0x100) core.writeUint32(address, r[LR]);
  r[SP] = start;
}

function pop(/** @type {any} */ core, /** @type {Uint32Array} */ r, /** @type {number} */ opcode) {
  let address = r[SP];
  for (let at = 0; at < 8; at++) {
    if (!(opcode & (1 << at))) continue;
    r[at] = core.readUint32(address);
    address += 4;
    core.cycles++;
  }
  if (!(opcode & 0x100)) {
    r[SP] = address;
    return;
  }
  const target = core.readUint32(address);
  r[SP] = address + 4;
  core.cycles += 2;
  core.BXWritePC(target);
}

function storeMultiple(
  /** @type {any} */ core,
  /** @type {Uint32Array} */ r,
  /** @type {number} */ base,
  /** @type {number} */ bits,
) {
  let address = r[base];
  for (let at = 0; at < 8; at++) {
    if (!(bits & (1 << at))) continue;
    core.writeUint32(address, r[at]);
    address += 4;
    core.cycles++;
  }
  r[base] = address;
}

function loadMultiple(
  /** @type {any} */ core,
  /** @type {Uint32Array} */ r,
  /** @type {number} */ base,
  /** @type {number} */ bits,
) {
  let address = r[base];
  for (let at = 0; at < 8; at++) {
    if (!(bits & (1 << at))) continue;
    r[at] = core.readUint32(address);
    address += 4;
    core.cycles++;
  }
  if (!(bits & (1 << base))) r[base] = address;
}

/** `bl`, whose second half-word follows. */
function branchWithLink(/** @type {any} */ core, /** @type {Uint32Array} */ r, /** @type {number} */ opcode) {
  const second = core.readUint16(r[PC]);
  if ((second & 0xd000) !== 0xd000) return false;
  const sign = (opcode << 21) >> 31;
  const i1 = ~((second >> 13) ^ sign) & 1;
  const i2 = ~((second >> 11) ^ sign) & 1;
  const offset = (sign << 24) | (i1 << 23) | (i2 << 22) | ((opcode & 0x3ff) << 12) | ((second & 0x7ff) << 1);
  r[LR] = (r[PC] + 2) | 1;
  r[PC] += 2 + offset;
  core.cycles += 3;
  return true;
}

/** What an access takes beyond the instruction's own cycle. */
function loadCycles(/** @type {number} */ address) {
  const region = address >>> 28;
  return region === SIO ? 0 : region === APB ? 3 : 1;
}

function storeCycles(/** @type {number} */ address) {
  const region = address >>> 28;
  return region === SIO ? 0 : region === APB ? 4 : 1;
}
