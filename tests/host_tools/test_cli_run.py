"""`corten run`: how an app can end, and that nothing is left behind however the command ends."""

import json
import os
import signal
import subprocess

import pytest

from tests.host_tools.commands import Corten, child_of, end, eventually, is_running, read_until

ENDLESS = "print('started')\nwhile True:\n    pass\n"


@pytest.fixture
def endless(corten: Corten) -> "subprocess.Popen[bytes]":
    """A command that runs an app without an end, which has started."""
    corten.write("endless.py", ENDLESS)
    process = corten.start("run", "endless.py")
    read_until(process, b"started\r\n")
    return process


def test_app_that_ends_well(corten: Corten) -> None:
    corten.write("good.py", "print('all is well')\n")
    ended = corten("run", "good.py")
    assert (ended.status, ended.out, ended.error) == (0, "all is well\r\n", "")


def test_app_of_several_files(corten: Corten) -> None:
    corten.write("meter/sensor.py", "def read():\n    return 42\n")
    corten.write("meter/.venv/other.py", "not Python\n")
    corten.write("meter/main.py", "import sensor\nprint(sensor.read())\n")
    ended = corten("run", "meter")
    assert (ended.status, ended.out) == (0, "42\r\n"), ended.err


def test_output_is_passed_on_byte_by_byte(corten: Corten) -> None:
    corten.write("raw.py", "import sys\nsys.stdout.buffer.write(bytes(range(5, 256)))\n")
    process = corten.start("run", "raw.py")
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, bytes(range(5, 256)))


def test_uncaught_exception_is_shown_and_named_in_one_line(corten: Corten) -> None:
    corten.write("meter/sensor.py", "def read():\n    raise ValueError('no sensor')\n")
    corten.write("meter/main.py", "import sensor\n\nsensor.read()\n")
    ended = corten("run", "meter")
    assert ended.status == 1
    assert ended.error == (
        'corten: meter ended with an uncaught exception: ValueError: no sensor (File "sensor.py", line 2, in read)'
    )
    assert 'File "main.py", line 3, in <module>' in ended.out


def test_exit_status_of_the_app_is_named(corten: Corten) -> None:
    corten.write("exits.py", "import sys\nsys.exit(3)\n")
    ended = corten("run", "exits.py")
    assert (ended.status, ended.error) == (1, "corten: exits ended with status 3")


def test_exit_with_zero_is_good(corten: Corten) -> None:
    corten.write("exits0.py", "import sys\nprint('bye')\nsys.exit(0)\n")
    ended = corten("run", "exits0.py")
    assert (ended.status, ended.out, ended.error) == (0, "bye\r\n", "")


def test_exit_with_a_text_shows_it(corten: Corten) -> None:
    corten.write("exits_text.py", "import sys\nsys.exit('no sensor')\n")
    ended = corten("run", "exits_text.py")
    assert (ended.status, ended.out, ended.error) == (1, "no sensor\r\n", "corten: exits_text ended with status 1")


def test_exit_with_the_status_of_a_fault_is_no_fault(corten: Corten) -> None:
    corten.write("exits70.py", "import sys\nsys.exit(70)\n")
    ended = corten("run", "exits70.py")
    assert (ended.status, ended.error) == (1, "corten: exits70 ended with status 70")


def test_hard_fault_gives_the_registers(corten: Corten) -> None:
    corten.write("faults.py", "import machine\nmachine.mem32[0xF000_0000]\n")
    ended = corten("run", "faults.py")
    assert ended.status == 1
    first, fault, registers = ended.error.splitlines()
    assert first == "corten: faults ended in a fault:"
    assert fault.startswith("  BusFault exception=5 pc=0x")
    assert fault.endswith("bfar=0xf0000000")
    assert registers.startswith("  r0=0xf0000000 r1=0x")


def test_hang_ends_at_the_timeout_with_the_last_words(corten: Corten) -> None:
    corten.write("hangs.py", "print('now')\nwhile True:\n    pass\n")
    ended = corten("run", "hangs.py", "--timeout", "1")
    assert (ended.status, ended.out) == (3, "now\r\n")
    assert ended.error == "corten: hangs was still running after 1 s; its last words: 'now\\r\\n'"


def test_json_is_all_that_is_on_standard_output(corten: Corten) -> None:
    corten.write("crashes.py", "print('before')\n1 / 0\n")
    ended = corten("run", "crashes.py", "--json")
    report = json.loads(ended.out)
    assert (ended.status, report["app"], report["board"], report["status"]) == (1, "crashes", "mps2_an385", 1)
    assert report["output"].startswith("before\r\nTraceback")


def test_ctrl_c_ends_in_one_line_and_ends_the_emulator(endless: "subprocess.Popen[bytes]") -> None:
    emulator = child_of(endless)
    ended = end(endless, signal.SIGINT)
    assert (ended.status, ended.error.strip()) == (130, "corten: interrupted")
    assert not is_running(emulator)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_signal_ends_the_emulator(endless: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    emulator = child_of(endless)
    ended = end(endless, number)
    assert ended.status in (-number, 128 + number)
    eventually(lambda: not is_running(emulator), "the emulator is gone")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (signal.SIGKILL, "the emulator was killed by SIGKILL"),
        (signal.SIGTERM, "the emulator ended: terminating on signal 15 from pid "),
    ],
)
def test_emulator_killed_from_outside(endless: "subprocess.Popen[bytes]", number: signal.Signals, reason: str) -> None:
    os.kill(child_of(endless), number)
    out, err = endless.communicate(timeout=60)
    assert (endless.returncode, out) == (3, b"")
    assert err.decode().splitlines()[-1].startswith(f"corten: endless: {reason}")


def test_ctrl_c_while_it_builds(corten: Corten) -> None:
    corten.write("slow/main.py", "")
    for number in range(20):
        corten.write(f"slow/part{number}.py", f"NUMBER = {number} + {os.getpid()}\n")
    process = corten.start("build", "slow")
    assert process.stderr
    assert b"building slow" in process.stderr.readline()
    ended = end(process, signal.SIGINT)
    assert (ended.status, ended.error.strip()) == (130, "corten: interrupted")


def test_show_of_an_app_that_has_none(corten: Corten) -> None:
    path = corten.write("meter/main.py", "").parent
    ended = corten("run", path, "--show")
    assert (ended.status, ended.error) == (2, f"corten: {path} has no show\n  fix: run it without --show")


def test_detach_needs_an_emulated_board(corten: Corten) -> None:
    ended = corten("run", "demo", "--detach", "--port", "/dev/ttyACM0")
    assert ended.status == 2
    assert ended.error == "corten: --show and --detach need an emulated board\n  fix: leave --port away"
