"""`corten deploy` onto an emulated board: what is sent, what is refused, and what is left after it went wrong."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from host_tools.boards import load_board
from host_tools.build import Image, build
from host_tools.deploy.watch import TURN_S
from host_tools.errors import TargetError
from host_tools.link import Link, SocketLink, read_until
from host_tools.targets.pty import PtyEmulator
from host_tools.targets.serial import SerialTarget
from tests.host_tools.commands import Corten
from tests.host_tools.deploying import ANSWER_TIMEOUT_S, ask, bring, put, restart, write_app

APP = {
    "main.py": "import greeting, parts.deep as p\nprint(__name__, greeting.TEXT, open('words.txt').read(), p.x())\n",
    "greeting.py": "TEXT = 'hello'\n",
    "parts/__init__.py": "",
    "parts/deep.py": "import micropython\n@micropython.viper\ndef x() -> int:\n    return 40 + 2\n",
    "words.txt": "from a file",
}
SAYS = "__main__ hello from a file 42"


@pytest.fixture
def port(image: Image) -> Iterator[str]:
    with PtyEmulator(image) as emulator:
        yield emulator.port


@pytest.fixture
def link(port: str) -> Iterator[Link]:
    with SerialTarget(port) as target:
        yield target.console


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return write_app(tmp_path / "app", APP)


def changed(app: Path, name: str, text: str) -> Path:
    (app / name).write_text(text, encoding="utf-8")
    return app


def test_app_runs_as_it_would_from_its_folder(corten: Corten, port: str, app: Path) -> None:
    ended = corten("deploy", app, "--port", port, "--json")
    assert ended.status == 0, ended.err
    report = json.loads(ended.out)
    assert set(report["sent"]) == {"main.mpy", "greeting.mpy", "parts/__init__.mpy", "parts/deep.mpy", "words.txt"}
    with SerialTarget(port) as target:
        assert SAYS in restart(target.console)


def test_only_what_changed_is_sent(link: Link, app: Path) -> None:
    bring(link, app)
    assert not bring(link, app).is_changed
    second = bring(link, changed(app, "greeting.py", "TEXT = 'second'\n"))
    assert second.sent == ("greeting.mpy",)
    assert len(second.copied) == 4, "the other slot was empty"
    third = bring(link, changed(app, "words.txt", "other words"))
    assert (third.sent, third.copied) == (("words.txt",), ("greeting.mpy",)), (
        "it still has the first deployment's files"
    )
    assert "__main__ second other words 42" in restart(link)
    back = bring(link, changed(app, "words.txt", APP["words.txt"]))
    assert (back.sent, back.copied, back.is_changed) == ((), (), True), "the slot before has it all"
    assert "__main__ second from a file 42" in restart(link)


def test_what_the_app_no_longer_has_is_removed(link: Link, app: Path) -> None:
    bring(link, app)
    bring(link, write_app(app, {"main.py": "print('alone')"}))
    bring(link, write_app(app, {"main.py": "print('all alone')"}))
    assert "all alone" in restart(link)
    assert ask(link, "__import__('os').listdir('/.deploy/a')") == "['main.mpy']"
    assert ask(link, "__import__('os').listdir('/.deploy/b')") == "['main.mpy']"


def test_files_are_compared_as_the_board_has_them(link: Link, app: Path) -> None:
    bring(link, app)
    put(link, "/.deploy/a/words.txt", "rotten")
    report = bring(link, app)
    assert report.sent == ("words.txt",)
    assert SAYS in restart(link)


def test_source_is_left_as_it_is(corten: Corten, port: str, app: Path) -> None:
    ended = corten("deploy", app, "--port", port, "--source")
    assert ended.status == 0, ended.err
    with SerialTarget(port) as target:
        assert "hello from a file 42" in restart(target.console)
        assert "greeting.py" in ask(target.console, "__import__('os').listdir()")


def test_main_of_before_is_kept(link: Link, app: Path) -> None:
    put(link, "/main.py", "print(1)")
    bring(link, app)
    assert ask(link, "open('/main.py.before').read()") == "print(1)"
    assert SAYS in restart(link)


def test_frozen_app_would_win(corten: Corten, built: Path, app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORTEN_BUILD", str(built))
    frozen = corten.write("frozen_app.py", "print('frozen')\n")
    with PtyEmulator(build(load_board("mps2_an385"), str(frozen), print)) as emulator:
        ended = corten("deploy", app, "--port", emulator.port)
        assert ended.status == 2
        assert "has an app frozen in" in ended.error
        with SerialTarget(emulator.port) as target:
            assert ask(target.console, "__import__('os').listdir('/')") == "[]", "nothing was copied"


def test_full_file_system(corten: Corten, port: str, app: Path) -> None:
    with SerialTarget(port) as target:
        bring(target.console, app)
    (app / "large.bin").write_bytes(os.urandom(300_000))
    ended = corten("deploy", app, "--port", port)
    assert ended.status == 1
    assert "the board's file system is full" in ended.error
    with SerialTarget(port) as target:
        assert SAYS in restart(target.console)
        assert ask(target.console, "__import__('os').listdir('/.deploy')") == "['a', 'slot']", "the rest is removed"


def test_module_that_does_not_compile(corten: Corten, port: str, app: Path) -> None:
    ended = corten("deploy", changed(app, "greeting.py", "TEXT = 1\nTEXT = (\n"), "--port", port)
    assert ended.status == 1
    assert "greeting.py:3: does not compile" in ended.error or "greeting.py:2: does not compile" in ended.error


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (b"M\x05\x00\x1f", "version 5 of the format"),
        (bytes((ord("M"), 6, 9 << 2 | 3, 31)), "native code for xtensa"),
        (b"no module", "this is no compiled module"),
    ],
)
def test_module_for_something_else(corten: Corten, port: str, app: Path, header: bytes, problem: str) -> None:
    (app / "foreign.mpy").write_bytes(header)
    ended = corten("deploy", app, "--port", port)
    assert ended.status == 2
    assert f"foreign.mpy: {problem}" in ended.error or problem in ended.error


class Cut(Exception):
    """The cable is pulled."""


@pytest.mark.parametrize("at_byte", [1, 2000, 9000])
def test_cable_is_pulled(port: str, app: Path, at_byte: int) -> None:
    with SerialTarget(port) as target:
        bring(target.console, app)
    (app / "large.bin").write_bytes(os.urandom(10_000))

    def pull(done: int, total: int) -> None:
        if done >= at_byte:
            raise Cut

    with SerialTarget(port) as target, pytest.raises(Cut):
        bring(target.console, app, pull)
    with SerialTarget(port) as target:
        assert SAYS in read_until(target.console, SAYS.encode(), ANSWER_TIMEOUT_S).decode(), "by itself"
        assert bring(target.console, app).sent
        assert SAYS in restart(target.console)


class Noisy:
    """A link that garbles one byte of what is written."""

    def __init__(self, link: Link, at: int) -> None:
        self._link = link
        self._left = at

    def write(self, data: bytes, timeout_s: float = 10.0) -> None:
        if 0 <= self._left < len(data) > 100:
            data = data[: self._left] + bytes((data[self._left] ^ 0x10,)) + data[self._left + 1 :]
            self._left = -1
        elif len(data) > 100:
            self._left -= len(data)
        self._link.write(data, timeout_s)

    def read(self, size: int, timeout_s: float) -> bytes:
        return self._link.read(size, timeout_s)

    def close(self) -> None:
        self._link.close()


def test_garbled_byte_is_noticed(link: Link, app: Path) -> None:
    bring(link, app)
    (app / "large.bin").write_bytes(os.urandom(10_000))
    with pytest.raises(TargetError):
        bring(Noisy(link, 6000), app)
    assert SAYS in restart(link)
    bring(link, app)
    assert ask(link, "len(open('large.bin', 'rb').read())") == "10000"


def test_watch_deploys_again_and_shows_the_console(corten: Corten, port: str, app: Path) -> None:
    watching = corten.start("deploy", app, "--port", port, "--watch")
    assert watching.stdout

    def await_line(words: str) -> None:
        seen = b""
        while words.encode() not in seen:
            data = watching.stdout.readline() if watching.stdout else b""
            assert data, seen
            seen += data

    await_line(SAYS)
    changed(app, "greeting.py", "TEXT = (\n")
    changed(app, "words.txt", "what does not compile is not deployed")
    time.sleep(2 * TURN_S)
    changed(app, "greeting.py", "TEXT = 'saved'\n")
    await_line("__main__ saved what does not compile is not deployed 42")
    watching.send_signal(signal.SIGINT)
    assert watching.wait(ANSWER_TIMEOUT_S) == 130
    with SerialTarget(port) as target:
        assert "__main__ saved" in restart(target.console)


def test_mount_runs_from_the_files_that_are_here(corten: Corten, port: str, app: Path) -> None:
    changed(
        app,
        "main.py",
        "import greeting\nwith open('made.txt', 'w') as file:\n    file.write(greeting.TEXT)\nprint('ran')\n",
    )
    ended = corten("mount", app, "--port", port)
    assert (ended.status, ended.out.strip()) == (0, "ran"), ended.err
    assert (app / "made.txt").read_text(encoding="utf-8") == "hello"
    with SerialTarget(port) as target:
        assert ask(target.console, "__import__('os').listdir('/')") == "[]"


def test_mount_tells_of_an_exception(corten: Corten, port: str, app: Path) -> None:
    changed(app, "main.py", "print('before')\nraise ValueError('wrong')\n")
    ended = corten("mount", app, "--port", port)
    assert ended.status == 1
    assert ended.out.strip() == "before"
    assert "ValueError: wrong" in ended.err


def test_emulator_in_the_background_is_given_the_app(corten: Corten, app: Path) -> None:
    ended = corten("deploy", app)
    assert ended.status == 2
    assert "no mps2_an385 runs that could be given an app" in ended.error
    console = json.loads(corten("run", "--detach", "--json").out)["console"]
    ended = corten("deploy", app)
    assert ended.status == 0, ended.err
    assert ended.out.startswith("5 files: 5 sent in ")
    assert corten("deploy", app).out == "the board has it: 5 files, unchanged\n"
    with closing(SocketLink.connect(console)) as link:
        assert SAYS in restart(link)
