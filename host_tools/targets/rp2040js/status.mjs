/** How a run of the emulator can end, with the exit status that says so; the kinds are those of targets/base.py. */

/** @typedef {'stopped' | 'reset' | 'wrong' | 'fault' | 'power cut' | 'boot loader'} Kind */

/** @type {Record<Kind, number>} */
const STATUS = { stopped: 0, reset: 0, wrong: 2, fault: 70, 'power cut': 71, 'boot loader': 72 };

/** Ends the process; the last line on standard error says why. @param {Kind} kind @param {string} words */
export function exit(kind, words) {
  process.stderr.write(`${JSON.stringify({ kind, words })}\n`);
  process.exit(STATUS[kind]);
}
