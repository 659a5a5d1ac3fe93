"""Hardware is touched in one place, and addresses stand in chip files and register tables only."""

import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from host_tools import paths
from host_tools.registers.source import Library
from tests.host_tools.literals import Found, found_in, is_address

ROOT = paths.root()
FIRMWARE = paths.firmware_dir()
LIBRARY = Library(FIRMWARE)
FOLDERS = ("boards", "docs", "firmware", "host_tools", "tests")
SUFFIXES = (".py", ".c", ".h", ".ld", ".toml")
CHIPS = "boards/chips/"
ALLOWED = tomllib.loads(Path(__file__).with_name("address_literals.toml").read_text(encoding="utf-8"))["allowed"]
FILES = sorted(
    [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES], key=Path.as_posix
)


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def has_register_table(path: Path) -> bool:
    """Whether a module of the firmware defines blocks."""
    if path.suffix != ".py" or not path.is_relative_to(FIRMWARE):
        return False
    module = LIBRARY(".".join(path.relative_to(FIRMWARE).with_suffix("").parts))
    return module is not None and bool(module.lines)


def is_allowed(path: Path, found: Found, entry: dict[str, list[str]]) -> bool:
    named = any(PurePosixPath(short(path)).match(glob) or _below(path, glob) for glob in entry["paths"])
    return named and (found.text in entry["what"] or entry["what"] == ["*"])


def _below(path: Path, glob: str) -> bool:
    return glob.endswith("/**") and short(path).startswith(glob.removesuffix("**"))


def literals() -> Iterator[tuple[Path, Found]]:
    """All that is found outside of chip files and register tables."""
    for path in FILES:
        table = has_register_table(path)
        for found in found_in(path):
            if not short(path).startswith(CHIPS) and not (table and not found.is_access):
                yield path, found


LITERALS = list(literals())


def test_addresses_stand_in_chip_files_and_register_tables() -> None:
    wrong = [
        f"{short(path)}:{found.line}: {found.text}"
        for path, found in LITERALS
        if not any(is_allowed(path, found, entry) for entry in ALLOWED)
    ]
    assert wrong == [], "move it to boards/chips/*.toml, a register table, or explain it in address_literals.toml"


@pytest.mark.parametrize("entry", ALLOWED, ids=lambda entry: entry["paths"][0])
def test_what_is_allowed_is_there(entry: dict[str, list[str]]) -> None:
    assert any(is_allowed(path, found, entry) for path, found in LITERALS)


@pytest.mark.parametrize("digits", ["4000_5008", "E000ED08", "8000000", "1000_0000", "42080080", "50000000"])
def test_addresses(digits: str) -> None:
    assert is_address(digits)


@pytest.mark.parametrize("digits", ["FFFF_FFFF", "FFFF_0000", "3FFF_FFFF", "FF", "4_0000", "FF000000", "100000000"])
def test_masks_and_small_numbers_are_no_addresses(digits: str) -> None:
    assert not is_address(digits)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.py", "X = 0x4000_5008  # 0x4000_6000\n", [Found(1, "0x40005008")]),
        ("a.py", '"""At 0x4000_5008."""\nX = "mem32[0x40005008]"\n', [Found(2, "0x40005008"), Found(2, "mem32")]),
        ("a.py", 'def f():\n    """0x4000_5008."""\n    m = ptr32(4)\n', [Found(3, "ptr32")]),
        ("a.py", 'X = f"{0x40005008}"\n', [Found(1, "0x40005008")]),
        ("a.c", "/* 0x40005008\n */\nint *x = (int *)0x40005008u; // 0x40005008\n", [Found(3, "0x40005008")]),
        ("a.toml", "# 0x4000_5008\nbase = 0x4000_5008\n", [Found(2, "0x40005008")]),
        ("a.ld", "RAM : ORIGIN = 0x20000000\n", [Found(1, "0x20000000")]),
    ],
)
def test_what_is_found(tmp_path: Path, name: str, text: str, found: list[Found]) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert list(found_in(path)) == found
