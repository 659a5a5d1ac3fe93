"""Functions marked @hot: what their accesses become, in which lines, and what is refused."""

import subprocess
from pathlib import Path

import pytest

from host_tools import mpy_cross
from host_tools.errors import UsageError
from host_tools.lower import lower

HEAD = '''"""Registers of every kind."""
from corten.atomic import atomic
from corten.critical import critical
from corten.hot import hot
from corten.register import ALIASES, BIT_BAND, RO, W0C, W1C, WO, Array, Block, Cluster, Field, Reg
class Mode:
    OUT = 1
class Channel(Block):
    CCR = Reg(0, EN=Field(0), PL=Field(12, 2))
class Timer(Block):
    ATOMIC = BIT_BAND
    SET_RESET = {"ODR": "BSRR"}
    CR1 = Reg(0x00, reset=0x80, CEN=Field(0), CKD=Field(8, 2), ARPE=Field(7))
    CNT = Reg(0x04)
    SR = Reg(0x08, UIF=Field(0, access=W0C), UP=Field(3), BUSY=Field(4, access=RO), DONE=Field(5, access=W1C))
    ODR = Reg(0x0C, OD=Field(0, count=16))
    BSRR = Reg(0x10, WO, BS=Field(0, count=16), BR=Field(16, count=16))
    MODER = Reg(0x14, MODE=Field(0, 2, count=16, values=Mode), TOP=Field(30, 2, access=RO) if False else 0)
    HALF = Reg(0x1A, width=16, LOW=Field(0, 8), HIGH=Field(8, 8))
    BYTE = Reg(0x1C, width=8)
    WIDE = Reg(0x20, LOW=Field(0, 31), TOP=Field(31))
    FAR = Reg(0x200)
    CH = Array(Cluster(Channel, 0x40), count=7, stride=20)
    CCR = Array(Reg(0x34), count=2, stride=4)
class Aliased(Block):
    ATOMIC = ALIASES
    CTRL = Reg(0x04, EN=Field(0))
TIMER = Timer(0x4000_0400)
ALIASED = Aliased(0x1000_4000)
LIMIT = 5
'''.replace(", TOP=Field(30, 2, access=RO) if False else 0", "")
LINES = HEAD.count("\n")


def lowered(source: str) -> str:
    return lower({"main.py": HEAD + source})["main.py"].text


