"""The image is made of lowered modules, and the emulated board does with them what the source says."""

import json
import re
from pathlib import Path

from tests.host_tools.commands import Corten

APP = """\
from corten.register import Array, Block, Field, Reg

class Scratch(Block):
    CTRL = Reg(0x00, reset=0x100, EN=Field(0), MODE=Field(4, 3), TOP=Field(31))
    FIELDS = Reg(0x04, F=Field(0, 2, count=16))
    BYTES = Array(Reg(0x08, width=8), count=4, stride=1)

SCRATCH = Scratch(0x2100_0000)

def change(mode, index):
    SCRATCH.CTRL.write(EN=1, MODE=1)
    SCRATCH.CTRL.modify(MODE=mode, TOP=1)
    SCRATCH.FIELDS.write(0)
    SCRATCH.FIELDS.F[index].set(mode & 3)
    SCRATCH.BYTES[index & 3].write(mode)
    return SCRATCH.CTRL.read(), SCRATCH.CTRL.TOP.get(), SCRATCH.FIELDS.F[index].get(), SCRATCH.BYTES[index & 3].read()

print(change(6, 15))
try:
    change(8, 15)
except ValueError as error:
    print(error)
try:
    change(1, 16)
except IndexError as error:
    print(error)
SCRATCH.CTRL.modify(
    MODE=7,
); raise KeyError(SCRATCH.CTRL.MODE.get())
"""
PRINTED = """\
(2147484001, 1, 2, 6)
Scratch.CTRL.MODE is 3 bits wide, 8 does not fit
Scratch.FIELDS.F has the elements 0 to 15, not 16
Traceback (most recent call last):
  File "main.py", line 29, in <module>
KeyError: 7
"""


def test_the_board_does_lowered_what_the_source_says(corten: Corten) -> None:
    corten.write("registers.py", APP)
    ended = corten("run", "registers.py")
    assert ended.out.replace("\r", "") == PRINTED
    folder = Path(corten.env["CORTEN_BUILD"], "mps2_an385", "registers")
    assert "_mem32[0x2100_0000] = 0x111\n" in (folder / "lowered" / "main.py").read_text(encoding="utf-8")


def test_no_lower_leaves_the_modules_as_they_are(corten: Corten) -> None:
    corten.write("unlowered.py", APP)
    folder = Path(corten.env["CORTEN_BUILD"], "mps2_an385", "unlowered")
    assert corten("build", "unlowered.py").status == 0
    lowered = (folder / "firmware.elf").read_bytes()
    assert corten("build", "unlowered.py", "--no-lower").status == 0
    assert not (folder / "lowered").exists()
    assert (folder / "firmware.elf").read_bytes() != lowered


def test_explain_says_what_became_of_each_access(corten: Corten) -> None:
    corten.write(
        "explained.py",
        "from corten.register import Block, Reg\n"
        "class Scratch(Block):\n    CTRL = Reg(0)\n"
        "SCRATCH = Scratch(0x2100_0000)\n"
        "SCRATCH.CTRL.write(1)\n"
        "def f(scratch):\n    scratch.CTRL.write(1)\n",
    )
    ended = corten("build", "explained.py", "--explain")
    assert ended.status == 0
    assert ended.out.splitlines()[:4] == [
        "explained.py:5: SCRATCH.CTRL.write(1)",
        "    _mem32[0x2100_0000] = 1",
        "explained.py:7: scratch.CTRL.write(1)",
        "    kept: scratch is a parameter",
    ]
    assert re.match(
        r"\d+ accesses lowered, 1 kept(; \d+ kept in Corten's own modules, which --all shows)?",
        ended.out.splitlines()[-1],
    )
    found = json.loads(corten("build", "explained.py", "--explain", "--json").out)["accesses"]
    assert found[0] == {
        "file": str(corten.folder / "explained.py"),
        "line": 5,
        "column": 0,
        "source": "SCRATCH.CTRL.write(1)",
        "result": "_mem32[0x2100_0000] = 1",
        "reason": None,
    }
    assert {Path(access["file"]).name for access in found} >= {"explained.py", "irq.py", "uart_cmsdk.py"}


def test_explain_says_that_nothing_was_kept(corten: Corten) -> None:
    assert " accesses lowered, none kept" in corten("build", "demo", "--explain").out.splitlines()[-1]


def test_what_can_only_fail_fails_the_build(corten: Corten) -> None:
    corten.write(
        "wrong.py",
        "from corten.register import RO, Block, Reg\n"
        "class Scratch(Block):\n    STATUS = Reg(0, RO)\n"
        "SCRATCH = Scratch(0x2100_0000)\n"
        "SCRATCH.STATUS.write(1)\n",
    )
    ended = corten("build", "wrong.py")
    assert ended.status == 2
    assert ended.error.startswith(f"corten: {corten.folder}/wrong.py:5: Scratch.STATUS is read-only\n  fix: ")


def test_an_error_of_the_compiler_names_the_source(corten: Corten) -> None:
    corten.write(
        "assembly.py",
        "import micropython\n"
        "from corten.register import Block, Reg\n"
        "class Scratch(Block):\n    CTRL = Reg(0)\n"
        "Scratch(0x2100_0000).CTRL.write(1)\n"
        "@micropython.asm_thumb\ndef f():\n    no_such_instruction(r0)\n",
    )
    ended = corten("build", "assembly.py")
    assert ended.status == 1
    assert ended.error.startswith(f"corten: {corten.folder}/assembly.py:8: does not compile: ")
