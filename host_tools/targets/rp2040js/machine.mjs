/** One RP2040 with its flash and its pins: what is wired together here is reset together. */

import { Rom, ROM_BYTES } from './bootrom.mjs';
import { breakpoint, chipClass } from './chip.mjs';
import { Clock } from './clock.mjs';
import { SRAM_BASE, SRAM_BYTES } from './core.mjs';
import { Fault } from './fault.mjs';
import { RingOscillator } from './oscillator.mjs';
import { Pins } from './pins.mjs';
import { addProcessorRegisters } from './processor_bus.mjs';
import { Memory } from './registers.mjs';
import { Resets } from './resets.mjs';
import { QspiPins, Ssi } from './spi_flash.mjs';
import { Timer } from './timer.mjs';
import { Uart } from './uart.mjs';
import { Watchdog } from './watchdog.mjs';

const RESET_HZ = 125e6; // rp2040js's, until the firmware sets its clocks
const FIRST_TIMER_LINE = 0;
const FIRST_UART_LINE = 20;
const TEMPERATURE_CHANNEL = 4;
const TEMPERATURE_READING = 876; // 27 degrees Celsius: RP2040 datasheet, section 4.9.5

/** The page of each block that is ours, as rp2040js looks it up: its address, divided by 4096. */
const PAGE = {
  ssi: 0x18000,
  resets: 0x4000c,
  qspiPins: 0x40018,
  uarts: [0x40034, 0x40038],
  timer: 0x40054,
  watchdog: 0x40058,
  oscillator: 0x40060,
  regulator: 0x40064,
};
const RESET_BIT = { pins: 5, pads: 8, timer: 21, uarts: [22, 23] };

/**
 * @typedef {object} Outside what a machine is connected to
 * @property {import('./flash.mjs').Flash} flash
 * @property {[number, number][]} jumpers
 * @property {(index: number, byte: number) => void} uartSent
 * @property {(index: number) => void} uartReady a UART can receive a byte
 * @property {(pin: number, isHigh: boolean) => void} pinChanged
 * @property {(machine: Machine) => void} started a chip was made, after power-on or a reset
 * @property {(core: any) => boolean} stopAt a breakpoint was executed; whether a debugger takes it
 * @property {() => boolean} mayReset whether a reset of the chip by the firmware is followed
 * @property {(kind: import('./status.mjs').Kind, words: string) => void} end
 */

export class Machine {
  /**
   * @param {any} library the package rp2040js
   * @param {Outside} outside
   */
  constructor(library, outside) {
    this.outside = outside;
    this.flash = outside.flash;
    this.rom = new Rom();
    this.sram = new Uint8Array(SRAM_BYTES);
    this.Chip = chipClass(library);
    this.isResetting = false;
    /** Where a debugger stops the guest. @type {import('./stops.mjs').Stops | null} */
    this.stops = null;
    /** What is made anew at each start. @type {any} */
    this.chip = null;
    /** @type {any} */
    this.core = null;
    this.clock = new Clock(RESET_HZ);
    /** @type {Uart[]} */
    this.uarts = [];
    this.watchdog = /** @type {Watchdog} */ (/** @type {unknown} */ (null));
    this.pins = /** @type {Pins} */ (/** @type {unknown} */ (null));
  }

  /** As when the power comes, or the RUN pin is released. */
  powerOn() {
    this.start(null);
  }

  /** Makes the chip anew; what survives a reset is the flash, the SRAM, and the watchdog's scratch. @private */
  start(/** @type {Watchdog | null} */ before) {
    for (const pio of this.chip?.pio ?? []) pio.stop(); // it runs by a timer of the host's
    this.clock = new Clock(RESET_HZ);
    this.chip = new this.Chip(this.clock, this.flash.bytes, this.sram, this.rom.image);
    this.core = this.chip.core;
    this.clock.core = this.core;
    this.chip.addClockListener((/** @type {number} */ hz) => this.clock.setFrequency(hz));
    this.chip.onBreak = (/** @type {number} */ number) => {
      if (this.core.PC < ROM_BYTES) this.rom.call(this, number);
      else if (!this.outside.stopAt(this.core)) throw breakpoint(this.core, number);
    };
    this.addBlocks(before);
    this.core.reset();
    this.outside.started(this);
  }

