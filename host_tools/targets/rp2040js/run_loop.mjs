/**
 * Runs the guest in slices, between which sockets are served.
 *
 * A guest that waits lets its clock jump to the next event, or, where `realTime` asks for it, follows the host's: then
 * its clock is never ahead of the host's, and falls behind when the host is busy.
 */

const SLICE_CYCLES = 250_000; // 2 ms of a guest at 125 MHz, some 10 ms of a host
const LONGEST_WAIT_MS = 1000;
const NANOS_PER_MS = 1e6;

export class RunLoop {
  /**
   * @param {import('./machine.mjs').Machine} machine
   * @param {boolean} realTime
   */
  constructor(machine, realTime) {
    this.machine = machine;
    this.realTime = realTime;
    /** @type {NodeJS.Timeout | null} */
    this.timer = null;
    this.isScheduled = false;
    this.isSleeping = false;
    /** Whether a debugger holds the guest. */
    this.isHalted = false;
    this.origin = 0; // the host's time when the guest's was 0, in ms: set anew when the chip is
  }

  start() {
    this.schedule();
  }

  /** The guest's clock is at 0 now. */
  restartClock() {
    this.origin = performance.now();
  }

  /** Something came from outside: a guest that waits may go on. */
  wake() {
    if (!this.isSleeping) return;
    this.followHost();
    this.schedule();
  }

  /** Holds the guest, from the end of the current instruction on. */
  halt() {
    this.isHalted = true;
    this.machine.clock.endSlice();
  }

  /** Lets the guest go on. */
  goOn() {
    if (!this.isHalted) return;
    this.isHalted = false;
    this.forgiveHost();
    this.schedule();
  }

  /** Runs a slice as soon as the sockets were served. @private */
  schedule() {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.isSleeping = false;
    if (this.timer) clearTimeout(this.timer);
    setImmediate(() => this.slice());
  }

  /** @private */
  slice() {
    const { machine } = this;
    this.isScheduled = false;
    machine.clock.startSlice(SLICE_CYCLES);
    while (!this.isHalted && !machine.clock.isSliceOver) {
      const { clock, core } = machine;
      if (!core.waiting) machine.run();
      else if (core.isWoken) core.endWait();
      else {
        this.forgiveHost();
        const nanos = clock.nanosToNextAlarm;
        if (nanos === Infinity || (this.realTime && this.aheadMs(nanos) > 0)) break;
        clock.skip(nanos);
      }
      clock.runAlarms();
      machine.resetIfAsked();
    }
    if (this.isHalted) return;
    if (!machine.core.waiting || machine.core.isWoken) this.schedule();
    else this.sleep();
  }

  /** @private */
  sleep() {
    this.isSleeping = true;
    const nanos = this.machine.clock.nanosToNextAlarm;
    if (nanos === Infinity && !this.realTime) return; // only the outside can wake it
    const waitMs = this.realTime ? Math.min(this.aheadMs(nanos), LONGEST_WAIT_MS) : 0;
    this.timer = setTimeout(() => this.wake(), Math.max(0, waitMs));
  }

  /** How far the guest's clock will be ahead of the host's after some nanoseconds, in ms. @private */
  aheadMs(/** @type {number} */ nanos) {
    return (this.machine.clock.nanos + nanos) / NANOS_PER_MS - (performance.now() - this.origin);
  }

  /** A guest that begins to wait waits in real time, and does not make up for what a busy host owes it. @private */
  forgiveHost() {
    if (this.realTime) this.origin += Math.max(0, -this.aheadMs(0));
  }

  /** Time that passed while the guest waited has passed for the guest as well. @private */
  followHost() {
    if (!this.realTime) return;
    const { clock, core } = this.machine;
    const behind = -this.aheadMs(0) * NANOS_PER_MS;
    if (core.waiting && behind > 0) {
      clock.skip(Math.min(behind, clock.nanosToNextAlarm));
      clock.runAlarms();
    }
  }
}
