"""uart/receive-byte/of-N: instructions of a byte on its way in where the UART has a FIFO, N bytes an interrupt.

Counted by the app uart_fifo: the whole handler, from its first instruction to its last. The RP2040's FIFO of 32 bytes
interrupts at 8; the emulated one interrupts at each byte that finds it empty. What the UART loops back it sends as
well, so that has to be read here.
"""

import threading
from collections.abc import Callable, Iterator

from host_tools.bench.app_output import TIMEOUT_S, output_to_end
from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board
from host_tools.build import build
from host_tools.link import CHUNK, Link, LinkClosedError
from host_tools.targets.qemu import EXACT_ALONE, QemuTarget

EVERY_BOARD = False
APP = "uart_fifo"
BOARD = "musca_b1"
UART = "UART1"
_AT_MOST = {8: 20.0, 16: 20.0}


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """The cost of a byte, by the bytes of an interrupt."""
    del board
    image = build(load_board(BOARD), APP, say)
    with QemuTarget(image, arguments=["run"], icount=EXACT_ALONE) as target:
        reader = threading.Thread(target=_read_to_end, args=[target.uart(UART)])
        reader.start()
        output = output_to_end(target, APP, TIMEOUT_S)
        reader.join(TIMEOUT_S)
    for line in output.splitlines():
        count, byte = line.split()
        name = f"uart/receive-byte/of-{count}"
        yield Row(BOARD, name, round(float(byte), 1), "instructions", at_most=_AT_MOST.get(int(count)))


def _read_to_end(link: Link) -> None:
    try:
        while True:
            link.read(CHUNK, TIMEOUT_S)
    except LinkClosedError:
        return