  /** @private */
  addBlocks(/** @type {Watchdog | null} */ before) {
    const { chip, clock, core, outside } = this;
    const reset = () => this.requestReset();
    const ssi = new Ssi();
    this.watchdog = new Watchdog(clock, reset, before);
    const timer = new Timer(clock, (line, isHigh) => core.setInterrupt(FIRST_TIMER_LINE + line, isHigh));
    this.uarts = [0, 1].map((index) => this.makeUart(index, chip.uart[index].dreq));
    chip.uart = this.uarts;
    this.pins = new Pins(chip, outside.jumpers, outside.pinChanged, () => {
      for (const uart of this.uarts) uart.tellIfFree();
    });
    chip.adc.channelValues[TEMPERATURE_CHANNEL] = TEMPERATURE_READING;
    addProcessorRegisters(chip.ppb, core, reset);
    Object.assign(chip.peripherals, {
      [PAGE.ssi]: ssi,
      [PAGE.qspiPins]: new QspiPins(ssi),
      [PAGE.uarts[0]]: this.uarts[0],
      [PAGE.uarts[1]]: this.uarts[1],
      [PAGE.timer]: timer,
      [PAGE.watchdog]: this.watchdog,
      [PAGE.oscillator]: new RingOscillator(),
      [PAGE.regulator]: new Memory(),
      [PAGE.resets]: new Resets(
        new Map([
          [RESET_BIT.pins, () => this.pins.reset()],
          [RESET_BIT.timer, () => timer.reset()],
          [RESET_BIT.uarts[0], () => this.uarts[0].reset()],
          [RESET_BIT.uarts[1], () => this.uarts[1].reset()],
        ]),
      ),
    });
  }

  /** @private */
  makeUart(/** @type {number} */ index, /** @type {{rx: number, tx: number}} */ requests) {
    const { chip, clock, core, outside } = this;
    return new Uart({
      clock,
      clockHz: () => chip.clkPeri,
      interrupt: (isHigh) => core.setInterrupt(FIRST_UART_LINE + index, isHigh),
      request: (isReceive, isWanted) => {
        const request = isReceive ? requests.rx : requests.tx;
        if (isWanted) chip.dma.setDREQ(request);
        else chip.dma.clearDREQ(request);
      },
      isConnected: (isReceive) => this.pins.isUart(index, isReceive),
      send: (byte) => outside.uartSent(index, byte),
      ready: () => outside.uartReady(index),
    });
  }

  /** Executes instructions until the clock has something to do, the core waits, or the chip is to be reset. */
  run() {
    const { core, clock } = this;
    try {
      if (this.stops?.isNeeded) this.stops.run(core, clock);
      else core.run(clock);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const words = core.takeFault(error);
      if (words) this.end('fault', `HardFault: ${words}`);
    }
  }

  /** The firmware or the watchdog resets the chip; it happens at the end of the instruction. */
  requestReset() {
    this.isResetting = true;
    this.clock.endSlice();
  }

  /** Resets the chip if that was asked for. */
  resetIfAsked() {
    if (!this.isResetting) return;
    this.isResetting = false;
    if (this.outside.mayReset()) this.start(this.watchdog);
    else this.end('reset', 'the firmware reset the chip');
  }

  /** @param {import('./status.mjs').Kind} kind @param {string} words */
  end(kind, words) {
    this.clock.endSlice();
    this.outside.end(kind, words);
  }

  /** Sets bytes of memory. @param {number} address @param {number} value @param {number} count */
  fill(address, value, count) {
    const ram = this.ram(address, count);
    if (ram) ram.fill(value);
    else for (let index = 0; index < count; index++) this.core.writeUint8(address + index, value);
    this.core.cycles += count >> 2;
  }

  /** Copies memory that does not overlap. @param {number} target @param {number} source @param {number} count bytes */
  copy(target, source, count) {
    this.store(target, this.bytes(source, count));
    this.core.cycles += count >> 1;
  }

  /** @param {number} address @param {Uint8Array} data */
  store(address, data) {
    const ram = this.ram(address, data.length);
    if (ram) ram.set(data);
    else data.forEach((byte, index) => this.core.writeUint8(address + index, byte));
  }

  /** Bytes of memory, as the core would read them. @param {number} address @param {number} count */
  bytes(address, count) {
    const read = (/** @type {unknown} */ _, /** @type {number} */ at) => this.core.readUint8(address + at);
    return this.ram(address, count)?.slice() ?? Uint8Array.from({ length: count }, read);
  }

  /** A view of that range where all of it is SRAM. @private */
  ram(/** @type {number} */ address, /** @type {number} */ count) {
    const offset = address - SRAM_BASE;
    return offset < 0 || offset + count > SRAM_BYTES ? null : this.sram.subarray(offset, offset + count);
  }
}
