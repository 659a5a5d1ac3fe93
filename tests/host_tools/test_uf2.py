"""UF2 files: what is written, what is read, and what is said of files that are wrong."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tools import uf2
from host_tools.errors import FailedError, UsageError

FAMILY = 0xE48BFF56
FLASH = 0x1000_0000


def block(number: int = 0, count: int = 1, address: int = FLASH, payload: bytes = b"\x5a" * 256, **more: int) -> bytes:
    """One block of a file, field by field as the format has it."""
    flags, family, size = more.get("flags", 0x2000), more.get("family", FAMILY), more.get("size", len(payload))
    start, second, end = more.get("start", 0x0A324655), more.get("second", 0x9E5D5157), more.get("end", 0x0AB16F30)
    header = struct.pack("<8I", start, second, flags, address, size, number, count, family)
    return header + payload.ljust(476, b"\0") + struct.pack("<I", end)


def test_file_is_as_the_format_says() -> None:
    made = uf2.write([(FLASH, b"\x11" * 256), (FLASH + 256, b"\x22" * 3)], FAMILY)
    assert made == (block(0, 2, FLASH, b"\x11" * 256) + block(1, 2, FLASH + 256, b"\x22" * 3 + b"\0" * 253))
    assert made[:4] == b"UF2\n"


def test_chunk_in_the_middle_of_a_page_is_padded_on_both_sides() -> None:
    assert uf2.write([(FLASH + 250, b"\x33" * 10)], FAMILY) == (
        block(0, 2, FLASH, b"\0" * 250 + b"\x33" * 6) + block(1, 2, FLASH + 256, b"\x33" * 4 + b"\0" * 252)
    )


@given(
    parts=st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=700)), min_size=1, max_size=5),
    base=st.integers(0, (1 << 32) - 20_000),
    family=st.integers(0, (1 << 32) - 1),
)
def test_what_is_written_is_read_again(parts: list[tuple[int, bytes]], base: int, family: int) -> None:
    chunks, address = [], base
    for gap, data in parts:
        chunks.append((address + gap, data))
        address += gap + len(data)
    if not any(data for _, data in chunks):
        with pytest.raises(FailedError, match="the image is empty"):
            uf2.write(chunks, family)
        return
    image = uf2.read(uf2.write(reversed(chunks), family))
    first = image.start
    memory = image.memory(first, image.end - first)
    assert image.family == family
    assert all(memory[place - first : place - first + len(data)] == data for place, data in chunks if data)
    assert all(place % 256 == 0 and len(data) == 256 for place, data in image.blocks)
    touched = {byte // 256 for place, data in chunks for byte in range(place, place + len(data))}
    assert {place // 256 for place, _ in image.blocks} == touched


def test_chunks_that_overlap_are_refused() -> None:
    with pytest.raises(FailedError, match="two parts of the image lie at 0x10000010"):
        uf2.write([(FLASH, bytes(17)), (FLASH + 16, b"1")], FAMILY)


def test_what_the_file_leaves_out_stays_erased() -> None:
    image = uf2.read(block(1, 2, FLASH + 512) + block(0, 2, FLASH))
    assert (image.start, image.end) == (FLASH, FLASH + 768)
    assert image.memory(FLASH, 1024) == b"\x5a" * 256 + b"\xff" * 256 + b"\x5a" * 256 + b"\xff" * 256


@pytest.mark.parametrize(("base", "size"), [(FLASH + 1, 1024), (FLASH, 255), (0, 1024)])
def test_image_outside_of_the_flash_is_refused(base: int, size: int) -> None:
    with pytest.raises(UsageError, match=r"writes 0x10000000 to 0x10000100, the flash is .*\n  fix: use an image"):
        uf2.read(block()).memory(base, size)


def test_blocks_that_are_not_for_flash_are_left_out() -> None:
    extra = block(0, 9, 0, b"comment", flags=0x1)
    assert uf2.read(extra + block() + extra).blocks == ((FLASH, b"\x5a" * 256),)


def test_family_need_not_be_there() -> None:
    assert uf2.read(block(flags=0)).family is None


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "no UF2 file: 0 bytes are no multiple of 512, or none"),
        (block()[:-1], "no UF2 file: 511 bytes are no multiple of 512, or none"),
        (bytes(512), "no UF2 file: byte 0 starts no block of one"),
        (block(0, 2) + block(1, 2, FLASH + 256, start=1), "no UF2 file: byte 512 starts no block of one"),
        (block(second=0), "no UF2 file: byte 0 starts no block of one"),
        (block(end=0), "no UF2 file: byte 0 starts no block of one"),
        (block(flags=0x3000), "the UF2 file holds files, not an image of flash"),
        (block(size=0), "block 0 of the UF2 file says that it has 0 bytes"),
        (block(size=477), "block 0 of the UF2 file says that it has 477 bytes"),
        (block(address=(1 << 32) - 255), "block 0 of the UF2 file ends behind the last address"),
        (block(flags=1), "the UF2 file has no block for flash"),
        (block(0, 2) + block(1, 2, FLASH + 256, family=7), "the UF2 file is for several chips at once"),
        (block(0, 2) + block(1, 3, FLASH + 256), "the blocks of the UF2 file disagree on how many they are"),
        (block(0, 2) + block(0, 2), "the UF2 file has block 0 twice"),
        (block(0, 3) + block(2, 3, FLASH + 256), "the UF2 file is not whole: it lacks block 1 of 3"),
        (block(0, 2), "the UF2 file is not whole: it lacks block 1 of 2"),
        (block(0, 1) + block(1, 1, FLASH + 256), "the UF2 file is not whole: it has a block 1 of 1"),
        (block(0, 2) + block(1, 2, FLASH + 255), "the UF2 file writes 0x100000ff twice"),
    ],
)
def test_wrong_file_is_told_with_its_cause(data: bytes, cause: str) -> None:
    with pytest.raises(UsageError) as caught:
        uf2.read(data)
    assert caught.value.message == cause
    assert caught.value.fix


@given(st.binary(max_size=3).map(lambda data: data * 512))
def test_no_bytes_end_in_another_error(data: bytes) -> None:
    with pytest.raises(UsageError):
        uf2.read(data)


@given(st.data())
def test_one_wrong_byte_never_moves_what_is_written(data: st.DataObject) -> None:
    good = uf2.write([(FLASH, bytes(range(256)) * 3)], FAMILY)
    place, value = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(0, 255))
    changed = good[:place] + bytes([value]) + good[place + 1 :]
    try:
        image = uf2.read(changed)
    except UsageError:
        return
    offset = place % 512
    in_an_address, in_flags, in_the_family = 12 <= offset < 16, 8 <= offset < 12, 28 <= offset < 32
    same = [here for here, _ in image.blocks] == [FLASH, FLASH + 256, FLASH + 512]
    assert same or in_an_address or changed == good
    assert (image.family == FAMILY) or in_flags or in_the_family
