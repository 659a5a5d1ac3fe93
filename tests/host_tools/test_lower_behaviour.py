"""Lowered and unlowered code make the same accesses in the same order, and give and raise the same."""

import importlib
import itertools
import re
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from host_tools.lower import lower
from tests.host_tools.guest import Access, Memory, running
from tests.host_tools.lowering import FILES, IMPORTS

STATEMENTS = (
    "return GPIOA.MODER.read()",
    "return GPIOA.MODER.read() & 0x8000_0001",
    "return GPIOA.MODER.read() & -2, 3 & GPIOA.MODER.read(), GPIOA.MODER.read() & 0x1_8000_0000",
    "return GPIOA.MODER.read() & v",
    "return GPIOA.DATA.read() + GPIOA.HALF.read(), -GPIOA.MODER.read(), ~GPIOA.DATA.read(), GPIOA.MODER.read() ** 1",
    "return GPIOA.MODER.read() == 5, GPIOA.HALF.read() < 7, GPIOA.MODER.MODE5.get() == 1",
    "return [GPIOA.MODER.MODE5.get() + 1, GPIOA.MODER.MODE15.get(), GPIOA.FLAGS.TOP.get(), GPIOA.WORD.ALL.get()]",
    "return GPIOA.HALF.TOP.get() << 1, GPIOA.HALF.LOW.get(), GPIOA.DATA.HIGH.get(), GPIOA.DATA.LOW.get() & 3",
    "return 3 & GPIOA.MODER.MODE5.get(), GPIOA.MODER.MODE5.get() | 4, GPIOA.MODER.MODE5.get().bit_length()",
    "return 1 if GPIOA.MODER.MODE5.get() and not GPIOA.FLAGS.TOP.get() or GPIOA.DATA.HIGH.get() else 2",
    "return GPIOA.MODER.MODE5.get() and v, GPIOA.MODER.MODE4.get() or v",
    "return GPIOA.MODER.address, GPIOA.MODER.mask, GPIOA.MODER.MODE5.mask, GPIOA.HALF.width, GPIOA.HALF.TOP.bit",
    "return GPIOA.MODER.encode(), GPIOA.MODER.encode(MODE5=2), GPIOA.FLAGS.encode(ON=1), GPIOA.FLAGS.encode(B=0)",
    "return GPIOA.MODER.encode(MODE5=v)",
    "GPIOA.MODER.write(5)",
    "GPIOA.MODER.write(0xFFFF_FFFF); GPIOA.MODER.write(0x8000_0000); GPIOA.MODER.write()",
    "GPIOA.MODER.write(w)",
    "GPIOA.DATA.write(w & 0xFF); GPIOA.HALF.write(w)",
    "GPIOA.HALF.write(TOP=v); GPIOA.HALF.write(LOW=v, TOP=w)",
    "GPIOA.BSRR.write(BS5=1, BR15=True)",
    "GPIOA.BSRR.write(BR15=v)",
    "GPIOA.FLAGS.write(W=w)",
    "GPIOA.MODER.modify(MODE5=Mode.OUTPUT)",
    "GPIOA.MODER.modify(MODE5=3); GPIOA.MODER.modify(MODE15=2); GPIOA.MODER.modify(MODE5=0); GPIOA.MODER.modify()",
    "GPIOA.MODER.modify(MODE5=v)",
    "GPIOA.MODER.modify(MODE0=v)",
    "GPIOA.MODER.modify(MODE5=v, MODE6=w, MODE15=1)",
    "GPIOA.MODER.modify(MODE5=o(v), MODE0=o(w))",
    "GPIOA.MODER.modify(MODE5=v & 3, MODE0=o(w))",
    "GPIOA.MODER.modify(MODE5=v > 1, MODE6=not w, MODE7=3 if v else 0)",
    "GPIOA.MODER.modify(MODE5=GPIOA.MODER.MODE6.get(), MODE0=GPIOA.HALF.read() & 3)",
    "GPIOA.MODER.modify(MODE5=o(GPIOA.MODER.MODE6.get()))",
    "GPIOA.FLAGS.modify(ON=1); GPIOA.FLAGS.modify(A=1); GPIOA.FLAGS.modify(A=0); GPIOA.FLAGS.modify(B=0)",
    "GPIOA.FLAGS.modify(ON=v, W=w)",
    "GPIOA.FLAGS.modify(B=v)",
    "GPIOA.STATUS.modify(CLEAR=1)",
    "GPIOA.WORD.modify(ALL=w)",
    "GPIOA.MODER.MODE5.set(v); GPIOA.MODER.MODE[3].set(1); GPIOA.MODER.MODE5.clear(); GPIOA.MODER.MODE5.toggle()",
    "GPIOA.FLAGS.A.clear(); GPIOA.FLAGS.B.clear(); GPIOA.FLAGS.A.toggle(); GPIOA.FLAGS.B.toggle()",
    "GPIOA.FLAGS.ON.set(v)",
    "GPIOA.DATA.HIGH.set(v); GPIOA.HALF.TOP.set(15); GPIOA.HALF.TOP.toggle()",
    "GPIOA.ODR.set(0x20); GPIOA.ODR.clear(0x8000_0000); GPIOA.ODR.toggle(0xC000_0000); GPIOA.ODR.set(0)",
    "GPIOA.ODR.set(w)",
    "GPIOA.ODR.clear(w)",
    "GPIOA.ODR.toggle(w)",
    "GPIOA.HALF.clear(w); GPIOA.HALF.toggle(w & 0xFF)",
    "GPIOA.FLAGS.set(w)",
    "GPIOA.FLAGS.clear(w)",
    "GPIOA.FLAGS.toggle(w)",
    "GPIOA.FLAGS.clear(o(w) & 0xFFFF)",
    "GPIOA.FLAGS.set(0x103); GPIOA.FLAGS.clear(0x103); GPIOA.FLAGS.toggle(0x103); GPIOA.FLAGS.toggle(0x100)",
    "return GPIOA.MODER.MODE[i].get()",
    "return GPIOA.MODER.MODE[o(i)].get() + 1, GPIOA.ODR.OD[o(i)].get()",
    "return GPIOA.AFRH.AFSEL[i].get()",
    "GPIOA.AFRH.AFSEL[i].set(v)",
    "return [GPIOA.AFRH.AFSEL[k].get() for k in range(8, 16)], [GPIOA.AFRH.AFSEL[k].get() for k in (8, i)]",
    "GPIOA.MODER.MODE[i].set(2); GPIOA.MODER.MODE[i].set(3); GPIOA.MODER.MODE[i].clear(); GPIOA.MODER.MODE[i].toggle()",
    "GPIOA.MODER.MODE[i].set(v)",
    "GPIOA.ODR.OD[o(i)].set(o(v))",
    "GPIOA.ODR.OD[i & 15].set(v & 1)",
    "return GPIOA.AFR[i].read(), GPIOA.AFR[o(i)].read() & 1, GPIOA.AFR[1].read(), GPIOA.AFR[i].address",
    "GPIOA.AFR[i].write(w)",
    "GPIOA.AFR[o(i)].write(o(w))",
    "GPIOA.CH[i].CCR.modify(EN=1); GPIOA.CH[i].CCR.modify(PL=2); GPIOA.CH[i].CCR.PL.set(v)",
    "return GPIOA.CH[i].CCR.PL.get(), GPIOA.CH[2].CCR.PL.get(), GPIOA.COMMON.CCR.EN.get()",
    "for k in range(7): GPIOA.CH[k].CCR.modify(PL=k >> 1)",
    "atomic(GPIOA.ODR).set(1 << 5); atomic(GPIOA.ODR).clear(0x8001); atomic(GPIOA.ODR).clear(0)",
    "atomic(GPIOA.MODER).set(1 << 31); atomic(GPIOA.MODER).clear(0x10); atomic(GPIOA.HALF).set(2)",
    "atomic(PADS.CTRL).set(0xC000_0001); atomic(PADS.CTRL).clear(1); atomic(PADS.CTRL).toggle(3)",
    "atomic(SIO.OUT).set(0xC000_0001); atomic(SIO.OUT).clear(1); atomic(SIO.OUT).toggle(3); atomic(SIO.OE).set(2)",
    "atomic(SIO.OUT).toggle(w)",
    "atomic(GPIOA.ODR).set(w)",
    "port = GPIOA; moder = port.MODER; moder.modify(MODE5=1); return moder.MODE5.get(), moder.address",
    "uart = Gpio(board.UART1.base); uart.HALF.TOP.set(v); return uart.HALF.address",
    "return Gpio(0x4000_0000).MODER.read(), stm32.gpioa.GPIOA.IDR.ID3.get(), board.UART1.base",
    "made = Gpio(0x4000_0000 + 0x400 * (i & 1)); made.MODER.modify(MODE5=v); return made.IDR.read()",
    "made = Gpio(0x4000_0000 + 0x400 * (i & 1)); made.CH[i].CCR.modify(PL=o(v)); return made.MODER.MODE[i].get()",
    "made = Gpio(0x4000_0000 + 0x400 * (i & 1)).AFR; return made[0].read()",
    "return Gpio(o(0x4000_0000)).MODER.read()",
    "Device(i).use(v)",
    "return (lambda: GPIOA.MODER.MODE[i].get())(), (lambda k: GPIOA.MODER.MODE[k].get())(i)",
    "GPIOA.MODER.modify(MODE5=(v := 1), MODE6=v)",
    "GPIOA.MODER.modify(**{'MODE5': v}); GPIOA.MODER.write(*[w])",
    "return f'{GPIOA.MODER.MODE5.get()} {GPIOA.HALF.read():x}'",
    "return GPIOA.MODER.write(5), GPIOA.MODER.modify(MODE5=v)",
    "try: GPIOA.IDR.write(1)\n    except Exception as error: return str(error)",
    "try: GPIOA.MODER.modify(MODE5=4, MODE99=o(v))\n    except Exception as error: return str(error)",
    "return (lambda: GPIOA.MODER.modify(MODE5=4))",
)

