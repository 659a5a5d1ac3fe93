"""The node on an emulated board, with an oracle that knows how it starts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from host_tools.boards import Board
from host_tools.build import build
from host_tools.link import read_until
from host_tools.modbus.layout import APP, BOOT_TIMEOUT_S, FIRST_LINE, RATES
from host_tools.modbus.oracle import Oracle
from host_tools.modbus.trial import Trial
from host_tools.targets.qemu import EXACT_ALONE, QemuTarget

ADDRESS = 1
SETTINGS = (ADDRESS, 192, 0, 1)
"""Those of a start, on a UART without parity."""


@contextmanager
def running_trial(board: Board, say: Callable[[str], None], app: str = APP) -> Iterator[Trial]:
    """A node that has just started, and what compares it with the oracle."""
    allowed = (range(1, 248), RATES, (0,), (1,))
    outputs, inputs = (sum(name.startswith(prefix) for name in board.pins) for prefix in ("LED", "BUTTON"))
    with QemuTarget(build(board, app, say), icount=EXACT_ALONE, monitor=True) as target:
        read_until(target.console, FIRST_LINE, BOOT_TIMEOUT_S)
        trial = Trial(target.uart(board.instance_of("uart")), Oracle(outputs, inputs, list(SETTINGS), allowed))
        trial.warm_up(target.monitor, board)
        yield trial
