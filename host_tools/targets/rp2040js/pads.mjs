/**
 * The pins of the RP2040 as lines with a level: that of who drives it, else of a pull, else the one that it had.
 *
 * In rp2040js an output does not read back, a pull moves nothing, and each look at a pin is an edge.
 */

export class Pads {
  /**
   * @param {any} chip rp2040js's RP2040
   * @param {[number, number][]} jumpers pairs of pins that a wire connects
   */
  constructor(chip, jumpers = []) {
    this.pins = chip.gpio;
    /** @type {Map<number, boolean>} the levels that somebody outside drives, by pin */
    this.outside = new Map();
    /** @type {number[][]} the pins that are one line, by pin */
    this.lines = this.pins.map((/** @type {any} */ _, /** @type {number} */ number) => [number]);
    for (const [one, other] of jumpers) {
      const joined = [...new Set([...this.lines[one], ...this.lines[other]])];
      for (const number of joined) this.lines[number] = joined;
    }
    this.pins.forEach((/** @type {any} */ pin, /** @type {number} */ number) => {
      onlyEdges(pin);
      const update = pin.checkForUpdates.bind(pin);
      pin.checkForUpdates = () => {
        update();
        this.settle(number);
      };
      this.settle(number);
    });
  }

  /** Has somebody outside drive a pin, or let go of it. @param {number} number @param {boolean | null} level */
  drive(number, level) {
    if (level === null) this.outside.delete(number);
    else this.outside.set(number, level);
    this.settle(number);
  }

  /** The level of a pin's line. @param {number} number @returns {boolean} */
  level(number) {
    return this.pins[number].rawInputValue;
  }

  /** @param {number} number of a pin, whose line has its level afterwards */
  settle(number) {
    const line = this.lines[number];
    const level = this.driven(line) ?? this.pulled(line) ?? this.level(number);
    for (const each of line) if (this.level(each) !== level) this.pins[each].setInputValue(level);
  }

  /** @param {number[]} line @returns {boolean | undefined} */
  driven(line) {
    const outside = line.find((number) => this.outside.has(number));
    if (outside !== undefined) return this.outside.get(outside);
    const driver = line.map((number) => this.pins[number]).find((pin) => pin.outputEnable && !pin.outputDisable);
    return driver?.outputValue;
  }

  /** @param {number[]} line @returns {boolean | undefined} */
  pulled(line) {
    const pins = line.map((number) => this.pins[number]);
    const [up, down] = [pins.some((pin) => pin.pullupEnabled), pins.some((pin) => pin.pulldownEnabled)];
    return up === down ? undefined : up;
  }
}

/** Has a pin see an edge only where its level changes, as behind its input buffer. @param {any} pin */
function onlyEdges(pin) {
  const change = pin.setInputValue.bind(pin);
  let seen = false;
  pin.setInputValue = (/** @type {boolean} */ level) => {
    pin.rawInputValue = level;
    if ((level && pin.inputEnable) === seen) return;
    seen = !seen;
    change(level);
  };
}
