/**
 * Guest time: that of the cycles that the core has executed, and of the waits that were skipped.
 *
 * It has the interface of rp2040js's own SimulationClock, which has to be told of every instruction; this one looks at
 * the core's counter, so that the loop over instructions has one comparison to make.
 */

const NANOS_PER_S = 1e9;

/** One moment at which something is to happen; a link in the clock's list, which is in the order of time. */
class Alarm {
  /**
   * @param {Clock} clock
   * @param {() => void} callback
   */
  constructor(clock, callback) {
    this.clock = clock;
    this.callback = callback;
    /** @type {Alarm | null} */
    this.next = null;
    this.nanos = 0;
    this.scheduled = false;
  }

  /** Goes off once, so many nanoseconds from now; what was set before is forgotten. @param {number} nanos */
  schedule(nanos) {
    if (this.scheduled) this.clock.remove(this);
    this.clock.insert(this, this.clock.nanos + nanos);
  }

  cancel() {
    if (this.scheduled) this.clock.remove(this);
  }
}

export class Clock {
  /** @param {number} frequency of the core, in Hz */
  constructor(frequency) {
    /** @type {{cycles: number}} set by whoever owns both */
    this.core = { cycles: 0 };
    this.nanosPerCycle = NANOS_PER_S / frequency;
    this.base = 0;
    /** @type {Alarm | null} */
    this.first = null;
    /** The core's counter at which the next alarm goes off, or the current slice ends. */
    this.deadline = 0;
    this.sliceEnd = 0;
  }

  /** Since the start, in nanoseconds. */
  get nanos() {
    return this.base + this.core.cycles * this.nanosPerCycle;
  }

  get micros() {
    return this.nanos / 1000;
  }

  /** Nanoseconds until something happens; Infinity when nothing will. */
  get nanosToNextAlarm() {
    return this.first ? Math.max(0, this.first.nanos - this.nanos) : Infinity;
  }

  /** @param {() => void} callback */
  createAlarm(callback) {
    return new Alarm(this, callback);
  }

  /** The core runs at another frequency from now on. @param {number} frequency */
  setFrequency(frequency) {
    this.restart();
    this.nanosPerCycle = NANOS_PER_S / frequency;
    this.updateDeadline();
  }

  /** Begins a slice of at most so many cycles; the core's counter starts at 0 again. @param {number} cycles */
  startSlice(cycles) {
    this.restart();
    this.sliceEnd = cycles;
    this.updateDeadline();
  }

  /** Ends the slice at the next instruction. */
  endSlice() {
    this.sliceEnd = 0;
    this.deadline = 0;
  }

  /** Whether the slice has come to its end. */
  get isSliceOver() {
    return this.core.cycles >= this.sliceEnd;
  }

  /** Lets time pass in which the core does nothing. @param {number} nanos */
  skip(nanos) {
    this.base += nanos;
    this.updateDeadline();
  }

  /** Lets go off what is due. */
  runAlarms() {
    for (let alarm = this.first; alarm && alarm.nanos <= this.nanos + this.nanosPerCycle / 2; alarm = this.first) {
      this.remove(alarm);
      alarm.callback();
    }
    this.updateDeadline();
  }

  /** @param {Alarm} alarm @param {number} nanos */
  insert(alarm, nanos) {
    /** @type {Alarm | null} */
    let before = null;
    let after = this.first;
    while (after && after.nanos <= nanos) [before, after] = [after, after.next];
    alarm.nanos = nanos;
    alarm.next = after;
    alarm.scheduled = true;
    if (before) before.next = alarm;
    else this.first = alarm;
    this.updateDeadline();
  }

  /** @param {Alarm} alarm */
  remove(alarm) {
    alarm.scheduled = false;
    if (this.first === alarm) {
      this.first = alarm.next;
      return;
    }
    let before = this.first;
    while (before && before.next !== alarm) before = before.next;
    if (before) before.next = alarm.next;
  }

  /** @private */
  restart() {
    this.base = this.nanos;
    this.sliceEnd -= this.core.cycles;
    this.core.cycles = 0;
  }

  /** @private */
  updateDeadline() {
    const cycles = this.first ? (this.first.nanos - this.base) / this.nanosPerCycle : Infinity;
    this.deadline = Math.min(Math.ceil(cycles), this.sliceEnd);
  }
}
