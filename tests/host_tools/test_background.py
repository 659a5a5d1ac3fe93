"""Emulators in the background: `corten run --detach`, `exec` against them, `stop`, and records that have gone stale."""

import json
import os
import signal
from pathlib import Path

import pytest
import serial

from host_tools.link import SocketLink
from tests.host_tools.commands import Corten, end, eventually, is_running, read_until


@pytest.fixture
def running(corten: Corten) -> Corten:
    """A project with an emulator in the background."""
    ended = corten("run", "--detach")
    assert ended.status == 0, ended.err
    return corten


def record(corten: Corten) -> Path:
    return Path(corten.env["XDG_RUNTIME_DIR"]) / "corten" / "mps2_an385.json"


def pid_of(corten: Corten) -> int:
    return int(json.loads(record(corten).read_text(encoding="utf-8"))["pid"])


def test_terminals_are_serial_devices(corten: Corten) -> None:
    corten.write(
        "main.py", "import board\nuart = board.UART1.open()\nwhile True:\n    uart.write(uart.read(-1, 1000))\n"
    )
    ended = corten("run", "main.py", "--detach", "--terminals", "--json")
    uarts = json.loads(ended.out)["uarts"]
    assert uarts["UART0"].endswith("/UART0"), "the console stays a socket, for exec and repl"
    with serial.Serial(uarts["UART1"], timeout=10) as device:
        device.write(b"there and back")
        assert device.read(14) == b"there and back"
    assert corten("stop").status == 0


def test_terminals_are_for_the_background(corten: Corten) -> None:
    ended = corten("run", "demo", "--terminals")
    assert (ended.status, ended.error) == (
        2,
        "corten: --terminals is for an emulator in the background\n  fix: add --detach",
    )


def test_detach_tells_the_process_and_the_sockets(corten: Corten) -> None:
    ended = corten("run", "--detach", "--json")
    found = json.loads(ended.out)
    assert (ended.status, found["board"], found["app"]) == (0, "mps2_an385", "repl")
    assert is_running(found["pid"])
    assert set(found["uarts"]) == {"UART0", "UART1"}
    assert Path(found["console"]).is_socket()


def test_exec_talks_to_the_one_that_runs(running: Corten) -> None:
    assert running("exec", "answer = 42").status == 0
    ended = running("exec", "print(answer)")
    assert (ended.status, ended.out, ended.err) == (0, "42\r\n", "")


def test_exec_with_a_soft_reset_forgets(running: Corten) -> None:
    assert running("exec", "answer = 42").status == 0
    ended = running("exec", "--soft-reset", "print(answer)")
    assert ended.status == 1
    assert "NameError: name 'answer' isn't defined" in ended.err


def test_exec_stops_what_runs_there(running: Corten) -> None:
    assert running("exec", "--timeout", "0.5", "while True: pass").status == 3
    ended = running("exec", "print('again')")
    assert (ended.status, ended.out) == (0, "again\r\n"), ended.err


def test_exec_of_an_exception(running: Corten) -> None:
    ended = running("exec", "1 / 0")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.splitlines()[-1] == "ZeroDivisionError: divide by zero"


def test_exec_in_json(running: Corten) -> None:
    ended = running("exec", "--json", "print('before'); 1 / 0")
    report = json.loads(ended.out)
    assert (ended.status, report["output"]) == (1, "before\r\n")
    assert report["error"].endswith("ZeroDivisionError: divide by zero\r\n")


def test_exec_of_standard_input(running: Corten) -> None:
    ended = running("exec", "-", stdin=b"for i in range(2):\n    print(i)\n")
    assert (ended.status, ended.out) == (0, "0\r\n1\r\n")


def test_exec_of_what_is_no_text(running: Corten) -> None:
    ended = running("exec", "-", stdin=b"print('\xff')")
    assert ended.status == 2
    assert ended.error.startswith("corten: standard input: expected UTF-8 text: ")


