/** The flash: NOR, kept in a file, and cut in the middle of an operation. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Flash, FLASH_BYTES, PAGE_BYTES, PowerCut, SECTOR_BYTES } from '../../../host_tools/targets/rp2040js/flash.mjs';
import { readUf2 } from '../../../host_tools/targets/rp2040js/uf2.mjs';

const page = (value) => new Uint8Array(PAGE_BYTES).fill(value);

/** Runs something with the path of a file that is gone afterwards. */
function withFile(work) {
  const folder = mkdtempSync(join(tmpdir(), 'corten-flash-'));
  try {
    work(join(folder, 'flash'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('erasing sets bits, programming clears them', () => {
  const flash = new Flash();
  flash.program(SECTOR_BYTES, page(0xf0));
  flash.program(SECTOR_BYTES, page(0x3c));
  assert.equal(flash.bytes[SECTOR_BYTES], 0x30);
  flash.erase(SECTOR_BYTES, SECTOR_BYTES);
  assert.equal(flash.bytes[SECTOR_BYTES], 0xff);
});

test('an operation is a sector or a page', () => {
  const flash = new Flash();
  flash.erase(0, 3 * SECTOR_BYTES);
  flash.program(0, new Uint8Array(2 * PAGE_BYTES));
  assert.equal(flash.operations, 5);
});

test('it survives in its file', () =>
  withFile((file) => {
    const flash = new Flash({ file });
    flash.program(0x1000, page(0x55));
    flash.close();
    assert.equal(readFileSync(file).length, FLASH_BYTES);
    assert.equal(new Flash({ file }).bytes[0x1000], 0x55);
  }));

test('a power cut leaves half of an operation, in the file as well', () =>
  withFile((file) => {
    const flash = new Flash({ file, cutAfter: 2 });
    flash.program(0, page(0));
    assert.throws(() => flash.program(PAGE_BYTES, page(0)), PowerCut);
    const kept = readFileSync(file);
    assert.deepEqual([kept[PAGE_BYTES], kept[PAGE_BYTES + PAGE_BYTES / 2 - 1]], [0, 0]);
    assert.equal(kept[PAGE_BYTES + PAGE_BYTES / 2], 0xff);
  }));

test('firmware that is loaded erases the sectors that it covers, and no others', () => {
  const flash = new Flash();
  flash.program(0, page(0));
  flash.program(SECTOR_BYTES, page(0));
  flash.load(new Map([[0, page(0xa5)]]));
  assert.deepEqual([flash.bytes[0], flash.bytes[PAGE_BYTES], flash.bytes[SECTOR_BYTES]], [0xa5, 0xff, 0]);
  assert.equal(flash.operations, 2);
});

/** A UF2 file of one block. */
function uf2(words) {
  const file = new Uint8Array(512);
  const view = new DataView(file.buffer);
  const header = { 0: 0x0a324655, 4: 0x9e5d5157, 8: 0x2000, 12: 0x10000000, 16: 256, 24: 1, 28: 0xe48bff56, ...words };
  for (const [at, value] of Object.entries(header)) view.setUint32(Number(at), value, true);
  view.setUint32(508, 0x0ab16f30, true);
  return file;
}

const read = (file) => readUf2(file, 0x10000000, FLASH_BYTES);

test('a UF2 file is read by addresses', () => {
  assert.deepEqual([...read(uf2({ 12: 0x10001000 })).keys()], [0x1000]);
});

test('a block that is not for the flash is left out', () => {
  assert.equal(read(uf2({ 8: 1 })).size, 0);
});

test('a file that is none says so', () => {
  assert.throws(() => read(new Uint8Array(100)), /no multiple of 512/);
  assert.throws(() => read(uf2({ 0: 1 })), /block 0 has not the format's marks/);
  assert.throws(() => read(uf2({ 28: 0xe48bff59 })), /for another chip: its family is 0xe48bff59/);
  assert.throws(() => read(uf2({ 12: 0x20000000 })), /outside the flash, at 0x20000000/);
});
