"""The PL011 of an emulated board: breaks that the host sends, and what the device loops back to itself."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_tools.boards import load_board
from host_tools.build import build
from host_tools.raw_repl import RawRepl
from host_tools.targets.qemu import EXACT, QemuTarget

UART = "UART1"
OPEN = f"""
import board, time
from corten.drivers.uart_pl011 import Pl011
uart = board.{UART}.open({{options}})
registers = Pl011(board.{UART}.base)
NAMES = "received", "dropped", "overruns", "framing_errors", "parity_errors", "noise_errors", "breaks"
def counts():
    return {{{{name: getattr(uart, name) for name in NAMES if getattr(uart, name)}}}}
def until(total):
    end = time.ticks_add(time.ticks_ms(), 2000)
    while sum(counts().values()) < total and time.ticks_diff(end, time.ticks_ms()) > 0:
        pass
    return counts()
"""


@pytest.fixture
def running(built: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[QemuTarget]:
    monkeypatch.setenv("CORTEN_BUILD", str(built))
    with QemuTarget(build(load_board("musca_b1"), None, print), icount=EXACT, monitor=True) as target:
        yield target


class Guest:
    """The board at its prompt, with its UART open."""

    def __init__(self, target: QemuTarget, options: str = "") -> None:
        self._repl = RawRepl(target.console)
        self._repl.enter_after_boot()
        self.run(OPEN.format(options=options))

    def run(self, program: str) -> str:
        output, trace = self._repl.execute(program, 10)
        assert not trace, trace.decode()
        return output.decode().strip()

    def value(self, expression: str) -> object:
        return json.loads(self.run(f"import json\nprint(json.dumps(({expression})))"))


def test_breaks_from_the_line_are_counted_and_not_delivered(running: QemuTarget) -> None:
    guest = Guest(running)
    for number in range(1, 101):
        running.uart(UART).write(b"a")
        assert guest.value(f"until({2 * number - 1})") == {"received": number} | (
            {"breaks": number - 1} if number > 1 else {}
        )
        running.monitor.command(f"chardev-send-break {UART}")
        assert guest.value(f"until({2 * number})") == {"received": number, "breaks": number}
    assert guest.value("uart.read().decode()") == "a" * 100


def test_a_break_is_sent_and_detected(running: QemuTarget) -> None:
    guest = Guest(running)
    guest.run("registers.CR.LBE.set(1)")
    assert guest.value("uart.write(b'before'), uart.send_break(100), uart.write(b'after'), uart.flush(100)") == [
        6,
        True,
        5,
        True,
    ]
    assert guest.value("until(12)") == {"received": 11, "breaks": 1}
    assert guest.value("uart.read().decode(), registers.LCR_H.BRK.get()") == ["beforeafter", 0]


def test_what_finds_the_ring_full_is_dropped_or_held(running: QemuTarget) -> None:
    guest = Guest(running, "rx_size=32")
    running.uart(UART).write(bytes(range(100)))
    assert guest.value("until(100)") == {"received": 32, "dropped": 68}
    assert guest.value("list(uart.read())") == list(range(32))
    guest.run(f"uart.close()\nuart = board.{UART}.open(rx_size=32, hold_when_full=True)")
    running.uart(UART).write(bytes(range(100)))
    got: list[object] = []
    for _ in range(20):
        part = guest.value("list(uart.read(-1, 100) or b'')")
        assert isinstance(part, list)
        got += part
    assert got == list(range(100))
    assert guest.value("counts()") == {"received": 100}


@pytest.mark.parametrize(
    ("options", "line_control", "control"),
    [
        ("", "0x70", "0x301"),
        ("parity='even', stop=2", "0x7e", "0x301"),
        ("parity='odd'", "0x72", "0x301"),
        ("rts=True, cts=True", "0x70", "0xc301"),
    ],
)
def test_options_are_in_the_registers_until_it_is_closed(
    running: QemuTarget, options: str, line_control: str, control: str
) -> None:
    guest = Guest(running, options)
    state = (
        "hex(registers.LCR_H.read()), hex(registers.CR.read()), hex(registers.IMSC.read()), hex(registers.IFLS.read())"
    )
    assert guest.value(state) == [line_control, control, "0x70", "0x9"]
    guest.run("uart.close()")
    assert guest.value(state) == ["0x0", "0x300", "0x0", "0x12"]


def test_a_rate_has_its_divider_in_sixty_fourths(running: QemuTarget) -> None:
    guest = Guest(running, "115_200")
    assert guest.value("registers.IBRD.read() * 64 + registers.FBRD.read(), uart.baud") == [1389, 115_191]
