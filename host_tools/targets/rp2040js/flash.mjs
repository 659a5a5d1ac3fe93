/**
 * A NOR flash of 2 MiB that survives: erasing makes sectors all ones, programming clears bits of pages.
 *
 * An operation is the erasure of one sector or the programming of one page, as the chip does them. With `cutAfter`, the
 * power fails in the middle of that operation, counted from 1: its first half is done.
 */

import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';

export const FLASH_BYTES = 2 * 1024 * 1024;
export const SECTOR_BYTES = 4096;
export const PAGE_BYTES = 256;
const ERASED = 0xff;

/** Thrown in the middle of an operation: nothing of the guest may run after it. */
export class PowerCut extends Error {}

export class Flash {
  /** @param {{file?: string | null, cutAfter?: number | null}} options the file that it is kept in */
  constructor({ file = null, cutAfter = null } = {}) {
    this.bytes = new Uint8Array(FLASH_BYTES);
    this.cutAfter = cutAfter;
    this.operations = 0;
    this.bytes.fill(ERASED);
    /** @type {number | null} */
    this.descriptor = null;
    if (file !== null) {
      if (existsSync(file)) this.bytes.set(readFileSync(file).subarray(0, FLASH_BYTES));
      else writeFileSync(file, this.bytes);
      this.descriptor = openSync(file, 'r+');
    }
  }

  /** Erases the sectors that a range touches. @param {number} offset @param {number} count bytes */
  erase(offset, count) {
    for (let sector = offset - (offset % SECTOR_BYTES); sector < offset + count; sector += SECTOR_BYTES) {
      this.operate(sector, SECTOR_BYTES, (size) => this.bytes.fill(ERASED, sector, sector + size));
    }
  }

  /** Programs the pages from `offset` on: a bit that is 0 stays 0. @param {number} offset @param {Uint8Array} data */
  program(offset, data) {
    for (let done = 0; done < data.length; done += PAGE_BYTES) {
      this.operate(offset + done, Math.min(PAGE_BYTES, data.length - done), (size) => {
        for (let index = done; index < done + size; index++) this.bytes[offset + index] &= data[index];
      });
    }
  }

  /** Puts bytes there as a boot loader does: no operation of the guest's. The rest of their sectors is erased. */
  load(/** @type {Map<number, Uint8Array>} */ blocks) {
    const sectors = new Set([...blocks.keys()].map((offset) => offset - (offset % SECTOR_BYTES)));
    for (const sector of sectors) this.bytes.fill(ERASED, sector, sector + SECTOR_BYTES);
    for (const [offset, data] of blocks) this.bytes.set(data, offset);
    if (sectors.size) this.save(0, FLASH_BYTES);
  }

  close() {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
  }

  /** @private */
  operate(
    /** @type {number} */ offset,
    /** @type {number} */ size,
    /** @type {(size: number) => void} does that many bytes of it */ work,
  ) {
    this.operations++;
    const isCut = this.operations === this.cutAfter;
    work(isCut ? size / 2 : size);
    this.save(offset, size);
    if (isCut) throw new PowerCut(`the power was cut in flash operation ${this.operations}`);
  }

  /** @private */
  save(/** @type {number} */ offset, /** @type {number} */ size) {
    if (this.descriptor !== null) writeSync(this.descriptor, this.bytes, offset, size, offset);
  }
}
