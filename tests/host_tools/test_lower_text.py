"""What accesses are lowered to, what is kept and why, and what is refused."""

import ast
from pathlib import Path

import pytest

from host_tools import paths
from host_tools.errors import UsageError
from host_tools.lower import lower
from tests.host_tools.lowering import FILES, IMPORTS, line, lowered, notes, reasons

OWNER = """\
class C:
    def __init__(self):
        self.r = GPIOA
    def f(self):
        self.r.MODER.write(1)
"""
A, ODR, FLAGS = "_mem32[0x4002_0000]", "_mem32[0x4002_0014]", "_mem32[0x4002_0034]"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("x = GPIOA.MODER.read()", f"x = {A} & 0xFFFF_FFFF"),
        ("x = GPIOA.MODER.read() & 0x10", f"x = {A} & 0x10"),
        ("x = 0x10 & GPIOA.MODER.read()", f"x = 0x10 & {A}"),
        ("x = GPIOA.MODER.read() >> 4", f"x = ({A} & 0xFFFF_FFFF) >> 4"),
        ("x = GPIOA.DATA.read() + 1", "x = _mem8[0x4002_0030] + 1"),
        ("x = GPIOA.HALF.read()", "x = _mem16[0x4002_0032]"),
        ("x = GPIOA.MODER.MODE5.get()", f"x = {A} >> 10 & 3"),
        ("x = GPIOA.MODER.MODE0.get()", f"x = {A} & 3"),
        ("x = GPIOA.MODER.MODE15.get()", f"x = {A} >> 30 & 3"),
        ("x = GPIOA.HALF.TOP.get()", "x = _mem16[0x4002_0032] >> 12"),
        ("x = GPIOA.WORD.ALL.get()", "x = _mem32[0x4002_003C] & 0xFFFF_FFFF"),
        ("if GPIOA.IDR.ID3.get(): pass", "if _mem32[0x4002_0010] & 8: pass"),
        ("while not GPIOA.STATUS.RXNE.get(): pass", "while not _mem32[0x4002_0038] & 0x20: pass"),
        ("GPIOA.MODER.write(5)", f"{A} = 5"),
        ("GPIOA.MODER.write(0xFFFF_FFFF)", f"{A} = -1"),
        ("GPIOA.MODER.write()", f"{A} = 0xABFF_FFFF"),
        ("GPIOA.BSRR.write(BS5=1)", "_mem32[0x4002_0018] = 0x20"),
        ("GPIOA.MODER.modify(MODE5=Mode.OUTPUT)", f"{A} = {A} & ~0x800 | 0x400"),
        ("GPIOA.MODER.modify(MODE5=3)", f"{A} |= 0xC00"),
        ("GPIOA.MODER.modify(MODE5=0)", f"{A} &= ~0xC00"),
        ("GPIOA.MODER.modify(MODE15=0)", f"{A} &= 0x3FFF_FFFF"),
        ("GPIOA.MODER.modify(MODE5=v & 3)", f"{A} = (v & 3) << 10 | {A} & ~0xC00"),
        (
            "GPIOA.MODER.modify(MODE5=v)",
            f"{A} = {A} & ~0xC00 | v << 10 if not v >> 2 else GPIOA.MODER.modify(MODE5=v)",
        ),
        (
            "GPIOA.MODER.modify(MODE5=o())",
            f"_v = o(); {A} = {A} & ~0xC00 | _v << 10 if not _v >> 2 else GPIOA.MODER.modify(MODE5=_v)",
        ),
        ("GPIOA.FLAGS.modify(ON=1)", f"{FLAGS} = {FLAGS} & ~1 | 0x102"),
        ("GPIOA.FLAGS.write(ON=1)", f"{FLAGS} = 0x102"),
        ("GPIOA.MODER.MODE5.toggle()", f"{A} ^= 0xC00"),
        ("GPIOA.ODR.OD[i & 15].set(1)", f"_i = i & 15; _s = _i; {ODR} |= 1 << _s"),
        ("GPIOA.ODR.set(0x20)", f"{ODR} |= 0x20"),
        ("GPIOA.ODR.clear(1 << 5)", f"{ODR} &= ~0x20"),
        ("GPIOA.ODR.toggle(0x8000_0000)", f"{ODR} ^= 0x8000_0000"),
        ("atomic(GPIOA.ODR).set(1 << 5)", "_mem32[0x4002_0018] = 0x20"),
        ("atomic(GPIOA.ODR).clear(1 << 5)", "_mem32[0x4002_0018] = 0x20_0000"),
        ("atomic(GPIOA.MODER).set(1 << 15)", "_mem32[0x4240_003C] = 1"),
        ("atomic(PADS.CTRL).toggle(1)", "_mem32[0x4001_D004] = 1"),
        ("atomic(SIO.OUT).set(0xC000_0001)", "_mem32[0x4003_0014] = -0x3FFF_FFFF"),
        ("atomic(SIO.OUT).clear(4)", "_mem32[0x4003_0018] = 4"),
        ("atomic(SIO.OUT).toggle(4)", "_mem32[0x4003_001C] = 4"),
        ("x = GPIOA.ODR.encode(OD1=1)", "x = 2"),
        ("x = GPIOA.ODR.address | GPIOA.MODER.MODE5.mask", "x = 0x4002_0014 | 0xC00"),
        ("x = GPIOA.AFR[1].read() & 1", "x = _mem32[0x4002_0024] & 1"),
        (
            "GPIOA.AFR[i].write(3)",
            "_mem32[(0x4002_0020, 0x4002_0024)[i] if not i >> 1 else GPIOA.AFR[i].address] = 3",
        ),
        ("for k in range(2): GPIOA.AFR[k].write(3)", "for k in range(2): _mem32[(0x4002_0020, 0x4002_0024)[k]] = 3"),
        ("x = GPIOA.CH[2].CCR.PL.get()", "x = _mem32[0x4002_0068] >> 4 & 3"),
    ],
)
def test_an_access_becomes_what_an_expert_writes(statement: str, expected: str) -> None:
    assert line(statement) == expected


