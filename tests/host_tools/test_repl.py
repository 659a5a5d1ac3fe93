"""`corten repl` in a real terminal."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator

import pytest

from tests.host_tools.commands import Corten, child_of, eventually, is_running

TIMEOUT_S = 60.0


class Terminal:
    """A terminal with `corten repl` in it, and a person in front of it."""

    def __init__(self, corten: Corten, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        self.before = termios.tcgetattr(self.master)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "host_tools.cli", "repl", *arguments],
            cwd=corten.folder,
            env={**os.environ, **corten.env, "TERM": "xterm"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = b""

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def expect(self, text: bytes) -> bytes:
        """Waits until a text is shown; returns what was shown up to it, since the last one."""
        deadline = time.monotonic() + TIMEOUT_S
        while text not in self.seen:
            assert select.select([self.master], [], [], max(deadline - time.monotonic(), 0))[0], self.seen
            self.seen += os.read(self.master, 4096)
        shown, found, self.seen = self.seen.partition(text)
        return shown + found

    def end(self) -> int:
        """Waits for the end of the command; returns its status."""
        return self.process.wait(TIMEOUT_S)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(TIMEOUT_S)
        os.close(self.master)


@pytest.fixture
def terminal(corten: Corten) -> Iterator[Terminal]:
    """A terminal that shows the prompt."""
    opened = Terminal(corten)
    opened.expect(b"Ctrl-] leaves")
    opened.expect(b">>> ")
    yield opened
    opened.close()


def test_it_answers(terminal: Terminal) -> None:
    terminal.type(b"6 * 7\r")
    assert b"\r\n42\r\n" in terminal.expect(b"42\r\n>>> ")


def test_leaving_ends_the_emulator_and_gives_the_terminal_back(terminal: Terminal) -> None:
    emulator = child_of(terminal.process)
    terminal.type(b"\x1d")
    assert terminal.end() == 0
    assert not is_running(emulator)
    assert termios.tcgetattr(terminal.master) == terminal.before


def test_ctrl_c_stops_the_program_and_not_the_command(terminal: Terminal) -> None:
    terminal.type(b"while True: print('on')\r\r")
    terminal.expect(b"on\r\non\r\n")
    terminal.type(b"\x03")
    terminal.expect(b"KeyboardInterrupt: ")
    terminal.expect(b">>> ")
    terminal.type(b"6 * 7\r")
    terminal.expect(b"42\r\n>>> ")


def test_ctrl_d_soft_resets(terminal: Terminal) -> None:
    terminal.type(b"\x04")
    terminal.expect(b"MPY: soft reboot\r\n")
    terminal.expect(b">>> ")


def test_tab_completes(terminal: Terminal) -> None:
    terminal.type(b"import mach\t")
    terminal.expect(b"import machine")


def test_emulator_that_is_killed(terminal: Terminal) -> None:
    os.kill(child_of(terminal.process), signal.SIGKILL)
    terminal.expect(b"corten: the target's console is gone")
    assert terminal.end() == 3
    assert termios.tcgetattr(terminal.master) == terminal.before


def test_command_that_is_terminated_gives_the_terminal_back(terminal: Terminal) -> None:
    emulator = child_of(terminal.process)
    terminal.process.terminate()
    assert terminal.end() == 128 + signal.SIGTERM
    assert termios.tcgetattr(terminal.master) == terminal.before
    eventually(lambda: not is_running(emulator), "the emulator is gone")


def test_terminal_that_is_closed_ends_the_emulator(terminal: Terminal) -> None:
    emulator = child_of(terminal.process)
    os.close(terminal.master)
    terminal.master = os.open(os.devnull, os.O_RDONLY)
    assert terminal.end() == 0
    assert not is_running(emulator)


def test_it_talks_to_the_one_in_the_background(corten: Corten) -> None:
    assert corten("run", "--detach").status == 0
    assert corten("exec", "answer = 42").status == 0
    opened = Terminal(corten)
    opened.expect(b">>> ")
    opened.type(b"answer\r")
    opened.expect(b"42\r\n>>> ")
    opened.type(b"\x1d")
    assert opened.end() == 0
    assert corten("exec", "print(answer)").out == "42\r\n"
    opened.close()


def test_input_from_a_pipe(corten: Corten) -> None:
    ended = corten("repl", stdin=b"print(6 * 7)\r")
    assert ended.status == 0
    assert ended.out.endswith(">>> print(6 * 7)\r\n42\r\n>>> ")


def test_it_has_no_json(corten: Corten) -> None:
    ended = corten("repl", "--json")
    assert (ended.status, ended.error) == (2, "corten: repl is for people\n  fix: corten exec --json")
