"""corten monitor on emulated boards: what it shows, when it ends, and that it finds a console again."""

import json
import os
import re
import signal
from pathlib import Path

import pytest

from host_tools.cli.monitor_command import _own_app
from tests.host_tools.commands import Corten, eventually

BOARD = "netduinoplus2"
APP = """
import sys
from corten.log import Log
log = Log("app")
other = Log("other")
log.info("hello %d", 5)
other.debug("detail %s", "x" * 20)
print("plain")
log.error("bad %.2f", 1.5)
sys.exit(0)
"""
FOREVER = """
import time
from corten.log import Log
log = Log("app")
number = 0
while True:
    log.info("number %d", number)
    number += 1
    time.sleep_ms(100)
"""


def project(corten: Corten, app: str, form: str = "framed") -> None:
    (corten.folder / "main.py").write_text(app, encoding="utf-8")
    settings = f'app = "main.py"\nboard = "{BOARD}"\nlog = "debug"\nlog_format = "{form}"\n'
    (corten.folder / "corten.toml").write_text(settings, encoding="utf-8")


@pytest.mark.parametrize("form", ["framed", "text"])
def test_lines_of_a_fresh_emulator(corten: Corten, built: Path, form: str) -> None:
    project(corten, APP, form)
    saved = corten.folder / "console.log"
    ended = corten("monitor", "--json", "--level", "info,other=error", "--save", saved)
    assert ended.status == 0, ended.err
    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert [(line.get("level"), line.get("name"), line["text"]) for line in lines] == [
        ("info", "app", "hello 5"),
        (None, None, "plain"),
        ("error", "app", "bad 1.50"),
    ]
    assert [line.get("place") for line in lines] == (
        ["main.py:6", None, "main.py:9"] if form == "framed" else [None] * 3
    )
    assert all(line["elapsed_s"] >= 0 and line["time"] for line in lines)
    assert saved.read_text(encoding="utf-8") == ended.out
    table = built / BOARD / "main" / "logs.json"
    assert table.exists() == (form == "framed")
    image = (built / BOARD / "main" / "firmware.elf").read_bytes()
    assert (b"detail %s" in image) == (form == "text")


def test_ends_at_what_is_looked_for(corten: Corten) -> None:
    project(corten, FOREVER)
    ended = corten("monitor", "--until", "number [3-9]", "--time", "off", "--timeout", "60")
    assert ended.status == 0, ended.err
    assert re.fullmatch(r"\[ +\d+\.\d{3}\] info {4}app: number 3 {2}\(main\.py:7\)", ended.out.splitlines()[-1])
    late = corten("monitor", "--until", "never", "--timeout", "1")
    assert late.status == 3
    assert "waited 1 s for 'never'; the last lines: ['number " in late.error
    assert corten("monitor", "--timeout", "1").status == 0
    project(corten, APP)
    gone = corten("monitor", "--until", "never")
    assert gone.status == 3
    assert gone.error == f"corten: main on {BOARD} ended before 'never' was seen"


def test_console_that_goes_and_comes_back(corten: Corten) -> None:
    project(corten, FOREVER)
    assert corten("run", "--detach", "main.py").status == 0
    process = corten.start("monitor", "--save", corten.folder / "saved", "--until", "number 60$", "--timeout", "100")
    eventually(lambda: "number 2" in _text(corten.folder / "saved"), "two lines", 120)
    assert corten("stop").status == 0
    assert corten("run", "--detach", "main.py").status == 0
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert b"waiting up to 30 s for the emulated" in err
    assert b"is back" in err
    assert corten("stop").status == 0


def test_console_that_does_not_come_back(corten: Corten) -> None:
    project(corten, FOREVER)
    assert corten("run", "--detach", "main.py").status == 0
    process = corten.start("monitor", "--save", corten.folder / "saved", "--wait", "1")
    eventually(lambda: "number 2" in _text(corten.folder / "saved"), "two lines", 120)
    assert corten("stop").status == 0
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3
    assert b"did not come back within 1 s" in err


def test_time_out_counts_while_the_console_is_away(corten: Corten) -> None:
    project(corten, FOREVER)
    assert corten("run", "--detach", "main.py").status == 0
    process = corten.start("monitor", "--save", corten.folder / "saved", "--wait", "3600", "--timeout", "8")
    eventually(lambda: "number 2" in _text(corten.folder / "saved"), "two lines", 120)
    assert corten("stop").status == 0
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"waiting up to 3600 s" in err


@pytest.mark.parametrize("app", [".", "my.app"])
def test_table_of_an_app_by_any_name(corten: Corten, app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    corten.write("project/corten.toml", f'app = "{app}"\n')
    corten.write(f"project/{app}/main.py", "")
    monkeypatch.chdir(corten.folder / "project")
    assert _own_app() == {".": "project"}.get(app, app)


def test_ctrl_c_leaves(corten: Corten) -> None:
    project(corten, FOREVER)
    process = corten.start("monitor", "--save", corten.folder / "saved")
    eventually(lambda: "number 2" in _text(corten.folder / "saved"), "two lines", 120)
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--until", "("), "--until: '(' is no regular expression: missing ), unterminated subpattern at position 0"),
        (("--level", "loud"), "'loud' is no filter of log lines: "),
        (("--save", "no/such/file"), "no/such: there is no such folder"),
        (("main.py", "--port", "/dev/null"), "the board at --port has an app of its own"),
        (("--port", "/dev/no-such-port"), "/dev/no-such-port: there is no such port"),
    ],
)
def test_what_cannot_be_followed(corten: Corten, arguments: tuple[str, ...], message: str) -> None:
    project(corten, APP)
    ended = corten("monitor", *arguments)
    assert ended.status in (2, 3)
    assert message in ended.error
    assert "fix:" in ended.error


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
