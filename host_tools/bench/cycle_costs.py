"""pin and uart on an Armv6-M core: cycles of a Cortex-M0+, as the emulated RP2040 takes them from the core's manual.

Counted by the app cycle_costs with the core's SysTick. The flash's cache and the bus cost nothing there: see
docs/rp2040.md. What a pin costs in `@hot` code is beside the same effect written by hand in viper, `pin/on` beside the
call of an empty Python method.
"""

import time
from collections.abc import Callable, Iterator

from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board
from host_tools.build import build
from host_tools.errors import FailedError, TargetError
from host_tools.link import CHUNK
from host_tools.targets import emulated
from host_tools.targets.app_end import AppOutput, ends_in_traceback

EVERY_BOARD = False
APP = "cycle_costs"
BOARD = "rpi_pico"
TIMEOUT_S = 120.0
_BY_HAND = "hand-written viper"
_AGAINST = {"pin/on": "the call of an empty Python method"}
_SLACK = 1.02  # an interrupt of the runtime's own may come in between


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """The costs on the board with that core."""
    del board
    for line in _output(load_board(BOARD), say).splitlines():
        name, *figures = line.split()
        value, *baseline = (round(float(figure), 1) for figure in figures)
        if not baseline:
            yield Row(BOARD, f"cycles/{name}", value, "cycles")
            continue
        most = None if name in _AGAINST else baseline[0] * _SLACK
        yield Row(BOARD, f"cycles/{name}", value, "cycles", baseline[0], _AGAINST.get(name, _BY_HAND), at_most=most)


def _output(board: Board, say: Callable[[str], None]) -> str:
    """What the app prints until the prompt comes. FailedError or TargetError unless it ends well in time."""
    ending = AppOutput()
    text = b""
    with emulated.start(build(board, APP, say), say, alone=True) as target:
        deadline = time.monotonic() + TIMEOUT_S
        while not ending.has_ended:
            if (left := deadline - time.monotonic()) <= 0:
                raise TargetError(f"{APP} did not end within {TIMEOUT_S:g} s")
            text += ending.take(target.console.read(CHUNK, left))
    if ends_in_traceback(text):
        raise FailedError(f"{APP} failed: {text.decode(errors='replace')}")
    return text.decode()
