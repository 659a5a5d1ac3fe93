/**
 * The boot ROM's floating point, in its own order: `sf_table.h` of the pico-sdk, RP2040 datasheet section 2.8.3.2.
 *
 * As there, denormal numbers are zeros, and NaN is taken for infinity. Results are rounded to nearest; those of the
 * transcendental functions may differ from the ROM's in the last places.
 */

/** @typedef {(machine: unknown, r: Uint32Array) => void} Work */

const view = new DataView(new ArrayBuffer(8));
const TWO32 = 2 ** 32;

/** One of the two formats: how an argument is taken from the registers, how many it takes, how a result is put. */
const FLOAT = {
  words: 1,
  get(/** @type {Uint32Array} */ r, /** @type {number} */ at) {
    let bits = r[at];
    if ((bits & 0x7f800000) === 0) bits &= 0x80000000;
    if ((bits & 0x7f800000) === 0x7f800000) bits &= 0xff800000;
    view.setUint32(0, bits);
    return view.getFloat32(0);
  },
  put(/** @type {Uint32Array} */ r, /** @type {number} */ value, at = 0) {
    view.setFloat32(0, Number.isNaN(value) ? Infinity : value);
    const bits = view.getUint32(0);
    r[at] = (bits & 0x7f800000) === 0 ? bits & 0x80000000 : bits;
  },
};

const DOUBLE = {
  words: 2,
  get(/** @type {Uint32Array} */ r, /** @type {number} */ at) {
    let [low, high] = [r[at], r[at + 1]];
    if ((high & 0x7ff00000) === 0) [low, high] = [0, high & 0x80000000];
    if ((high & 0x7ff00000) === 0x7ff00000) [low, high] = [0, high & 0xfff00000];
    view.setUint32(0, high);
    view.setUint32(4, low);
    return view.getFloat64(0);
  },
  put(/** @type {Uint32Array} */ r, /** @type {number} */ value, at = 0) {
    view.setFloat64(0, Number.isNaN(value) ? Infinity : value);
    const [high, low] = [view.getUint32(0), view.getUint32(4)];
    const isZero = (high & 0x7ff00000) === 0;
    r[at] = isZero ? 0 : low;
    r[at + 1] = isZero ? high & 0x80000000 : high;
  },
};

/** A 64-bit integer in a pair of registers. */
const signed64 = (/** @type {Uint32Array} */ r) => (BigInt(r[1] | 0) << 32n) | BigInt(r[0]);
const unsigned64 = (/** @type {Uint32Array} */ r) => (BigInt(r[1]) << 32n) | BigInt(r[0]);

/** To the nearest integer below, and into the range of the result: the ROM neither wraps nor traps. */
function integer(/** @type {number} */ value, /** @type {number} */ low, /** @type {number} */ high) {
  return Math.min(Math.max(Math.floor(value), low), high);
}

function integer64(/** @type {number} */ value, /** @type {bigint} */ low, /** @type {bigint} */ high) {
  if (value === Infinity) return high;
  if (value === -Infinity) return low;
  const whole = BigInt(Math.floor(value));
  return whole < low ? low : whole > high ? high : whole;
}

function put64(/** @type {Uint32Array} */ r, /** @type {bigint} */ value) {
  r[0] = Number(value & 0xffffffffn);
  r[1] = Number((value >> 32n) & 0xffffffffn);
}

/** Rounds a 64-bit integer over 2^places once: to 64 bits that keep what was cut off as their last bit. */
function scaled(/** @type {typeof FLOAT} */ format, /** @type {bigint} */ value, /** @type {number} */ places) {
  const magnitude = value < 0n ? -value : value;
  const spare = format.words === 1 ? BigInt(Math.max(0, magnitude.toString(2).length - 40)) : 0n;
  const kept = magnitude >> spare;
  const sticky = kept << spare === magnitude ? kept : kept | 1n;
  const size = Number(sticky) * 2 ** Number(spare) * 2 ** -places;
  return value < 0n ? -size : size;
}

/**
 * The functions of one format, with about the cycles that each takes.
 * @param {typeof FLOAT} format
 * @param {typeof FLOAT} other that the last one converts to
 * @returns {[number, Work][]}
 */
