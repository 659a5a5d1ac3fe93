"""The console of each emulated board, as a person or a tool at its other end sees it."""

from collections.abc import Iterator

import pytest

from host_tools.boards import load_all
from host_tools.build import build
from host_tools.link import read_until
from host_tools.raw_repl import RawRepl
from host_tools.targets import emulated
from host_tools.targets.base import Target

BOARDS = [board.name for board in load_all() if board.emulator]
PROMPT = b">>> "
TIMEOUT_S = 30


@pytest.fixture(params=BOARDS)
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    board = next(board for board in load_all() if board.name == request.param)
    with emulated.start(build(board, None, print), exact=True) as emulator:
        read_until(emulator.console, PROMPT, TIMEOUT_S)
        yield emulator


def ask(target: Target, line: bytes, ending: bytes = PROMPT) -> bytes:
    """Types a line and returns what the target shows, up to `ending`."""
    target.console.write(line + b"\r")
    return read_until(target.console, ending, TIMEOUT_S)


def test_ctrl_c_stops_a_busy_loop(target: Target) -> None:
    ask(target, b"exec('print(1 + 1)\\nwhile True: pass')", ending=b"\r\n2\r\n")
    target.console.write(b"\x03")
    assert b"KeyboardInterrupt" in read_until(target.console, PROMPT, TIMEOUT_S)


def test_ctrl_c_stops_a_sleep(target: Target) -> None:
    ask(target, b"import time; print(1 + 1); time.sleep(1000)", ending=b"\r\n2\r\n")
    target.console.write(b"\x03")
    assert b"KeyboardInterrupt" in read_until(target.console, PROMPT, TIMEOUT_S)


def test_ctrl_d_soft_resets(target: Target) -> None:
    ask(target, b"forgotten = 1")
    target.console.write(b"\x04")
    assert b"soft reboot" in read_until(target.console, PROMPT, TIMEOUT_S)
    assert b"NameError" in ask(target, b"forgotten")


def test_long_program_arrives_whole(target: Target) -> None:
    repl = RawRepl(target.console)
    repl.enter(TIMEOUT_S)
    lines = [f"total = {0 if number == 0 else f'total + {number}'}" for number in range(500)]
    output, trace = repl.execute("\n".join([*lines, "print(total)"]), total_s=30)
    assert (output, trace) == (f"{sum(range(500))}\r\n".encode(), b"")


def test_reset_boots_again(target: Target) -> None:
    assert b"MicroPython v" in ask(target, b"import machine; machine.reset()")
