/** What is counted in the time of the guest: alarms, the timer, the watchdog. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock } from '../../../host_tools/targets/rp2040js/clock.mjs';
import { Timer } from '../../../host_tools/targets/rp2040js/timer.mjs';
import { Watchdog } from '../../../host_tools/targets/rp2040js/watchdog.mjs';

const MICROS = 1000;

function pass(clock, nanos) {
  for (let left = nanos; left > 0; ) {
    const step = Math.min(left, clock.nanosToNextAlarm);
    clock.skip(step);
    clock.runAlarms();
    left -= step;
  }
}

test('alarms go off in the order of their time, and once', () => {
  const clock = new Clock(1e9);
  const seen = [];
  const [late, soon] = [clock.createAlarm(() => seen.push('late')), clock.createAlarm(() => seen.push('soon'))];
  late.schedule(20);
  soon.schedule(10);
  pass(clock, 30);
  assert.deepEqual(seen, ['soon', 'late']);
  assert.equal(clock.nanosToNextAlarm, Infinity);
});

test('the clock counts the cycles of the core at its frequency', () => {
  const clock = new Clock(125e6);
  clock.core.cycles = 125;
  assert.equal(clock.nanos, 1000);
  clock.setFrequency(12.5e6);
  assert.equal(clock.nanos, 1000);
  clock.core.cycles += 1;
  assert.equal(clock.nanos, 1080);
});

test('a timer interrupts at its target, not before, and not while it is paused', () => {
  const clock = new Clock(1e9);
  const lines = [];
  const timer = new Timer(clock, (line, isHigh) => (lines[line] = isHigh));
  const store = (offset, value) => timer.writeUint32Atomic(offset, value, 0);
  store(0x38, 1); // INTE
  store(0x10, 50); // ALARM0
  pass(clock, 50 * MICROS - 1);
  assert.equal(lines[0], false);
  pass(clock, 1);
  assert.equal(lines[0], true);
  store(0x34, 1); // INTR
  assert.equal(lines[0], false);
  store(0x10, 100);
  store(0x30, 1); // PAUSE
  pass(clock, 500 * MICROS);
  assert.deepEqual([lines[0], timer.readUint32(0x28)], [false, 50]);
  store(0x30, 0);
  pass(clock, 50 * MICROS);
  assert.equal(lines[0], true);
});

test('the watchdog bites unless it is fed, and the next one knows', () => {
  const clock = new Clock(1e9);
  let resets = 0;
  const dog = new Watchdog(clock, () => resets++, null);
  dog.writeUint32Atomic(0x0c, 0x1234, 0); // SCRATCH0
  dog.writeUint32Atomic(0x04, 2000, 0); // LOAD: 1 ms, for it counts twice per microsecond
  dog.writeUint32Atomic(0x00, 1 << 30, 2); // CTRL: ENABLE
  pass(clock, 900 * MICROS);
  dog.writeUint32Atomic(0x04, 2000, 0);
  pass(clock, 900 * MICROS);
  assert.equal(resets, 0);
  pass(clock, 100 * MICROS);
  assert.equal(resets, 1);
  const next = new Watchdog(clock, () => {}, dog);
  assert.deepEqual([next.readUint32(0x08), next.readUint32(0x0c)], [1, 0x1234]);
});
