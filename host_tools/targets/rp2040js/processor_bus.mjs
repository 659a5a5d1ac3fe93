/** The core's own registers that rp2040js lacks: resets by the program, clearing of pending interrupts, waits. */

const NVIC_ICPR = 0x280; // Armv6-M Architecture Reference Manual, sections B3.2 and B3.4
const AIRCR = 0xd0c;
const SCR = 0xd10;
const CCR = 0xd14;
const KEY = 0x05fa;
const KEY_READ = 0xfa050000;
const SYSRESETREQ = 1 << 2;
const CCR_VALUE = 0x208; // the stack is aligned, unaligned accesses fault

/**
 * @param {any} ppb rp2040js's private peripheral bus
 * @param {any} core ours
 * @param {() => void} reset restarts the chip
 */
export function addProcessorRegisters(ppb, core, reset) {
  const { readUint32, writeUint32 } = ppb;
  let isUnknown = false;
  ppb.warn = () => (isUnknown = true);

  ppb.readUint32 = (/** @type {number} */ offset) => {
    if (offset === AIRCR) return KEY_READ;
    if (offset === SCR) return core.systemControl;
    if (offset === CCR) return CCR_VALUE;
    isUnknown = false;
    const value = readUint32.call(ppb, offset);
    return isUnknown ? 0 : value; // what is reserved reads as zero
  };

  ppb.writeUint32 = (/** @type {number} */ offset, /** @type {number} */ value) => {
    if (offset === NVIC_ICPR) core.clearPending(value);
    else if (offset === SCR) core.systemControl = value & 0x16;
    else if (offset === AIRCR) {
      if (value >>> 16 === KEY && value & SYSRESETREQ) reset();
    } else writeUint32.call(ppb, offset, value);
  };
}
