"""Which files are read as images, and which images are refused for a board."""

import struct
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tools.errors import UsageError
from host_tools.flashers import checks, dfuse, intel_hex
from host_tools.flashers.image_file import ImageFile, read
from tests.host_tools.flashing import BASE, SIZE, STACK, board, image, image_bytes


def hex_record(kind: int, offset: int, data: bytes) -> str:
    record = bytes([len(data), *offset.to_bytes(2, "big"), kind]) + data
    return f":{(record + bytes([-sum(record) & 0xFF])).hex().upper()}"


def hex_file(base: int, data: bytes) -> str:
    lines = []
    for at in range(0, len(data), 16):
        if (base + at) & 0xFFFF == 0 or at == 0:
            lines.append(hex_record(4, 0, (base + at >> 16).to_bytes(2, "big")))
        lines.append(hex_record(0, base + at & 0xFFFF, data[at : at + 16]))
    return "\n".join([*lines, hex_record(1, 0, b"")]) + "\n"


def dfu_file(data: bytes, vendor: int = 0x0483, product: int = 0xDF11) -> bytes:
    return dfuse.write(dfuse.DfuFile(vendor, product, 0, ((BASE, data),)), "test")


@pytest.mark.parametrize("name", ["app.bin", "app.hex", "app.dfu", "APP.HEX"])
def test_every_format_gives_the_same_image(tmp_path: Path, name: str) -> None:
    data = image_bytes(size=70_000)
    kind = name.lower().rpartition(".")[2]
    content = {"bin": data, "hex": hex_file(BASE, data).encode(), "dfu": dfu_file(data)}[kind]
    found = image(tmp_path, content, name)
    assert (found.chunks, found.start, found.end) == (((BASE, data),), BASE, BASE + len(data))
    checks.check(board(), found)


def test_what_is_between_chunks_is_as_erased(tmp_path: Path) -> None:
    text = hex_file(BASE, b"abcd").splitlines()[:-1] + hex_file(BASE + 8, b"ef").splitlines()
    assert image(tmp_path, "\n".join(text).encode(), "app.hex").flat() == b"abcd\xff\xff\xff\xffef"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("app.txt", b"x", "no image that is known here"),
        ("app.bin", b"", "it writes nothing"),
        ("app.hex", b":00000001FE\n", "line 1: its checksum is wrong"),
        ("app.hex", b"hello\n", "line 1: no record of Intel HEX"),
        ("app.hex", b":0100000041BE\n", "it ends without an end record"),
        ("app.hex", b":0100000041BE\n:0100000042BD\n:00000001FF\n", "it writes 0x00000000 twice"),
        ("app.hex", b"\xff\xfe", "ordinal not in range"),
        ("app.dfu", b"DfuSe", "it is too short"),
        ("app.elf", b"\x7fELF", "no 32-bit ELF file"),
        ("app.uf2", b"UF2\n" * 128, "no UF2 file"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        image(tmp_path, content, name)
    assert caught.value.message.startswith(str(tmp_path / name))


@pytest.mark.parametrize("size", [60, 300, 5083])
def test_a_file_that_is_cut_off_is_no_image(tmp_path: Path, size: int) -> None:
    data = image_bytes()
    header = struct.pack("<16s2H5I6H", b"\x7fELF\x01\x01", 2, 40, 1, BASE, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    whole = header + struct.pack("<8I", 1, 84, BASE, BASE, len(data), len(data), 5, 4) + data
    assert image(tmp_path, whole, "app.elf").chunks == ((BASE, data),)
    with pytest.raises(UsageError, match="cut off or damaged"):
        image(tmp_path, whole[:size], "app.elf")


def test_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        read(tmp_path / "none.bin", BASE)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (image_bytes(stack=0), "its stack would begin at 0x00000000, where the chip has no RAM"),
        (image_bytes(stack=STACK + 2), "its stack would begin at"),
        (image_bytes(stack=0x2002_0000), "its stack would begin at"),
        (image_bytes(reset=BASE + 0x100), "its reset handler would be at 0x08000100, where it has no code"),
        (image_bytes(reset=BASE + SIZE + 1), "its reset handler would be at"),
        (b"\xff" * 100, "its stack would begin at"),
        (b"short", "it has no vector table at 0x08000000"),
        (image_bytes(build="corten:b_l475e_iot01a:0123456789abcdef"), "it was built for b_l475e_iot01a"),
        (image_bytes(size=(1 << 20) + 1), "it writes 0x08000000 to 0x08100000, the board's flash is"),
    ],
)
def test_wrong_image(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=f"is no image for nucleo_l476rg: {why}"):
        checks.check(board(), image(tmp_path, data))