function functions(format, other) {
  const second = format.words;
  const { get, put } = format;
  const one = (/** @type {(x: number) => number} */ of) => (/** @type {unknown} */ _, /** @type {Uint32Array} */ r) =>
    put(r, of(get(r, 0)));
  const two =
    (/** @type {(x: number, y: number) => number} */ of) => (/** @type {unknown} */ _, /** @type {Uint32Array} */ r) =>
      put(r, of(get(r, 0), get(r, second)));
  const toInteger =
    (/** @type {number} */ low, /** @type {number} */ high, /** @type {boolean} */ isFixed) =>
    (/** @type {unknown} */ _, /** @type {Uint32Array} */ r) =>
      (r[0] = integer(get(r, 0) * (isFixed ? 2 ** (r[second] | 0) : 1), low, high));
  const toInteger64 =
    (/** @type {bigint} */ low, /** @type {bigint} */ high, /** @type {boolean} */ isFixed) =>
    (/** @type {unknown} */ _, /** @type {Uint32Array} */ r) =>
      put64(r, integer64(get(r, 0) * (isFixed ? 2 ** (r[second] | 0) : 1), low, high));
  const [int, uint] = [
    [-(2 ** 31), 2 ** 31 - 1],
    [0, TWO32 - 1],
  ];
  const [int64, uint64] = [
    [-(2n ** 63n), 2n ** 63n - 1n],
    [0n, 2n ** 64n - 1n],
  ];
  return [
    [70, two((x, y) => x + y)],
    [70, two((x, y) => x - y)],
    [70, two((x, y) => x * y)],
    [75, two((x, y) => (y === 0 ? Infinity * Math.sign(x || 1) * (Object.is(y, -0) ? -1 : 1) : x / y))],
    [40, compare(format)],
    [40, compareFlags(format)],
    [65, one((x) => (x < 0 ? -Infinity : Math.sqrt(x)))],
    [40, toInteger(int[0], int[1], false)],
    [40, toInteger(int[0], int[1], true)],
    [40, toInteger(uint[0], uint[1], false)],
    [40, toInteger(uint[0], uint[1], true)],
    [55, (_, r) => put(r, r[0] | 0)],
    [55, (_, r) => put(r, (r[0] | 0) * 2 ** -(r[1] | 0))],
    [55, (_, r) => put(r, r[0])],
    [55, (_, r) => put(r, r[0] * 2 ** -(r[1] | 0))],
    [600, one(Math.cos)],
    [600, one(Math.sin)],
    [600, one(Math.tan)],
    [700, sine(format)],
    [600, one(Math.exp)],
    [600, one((x) => (x > 0 ? Math.log(x) : -Infinity))],
    [40, compare(format)],
    [600, two(Math.atan2)],
    [60, (_, r) => put(r, scaled(format, signed64(r), 0))],
    [60, (_, r) => put(r, scaled(format, signed64(r), r[2] | 0))],
    [60, (_, r) => put(r, scaled(format, unsigned64(r), 0))],
    [60, (_, r) => put(r, scaled(format, unsigned64(r), r[2] | 0))],
    [60, toInteger64(int64[0], int64[1], false)],
    [60, toInteger64(int64[0], int64[1], true)],
    [60, toInteger64(uint64[0], uint64[1], false)],
    [60, toInteger64(uint64[0], uint64[1], true)],
    [25, (_, r) => other.put(r, get(r, 0))],
  ];
}

/** -1, 0 or 1 for less, equal, greater. @returns {Work} */
function compare(/** @type {typeof FLOAT} */ format) {
  return (_, r) => (r[0] = Math.sign(difference(format, r)));
}

/** The same as flags: Z for equal, C for greater or equal, as `cmp` leaves them. @returns {Work} */
function compareFlags(/** @type {typeof FLOAT} */ format) {
  return (machine, r) => {
    const { core } = /** @type {import('./machine.mjs').Machine} */ (machine);
    const sign = difference(format, r);
    [core.N, core.Z, core.C] = [sign < 0, sign === 0, sign >= 0];
  };
}

function difference(/** @type {typeof FLOAT} */ format, /** @type {Uint32Array} */ r) {
  const [x, y] = [format.get(r, 0), format.get(r, format.words)];
  return x === y ? 0 : x < y ? -1 : 1;
}

/** Sine and cosine at once. @returns {Work} */
function sine(/** @type {typeof FLOAT} */ format) {
  return (_, r) => {
    const x = format.get(r, 0);
    format.put(r, Math.sin(x));
    format.put(r, Math.cos(x), format.words);
  };
}

export const FLOAT_FUNCTIONS = functions(FLOAT, DOUBLE);
export const DOUBLE_FUNCTIONS = functions(DOUBLE, FLOAT);
