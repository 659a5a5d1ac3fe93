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
from tests.host_tools.deploying import ANSWER_TIMEOUT_S, ask, bring, do, put, restart, write_app

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
        assert SAYS in restart(target.console)
        assert "greeting.py" in ask(target.console, "__import__('os').listdir()")


def test_main_of_before_is_kept(link: Link, app: Path) -> None:
    put(link, "/main.py", "print(1)")
    bring(link, app)
    assert ask(link, "open('/main.py.before').read()") == "print(1)"
    assert SAYS in restart(link)


def test_what_is_kept_is_never_overwritten(link: Link, app: Path) -> None:
    put(link, "/main.py", "print(1)")
    bring(link, app)
    for text in ("print(2)", "print(3)"):  # or the launcher of another version
        put(link, "/main.py", text)
        bring(link, app)
    put(link, "/main.py", "print(1)")
    bring(link, app)
    kept = [ask(link, f"open('/main.py.before{number}').read()") for number in ("", "1", "2")]
    assert kept == ["print(1)", "print(2)", "print(3)"]
    assert ask(link, "len(__import__('os').listdir('/'))") == "5", "the same is not kept twice"


def test_pointer_that_a_cut_on_fat_left_beside_its_place(link: Link, app: Path) -> None:
    bring(link, app)
    do(link, "import os\nos.rename('/.deploy/slot', '/.deploy/slot.new')")
    assert not bring(link, app).is_changed
    assert ask(link, "open('/.deploy/slot').read()") == "a", "the next deployment opens slot.new for writing"


def test_app_of_before_runs_after_an_error(corten: Corten, port: str, app: Path) -> None:
    with SerialTarget(port) as target:
        bring(target.console, changed(app, "main.py", "while True:\n    print('alive')\n"))
    assert corten("deploy", changed(app, "main.py", "print((\n"), "--port", port).status == 1
    with SerialTarget(port) as target:
        read_until(target.console, b"alive\r\nalive", ANSWER_TIMEOUT_S)


def test_odd_names_and_files(corten: Corten, port: str, app: Path) -> None:
    contents = {
        'it\'s "quoted".txt': b"1",
        "  blanks  ": b"2",
        "na\u00efve \U0001f600": b"3",
        "empty": b"",
        "b$": bytes(70_000),
    }
    for name, content in contents.items():
        (app / name).write_bytes(content)
    ended = corten("deploy", app, "--port", port)
    assert ended.status == 0, ended.err
    assert corten("deploy", app, "--port", port).out == "the board has it: 10 files, unchanged\n"
    with SerialTarget(port) as target:
        restart(target.console)
        for name, content in contents.items():
            assert ask(target.console, f"__import__('os').stat({name!r})[6]") == str(len(content))


def test_cached_modules_that_are_gone_are_compiled_again(
    link: Link, app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORTEN_CACHE", str(tmp_path / "cache"))
    bring(link, app)
    for path in (tmp_path / "cache" / "mpy").glob("*.mpy"):
        path.unlink()
    assert not bring(link, app).is_changed


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
