/** UF2 files: blocks of 512 bytes, each with its own address; specified in github.com/microsoft/uf2. */

const BLOCK_BYTES = 512;
const FIRST_MAGIC = 0x0a324655;
const SECOND_MAGIC = 0x9e5d5157;
const LAST_MAGIC = 0x0ab16f30;
const NOT_MAIN_FLASH = 0x00000001;
const HAS_FAMILY = 0x00002000;
const RP2040_FAMILY = 0xe48bff56;
const DATA_OFFSET = 32;
const MAX_DATA_BYTES = 476;

/**
 * The data of a UF2 file by offset in the flash.
 * @param {Uint8Array} file
 * @param {number} base address of the flash
 * @param {number} size of the flash in bytes
 * @returns {Map<number, Uint8Array>}
 * @throws {Error} that says what is wrong with the file
 */
export function readUf2(file, base, size) {
  if (!file.length || file.length % BLOCK_BYTES) throw new Error('not a UF2 file: its length is no multiple of 512');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const blocks = new Map();
  for (let at = 0; at < file.length; at += BLOCK_BYTES) {
    const [first, second, flags, address, length, , , family] = Array.from({ length: 8 }, (_, index) =>
      view.getUint32(at + 4 * index, true),
    );
    const which = `block ${at / BLOCK_BYTES}`;
    if (first !== FIRST_MAGIC || second !== SECOND_MAGIC || view.getUint32(at + BLOCK_BYTES - 4, true) !== LAST_MAGIC)
      throw new Error(`not a UF2 file: ${which} has not the format's marks`);
    if (flags & NOT_MAIN_FLASH) continue;
    if (flags & HAS_FAMILY && family !== RP2040_FAMILY)
      throw new Error(`a UF2 file for another chip: its family is 0x${family.toString(16)}, the RP2040's 0xe48bff56`);
    if (length > MAX_DATA_BYTES || address < base || address + length > base + size)
      throw new Error(`${which} of the UF2 file lies outside the flash, at 0x${address.toString(16)}`);
    blocks.set(address - base, file.slice(at + DATA_OFFSET, at + DATA_OFFSET + length));
  }
  return blocks;
}
