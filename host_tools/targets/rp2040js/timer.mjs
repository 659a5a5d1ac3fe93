/**
 * The timer: 64 bits of microseconds, four alarms. RP2040 datasheet, section 4.6.
 *
 * rp2040js's own fires up to a microsecond early and cannot be stopped or set.
 */

import { Registers } from './registers.mjs';

const TIMEHW = 0x00;
const TIMELW = 0x04;
const TIMEHR = 0x08;
const TIMELR = 0x0c;
const ALARM0 = 0x10;
const ALARM3 = 0x1c;
const ARMED = 0x20;
const TIMERAWH = 0x24;
const TIMERAWL = 0x28;
const DBGPAUSE = 0x2c;
const PAUSE = 0x30;
const INTR = 0x34;
const INTE = 0x38;
const INTF = 0x3c;
const INTS = 0x40;

const ALARMS = 4;
const NANOS_PER_MICRO = 1000;
const TWO32 = 2 ** 32;

export class Timer extends Registers {
  /**
   * @param {import('./clock.mjs').Clock} clock
   * @param {(line: number, isHigh: boolean) => void} interrupt
   */
  constructor(clock, interrupt) {
    super();
    this.clock = clock;
    this.interrupt = interrupt;
    this.alarms = Array.from({ length: ALARMS }, (_, index) => clock.createAlarm(() => this.fire(index)));
    this.reset();
  }

  /** As RESETS does it. */
  reset() {
    this.origin = this.clock.nanos; // when the counter was 0
    /** @type {number | null} the counter, while it is stopped */
    this.stoppedAt = null;
    this.targets = new Uint32Array(ALARMS);
    this.armed = 0;
    this.latched = 0;
    this.toWrite = 0;
    this.raw = 0;
    this.enabled = 0;
    this.forced = 0;
    for (const alarm of this.alarms) alarm.cancel();
    this.update();
  }

  /** The counter, in microseconds. */
  get micros() {
    // The clock's sum of cycles may be a hair below a whole number of nanoseconds.
    return this.stoppedAt ?? Math.floor((this.clock.nanos - this.origin + 0.01) / NANOS_PER_MICRO);
  }

  /** @param {number} offset */
  read(offset) {
    const { micros } = this;
    if (offset >= ALARM0 && offset <= ALARM3) return this.targets[(offset - ALARM0) >> 2];
    switch (offset) {
      case TIMELR:
        this.latched = Math.floor(micros / TWO32);
        return micros % TWO32;
      case TIMEHR:
        return this.latched;
      case TIMERAWH:
        return Math.floor(micros / TWO32);
      case TIMERAWL:
        return micros % TWO32;
      case ARMED:
        return this.armed;
      case DBGPAUSE:
        return 7;
      case PAUSE:
        return this.stoppedAt === null ? 0 : 1;
      case INTR:
        return this.raw;
      case INTE:
        return this.enabled;
      case INTF:
        return this.forced;
      case INTS:
        return this.status;
    }
    return 0;
  }

  /** @param {number} offset @param {number} value @param {number} given */
  write(offset, value, given) {
    if (offset >= ALARM0 && offset <= ALARM3) this.arm((offset - ALARM0) >> 2, value);
    else if (offset === ARMED) this.disarm(given);
    else if (offset === TIMELW) this.toWrite = value;
    else if (offset === TIMEHW) this.set(value * TWO32 + this.toWrite);
    else if (offset === PAUSE) this.pause((value & 1) !== 0);
    else if (offset === INTR) this.raw &= ~given;
    else if (offset === INTE) this.enabled = value & 0xf;
    else if (offset === INTF) this.forced = value & 0xf;
    this.update();
  }

  /** @private */
  get status() {
    return (this.raw & this.enabled) | this.forced;
  }

  /** @private */
  arm(/** @type {number} */ index, /** @type {number} */ target) {
    this.targets[index] = target;
    this.armed |= 1 << index;
    this.schedule(index);
  }

  /** When the low half of the counter will be equal to the target: in 71 minutes if it is that now. @private */
  schedule(/** @type {number} */ index) {
    if (this.stoppedAt !== null) return;
    const wait = (this.targets[index] - (this.micros % TWO32) + TWO32) % TWO32 || TWO32;
    const at = this.origin + (this.micros + wait) * NANOS_PER_MICRO;
    this.alarms[index].schedule(at - this.clock.nanos);
  }

  /** @private */
  disarm(/** @type {number} */ bits) {
    this.armed &= ~bits;
    for (let index = 0; index < ALARMS; index++) if (bits & (1 << index)) this.alarms[index].cancel();
  }

  /** @private */
  fire(/** @type {number} */ index) {
    this.armed &= ~(1 << index);
    this.raw |= 1 << index;
    this.update();
  }

  /** @private */
  set(/** @type {number} */ micros) {
    if (this.stoppedAt === null) this.origin = this.clock.nanos - micros * NANOS_PER_MICRO;
    else this.stoppedAt = micros;
    this.scheduleAll();
  }

  /** @private */
  pause(/** @type {boolean} */ isPaused) {
    if (isPaused === (this.stoppedAt !== null)) return;
    const { micros } = this;
    this.stoppedAt = isPaused ? micros : null;
    if (isPaused) for (const alarm of this.alarms) alarm.cancel();
    else this.set(micros);
  }

  /** @private */
  scheduleAll() {
    for (let index = 0; index < ALARMS; index++) if (this.armed & (1 << index)) this.schedule(index);
  }

  /** @private */
  update() {
    for (let index = 0; index < ALARMS; index++) this.interrupt(index, (this.status & (1 << index)) !== 0);
  }
}