def test_exec_that_soft_resets_is_good_and_leaves_a_prompt(running: Corten) -> None:
    ended = running("exec", "import machine; print('bye'); machine.soft_reset()")
    assert (ended.status, ended.out, ended.err) == (0, "bye\r\n", "")
    assert running("exec", "print(1)").out == "1\r\n"


def test_exec_of_more_than_a_window(running: Corten) -> None:
    """The raw REPL takes a program in windows of some hundred bytes."""
    ended = running("exec", "-", stdin=b"text = '''" + b"x" * 50_000 + b"'''\nprint(len(text))\n")
    assert (ended.status, ended.out) == (0, "50000\r\n"), ended.err


def test_exec_that_hangs_ends_with_the_last_words(running: Corten) -> None:
    ended = running("exec", "--timeout", "0.5", "print('so far')\nwhile True: pass")
    assert ended.status == 3
    assert "the program did not end and printed nothing more; the last of it: b'so far\\r\\n'" in ended.error


def test_ctrl_c_stops_the_program_on_the_board(running: Corten) -> None:
    process = running.start("exec", "print('started')\nwhile True: pass")
    read_until(process, b"started")
    ended = end(process, signal.SIGINT)
    assert (ended.status, ended.error.strip()) == (130, "corten: interrupted")
    assert running("exec", "print(1)").out == "1\r\n"


def test_console_that_another_command_uses(running: Corten) -> None:
    process = running.start("exec", "print('started')\nwhile True: pass")
    read_until(process, b"started")
    ended = running("exec", "1")
    assert ended.status == 3
    assert ended.error.startswith(
        "corten: another process uses the console of the emulated mps2_an385\n  fix: end that"
    )
    end(process, signal.SIGINT)


def test_second_one_of_a_board_is_refused(running: Corten) -> None:
    ended = running("run", "--detach")
    assert ended.status == 2
    assert ended.error == "corten: an emulated mps2_an385 runs already\n  fix: corten stop --board mps2_an385"


def test_stop_ends_it(running: Corten) -> None:
    pid = pid_of(running)
    ended = running("stop", "--json")
    assert (ended.status, json.loads(ended.out)) == (0, {"board": "mps2_an385", "app": "repl", "pid": pid})
    eventually(lambda: not is_running(pid), "the emulator is gone")
    assert not record(running).exists()


def test_stop_without_one(corten: Corten) -> None:
    ended = corten("stop")
    assert ended.status == 2
    assert ended.error == (
        "corten: no emulated mps2_an385 runs in the background\n  fix: corten run --detach starts one"
    )


def test_record_of_one_that_was_killed_is_removed(running: Corten) -> None:
    os.kill(pid_of(running), signal.SIGKILL)
    assert running("stop").status == 2
    assert not record(running).exists()


def test_process_that_got_its_number_is_left_alone(running: Corten) -> None:
    """The record names this test's process: as if the emulator had died and its number were given out again."""
    pid = pid_of(running)
    found = json.loads(record(running).read_text(encoding="utf-8"))
    record(running).write_text(json.dumps({**found, "pid": os.getpid()}), encoding="utf-8")
    assert running("stop").status == 2
    os.kill(pid, signal.SIGKILL)


def test_record_that_cannot_be_read_is_removed(corten: Corten) -> None:
    record(corten).parent.mkdir()
    record(corten).write_text("[]", encoding="utf-8")
    assert corten("stop").status == 2
    assert not record(corten).exists()


def test_app_goes_on_in_the_background(corten: Corten) -> None:
    corten.write(
        "counts.py", "import time\ncount = 0\nwhile True:\n    count += 1\n    print(count)\n    time.sleep_ms(5)\n"
    )
    started = corten("run", "--detach", "--json", "counts.py")
    console = SocketLink.connect(json.loads(started.out)["console"])
    read_line(console)  # the console may have been opened in the middle of one
    first = int(read_line(console))
    assert int(read_line(console)) == first + 1
    console.close()


def read_line(console: SocketLink) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        line += console.read(1, 10)
    return line
