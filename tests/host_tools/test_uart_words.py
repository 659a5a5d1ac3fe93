"""The numbers of words that the UART drivers' machine code uses are those of corten.uart_words and corten.ring."""

import ast
from pathlib import Path

import pytest

from host_tools.paths import firmware_dir

CORTEN = firmware_dir() / "corten"
DRIVERS = sorted((CORTEN / "drivers").glob("uart_*.py"))


def constants(path: Path, known: dict[str, int]) -> dict[str, int]:
    """The whole numbers that a module assigns at its top, in const() or not."""
    found = dict(known)
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value
            if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "const":
                value = value.args[0]
            try:
                number = eval(compile(ast.Expression(value), str(path), "eval"), {}, found)
            except NameError:
                continue
            if isinstance(number, int):
                found[node.targets[0].id] = number
    return found


RING = constants(CORTEN / "ring.py", {})
UART = constants(CORTEN / "uart_words.py", RING)
SHARED = {**UART, **constants(CORTEN / "stm32_usart.py", UART)}


def test_what_is_known() -> None:
    assert (RING["WORDS"], UART["DROPPED"], UART["SEND_RING"]) == (5, 6, 18)
    assert UART["RECEIVE_RING"] + RING["WORDS"] == UART["DROPPED"]
    assert len(DRIVERS) >= 3


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda path: path.stem)
def test_driver_uses_these(driver: Path) -> None:
    own = {name[1:]: value for name, value in constants(driver, {}).items() if name.startswith("_")}
    shared = {name: value for name, value in own.items() if name in SHARED and name != "WORDS"}
    assert len(shared) >= 5
    assert shared == {name: SHARED[name] for name in shared}