def results(body: str, parameters: str = "v: int, i: int, u: uint") -> list[str]:
    """What each access in a hot function's body became."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    found = lower({"main.py": f"{HEAD}@hot\ndef f({parameters}):\n{lines}\n\n"})["main.py"].notes
    return [note.result or f"kept: {note.reason}" for note in found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("return TIMER.CNT.read()", "uint(_p0[0])"),
        ("return TIMER.HALF.read()", "_p0[0]"),
        ("return TIMER.CR1.CKD.get()", "_p0[0] >> 8 & 3"),
        ("return TIMER.CR1.CEN.get()", "_p0[0] & 1"),
        ("return TIMER.HALF.HIGH.get()", "_p0[0] >> 8"),
        ("return TIMER.WIDE.TOP.get()", "int(uint(_p0[0]) >> 31)"),
        ("while not TIMER.CR1.ARPE.get():\n    pass", "_p0[0] & 128"),
        ("TIMER.CNT.write(0)", "_p0[0] = 0"),
        ("TIMER.CNT.write(u)", "_p0[0] = u"),
        ("TIMER.CNT.write(v)", "TIMER.CNT.write(v) if int(v) < 0 else None; _p0[0] = v"),
        ("TIMER.CNT.write(0xFFFF_FFFE)", "_p0[0] = -2"),
        ("TIMER.CNT.write(0x8000_0000)", "_p0[0] = _k0"),
        ("TIMER.CR1.write(CEN=1)", "_p0[0] = 129"),
        ("TIMER.BYTE.write(v & 0xFF)", "_p0[0] = v & 255"),
        ("TIMER.BYTE.write(v > 3)", "_p0[0] = int(v > 3)"),
        ("TIMER.CR1.modify(CKD=2)", "_p0[0] = _p0[0] & -257 | 512"),
        ("TIMER.CR1.modify(CEN=1)", "_p0[0] = _p0[0] | 1"),
        ("TIMER.CR1.modify(CEN=0)", "_p0[0] = _p0[0] & -2"),
        ("TIMER.CR1.CEN.toggle()", "_p0[0] = _p0[0] ^ 1"),
        ("TIMER.CR1.CKD.clear()", "_p0[0] = _p0[0] & -769"),
        ("TIMER.CR1.set(0x81)", "_p0[0] = _p0[0] | 129"),
        ("TIMER.SR.modify(UP=1)", "_p0[0] = _p0[0] & -33 | 9"),
        ("TIMER.SR.write(UIF=0)", "_p0[0] = 0"),
        (
            "TIMER.CR1.modify(CEN=1, CKD=v)",
            "TIMER.CR1.modify(CEN=1, CKD=v) if v & -4 else None; _p0[0] = _p0[0] & -769 | v << 8 | 1",
        ),
        ("TIMER.MODER.MODE3.set(Mode.OUT)", "_p0[0] = _p0[0] & -129 | 64"),
        ("TIMER.MODER.modify(MODE0=LIMIT - 4)", "_p0[0] = _p0[0] & -3 | 1"),
        (
            "TIMER.MODER.MODE[i & 15].set(1)",
            "_v0 = (i & 15) * 2; _p0[0] = _p0[0] & ~(3 << _v0) | 1 << _v0",
        ),
        ("TIMER.CCR[1].write(7)", "_p0[0] = 7"),
        ("TIMER.CCR[i].write(7)", "TIMER.CCR[i] if uint(i) >= uint(2) else None; _p0[i] = 7"),
        ("for k in range(7):\n    TIMER.CH[k].CCR.modify(EN=1)", "_p0[k * 5] = _p0[k * 5] | 1"),
        ("for k in range(u):\n    TIMER.CNT.write(k)", "_p0[0] = k"),
        ("return TIMER.CCR[i].read()", "uint(TIMER.CCR[i].read()) if uint(i) >= uint(2) else uint(_p0[i])"),
        ("atomic(TIMER.ODR).set(1 << 5)", "_p0[0] = 32"),
        ("atomic(TIMER.ODR).clear(TIMER.ODR.OD5.mask)", "_p0[0] = 2097152"),
        ("atomic(TIMER.CR1).set(0x80)", "_p0[0] = 1"),
        ("atomic(ALIASED.CTRL).toggle(v)", "atomic(ALIASED.CTRL).toggle(v) if int(v) < 0 else None; _p0[0] = v"),
        ("u = TIMER.CR1.encode(CEN=1)", "uint(129)"),
    ],
)
def test_access(source: str, expected: str) -> None:
    assert results(source) == [expected]


def test_values_are_read_before_the_register_is() -> None:
    assert results("TIMER.CR1.modify(CKD=TIMER.BYTE.read() & 3)") == [
        "_p1[0]",
        "_v0 = _p1[0] & 3; _p0[0] = _p0[0] & -769 | _v0 << 8",
    ]


def test_element_is_looked_for_before_the_arguments_are_evaluated() -> None:
    assert results("TIMER.CCR[i].write(TIMER.BYTE.read())") == [
        "_p1[0]",
        "TIMER.CCR[i] if uint(i) >= uint(2) else None; _v0 = _p1[0]; _p0[i] = _v0",
    ]


def test_what_raises_reads_no_register_again() -> None:
    assert results("TIMER.CR1.modify(CKD=TIMER.BYTE.read())") == [
        "_p1[0]",
        "_v0 = _p1[0]; TIMER.CR1.modify(CKD=_v0) if _v0 & -4 else None; _p0[0] = _p0[0] & -769 | _v0 << 8",
    ]


def test_large_numbers_are_handed_over_unsigned() -> None:
    text = lowered("@hot\ndef f(other):\n    other(0xFFFF_FFFF)\n    return 0x8000_0000\n\n")
    assert "other(uint(-1))" in text
    assert "def f(other) -> uint:" in text


def test_method_that_is_marked_has_its_own_registers() -> None:
    driver = "class Driver:\n    def __init__(self, base):\n        self._registers = Timer(base)\n\n"
    text = lowered(f"{driver}    @hot\n    def f(self):\n        self._registers.CNT.write(1)\n\n")
    assert "_p0 = ptr32(uint(self._registers.CNT.address))\n        _p0[0] = 1" in text


def test_lock_around_accesses_alone_needs_no_finally() -> None:
    text = lowered("@hot\ndef f():\n    with critical:\n        TIMER.CNT.write(1)\n\n\n")
    assert "try" not in text
    assert text.index("_c0 = 721420289") < text.index("_p0[0] = 1") < text.index("_c0 ^ 721420290")


def test_lock_is_left_when_its_body_raises() -> None:
    text = lowered("@hot\ndef f(v: int):\n    with critical:\n        TIMER.CR1.modify(CKD=v)\n\n\n")
    assert "try:" in text
    assert text.index("finally:") < text.index("_c0 ^ 721420290")


def test_lines_behind_stay_where_they_are() -> None:
    function = '@hot\ndef f(v: int):\n    """Doc.\n\n    More.\n    """\n    for _ in range(v):\n        # why\n'
    source = f"{function}        TIMER.CR1.modify(CEN=1, CKD=v & 3)\n\n\nraise ValueError\n"
    text = lowered(source)
    assert text.splitlines().index("raise ValueError") == (HEAD + source).splitlines().index("raise ValueError")


def test_function_that_fills_its_lines_is_packed() -> None:
    source = (
        "@hot\ndef f(v: int):\n    for _ in range(v):\n        TIMER.CR1.modify(CEN=1, CKD=v)\n\n@hot\ndef g(): pass\n"
    )
    text = lowered(source)
    assert text.count("\n") == (HEAD + source).count("\n")


def test_unsigned_results_are_returned_as_such() -> None:
    assert "def f() -> uint:" in lowered("@hot\ndef f() -> int:\n    return TIMER.CNT.read()\n\n")
    assert "def f() -> int:" in lowered("@hot\ndef f():\n    return TIMER.BYTE.read()\n\n")
    both = lowered("@hot\ndef f() -> int:\n    last = 0\n    last = TIMER.CNT.read()\n    return last\n\n")
    assert "last = uint(0)" in both


def test_everything_compiles(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """What is made of all the accesses above is what the viper emitter takes."""
    sources = [case.values[0] for case in _cases(test_access)]
    functions = []
    for number, source in enumerate(sources):
        lines = "".join(f"    {line}\n" for line in str(source).splitlines())
        functions.append(f"@hot\ndef f{number}(v: int, i: int, u: uint):\n{lines}\n\n")
    path = tmp_path / "main.py"
    path.write_text(lowered("".join(functions)), encoding="utf-8")
    program = mpy_cross.find("1.25.0", lambda _: None)
    ended = subprocess.run(
        [program, "-march=armv6m", "-o", tmp_path / "main.mpy", path], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def _cases(test: object) -> list[object]:
    marks = test.pytestmark  # type: ignore[attr-defined]
    return [pytest.param(*case) for case in marks[0].args[1]]


@pytest.mark.parametrize(
    ("function", "line", "words"),
    [
        ("def f():\n    yield 1", 3, "viper cannot compile yield"),
        ("def f(a=1):\n    pass", 2, "viper cannot compile a default value"),
        ("def f(*a):\n    pass", 2, "viper cannot compile a default value, * or /"),
        ("def f():\n    return [x for x in ()]", 3, "viper cannot compile a comprehension"),
        ("def f():\n    def g(): pass", 3, "viper cannot compile a function inside"),
        ("def f():\n    x = 1.5", 3, "viper cannot compile a floating-point number"),
        ("def f(v):\n    TIMER.CNT.write(v)", 3, "viper does not know that v is an integer"),
        (
            "def f(v):\n    last = 0\n    last = v.get()",
            4,
            "last is an integer, and viper does not know that v.get() is one",
        ),
        ("def f(v):\n    TIMER.CCR[v].write(1)", 3, "viper does not know that v is an integer"),
        ("def f():\n    TIMER.SR.BUSY.set(1)", 3, "Timer.SR.BUSY is read-only"),
        ("def f():\n    return TIMER.BSRR.read()", 3, "Timer.BSRR is write-only"),
        ("def f():\n    TIMER.CR1.modify(CKD=4)", 3, "Timer.CR1.CKD is 2 bits wide, 4 does not fit"),
        ("def f():\n    TIMER.CR1.modify(CKX=1)", 3, "Timer.CR1 has no field CKX"),
        ("def f():\n    TIMER.CR2.write(1)", 3, "Timer has no register CR2"),
        ("def f():\n    TIMER.CCR[2].write(1)", 3, "has the elements 0 to 1, not 2"),
        ("def f():\n    atomic(TIMER.FAR).toggle(1)", 3, "has no atomic toggle"),
        ("def f():\n    atomic(TIMER.CR1).set(3)", 3, "a bit-band access changes one bit, not 3"),
        ("def f(v: int):\n    return TIMER.CNT.read() > v", 3, "v may be negative"),
        ("def f(v: int):\n    return TIMER.CNT.read() // v", 3, "viper cannot divide an unsigned number"),
        ("def f():\n    return TIMER.CCR[TIMER.BYTE.read()].read()", 3, "reads a register"),
    ],
)
def test_refused(function: str, line: int, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        lowered(f"@hot\n{function}\n\n")
    assert refused.value.message.startswith(f"main.py:{LINES + line}: "), refused.value.message
    assert words in refused.value.message
    assert refused.value.fix
