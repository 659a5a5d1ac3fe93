"""Whole random programs: a firmware module, and what is called in it."""

from dataclasses import dataclass

from host_tools.equivalence.chooser import Chooser
from host_tools.equivalence.definitions import Definition, definition
from host_tools.equivalence.expressions import BOOL, INT, OBJECT, UINT, Value
from host_tools.equivalence.statements import Body
from host_tools.lower import KEEP

_HEADER = """\
from corten.atomic import atomic
from corten.critical import critical
from corten.hot import hot
from corten.register import (
    ALIASES, BIT_BAND, READ_ACTS, RO, RW, W0C, W0S, W1C, W1S, W1T, WO, Array, Block, Cluster, Field, Reg,
)
from micropython import const

"""
_CONSTANTS = """\
class Mode:
    OFF = 0
    ON = 1


LIMIT = const(5)"""
_NUMBERS = (0x1234_5678, 0, 0xFFFF_FFFF, 0x8000_0001, 0x5A5A_A5A5, 0x0F0F_F0F0, 0xC000_0000)
_ODD_ARGUMENTS = ("None", "'x'", "1.5", "1 << 40", "-(1 << 31)", "True")
_FEWEST_STATEMENTS, _MOST_STATEMENTS = 2, 9


@dataclass(frozen=True)
class Program:
    """A module's text; `calls` are expressions to evaluate in it, one after the other.

    `words`: addresses and values that are written before each call, so that reads find something. `fails`: whether the
    one call makes an access that fails whenever it runs.
    """

    text: str
    calls: tuple[str, ...]
    words: tuple[tuple[int, int], ...]
    fails: bool = False

    def __repr__(self) -> str:
        words = ", ".join(f"{address:#x}: {value:#x}" for address, value in self.words)
        return "\n".join(["", self.text, *(f"calls {call}" for call in self.calls), f"on {{{words}}}"])


@dataclass(frozen=True)
class _Domain:
    """The arguments that a parameter is called with: from `low` to `high`."""

    kind: str
    low: int
    high: int


_DOMAINS = (
    _Domain(INT, 0, 3),
    _Domain(INT, -2, 9),
    _Domain(INT, 0, 300),
    _Domain(UINT, 0, 20),
    _Domain(INT, -(1 << 31), (1 << 31) - 1),
    _Domain(UINT, 0, (1 << 32) - 1),
)


def program(choose: Chooser) -> Program:
    """A program with a function or method or two, some of them hot."""
    made = definition(choose)
    words = tuple((address, choose.one(_NUMBERS)) for address in made.words)
    fails = choose.chance(4)
    shape = choose.one(("plain", "plain", "alias", "method", "based"))
    parts = [_HEADER, made.text, _CONSTANTS, f"REGS = Regs({made.layout.base:#x})"]
    if shape == "alias":
        parts.append("SAME = REGS")
    calls: list[str] = []
    owner, root, chip_only = "", "SAME" if shape == "alias" else "REGS", False
    if shape in ("method", "based"):
        owner, root, chip_only = "Driver", "self._regs", shape == "based"
        parts += ["", "", "class Driver:", f"    def __init__(self{', base' if chip_only else ''}):"]
        parts += [f"        self._regs = {'Regs(base)' if chip_only else 'REGS'}", ""]
    for number in range(1 if fails else choose.number(1, 2)):
        text, called = _function(choose, made, f"f{number}", owner, root, chip_only, fails)
        parts += text
        calls += called
    if owner:
        parts.append(f"DRIVER = Driver({f'{made.layout.base:#x}' if chip_only else ''})")
    return Program("\n".join(parts) + "\n", tuple(calls), words, fails)


def _function(
    choose: Chooser, made: Definition, name: str, owner: str, root: str, chip_only: bool, fails: bool
) -> tuple[list[str], list[str]]:
    """A function's or method's lines, and calls of it."""
    hot = choose.chance(50)
    domains = [] if fails else [choose.one(_DOMAINS) for _ in range(choose.number(0, 3))]
    odd = [not hot and choose.chance(20) for _ in domains]
    parameters = [
        Value(f"p{number}", OBJECT if is_odd else each.kind, each.low, each.high)
        for number, (each, is_odd) in enumerate(zip(domains, odd, strict=True))
    ]
    returns = choose.one((INT, None, UINT, BOOL))
    body = Body(choose, made, root, hot, parameters, returns, chip_only)
    if fails:
        body.fail()
    elif not hot and choose.chance(2):
        body.fail(f"  {KEEP}")
    body.write(choose.number(_FEWEST_STATEMENTS, _MOST_STATEMENTS))
    words = [f"{each.text}: {each.kind}" if hot else each.text for each in parameters]
    header = (
        f"def {name}({', '.join(['self', *words] if owner else words)}){f' -> {returns}' if hot and returns else ''}:"
    )
    indent = "    " if owner else ""
    lines = [f"{indent}@hot"] if hot else []
    lines += [f"{indent}{line}" for line in (header, *body.lines)]
    blank = ["", "", "", "", ""] if hot else [""]
    where = "DRIVER." if owner else ""
    calls = []
    for _ in range(2 if domains else 1):
        arguments = [
            choose.one(_ODD_ARGUMENTS) if is_odd else str(choose.number(each.low, each.high))
            for each, is_odd in zip(domains, odd, strict=True)
        ]
        calls.append(f"{where}{name}({', '.join(arguments)})")
    return [*lines, *blank], calls
