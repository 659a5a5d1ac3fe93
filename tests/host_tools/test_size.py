"""corten size: every byte is told, whose it is, what has changed, and a budget ends a build."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from host_tools.boards import load_board
from host_tools.build import Image
from host_tools.errors import FailedError
from host_tools.project import Budget
from host_tools.python_scopes import PythonScope, scopes
from host_tools.size import budget
from host_tools.size.image import measured
from host_tools.size.report import Piece, Report
from tests.host_tools.commands import Corten

APP = """
import micropython

NAMES = ("one", "two")

class Meter:
    def __init__(self):
        self.value = 0

    def read(self, raw):
        return [each * 2 for each in raw]

@micropython.asm_thumb
def asm_add(r0, r1):
    add(r0, r0, r1)

@micropython.viper
def viper_add(a: int, b: int) -> int:
    return a + b

later = lambda x: x + 1
"""


def test_pieces_are_all_of_the_image(image: Image) -> None:
    report = measured(image, None, print)
    words = subprocess.run(["arm-none-eabi-size", image.elf], capture_output=True, text=True, check=True).stdout.split()
    text, data, bss = (int(word) for word in words[6:9])
    assert report.flash == text + data
    assert report.ram + report.reserved == data + bss
    board = load_board(image.board.name)
    assert board.runtime
    assert report.reserved == board.runtime.heap + board.runtime.stack
    assert all(piece.flash >= 0 and piece.ram >= 0 for piece in report.pieces)
    unknown = sum(piece.flash for piece in report.pieces if piece.module == "(padding)" or piece.what == "other")
    assert unknown < report.flash / 50
    by_name = {(piece.module, piece.name) for piece in report.pieces}
    assert {("py/vm.o", "mp_execute_bytecode"), ("corten/irq.py", "Interrupt.bind")} <= by_name
    assert not [name for _, name in by_name if "_dot_py" in name]  # code without a name of its own


def test_functions_of_an_app(corten: Corten) -> None:
    corten.write("main.py", APP)
    ended = corten("size", "main.py", "--json")
    assert ended.status == 0, ended.err
    report = json.loads(ended.out)
    own = {(piece["name"], piece["what"]): piece["flash"] for piece in report["pieces"] if piece["module"] == "main.py"}
    for name in ("<module>", "Meter", "Meter.__init__", "Meter.read", "Meter.read.<listcomp>", "<lambda>"):
        assert own[name, "bytecode"] > 0
    assert own["asm_add", "machine code"] > 0
    assert own["viper_add", "machine code"] > 0
    shown = corten("size", "main.py", "--module", "main.py").out
    assert re.search(r"Meter\.read +bytecode +\d+ ", shown)
    assert f"flash {report['flash']} bytes of " in shown
    assert corten("size", "main.py", "--module", "no.py").status == 2


def test_what_changed_and_a_budget(corten: Corten) -> None:
    corten.write("main.py", APP)
    before = corten("size", "main.py", "--json").out
    corten.write("before.json", before)
    flash = json.loads(before)["flash"]
    corten.write("corten.toml", f'app = "main.py"\n[budget]\nflash = {flash + 40}\nram = "64K"\n')
    assert corten("build").status == 0
    corten.write(
        "main.py", APP + "\ndef more(a):\n    return a.one(2) + a.two(3) + a.one(4) + a.two(5) + a.three()\n" * 3
    )
    ended = corten("build")
    assert ended.status == 1
    found = re.fullmatch(
        r"corten: main for mps2_an385 takes (\d+) bytes of flash, (\d+) over its budget of (\d+)\n"
        r"  what grew since it was within: (.*)\n  fix: .*",
        ended.error,
    )
    assert found, ended.error
    assert int(found[1]) - int(found[2]) == int(found[3]) == flash + 40
    assert "main.py more +" in found[4]
    corten.write("corten.toml", 'app = "main.py"\n')
    changed = corten("size", "--against", "before.json", "--functions").out
    assert re.search(r"python +main\.py +more +\+\d+ +\+0", changed)
    assert f"flash +{int(found[1]) - flash} bytes, RAM +0" in changed
    wrong = corten("size", "--against", "main.py")
    assert wrong.status == 2
    assert "main.py is no report of sizes" in wrong.error


def test_a_kept_report_that_is_none_counts_for_nothing(tmp_path: Path) -> None:
    elf = tmp_path / "firmware.elf"
    elf.touch()
    (tmp_path / budget.KEPT).write_text("{", encoding="utf-8")
    limits = Budget(flash=10)
    assert not budget.is_checked(elf, limits)
    report = Report("mps2_an385", "main", (Piece("c", "py/vm.o", "run", "code", 11, 0),))
    with pytest.raises(FailedError, match=r"11 bytes of flash, 1 over its budget of 10\n  fix"):
        budget.check(report, limits, tmp_path)


def test_page_has_all_in_it(corten: Corten) -> None:
    corten.write("main.py", APP)
    page = corten.folder / "size.html"
    assert corten("size", "main.py", "--html", page).status == 0
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=|https?:|@import|fetch\(", text)
    data = re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.DOTALL)
    assert data
    assert json.loads(data[1])["app"] == "main"
    assert corten("size", "main.py", "--html", "no/such/page.html").status == 2


def names(scope: PythonScope) -> list[str]:
    return [scope.path, *(name for child in scope.children for name in names(child))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(a=lambda: 1): pass", ["<lambda>", "f"]),
        ("@g(lambda: 1)\ndef f():\n    def h(): pass", ["<lambda>", "f", "f.h"]),
        ("class A(B(lambda: 0)):\n    def f(self): pass", ["A", "A.f", "<lambda>"]),
        ("x = [f(lambda: y) for y in (lambda: z)()]", ["<listcomp>", "<listcomp>.<lambda>", "<lambda>"]),
        ("while (lambda: 1)():\n    x = {y for y in z}", ["<setcomp>", "<lambda>"]),
    ],
)
def test_functions_come_in_the_order_of_the_compiler(text: str, expected: list[str]) -> None:
    assert names(scopes(text))[1:] == expected
