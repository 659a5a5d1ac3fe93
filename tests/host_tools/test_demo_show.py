"""`make run`'s check of the demo from outside: it passes on the real one, and sees through one that lies."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from host_tools import paths
from host_tools.errors import FailedError, UsageError
from host_tools.shows.demo import show

BOARD = "mps2_an385"
DEMO = paths.firmware_dir() / "apps" / "demo" / "main.py"


def changed_demo(folder: Path, old: str, new: str) -> str:
    text = DEMO.read_text(encoding="utf-8")
    assert old in text
    path = folder / "changed.py"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return str(path)


def test_demo_agrees_with_what_is_seen_from_outside() -> None:
    command = [sys.executable, "-m", "host_tools.cli", "run", "demo", "--board", BOARD, "--show", "--json"]
    done = subprocess.run([*command, "--seconds", "1.2"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["led_changes"] >= 1
    assert (report["dropped"], report["overruns"]) == (0, 0)


def test_led_that_does_not_do_as_it_is_told_is_seen(tmp_path: Path) -> None:
    app = changed_demo(tmp_path, "b.value.led.on()", "b.value.led.off()")
    with pytest.raises(FailedError, match="answered ok to 'led on', but the LED is off"):
        show(BOARD, 1, print, quiet=True, app=app)


def test_interrupts_that_are_made_up_are_seen(tmp_path: Path) -> None:
    app = changed_demo(tmp_path, "ticks, led = b.value.ticks, ", "ticks, led = b.value.ticks + 7, ")
    with pytest.raises(FailedError, match="disagrees: the timer interrupts and the guest's clock"):
        show(BOARD, 1, print, quiet=True, app=app)


def test_wrong_answer_is_seen(tmp_path: Path) -> None:
    app = changed_demo(tmp_path, 'return "pong"', 'return "pang"')
    with pytest.raises(FailedError, match="'ping' was answered with 'pang' in place of 'pong'"):
        show(BOARD, 1, print, quiet=True, app=app)


def test_board_without_a_led_is_refused_with_the_reason() -> None:
    with pytest.raises(UsageError, match="has no GPIO"):
        show("netduinoplus2", 1, print, quiet=True)
