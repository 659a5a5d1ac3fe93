"""A driver for MicroPython that nobody here wrote, unmodified, on pins of this project: micropython-max7219, from PyPI.

It drives a chip select itself and writes over `machine.SoftSPI`, which is C code of MicroPython's that bit-bangs two
more pins. What the emulated board puts out is decoded here as the display's chip would decode it.
"""

import importlib.metadata
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from host_tools.boards import load_board
from host_tools.build import build
from host_tools.raw_repl import RawRepl
from host_tools.targets.qemu import EXACT, QemuTarget

SELECT, CLOCK, DATA = 4, 5, 7
"""Bits of port A."""

PROGRAM = """
import board, machine
from max7219 import Matrix8x8
select = board.D7.into_output(initial=1)
spi = machine.SoftSPI(
    baudrate=500_000,
    sck=board.LED.into_output(),
    mosi=board.take("PA7").into_output(),
    miso=board.take("PA6").into_input(),
)
display = Matrix8x8(spi, select, 1)
display.brightness(3)
display.fill(0)
for x, y in ((0, 0), (7, 0), (3, 2), (4, 2), (0, 7)):
    display.pixel(x, y, 1)
display.show()
"""
SET_UP = [(12, 0), (15, 0), (11, 7), (9, 0), (12, 1), (10, 3)]
ROWS = [(1, 0b1000_0001), (2, 0), (3, 0b0001_1000), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0b1000_0000)]


def commands(changes: Iterable[tuple[int, bool]]) -> Iterator[tuple[int, int]]:
    """What a MAX7219 takes from its pins: the last 16 bits before the select rises, a register and its data."""
    level = {SELECT: True, CLOCK: False, DATA: False}
    bits: list[int] = []
    for pin, high in changes:
        if pin == CLOCK and high and not level[SELECT]:
            bits.append(level[DATA])
        if pin == SELECT and high and bits:
            word = int("".join(str(int(bit)) for bit in bits[-16:]), 2)
            yield word >> 8 & 0xF, word & 0xFF
        if pin == SELECT:
            bits = []
        level[pin] = high


def test_an_unmodified_driver_and_softspi_drive_pins(built: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORTEN_BUILD", str(built))
    distribution = importlib.metadata.distribution("micropython-max7219")
    library = Path(str(distribution.locate_file("max7219/__init__.py"))).read_text(encoding="utf-8")
    image = build(load_board("b_l475e_iot01a"), None, print)
    with QemuTarget(image, icount=EXACT, qtest=True) as target:
        repl = RawRepl(target.console)
        repl.enter_after_boot()
        for program in (f"with open('max7219.py', 'w') as file:\n    file.write({library!r})", "import max7219"):
            assert repl.execute(program, 30) == (b"", b"")
        target.qtest.watch_outputs("/machine/soc/gpioa")
        changes = []
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(repl.execute, PROGRAM, 30)
            while not running.done():
                changes += target.qtest.take_changes()
        assert running.result() == (b"", b"")
        assert list(commands(changes + target.qtest.take_changes())) == SET_UP + ROWS