@pytest.mark.parametrize(
    ("setup", "statement", "expected"),
    [
        ("port = GPIOA", "port.MODER.MODE0.set(3)", f"{A} |= 3"),
        ("moder = GPIOA.MODER", "moder.MODE0.set(3)", f"{A} |= 3"),
        ("n = v & 3", "GPIOA.MODER.modify(MODE0=n)", f"{A} = {A} & ~3 | n"),
        ("from stm32.gpioa import GPIOA as P", "P.MODER.MODE0.set(3)", f"{A} |= 3"),
        ("made = Gpio(v)", "made.ODR.set(1)", "_mem32[made.ODR.address] |= 1"),
        ("made = Gpio(v)", "made.CH[2].CCR.modify(PL=1)", ""),
    ],
)
def test_names_that_are_bound_once_are_followed(setup: str, statement: str, expected: str) -> None:
    expected = expected or "_a = made.CH[2].CCR.address; _mem32[_a] = _mem32[_a] & ~0x20 | 0x10"
    assert line(statement, setup=setup) == expected


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(port):\n    port.MODER.write(1)", "port is a parameter"),
        ("def f(v):\n    port = GPIOA\n    if v: port = v\n    port.MODER.write(1)", "port is bound more than once"),
        (
            "def f(v):\n    if v: port = GPIOA\n    port.MODER.write(1)",
            "not bound in one place that always comes before",
        ),
        ("def f():\n    x = GPIOA.MODER.write(1)", "part of an expression"),
        ("def f(v):\n    GPIOA.MODER.modify(MODE1=(v := 1))", "a value in it assigns a name"),
        ("def f(**v):\n    GPIOA.MODER.modify(**v)", "its fields are known on the chip only"),
        ("def f(v):\n    atomic(GPIOA.ODR).set(v)", "its mask is known on the chip only"),
        ("def f(v):\n    Gpio(v).MODER.write(1)", "the block is made in the expression"),
        ("def f(v):\n    return f'{GPIOA.MODER.read()}'", "inside an f-string"),
        ("def f():\n    GPIOA.MODER.write(1)  # corten: keep", "'# corten: keep'"),
        ("class C:\n    GPIOA.MODER.write(GPIOA.HALF.x)", "in the body of a class"),
        ("P = GPIOA\nP = 1\ndef f():\n    P.MODER.write(1)", "P is bound more than once"),
        ("P = GPIOA\ndef f():\n    P.MODER.write(1)\ndef g():\n    global P\n    P = 1", "P is bound more than once"),
        ("P = GPIOA\nglobals()['P'] = 1\ndef f():\n    P.MODER.write(1)", "names that its source does not show"),
        ("GPIOA.MODER = None\ndef f():\n    GPIOA.MODER.write(1)", "MODER is assigned at main.py:"),
        ("stm32.gpioa.GPIOA = None\ndef f():\n    GPIOA.MODER.write(1)", "GPIOA is assigned at main.py:"),
        ("setattr(board, 'GPIOA', 1)\ndef f():\n    GPIOA.MODER.write(1)", "GPIOA is assigned at main.py:"),
        ("from x import *\ndef f():\n    GPIOA.MODER.write(1)", "names that its source does not show"),
        ("@micropython.viper\ndef f():\n    GPIOA.MODER.write(1)", "a compiler of its own"),
        (
            "try:\n    GPIOA.MODER.write(-1)\nexcept ValueError:\n    pass",
            "it always fails: Gpio.MODER is 32 bits wide, -1",
        ),
        ("f = lambda: GPIOA.IDR.write(1)", "part of an expression"),
        (
            "class C:\n    def __init__(self):\n        self.r = GPIOA\n"
            "    def f(self):\n        self.r.MODER.write(1)\n    def g(self, r):\n        self.r = r",
            "r is assigned more than once in C",
        ),
        (
            f"{OWNER}class D(C):\n    def g(self, r):\n        self.r = r",
            "r is assigned more than once in C",
        ),
        (
            f"{OWNER}def g(c):\n    c.r = 1",
            "r is assigned at main.py:",
        ),
        (
            "class C:\n    def __init__(self, v):\n        if v:\n            self.r = GPIOA\n"
            "    def f(self):\n        self.r.MODER.write(1)",
            "no plain assignment in __init__",
        ),
        (
            "class Own(Gpio):\n    def __init__(self, base):\n        super().__init__(base + 4)\n"
            "OWN = Own(0)\ndef f():\n    OWN.MODER.write(1)",
            "Own has its own __init__",
        ),
    ],
)
def test_what_is_not_known_for_certain_is_kept(source: str, reason: str) -> None:
    main = IMPORTS + source + "\n"
    made = lowered(main)
    assert [note.reason for note in made.notes if note.result is None and reason in (note.reason or "")], made.notes
    assert not made.is_changed


