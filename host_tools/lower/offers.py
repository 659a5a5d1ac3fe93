"""What the generated module `board` offers, read from its source."""

import ast
from collections.abc import Callable

from host_tools.lower.image import Module
from host_tools.lower.meanings import PERIPHERALS, Meaning, PeripheralRef, Symbol

BOARD = "board"


def offered(
    value: ast.expr, meaning: Callable[[ast.expr], Meaning | None], constant: Callable[[ast.expr], int | None]
) -> PeripheralRef | None:
    """What `Peripheral("UART1", "uart_cmsdk", 0x4000_5000, 25_000_000, …)` makes, None for another expression.

    `meaning`, `constant`: of an expression in that module.
    """
    match value:
        case ast.Call(func=callee, args=[_, block, base, other, *_]):
            made = meaning(callee)
            if isinstance(made, Symbol) and made.path in PERIPHERALS:
                is_pin = made.path.endswith("Pin")
                numbers = {"base": constant(base), "bit" if is_pin else "clock_hz": constant(other)}
                known = tuple((name, number) for name, number in numbers.items() if number is not None)
                return PeripheralRef(known, str(block.value) if isinstance(block, ast.Constant) else "", is_pin)
    return None


def chip_pin(board: Module, name: str) -> PeripheralRef | None:
    """The pin that the chip calls `name`, such as "PA5": as `corten.peripheral.take` finds it in PORTS."""
    binding = board.bindings.only("PORTS")
    if binding is None or binding.value is None:
        return None
    for prefix, count, block, base, *_ in ast.literal_eval(binding.value):
        number = name.removeprefix(prefix)
        if name.startswith(prefix) and number.isdigit() and int(number) < count:
            return PeripheralRef((("base", base), ("bit", int(number))), block, True)
    return None