def test_image_of_another_device_or_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it is for the USB device 2e8a:0003, the boot loader is 0483:df11"):
        checks.check(board(), image(tmp_path, dfu_file(image_bytes(), 0x2E8A, 0x0003), "app.dfu"))
    with pytest.raises(UsageError, match="it writes 0x10000000 to"):
        checks.check(board(), image(tmp_path, hex_file(0x1000_0000, image_bytes()).encode(), "app.hex"))


def test_uf2_for_a_chip_that_takes_none(tmp_path: Path) -> None:
    found = replace(image(tmp_path), format="uf2", family=0xE48B_FF56)
    with pytest.raises(UsageError, match="its UF2 blocks have family 0xe48bff56, the chip's is none"):
        checks.check(board(), found)


def test_build_is_found_in_an_image(tmp_path: Path) -> None:
    build = "corten:nucleo_l476rg:0123456789abcdef"
    assert checks.build_of(image(tmp_path, image_bytes(build=build))) == build
    assert checks.build_of(image(tmp_path)) is None


CHUNKS = st.lists(st.tuples(st.integers(0, 1 << 31), st.binary(min_size=1, max_size=40)), min_size=1, max_size=5)


@settings(deadline=None)
@given(elements=CHUNKS, vendor=st.integers(0, 0xFFFF), alternate=st.integers(0, 255))
def test_dfu_files_read_back(elements: list[tuple[int, bytes]], vendor: int, alternate: int) -> None:
    file = dfuse.DfuFile(vendor, 1, alternate, tuple(elements))
    assert dfuse.read(dfuse.write(file, "a target")) == file


@settings(deadline=None)
@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_damaged_dfu_file_is_never_read(at: int, bit: int) -> None:
    data = bytearray(dfu_file(b"some firmware"))
    data[at % len(data)] ^= 1 << bit
    with pytest.raises(ValueError, match=r"no DfuSe|CRC|target|element"):
        dfuse.read(bytes(data))


@settings(deadline=None)
@given(data=st.binary(max_size=600))
def test_no_bytes_upset_the_readers(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        dfuse.read(data)
    with pytest.raises(ValueError, match=r"."):
        intel_hex.read(data.decode("latin-1"))


def test_layout_of_a_dfu_file() -> None:
    """The bytes of UM0391's tables, written down by hand."""
    data = dfuse.write(dfuse.DfuFile(0x0483, 0xDF11, 2, ((BASE, b"abc"),)), "x")
    prefix = b"DfuSe\x01" + (11 + 274 + 8 + 3).to_bytes(4, "little") + b"\x01"
    target = b"Target\x02" + b"\x01\0\0\0" + b"x".ljust(255, b"\0") + (11).to_bytes(4, "little") + b"\x01\0\0\0"
    element = b"\0\0\0\x08" + b"\x03\0\0\0" + b"abc"
    suffix = b"\xff\xff\x11\xdf\x83\x04\x1a\x01UFD\x10"
    assert data[:-4] == prefix + target + element + suffix


def test_image_is_a_value() -> None:
    file = ImageFile(Path("x.bin"), "bin", ((BASE, b"ab"),))
    assert (file.at(BASE, 2), file.at(BASE + 1, 2), file.at(BASE - 1, 1), file.size) == (b"ab", None, None, 2)