def test_a_name_of_another_module_that_is_assigned_there_is_kept() -> None:
    main = "from other import PORT\nPORT.MODER.write(1)\n"
    other = "from stm32.gpioa import GPIOA\nPORT = GPIOA\n"
    assert reasons(main, other=other) == []
    assert reasons(main, other=f"{other}PORT = 1\n") == ["PORT is bound more than once"]


def test_modules_that_import_each_other_do_not_matter() -> None:
    main = "from other import PORT\nPORT.MODER.write(1)\n"
    assert reasons(main, other="from main import PORT\n") == ["PORT is bound to itself"]


@pytest.mark.parametrize(
    ("statement", "message", "fix"),
    [
        ("GPIOA.IDR.write(1)", "Gpio.IDR is read-only", "write another register"),
        ("GPIOA.IDR.modify(ID3=1)", "Gpio.IDR.ID3 is read-only", "write another field"),
        ("x = GPIOA.BSRR.read()", "Gpio.BSRR is write-only", "read another register"),
        ("GPIOA.BSRR.modify(BS1=1)", "Gpio.BSRR is write-only", "use write"),
        ("GPIOA.MODER.modify(MODE5=4)", "Gpio.MODER.MODE5 is 2 bits wide, 4 does not fit", "correct the value"),
        ("GPIOA.HALF.write(1 << 16)", "Gpio.HALF is 16 bits wide, 65536 does not fit", "correct the value"),
        ("GPIOA.MODER.modify(MOD5=1)", "Gpio.MODER has no field MOD5", "did you mean MODE5"),
        ("GPIOA.MODR.write(1)", "Gpio has no register MODR", "did you mean MODER"),
        ("GPIOA.MODER.MODE99.get()", "Gpio.MODER has no field MODE99", "did you mean MODE9"),
        ("GPIOA.AFR[2].read()", "Gpio.AFR has the elements 0 to 1, not 2", "correct the index"),
        ("GPIOA.MODER.get('MODE5')", "Gpio.MODER has no get", "MODER.FIELD.get()"),
        ("GPIOA.MODER.write(1, MODE5=1)", "write takes a value or fields, not both", "give one of them"),
        ("atomic(GPIOA.ODR).toggle(1)", "Gpio.ODR has no atomic toggle", "hold `critical`"),
        ("atomic(GPIOA.FLAGS).set(1)", "Gpio.FLAGS has no atomic form", "hold `critical`"),
        ("atomic(SIO.OE).toggle(1)", "Sio.OE has no atomic toggle", "hold `critical`"),
        ("atomic(GPIOA.MODER).set(3)", "a bit-band access changes one bit, not 3", "one bit at a time"),
    ],
)
def test_what_can_only_fail_fails_the_build(statement: str, message: str, fix: str) -> None:
    with pytest.raises(UsageError) as raised:
        line(statement)
    assert raised.value.message.startswith("/app/main.py:10: ")
    assert message in raised.value.message
    assert raised.value.fix
    assert fix in raised.value.fix
    assert "# corten: keep" in raised.value.fix


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ('"""Doc."""\n', '"""Doc."""; from machine import mem32 as _mem32\n'),
        ('"""Doc\nstring."""  # why\n', '"""Doc\nstring."""; from machine import mem32 as _mem32  # why\n'),
        (
            "from __future__ import annotations\n",
            "from __future__ import annotations; from machine import mem32 as _mem32\n",
        ),
        ("import time\n", "from machine import mem32 as _mem32; import time\n"),
        ("# Comment.\nif 1:\n    pass\n", "from machine import mem32 as _mem32  # Comment.\nif 1:\n    pass\n"),
        ("_mem32 = 1\n", "from machine import mem32 as _mem32_; _mem32 = 1\n"),
    ],
)
def test_memory_is_imported_on_a_line_that_is_there(top: str, expected: str) -> None:
    text = lowered(f"{top}from stm32.gpioa import GPIOA\nGPIOA.MODER.write(1)\n").text
    assert text.startswith(expected)
    assert text.count("\n") == top.count("\n") + 2


