/**
 * The pins as wires: what a pin drives is what it reads, jumpers join pins, the outside drives the rest, pulls and the
 * last level do what is left. rp2040js reads no output back, and has no edge interrupts without somebody to set inputs.
 */

const EDGE_HIGH = 1 << 3; // of a pin's four interrupt bits: RP2040 datasheet, section 2.19.3
const EDGE_LOW = 1 << 2;
const LEVEL_HIGH = 1 << 1;
const LEVEL_LOW = 1 << 0;
const NO_FUNCTION = 0x1f;
const UART_FUNCTION = 2;
const UART_PINS = [
  [0, 12, 16, 28],
  [4, 8, 20, 24],
]; // those that send: section 2.19.2; the next one up receives
const PAD_RESET = 0x56; // section 2.19.6.3
const FLASH_SELECT = 1; // of the flash's pins; BOOTSEL pulls it down

export class Pins {
  /**
   * @param {any} chip
   * @param {[number, number][]} jumpers pairs of pins
   * @param {(pin: number, isHigh: boolean) => void} changed is told of each change of a pin's level
   * @param {() => void} connected is told when a pin may have been given to a UART
   */
  constructor(chip, jumpers, changed, connected) {
    this.chip = chip;
    this.changed = changed;
    /** @type {boolean[]} */
    this.levels = chip.gpio.map(() => false);
    /** @type {Map<number, boolean>} what the outside drives */
    this.driven = new Map();
    /** @type {number[][]} the pins that each is wired to, itself among them */
    this.nets = this.levels.map((_, pin) => [pin]);
    for (const [one, other] of jumpers) {
      const joined = [...new Set([...this.nets[one], ...this.nets[other]])];
      for (const pin of joined) this.nets[pin] = joined;
    }
    chip.qspi[FLASH_SELECT].rawInputValue = true; // the button on it is not pressed
    for (const [number, pin] of chip.gpio.entries()) {
      const { setInputValue, checkForUpdates } = pin;
      pin.setInputValue = (/** @type {boolean} */ isHigh) => this.input(pin, setInputValue, isHigh);
      pin.checkForUpdates = () => {
        checkForUpdates.call(pin);
        this.settle(number);
        if (pin.functionSelect === UART_FUNCTION) connected();
      };
    }
    this.reset();
  }

  /** As RESETS does it: no function, input, pulled down. */
  reset() {
    for (const [number, pin] of this.chip.gpio.entries()) {
      pin.ctrl = NO_FUNCTION;
      pin.padValue = PAD_RESET;
      pin.irqEnableMask = 0;
      pin.irqForceMask = 0;
      pin.checkForUpdates();
      pin.setInputValue(this.levels[number]);
      pin.irqStatus &= ~(EDGE_HIGH | EDGE_LOW);
    }
    this.chip.updateIOInterrupt();
  }

  /** The outside drives a pin, or with `null` lets go of it. @param {number} pin @param {boolean | null} level */
  drive(pin, level) {
    if (level === null) this.driven.delete(pin);
    else this.driven.set(pin, level);
    this.settle(pin);
  }

  /** Whether a pin is given to a UART that has it. @param {number} uart @param {boolean} isReceive */
  isUart(uart, isReceive) {
    return UART_PINS[uart].some((tx) => this.chip.gpio[isReceive ? tx + 1 : tx].functionSelect === UART_FUNCTION);
  }

  /** @private */
  settle(/** @type {number} */ number) {
    const net = this.nets[number];
    const isHigh = this.levelOf(net);
    for (const pin of net) {
      if (isHigh === this.levels[pin]) continue;
      this.levels[pin] = isHigh;
      this.chip.gpio[pin].setInputValue(isHigh);
      this.changed(pin, isHigh);
    }
  }

  /** An output wins, then the outside, then a pull; else it is low, or with both pulls as it was. @private */
  levelOf(/** @type {number[]} */ net) {
    const pins = net.map((number) => this.chip.gpio[number]);
    const output = pins.find((pin) => pin.outputEnable && !pin.outputDisable);
    if (output) return output.outputValue;
    const driven = net.find((number) => this.driven.has(number));
    if (driven !== undefined) return this.driven.get(driven) ?? false;
    const [isUp, isDown] = [pins.some((pin) => pin.pullupEnabled), pins.some((pin) => pin.pulldownEnabled)];
    return isUp && isDown ? this.levels[net[0]] : isUp;
  }

  /**
   * The level at a pin's pad, from which its interrupts are worked out; `tell` tells PWM and PIO of it.
   * @private
   */
  input(/** @type {any} */ pin, /** @type {(isHigh: boolean) => void} */ tell, /** @type {boolean} */ isHigh) {
    const [was, before] = [pin.inputValue, pin.irqStatus];
    tell.call(pin, isHigh);
    const is = pin.inputValue;
    pin.irqStatus = (before & (EDGE_HIGH | EDGE_LOW)) | (is ? LEVEL_HIGH : LEVEL_LOW);
    if (is !== was) pin.irqStatus |= is ? EDGE_HIGH : EDGE_LOW;
    this.chip.updateIOInterrupt();
  }
}
