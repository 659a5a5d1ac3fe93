"""An app on a port of MicroPython's own: where it ends, and what `corten run` makes of it."""

import json

import pytest

from host_tools.targets.app_end import AppOutput, ends_in_traceback
from tests.host_tools.commands import Corten

BANNER = (
    b'MicroPython v1.25.0 on 2025-04-15; Raspberry Pi Pico with RP2040\r\nType "help()" for more information.\r\n>>> '
)
TRACEBACK = b'Traceback (most recent call last):\r\n  File "main.py", line 1, in <module>\r\nValueError: wrong\r\n'


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_prompt_ends_an_app_however_it_arrives(size: int) -> None:
    said = b"one\r\nMicroPython v is not the end\r\n>>> nor is this\r\n"
    output, seen = AppOutput(), b""
    for start in range(0, len(said + BANNER), size):
        assert not output.has_ended
        seen += output.take((said + BANNER)[start : start + size])
    assert (seen, output.at_prompt, output.soft_reset) == (said, True, False)


def test_a_soft_reset_ends_it_as_well() -> None:
    output = AppOutput()
    assert output.take(b"out\r\nMPY: soft reboot\r\nout again") == b"out\r\n"
    assert (output.at_prompt, output.soft_reset) == (False, True)


def test_what_was_kept_back_is_there_at_the_end() -> None:
    output = AppOutput()
    assert output.take(b"out\r\nMicroPython v") == b"out\r\n"
    assert output.rest() == b"MicroPython v"


def test_only_the_last_words_tell_of_an_exception() -> None:
    assert ends_in_traceback(b"out\r\n" + TRACEBACK)
    assert not ends_in_traceback(TRACEBACK + b"caught\r\n")


@pytest.mark.parametrize(
    ("source", "status", "known", "error"),
    [
        ("print('well')", 0, 0, ""),
        ("raise ValueError('wrong')", 1, 1, "ended with an uncaught exception: ValueError: wrong"),
        ("import sys; sys.exit(0)", 1, None, "ended with SystemExit"),
        ("import machine; machine.mem32[0x60000000]", 1, 70, "HardFault: read of 0x60000000"),
        ("while True: pass", 3, None, "was still running after 20 s"),
    ],
)
def test_run_tells_how_an_app_ended(corten: Corten, source: str, status: int, known: int | None, error: str) -> None:
    (corten.folder / "app.py").write_text(source + "\n", encoding="utf-8")
    ended = corten("run", "app.py", "--board", "rpi_pico", "--timeout", "20", "--json")
    assert ended.status == status
    assert json.loads(ended.out)["status"] == known
    assert error in ended.err