def test_a_module_without_a_place_for_the_import_is_kept() -> None:
    main = "if 1:\n    from stm32.gpioa import GPIOA\nfrom stm32.gpioa import GPIOA as P\nP.MODER.write(1)\n"
    made = lowered(main)
    assert not made.is_changed
    assert [note.result for note in made.notes] == [None]


def test_text_outside_ascii_does_not_move_what_is_replaced() -> None:
    main = "from stm32.gpioa import GPIOA\nx = 'Übergrößenträger'; GPIOA.MODER.write(1); y = 'ß'\n"
    assert lowered(main).text.splitlines()[1] == f"x = 'Übergrößenträger'; {A} = 1; y = 'ß'"


def test_a_module_that_does_not_parse_is_left_to_the_compiler() -> None:
    made = lowered("def f(:\n")
    assert (made.text, made.notes) == ("def f(:\n", ())


@pytest.mark.parametrize("mark", ["property", "x.setter", "micropython.native"])
def test_decorators_that_leave_the_object_alone_are_known(mark: str) -> None:
    main = f"{IMPORTS}{OWNER}    @{mark}\n    def g(self):\n        self.r.MODER.write(1)\n"
    assert [note.result for note in notes(main)] == [f"{A} = 1"] * 2


def test_a_method_with_another_decorator_may_be_given_any_object() -> None:
    main = f"{IMPORTS}{OWNER}    @staticmethod\n    def g(self):\n        self.r.MODER.write(1)\n"
    assert reasons(main) == ["self is a parameter"]


def test_notes_say_where_and_what() -> None:
    (note,) = notes("from stm32.gpioa import GPIOA\nx = 1 + GPIOA.MODER.read()\n")
    assert (note.file, note.line, note.column, note.source) == ("main.py", 2, 8, "GPIOA.MODER.read()")
    assert (note.result, note.reason) == (f"({A} & 0xFFFF_FFFF)", None)


CONFIGURE = {
    "corten/stm32_usart.py",
    *(f"corten/drivers/{name}.py" for name in ("uart_stm32_v1", "uart_stm32_v2", "uart_pl011")),
    *(f"corten/drivers/{name}.py" for name in ("exti_stm32_l4", "gpio_rp2040", "gpio_nrf51")),
    *(f"corten/drivers/{name}.py" for name in ("timer_rp2040", "flash_stm32_l4")),
}
"""What brings devices into a state by blocks or fields that the version or the options decide, on the chip only."""


def test_every_module_of_the_firmware_keeps_its_lines_and_its_drivers_are_lowered() -> None:
    folder = paths.firmware_dir() / "corten"
    sources = {f"corten/{path.relative_to(folder)}": path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}
    made = lower(sources | FILES)
    for file, text in sources.items():
        new = made[file].text
        ast.parse(new)
        assert new.count("\n") == text.count("\n")
        kept = [note for note in made[file].notes if note.result is None]
        assert bool(kept) == (file in CONFIGURE), (file, kept)
    for name in ("uart_cmsdk", "timer_cmsdk", "timer_stm32_v1", "fpgaio"):
        text = made[f"corten/drivers/{name}.py"].text
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
        left = [ast.unparse(each) for each in calls if ".address" not in ast.unparse(each)]
        assert not [each for each in left if each.endswith((".read()", ".get()", ".write(0)"))], name
    assert not made["corten/register.py"].is_changed
    assert Path(folder, "register.py").read_text(encoding="utf-8") == made["corten/register.py"].text
