"""corten svd with what is no description, or a wrong one: an error with its cause and fix, soon, and no file."""

import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from host_tools.errors import CortenError, UsageError
from host_tools.svd import generate
from host_tools.svd.parser import load
from host_tools.svd.patch import apply
from host_tools.svd.read import Chip
from tests.host_tools.commands import Corten

FOLDER = Path(__file__).parent / "svd"
SMALL = FOLDER / "small.svd"
TEXT = SMALL.read_text(encoding="utf-8")
SOON_S = 5.0  # of the processor: a hang is what is looked for

LAUGHS = (
    "<!DOCTYPE device [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {new} '{f'&{old};' * 100}'>" for old, new in zip("abcdefg", "bcdefgh", strict=True))
    + "]>"
)
EXTERNAL = "<!DOCTYPE device [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"


def replaced(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


WRONG = {
    "truncated": (TEXT[: len(TEXT) // 2], "not XML"),
    "empty": ("", "not XML"),
    "no XML": ("GPIOA = 0x4002_0000\n", "not XML"),
    "another root": ("<package></package>", "its root is <package>"),
    "no peripherals": ("<device><name>X</name></device>", "describes no peripheral"),
    "billion laughs": (f"{LAUGHS}<device><name>&h;</name></device>", "chip.svd"),
    "external entity": (f"{EXTERNAL}<device><name>&a;</name></device>", "declares a document type"),
    "circle of peripherals": (
        replaced("<peripheral>\n      <name>GPIOA", "<peripheral derivedFrom='GPIOB'>\n      <name>GPIOA"),
        "derives from itself, through GPIOA",
    ),
    "circle of registers": (
        replaced("<register><name>CCR1", '<register derivedFrom="CCR2"><name>CCR1'),
        "DMA1.CCR1: derives from itself, through CCR1",
    ),
    "nothing to derive from": (
        replaced('derivedFrom="CCR1"', 'derivedFrom="CCR9"'),
        "derives from CCR9, which there is not",
    ),
    "many elements": (replaced("<dim>4</dim>", "<dim>1000000000</dim>"), "an array of 1000000000 elements"),
    "a long index": (
        replaced("<dimIndex>A,B", "<dimIndex>0-999999999"),
        "dimIndex 0-999999999 is too long",
    ),
    "negative elements": (replaced("<dim>4</dim>", "<dim>-4</dim>"), "an array of -4 elements"),
    "short index": (replaced("<dimIndex>A,B", "<dimIndex>A"), "2 elements and 1 in its dimIndex"),
    "negative size": (replaced("<size>64</size>", "<size>-64</size>"), "MIX.COUNT: is -64 bits wide"),
    "odd size": (replaced("<size>64</size>", "<size>24</size>"), "MIX.COUNT: is 24 bits wide"),
    "negative offset": (
        replaced("<addressOffset>0x14<", "<addressOffset>-4<"),
        "GPIOA.ODR: offset -0x4 is outside of 32 bits of address",
    ),
    "unaligned": (
        replaced("<addressOffset>0x14<", "<addressOffset>0x15<"),
        "GPIOA.ODR: 32 bits at offset 0x15 are not aligned",
    ),
    "unaligned peripheral": (
        replaced("0x40026000", "0x40026001"),
        "DMA1: its registers need an address that is a multiple of 4, not 0x40026001",
    ),
    "unaligned cluster": (
        replaced("<addressOffset>0x40<", "<addressOffset>0x41<"),
        "MIX.CH[%s]: its registers at offset 0x41 are not aligned",
    ),
    "overlapping fields": (replaced("[3:2]", "[3:1]"), "GPIOA.MODER: the fields MODE0 and MODE1 overlap"),
    "overlapping elements": (
        replaced("<dimIncrement>4</dimIncrement><name>BUF", "<dimIncrement>2</dimIncrement><name>BUF"),
        "MIX.BUF[%s]: its elements overlap, as they are 2 bytes apart",
    ),
    "field outside": (replaced("[3:2]", "[33:32]"), "field MODE1 lies outside of the register's 32 bits"),
    "field without a place": (replaced("<bitRange>[3:2]</bitRange>", ""), "GPIOA.MODER.MODE1: has no place"),
    "wrong range": (replaced("[3:2]", "3..2"), "peripheral GPIOA: cannot be read"),
    "nameless peripheral": (replaced("<name>GPIOA</name>", ""), "a peripheral without a name"),
    "nameless register": (replaced("<name>ODR</name>", ""), "GPIOA: a register or cluster has no name"),
    "nameless field": (replaced("<name>OD0</name>", ""), "GPIOA.ODR: a field has no name"),
    "twice the same peripheral": (replaced("<name>DMA1", "<name>GPIOA"), "a second peripheral is called GPIOA"),
    "no base address": (replaced("<baseAddress>0x40026000</baseAddress>", ""), "peripheral DMA1: has no baseAddress"),
    "unknown access": (replaced("write-only", "write-maybe"), "there is no access 'write-maybe'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_description(corten: Corten, case: str) -> None:
    text, message = WRONG[case]
    path = corten.write("chip.svd", text)
    ended = corten("svd", "generate", path, "-o", "registers")
    assert ended.status == 2
    assert message in ended.error
    assert "\n  fix: " in ended.error
    assert "root:" not in ended.error
    assert not (corten.folder / "registers").exists()


def test_other_encodings(corten: Corten) -> None:
    path = corten.folder / "chip.svd"
    path.write_bytes(TEXT.replace("A port", "Ein Tör").encode("latin-1"))
    assert "not XML" in corten("svd", "show", path).error
    path.write_bytes(TEXT.replace("utf-8", "ISO-8859-1").replace("A port", "Ein Tör").encode("latin-1"))
    assert "Ein Tör" in corten("svd", "show", path).out


def test_no_file(corten: Corten) -> None:
    assert "is a folder" in corten("svd", "show", corten.folder).error
    assert "there is no such file" in corten("svd", "show", "none.svd").error


PATCHES = {
    "unknown peripheral": ("NONE:\n  _modify: {ODR: {size: 16}}\n", "matches nothing: NONE"),
    "unknown register": ("GPIOA:\n  _modify: {NONE: {size: 16}}\n", "matches nothing: NONE"),
    "unknown register to delete": ("GPIOA:\n  _delete: [ODR, NONE]\n", "matches nothing: NONE"),
    "unknown field": ("GPIOA:\n  ODR:\n    _modify: {NONE: {description: x}}\n", "matches nothing: NONE"),
    "nothing to strip": ("GPIOA:\n  _strip: [NONE_]\n", "matches nothing: NONE_"),
    "unknown peripheral to delete": ("_delete: [NONE]\n", "matches nothing: NONE"),
    "derived peripheral": ("GPIOB:\n  _modify: {ODR: {size: 16}}\n", "GPIOB derives from GPIOA"),
    "already there": ("GPIOA:\n  _add: {ODR: {addressOffset: 0}}\n", "already has a register ODR"),
    "no YAML": ("GPIOA: [\n", "not a patch in YAML"),
    "no mapping": ("- GPIOA\n", "not a patch"),
    "wrong shape": ("GPIOA: 3\n", "not a patch"),
    "includes nothing": ("_include: [none.yaml]\nGPIOA: {}\n", "none.yaml"),
}


@pytest.mark.parametrize("case", PATCHES)
def test_wrong_patch(tmp_path: Path, case: str) -> None:
    text, message = PATCHES[case]
    path = tmp_path / "patch.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((UsageError, OSError), match=message) as error:
        apply(load(SMALL), path, print)
    assert str(tmp_path) in str(error.value)


def test_rules_may_be_optional(tmp_path: Path) -> None:
    path = tmp_path / "patch.yaml"
    path.write_text('"?~NONE":\n  _modify: {ODR: {size: 16}}\nGPIOA:\n  _modify: {ODR: {size: 16}}\n', encoding="utf-8")
    tree = load(SMALL)
    apply(tree, path, print)
    assert Chip(tree, "small.svd").block("GPIOA").registers[1].width == 16


VALUES = (
    "",
    "0",
    "1",
    "-1",
    "3",
    "33",
    "65",
    "1000000000",
    "0xFFFFFFFF",
    "0x100000000",
    "[0:5]",
    "%s",
    "GPIOA",
    "MIX.CH",
    "é\t",
)


def mutated(seed: int, steps: int) -> bytes:
    """The small description with some of its elements deleted, doubled, renamed or with another value."""
    chance = random.Random(seed)
    tree = etree.fromstring(TEXT.encode())
    for _ in range(steps):
        mutate(chance.choice([each for each in tree.iter() if each.getparent() is not None]), chance)
    return etree.tostring(tree)


def mutate(element: Any, chance: random.Random) -> None:
    match chance.randrange(5):
        case 0:
            element.getparent().remove(element)
        case 1:
            element.getparent().append(etree.fromstring(etree.tostring(element)))
        case 2:
            element.text = chance.choice(VALUES)
        case 3:
            element.set("derivedFrom", chance.choice(["GPIOA", "MIX", "CCR1", "MIX.CH", "ODR", "GPIOA.ODR.OD0"]))
        case 4:
            element.tag = chance.choice(["dim", "register", "cluster", "field", "name", "size"])


@settings(
    derandomize=True, max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 1 << 30), st.integers(1, 6))
def test_only_errors_on_purpose_come_of_any_description(tmp_path: Path, seed: int, steps: int) -> None:
    path = tmp_path / "chip.svd"
    path.write_bytes(mutated(seed, steps))
    started = time.process_time()
    try:
        made = generate.modules(Chip(load(path), path.name))
    except CortenError:
        pass
    else:
        for name, text in made.items():
            compile(text, name, "exec")
    assert time.process_time() - started < SOON_S
