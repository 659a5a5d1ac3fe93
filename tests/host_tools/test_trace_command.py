"""`corten trace`: an app on the emulated board, from its first line to the files."""

import json
import socket
import subprocess
from pathlib import Path

import pytest

from host_tools.boards import load_board
from host_tools.build import build
from host_tools.targets.child import dies_with_us
from host_tools.targets.qemu import machine_arguments
from tests.host_tools.commands import Corten, eventually
from tests.host_tools.test_trace_output import check_format

APP = """
import time

import board
from corten import trace
from corten.app import App
from corten.shared import Shared

app = App()
count = Shared(0)


@app.task(binds=board.DISPATCHERS[-1], priority=3, shares=(count,))
def tick():
    with count.lock() as c:
        c.value += 1
    log.spawn()


@app.task(priority=1, capacity=2)
def log():
    for _ in range(50):
        pass


@app.idle
def idle():
    app.tasks[0].line.pend()
    trace.mark("round")
    time.sleep_ms(5)


if __name__ == "__main__":
    print("it runs")
    app.run()
"""


def test_app_is_traced(corten: Corten) -> None:
    corten.write("ticker.py", APP)
    ended = corten("trace", "ticker.py", "--seconds", "0.1", "--output", "t.json", "--html", "t.html", "--json")
    assert (ended.status, ended.error) == (0, ""), ended.err
    told = json.loads(ended.out)
    rows = {(row["kind"], row["name"], row["context"]): row for row in told["rows"]}
    ticks = rows["task", "tick", "interrupt 23"]
    assert 15 <= ticks["count"] <= 25
    assert ticks["priority"] == 3
    assert rows["task", "log", "interrupt 20"]["count"] == ticks["count"]
    assert rows["interrupt", "interrupt 23", "interrupt 23"]["count"] == ticks["count"]
    assert rows["lock", "count", "interrupt 23"]["count"] == ticks["count"]
    assert told["marks"]["round"] in (ticks["count"], ticks["count"] - 1)
    assert 0.5 < told["idle_share"] < 1
    assert told["overwritten"] == 0
    assert 0.1e6 <= told["duration_us"] < 0.5e6
    check_format(json.loads((corten.folder / "t.json").read_text(encoding="utf-8")))
    assert "<canvas" in (corten.folder / "t.html").read_text(encoding="utf-8")


def test_table_for_a_person_and_a_ring_that_was_too_small(corten: Corten) -> None:
    corten.write("ticker.py", APP)
    ended = corten("trace", "ticker.py", "--seconds", "0.1", "--events", "64")
    assert ended.status == 0, ended.err
    assert "it runs" in ended.out
    assert "earlier events were overwritten" in ended.out
    assert "trace.html" in ended.out


def test_app_that_raises_is_reported_and_its_trace_is_written(corten: Corten) -> None:
    corten.write("broken.py", "import time\ntime.sleep_ms(3)\nraise ValueError('no sensor')\n")
    ended = corten("trace", "broken.py", "--output", "t.json", "--json")
    assert ended.status == 1
    assert ended.error == "corten: broken ended while it was traced: ValueError: no sensor"
    told = json.loads(ended.out)
    assert any(row["kind"] == "idle" for row in told["rows"])
    check_format(json.loads((corten.folder / "t.json").read_text(encoding="utf-8")))


def test_app_that_ends_early(corten: Corten) -> None:
    corten.write("early.py", "import sys\nsys.exit(0)\n")
    ended = corten("trace", "early.py", "--json")
    assert (ended.status, json.loads(ended.out)["ended"]) == (0, "it returned"), ended.err


def test_board_at_a_port(corten: Corten, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORTEN_BUILD", str(built))
    path = corten.write("ticker.py", APP)
    image = build(load_board("mps2_an385"), str(path), print, locks=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serial = ["-serial", f"tcp:127.0.0.1:{port},server=on,wait=off", "-serial", "null"]
    board = subprocess.Popen([*dies_with_us(), *machine_arguments(image, icount=None), *serial])
    try:
        eventually(lambda: answers(port), "the emulator listens")
        ended = corten(
            "trace",
            "ticker.py",
            "--port",
            f"socket://127.0.0.1:{port}",
            "--seconds",
            "0.2",
            "--output",
            "t.json",
            "--json",
        )
    finally:
        board.kill()
        board.wait()
    assert (ended.status, ended.error) == (0, "")
    assert {row["name"] for row in json.loads(ended.out)["rows"]} >= {"tick", "log", "count", "idle"}


def answers(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_board_without_a_clock(corten: Corten) -> None:
    corten.write("early.py", "pass\n")
    ended = corten("trace", "early.py", "--board", "b_l475e_iot01a")
    assert ended.status == 2
    assert "no clock for time stamps" in ended.error
    assert "b_l475e_iot01a" in ended.error


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["--seconds", "0"], "nothing can be recorded in 0 s"),
        (["--events", "1"], "no room for a trace"),
        (["--output", "nowhere/t.json"], "there is no such folder"),
    ],
)
def test_wrong_usage_names_cause_and_fix(corten: Corten, arguments: list[str], cause: str) -> None:
    corten.write("early.py", "pass\n")
    ended = corten("trace", "early.py", *arguments)
    assert ended.status == 2
    assert cause in ended.error
    assert "fix: " in ended.error


def test_more_events_than_memory(corten: Corten) -> None:
    corten.write("early.py", "pass\n")
    ended = corten("trace", "early.py", "--events", "100000")
    assert ended.status == 1
    assert "too little memory" in ended.error
    assert "--events" in ended.error
