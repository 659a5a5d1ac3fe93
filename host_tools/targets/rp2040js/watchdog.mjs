/** The watchdog: RP2040 datasheet, section 4.7. Its scratch registers and the reason survive its reset. */

import { Registers } from './registers.mjs';

const CTRL = 0x00;
const LOAD = 0x04;
const REASON = 0x08;
const SCRATCH0 = 0x0c;
const SCRATCH7 = 0x28;
const TICK = 0x2c;

const TRIGGER = 0x80000000;
const ENABLE = 1 << 30;
const PAUSES = 7 << 24;
const TIME = 0xffffff;
const REASON_TIMER = 1;
const REASON_FORCE = 2;
const TICK_RUNNING = 1 << 10;
const TICK_BITS = 0x3ff;
const NANOS_PER_COUNT = 500; // it counts twice per microsecond: errata RP2040-E1

export class Watchdog extends Registers {
  /**
   * @param {import('./clock.mjs').Clock} clock
   * @param {() => void} reset restarts the chip
   * @param {Watchdog | null} before what the last reset left, null after power-on
   */
  constructor(clock, reset, before) {
    super();
    this.clock = clock;
    this.scratch = before ? before.scratch : new Uint32Array(8);
    this.reason = before ? before.reason : 0;
    this.control = PAUSES;
    this.tick = 0x200;
    this.loaded = 0;
    this.loadedAt = 0;
    this.reset = reset;
    this.timeout = clock.createAlarm(() => this.bite(REASON_TIMER));
  }

  /** @param {number} offset */
  read(offset) {
    if (offset === CTRL) return (this.control & ~TIME) | this.left;
    if (offset === REASON) return this.reason;
    if (offset >= SCRATCH0 && offset <= SCRATCH7) return this.scratch[(offset - SCRATCH0) >> 2];
    if (offset === TICK) return this.tick | TICK_RUNNING;
    return 0;
  }

  /** @param {number} offset @param {number} value */
  write(offset, value) {
    if (offset === CTRL) {
      const wasOn = this.isOn;
      this.control = value & ~TRIGGER & ~TIME;
      if (value & TRIGGER) this.bite(REASON_FORCE);
      else if (this.isOn !== wasOn) this.load(this.loaded);
    } else if (offset === LOAD) this.load(value & TIME);
    else if (offset >= SCRATCH0 && offset <= SCRATCH7) this.scratch[(offset - SCRATCH0) >> 2] = value;
    else if (offset === TICK) this.tick = value & TICK_BITS;
  }

  get isOn() {
    return (this.control & ENABLE) !== 0;
  }

  /** What is left of the counter. */
  get left() {
    if (!this.isOn) return this.loaded;
    return Math.max(0, this.loaded - Math.floor((this.clock.nanos - this.loadedAt) / NANOS_PER_COUNT));
  }

  /** @private */
  load(/** @type {number} */ count) {
    this.loaded = count;
    this.loadedAt = this.clock.nanos;
    this.timeout.cancel();
    if (this.isOn) this.timeout.schedule(count * NANOS_PER_COUNT);
  }

  /** @private */
  bite(/** @type {number} */ reason) {
    this.reason = reason;
    this.reset();
  }
}
