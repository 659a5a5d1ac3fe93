/** The PL011 as its manual has it: levels, the receive timeout, overruns, breaks, the loop, and time. */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Clock } from '../../../host_tools/targets/rp2040js/clock.mjs';
import { Uart } from '../../../host_tools/targets/rp2040js/uart.mjs';

const [DR, FR, IBRD, LCR_H, CR, IFLS, IMSC, RIS, ICR] = [0x00, 0x18, 0x24, 0x2c, 0x30, 0x34, 0x38, 0x3c, 0x44];
const [RX, TX, RT, FE, BE, OE] = [1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 9, 1 << 10];
const [RXFE, TXFF, BUSY] = [1 << 4, 1 << 5, 1 << 3];
const FIFOS = (1 << 4) | (3 << 5); // and eight bits
const [ON, LOOP] = [(1 << 0) | (1 << 8) | (1 << 9), 1 << 7];
const BYTE_NANOS = 160_000; // 10 bits at 1 MHz / 16

let clock, uart, sent, isHigh;

beforeEach(() => {
  clock = new Clock(1e9);
  sent = [];
  uart = new Uart({
    clock,
    clockHz: () => 1e6,
    interrupt: (level) => (isHigh = level),
    request: () => {},
    isConnected: () => true,
    send: (byte) => sent.push(byte),
    ready: () => {},
  });
  store(IBRD, 1);
  store(LCR_H, FIFOS);
  store(CR, ON);
});

const store = (offset, value) => uart.writeUint32Atomic(offset, value, 0);
const load = (offset) => uart.readUint32(offset);

function pass(nanos) {
  for (let left = nanos; left > 0; ) {
    const step = Math.min(left, clock.nanosToNextAlarm);
    clock.skip(step);
    clock.runAlarms();
    left -= step;
  }
}

function arrive(...bytes) {
  for (const byte of bytes) {
    uart.receive(byte);
    pass(BYTE_NANOS);
  }
}

test('a byte takes its time', () => {
  store(DR, 0x41);
  pass(BYTE_NANOS - 1);
  assert.deepEqual(sent, []);
  assert.ok(load(FR) & BUSY);
  pass(1);
  assert.deepEqual(sent, [0x41]);
  assert.ok(!(load(FR) & BUSY));
});

test('the transmit interrupt comes when the FIFO empties to its level, and goes when it is filled', () => {
  store(IFLS, 0); // down to 4
  store(IMSC, TX);
  for (let byte = 0; byte < 6; byte++) store(DR, byte);
  assert.equal(load(RIS) & TX, 0);
  pass(BYTE_NANOS);
  assert.ok(load(RIS) & TX && isHigh);
  store(DR, 6);
  assert.equal(load(RIS) & TX, 0);
});

test('a full transmitter says so and takes no more', () => {
  for (let byte = 0; byte < 33; byte++) store(DR, byte);
  assert.ok(load(FR) & TXFF);
  store(DR, 99);
  pass(40 * BYTE_NANOS);
  assert.equal(sent.length, 33);
});

test('the receive interrupt comes at its level and goes below it', () => {
  store(IFLS, 0); // at 4
  arrive(1, 2, 3);
  assert.equal(load(RIS) & RX, 0);
  arrive(4);
  assert.ok(load(RIS) & RX);
  assert.equal(load(DR), 1);
  assert.equal(load(RIS) & RX, 0);
});

test('silence after the last byte interrupts, once', () => {
  arrive(1);
  pass(2 * BYTE_NANOS);
  assert.equal(load(RIS) & RT, 0);
  pass(2 * BYTE_NANOS);
  assert.ok(load(RIS) & RT);
  load(DR);
  assert.equal(load(RIS) & RT, 0);
  assert.ok(load(FR) & RXFE);
});

test('what finds the receiver full is lost, and the next entry says so', () => {
  store(CR, ON | LOOP);
  for (let byte = 0; byte < 33; byte++) {
    store(DR, byte);
    pass(BYTE_NANOS);
  }
  assert.ok(load(RIS) & OE);
  load(DR);
  store(DR, 77);
  pass(BYTE_NANOS);
  const entries = Array.from({ length: 32 }, () => load(DR));
  assert.equal(entries.at(-1), 77 | (1 << 11));
});

test('a sender from outside waits while the receiver is full', () => {
  for (let byte = 0; byte < 32; byte++) arrive(byte);
  assert.equal(uart.isFree, false);
  load(DR);
  assert.equal(uart.isFree, true);
});

test('a break is received as one', () => {
  arrive(null);
  assert.equal(load(RIS) & (BE | FE), BE | FE);
  assert.equal(load(DR), (1 << 10) | (1 << 8));
});

test('the loop brings back what was sent, and sends nothing out', () => {
  store(CR, ON | LOOP);
  store(DR, 0x5a);
  pass(BYTE_NANOS);
  assert.deepEqual([sent, load(DR)], [[], 0x5a]);
});

test('an interrupt is cleared by writing its bit', () => {
  arrive(null);
  store(ICR, BE | FE);
  assert.equal(load(RIS) & (BE | FE), 0);
});
