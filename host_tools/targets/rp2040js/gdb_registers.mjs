/** The registers of an Armv6-M core as GDB numbers them, and what tells it so. */

const PC = 15;
const XPSR = 16;
/** From 17 on those that `mrs` reads, with their numbers there: Armv6-M Architecture Reference Manual, B5.1.1. */
const SPECIAL = { msp: 8, psp: 9, primask: 16, control: 20 };
const NUMBERS = Object.values(SPECIAL);

export const REGISTERS = XPSR + 1 + NUMBERS.length;

const general = Array.from({ length: 13 }, (_, number) => `<reg name="r${number}" bitsize="32"/>`).join('');
const special = Object.keys(SPECIAL)
  .map((name) => `<reg name="${name}" bitsize="32"${name.endsWith('sp') ? ' type="data_ptr"' : ''}/>`)
  .join('');

export const DESCRIPTION = `<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0">
<architecture>armv6s-m</architecture>
<feature name="org.gnu.gdb.arm.m-profile">${general}<reg name="sp" bitsize="32" type="data_ptr"/>
<reg name="lr" bitsize="32"/><reg name="pc" bitsize="32" type="code_ptr"/><reg name="xpsr" bitsize="32"/></feature>
<feature name="org.gnu.gdb.arm.m-system">${special}</feature></target>`;

/** @param {any} core @param {number} number @returns {number} */
export function readRegister(core, number) {
  if (number < XPSR) return core.registers[number];
  return (number === XPSR ? core.xPSR : core.readSpecialRegister(NUMBERS[number - XPSR - 1])) >>> 0;
}

/** @param {any} core @param {number} number @param {number} value */
export function writeRegister(core, number, value) {
  if (number === PC) {
    core.registers[PC] = value & ~1;
    core.waiting = false;
  } else if (number < PC) core.registers[number] = value;
  else if (number === XPSR) core.xPSR = value;
  else core.writeSpecialRegister(NUMBERS[number - XPSR - 1], value);
}
