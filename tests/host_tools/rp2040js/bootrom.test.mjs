/** The boot ROM as firmware uses it: found through its tables, called by its traps. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { crc32, Rom, ROM_BYTES } from '../../../host_tools/targets/rp2040js/bootrom.mjs';

const rom = new Rom();
const BX_LR = 0x4770;

/** What the ROM's own lookup does: walks pairs of half-words to the end of a table. */
function lookUp(tableAt, name) {
  const wanted = name.charCodeAt(0) | (name.charCodeAt(1) << 8);
  for (let at = rom.view.getUint16(tableAt, true); rom.view.getUint16(at, true); at += 4)
    if (rom.view.getUint16(at, true) === wanted) return rom.view.getUint16(at + 2, true);
  return 0;
}

/** Calls the function at an address, whose code is a trap and a return, on r0 to r3. */
function call(address, ...given) {
  assert.equal(address & 1, 1, 'the address of Thumb code');
  const trap = rom.view.getUint16(address & ~1, true);
  assert.equal(trap >> 8, 0xde, 'udf');
  assert.equal(rom.view.getUint16((address & ~1) + 2, true), BX_LR);
  const core = { registers: Uint32Array.from([...given, 0, 0, 0, 0]), cycles: 0 };
  rom.call({ core }, trap & 0xff);
  return core.registers;
}

const named = (name, ...given) => call(lookUp(0x14, name), ...given)[0];
const table = (name, offset, ...given) => call(rom.view.getUint32(lookUp(0x16, name) + offset, true), ...given);

const float = (value) => new Uint32Array(Float32Array.of(value).buffer)[0];
const asFloat = (bits) => new Float32Array(Uint32Array.of(bits).buffer)[0];
const double = (value) => [...new Uint32Array(Float64Array.of(value).buffer)];
const asDouble = (low, high) => new Float64Array(Uint32Array.of(low, high).buffer)[0];

test('the header is that of version 3', () => {
  assert.equal(rom.image.length, ROM_BYTES);
  assert.deepEqual([...rom.image.slice(0x10, 0x14)], [0x4d, 0x75, 1, 3]);
  assert.equal(rom.view.getUint32(0, true), 0x20041f00);
});

test('every function that the pico-sdk looks up is there', () => {
  for (const name of ['P3', 'R3', 'L3', 'T3', 'MS', 'S4', 'MC', 'C4', 'UB', 'IF', 'EX', 'RE', 'RP', 'FC', 'CX'])
    assert.notEqual(lookUp(0x14, name), 0, name);
  assert.equal(lookUp(0x14, '??'), 0);
});

test('bits are counted', () => {
  assert.equal(named('P3', 0xf00f), 8);
  assert.equal(named('R3', 1), 0x80000000);
  assert.deepEqual([named('L3', 1), named('L3', 0)], [31, 32]);
  assert.deepEqual([named('T3', 8), named('T3', 0)], [3, 32]);
});

test('floats are as IEEE 754 has them, with denormals as zeros and no NaN', () => {
  const two = (offset, x, y) => asFloat(table('SF', offset, float(x), float(y))[0]);
  assert.equal(two(0x00, 1.5, 2.25), 3.75);
  assert.equal(two(0x04, 1.5, 2.25), -0.75);
  assert.equal(two(0x08, 1.5, -2), -3);
  assert.equal(two(0x0c, 1, 3), Math.fround(1 / 3));
  assert.equal(two(0x0c, 1, 0), Infinity);
  assert.equal(two(0x0c, -1, 0), -Infinity);
  assert.equal(two(0x00, 1e-40, 0), 0);
  assert.equal(two(0x04, Infinity, Infinity), Infinity);
  assert.equal(asFloat(table('SF', 0x18, float(2))[0]), Math.fround(Math.SQRT2));
});

test('numbers are converted downwards and into range', () => {
  assert.equal(table('SF', 0x1c, float(-1.5))[0] | 0, -2);
  assert.equal(table('SF', 0x1c, float(1e10))[0], 0x7fffffff);
  assert.equal(table('SF', 0x24, float(-1))[0], 0);
  assert.equal(table('SF', 0x20, float(1.25), 4)[0], 20);
  assert.equal(asFloat(table('SF', 0x2c, -7 >>> 0)[0]), -7);
  assert.equal(asFloat(table('SF', 0x5c, 0, 1)[0]), 2 ** 32);
  assert.deepEqual([...table('SF', 0x6c, float(-3))].slice(0, 2), [0xfffffffd, 0xffffffff]);
});

test('a 64-bit integer is rounded once', () => {
  const value = (1n << 60n) + (1n << 36n) + 1n; // just above half way between two floats
  const words = [Number(value & 0xffffffffn), Number(value >> 32n)];
  assert.equal(asFloat(table('SF', 0x5c, ...words)[0]), 2 ** 60 + 2 ** 37);
});

test('doubles take pairs of registers', () => {
  const sum = table('SD', 0x00, ...double(0.1), ...double(0.2));
  assert.equal(asDouble(sum[0], sum[1]), 0.1 + 0.2);
  assert.equal(asFloat(table('SD', 0x7c, ...double(1 / 3))[0]), Math.fround(1 / 3));
  const wide = table('SF', 0x7c, float(1.5));
  assert.equal(asDouble(wide[0], wide[1]), 1.5);
});

test('numbers are compared', () => {
  const order = (x, y) => table('SF', 0x54, float(x), float(y))[0] | 0;
  assert.deepEqual([order(1, 2), order(2, 2), order(3, 2), order(0, -0)], [-1, 0, 1, 0]);
});

test('the checksum of the second stage is the one of the datasheet', () => {
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0x0376e6e7); // CRC-32/MPEG-2
});
