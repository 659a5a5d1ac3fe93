"""What the node has at which address, read from the constants of its own source."""

import ast
from functools import cache
from typing import Any

from host_tools import paths

APP = "modbus_node"
FIRST_LINE = b"corten modbus node: ready"
BOOT_TIMEOUT_S = 20.0
SOURCE = "layout.py"


@cache
def constants(source: str = SOURCE) -> dict[str, Any]:
    """The constants of a module of firmware/apps/modbus_node that are literals."""
    text = (paths.firmware_dir() / "apps" / APP / source).read_text(encoding="utf-8")
    found: dict[str, Any] = {}
    for statement in ast.parse(text).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                try:
                    found[name] = ast.literal_eval(value)
                except ValueError:
                    continue
    return found


FIGURES: tuple[str, ...] = constants()["FIGURES"]
UART_FIGURES: tuple[str, ...] = constants()["UART_FIGURES"]
OWN: int = constants()["OWN"]
"""First address of what is the master's own, and of the UART's figures."""
FLAGS: int = constants()["FLAGS"]
WORDS: int = constants()["WORDS"]
RATES: tuple[int, ...] = constants("line.py")["RATES"]
"""In hundreds of baud."""
