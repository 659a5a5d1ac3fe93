"""Registers of every kind, made at random: what lowered code does with them is what the device's own code does."""

import importlib
import random
import re
from pathlib import Path

import pytest

from host_tools.errors import UsageError
from host_tools.lower import lower
from tests.host_tools.guest import running

KINDS = ("RO", "WO", "RW", "RW", "RW", "W1C", "W1S", "W1T", "W0C", "W0S")
BASE = 0x4002_0000
REGISTERS = 6


def block(rng: random.Random) -> tuple[str, dict[str, dict[str, int]]]:
    """A class of registers, and the fields of each with their widths."""
    lines, found = ["class Device(Block):"], {}
    for number in range(REGISTERS):
        width = rng.choice((8, 16, 32))
        fields, bit, widths = [], 0, {}
        while bit < width and len(fields) < 6:
            bit += rng.choice((0, 0, 1, 5))
            size = rng.choice((1, 1, 2, 3, 8, 31, 32))
            if bit + size > width:
                break
            name = f"F{len(fields)}"
            access = rng.choice(("", "", "", f", access={rng.choice(KINDS)}"))
            fields.append(f"{name}=Field({bit}, {size}{access})")
            widths[name] = size
            bit += size
        reset = rng.choice((0, 0, rng.getrandbits(width)))
        parts = ", ".join([f"{4 * number}", rng.choice(KINDS), f"width={width}", f"reset={reset:#x}", *fields])
        lines.append(f"    R{number} = Reg({parts})")
        found[f"R{number}"] = widths
    return "\n".join(lines), found


def call(rng: random.Random, registers: dict[str, dict[str, int]]) -> str:
    """An access of any kind, with constants, names and computed values, some of them too wide."""
    name = rng.choice(sorted(registers))
    widths = registers[name]
    owner = rng.choice((f"D.{name}", f"D.{name}", f"made.{name}"))

    def value(width: int) -> str:
        constant = rng.choice((0, 1, rng.getrandbits(width), (1 << width) - 1, 1 << width if rng.random() < 0.1 else 1))
        texts = (
            str(constant),
            str(constant),
            "v",
            "o(v)",
            f"v & {(1 << width) - 1}",
            f"o(v) & {(1 << width) - 1}",
            "v > 2",
        )
        return rng.choice(texts)

    def named() -> str:
        chosen = rng.sample(sorted(widths), rng.randint(0, len(widths)))
        return ", ".join(f"{each}={value(widths[each])}" for each in chosen)

    field = rng.choice(sorted(widths)) if widths else None
    forms = [
        f"return {owner}.read()",
        f"return {owner}.read() & 0x81",
        f"return {owner}.encode({named()})",
        f"{owner}.write({value(32)})",
        f"{owner}.write({named()})",
        f"{owner}.modify({named()})",
        f"{owner}.modify({named()})",
        f"{owner}.{rng.choice(('set', 'clear', 'toggle'))}({value(8)})",
    ]
    if field:
        action = rng.choice((f"set({value(widths[field])})", "clear()", "toggle()"))
        forms += [
            f"return {owner}.{field}.get()",
            f"return 1 if {owner}.{field}.get() else 2",
            f"{owner}.{field}.{action}",
        ]
    return rng.choice(forms)


def module(definition: str, calls: list[str], kept: set[int]) -> str:
    head = f"from corten.register import Block, Field, Reg, {', '.join(sorted(set(KINDS)))}"
    functions = "".join(
        f"def f{number}(v, o):\n    {each}{'  # corten: keep' if number in kept else ''}\n"
        for number, each in enumerate(calls)
    )
    made = [f"    made = Device(o({BASE + 0x100}))\n"]
    functions = re.sub(r"(def f\d+\(v, o\):\n)(?=    .*made)", rf"\1{made[0]}", functions)
    return f"{head}\n{definition}\nD = Device({BASE:#x})\n{functions}"


def lowered(definition: str, calls: list[str]) -> tuple[str, set[int]]:
    """The module's lowered text, and the calls that lowering says can only fail; these are kept in it."""
    kept: set[int] = set()
    while True:
        source = module(definition, calls, kept)
        try:
            return lower({"main.py": source})["main.py"].text, kept
        except UsageError as error:
            line = int(error.message.split(":")[1])
            above = source.splitlines()[:line]
            kept.add(int(next(line for line in reversed(above) if line.startswith("def "))[5:].split("(")[0]))


def outcomes(source: str, count: int, folder: Path) -> list[object]:
    """What each function gives or raises for each value, with all that it did."""
    found: list[object] = []
    with running({"main.py": source}, folder) as memory:
        app = importlib.import_module("main")
        for number in range(count):
            for value in (0, 1, 2, 3, 5, 255, 256, 0x8000_0000, 0xFFFF_FFFF, 1 << 32, -1):
                memory.log.clear()
                memory.forget(seed=value)

                def noted(given: int) -> int:
                    memory.log.append(("call", 0, 0, given))
                    return given

                try:
                    result = getattr(app, f"f{number}")(value, noted)
                except Exception as error:  # noqa: BLE001 - whatever it is, it must be the same
                    result = type(error).__name__, str(error)
                found.append((number, value, result, tuple(memory.log)))
    return found


@pytest.mark.parametrize("seed", range(25))
def test_random_registers(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    definition, registers = block(rng)
    calls = [call(rng, registers) for _ in range(60)]
    text, kept = lowered(definition, calls)
    assert text.count("_mem") > len(calls) // 4
    plain = outcomes(module(definition, calls, kept), len(calls), tmp_path / "plain")
    for one, other in zip(plain, outcomes(text, len(calls), tmp_path / "lowered"), strict=True):
        assert one == other, calls[other[0]]  # type: ignore[index]
        number, _, result, log = other  # type: ignore[misc]
        if number in kept:
            assert isinstance(result, tuple), calls[number]
            assert [each for each in log if each[0] != "call"] == [], calls[number]