DEVICE = """
class Device:
    def __init__(self, number):
        self._registers = Gpio(0x4000_0000 + 0x400 * (number & 3))
        self._known = Gpio(board.UART1.base)
        self._moder = self._registers.MODER
        self._value = number

    def use(self, value):
        registers = self._registers
        registers.FLAGS.modify(ON=1)
        registers.ODR.set(self._value)
        self._moder.modify(MODE3=value)
        self._moder.MODE4.set(1)
        self._known.ODR.modify(
            OD1=1,  # one
            OD2=value,
        )  # end
        return self._known.MODER.read() + (
            self._registers.MODER
            .read()
        )
"""

NUMBERS = (-1, 0, 1, 2, 3, 4, 7, 8, 15, 16, 255, 256, 65535, 65536, 1 << 31, (1 << 32) - 1, 1 << 32)
OTHERS = (True, False, 1.0, 9.5, "1", b"1", [1], None)


def module(statements: tuple[str, ...]) -> str:
    functions = "".join(f"def f{number}(v, w, i, o):\n    {each}\n" for number, each in enumerate(statements))
    return f'"""An app."""\n{IMPORTS}{DEVICE}{functions}'


Outcome = tuple[object, list[Access]]
Run = Callable[[int, list[tuple[object, ...]]], list[tuple[Outcome, Outcome]]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Calls a function of the app with several lists of arguments: what each call gives, unlowered and lowered."""
    sources = {**FILES, "main.py": module(STATEMENTS)}
    texts = {file: each.text for file, each in lower(sources).items()}
    folders = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("lowered")

    def side(files: dict[str, str], folder: Path, number: int, calls: list[tuple[object, ...]]) -> list[Outcome]:
        with running(files, folder) as memory:
            function = getattr(importlib.import_module("main"), f"f{number}")
            return [outcome(function, memory, arguments) for arguments in calls]

    def both(number: int, calls: list[tuple[object, ...]]) -> list[tuple[Outcome, Outcome]]:
        sides = (side(files, folder, number, calls) for files, folder in zip((sources, texts), folders, strict=True))
        return list(zip(*sides, strict=True))

    return both


def outcome(function: Callable[..., object], memory: Memory, arguments: tuple[object, ...]) -> Outcome:
    """What a call returns or raises, and what it did on the way; calls of `o` are part of that."""
    memory.log.clear()
    memory.forget()

    def noted(value: object) -> object:
        memory.log.append(("call", 0, 0, repr(value)))  # type: ignore[arg-type]
        return value

    result: object
    try:
        result = function(*arguments, noted)
    except (ValueError, IndexError, AttributeError) as error:
        result = type(error), str(error)
    except TypeError:
        result = "TypeError"
    if callable(result):
        result = "a function"
    return result, list(memory.log)


def statement(number: int) -> str:
    return STATEMENTS[number] + (DEVICE if "Device" in STATEMENTS[number] else "")


each_statement = pytest.mark.parametrize(
    "number", range(len(STATEMENTS)), ids=[each.split("\n")[0] for each in STATEMENTS]
)


@each_statement
def test_same_accesses_results_and_exceptions(number: int, run: Run) -> None:
    axes = [NUMBERS if re.search(rf"\b{name}\b", statement(number)) else (1,) for name in ("v", "w", "i")]
    calls: list[tuple[object, ...]] = list(itertools.product(*axes))
    for arguments, (plain, lowered) in zip(calls, run(number, calls), strict=True):
        assert plain == lowered, arguments


@each_statement
def test_what_is_no_whole_number_is_refused_before_any_access(number: int, run: Run) -> None:
    """A float out of range is a TypeError where the device, which compares first, says ValueError."""
    calls: list[tuple[object, ...]] = [
        tuple(other if place == each else 1 for each in range(3))
        for place, other in itertools.product(range(3), OTHERS)
    ]
    for arguments, (plain, lowered) in zip(calls, run(number, calls), strict=True):
        assert _as_type_error(plain, arguments) == _as_type_error(lowered, arguments), arguments


def _as_type_error(found: Outcome, arguments: tuple[object, ...]) -> Outcome:
    result, log = found
    is_refused = isinstance(result, tuple) and result[:1] in ((ValueError,), (IndexError,))
    return ("TypeError", log) if 9.5 in arguments and is_refused else found


def test_a_traceback_names_the_lines_of_the_source(tmp_path: Path) -> None:
    main = (
        f'"""An app."""\n{IMPORTS}'
        "def f(v):\n"
        "    GPIOA.MODER.modify(\n        MODE5=v,\n        MODE6=1,\n    )\n"
        "    x = (GPIOA.MODER\n        .read())\n"
        "    GPIOA.MODER.modify(MODE5=v); raise KeyError(x)\n"
    )
    text = lower({**FILES, "main.py": main})["main.py"].text
    assert "_mem32" in text
    for error, value in ((KeyError, 1), (ValueError, 4)):
        lines = []
        for name, source in (("plain", main), ("lowered", text)):
            with running({**FILES, "main.py": source}, tmp_path / f"{name}{value}"):
                app = importlib.import_module("main")
                with pytest.raises(error) as raised:
                    app.f(value)
            frames = traceback.extract_tb(raised.value.__traceback__)
            lines.append([frame.lineno for frame in frames if frame.name == "f"])
        assert lines[0] == lines[1]
