"""Every command at every kind of port that misbehaves: it ends in time, with cause and fix, and leaves nothing behind.

One test a command; its ports are tried side by side, since most of the time is waiting.
"""

import re
import subprocess
import termios
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from host_tools.build import Image
from host_tools.errors import TargetError
from host_tools.flashers import reboot
from tests.host_tools import misbehaving
from tests.host_tools.commands import Corten, Ended, read_until
from tests.host_tools.misbehaving import (
    After,
    Behind,
    Board,
    Delay,
    Echoes,
    Floods,
    Garble,
    Insert,
    Lose,
    On,
    Says,
    TakesNothing,
    Vanishes,
)
from tests.host_tools.test_repl import Terminal

TIMEOUT_S = 120.0
"""Far more than any command may take, on a machine that is busy with other things."""

AT_A_TIME = 6
"""Boards that are emulated side by side; ports without one wait rather than compute."""

WAITING_AT_A_TIME = 18
MARK = b"\r\n<ready>\r\n"
STUCK = "import micropython\nmicropython.kbd_intr(-1)\nprint('<ready>')\nwhile True: {}\n"
DEAF = "def f():\n while True:\n  try:\n   while True: pass\n  except KeyboardInterrupt: pass\nprint('<ready>');f()\n"


def typed(program: str) -> bytes:
    """A program through the paste mode, which then runs."""
    return b"\x05" + program.encode().replace(b"\n", b"\r") + b"\x04"


GONE = "the device is gone"
DEAD: dict[str, tuple[Callable[[Image], Behind], str]] = {
    "silent": (lambda _: Says(), "it sent nothing"),
    "echoes": (lambda _: Echoes(), "it only sends back what it is sent"),
    "boot-loader": (lambda _: Says(b"\r\nUnknown command\r\nU-Boot> "), "it sent b'"),
    "boot-loader-of-a-chip": (lambda _: Says(b"\x1f"), "it sent bytes that are no text"),
    "wrong-baud": (lambda _: Says(bytes(range(0x81, 0xF0, 3))), "it sent bytes that are no text"),
    "other-encoding": (lambda _: Says("Größe: 5 µm\r\n".encode("latin-1")), "it sent b'"),
    "prompt-without-raw-mode": (lambda _: Says(b"\r\n>>> "), "it shows MicroPython's prompt and does not take Ctrl-A"),
    "restarts-its-program": (lambda _: Says(b"KeyboardInterrupt: \r\nstarting again\r\n"), "does not end at Ctrl-C"),
    "floods": (lambda _: Floods(b"temperature 21.5\r\n" * 40), "it keeps sending and does not stop at Ctrl-C"),
    "floods-garbage": (lambda _: Floods(bytes(range(128, 256)) * 8), "it sent bytes that are no text"),
    "floods-zeros": (lambda _: Floods(bytes(4096)), "it sent bytes that are no text"),
    "takes-nothing": (lambda _: TakesNothing(), "the target took nothing for "),
    "vanishes": (lambda _: Vanishes(), GONE),
    "comes-back-without-answer": (lambda _: Vanishes(back_s=0.3), GONE),
    "stuck": (lambda image: Board(image, typed(STUCK.format("pass")), MARK), "it sent nothing"),
    "stuck-and-prints": (lambda image: Board(image, typed(STUCK.format("print('tick')")), MARK), "it keeps sending"),
    "catches-ctrl-c": (lambda image: Board(image, typed(DEAF), MARK), ""),
    "garbled-line": (lambda image: Board(image, faults=(Garble(),)), "it sent bytes that are no text"),
}
"""Ports whose board cannot be brought to its prompt, and what is said of them; who catches Ctrl-C may miss one."""

ALIVE: dict[str, Callable[[Image], Behind]] = {
    "at-the-prompt": Board,
    "half-a-line": lambda image: Board(image, b"for i in range(3", b"range(3"),
    "in-a-block": lambda image: Board(image, b"for i in range(3):\r", b"... "),
    "in-a-string": lambda image: Board(image, b"'''abc\r", b"... "),
    "raw-prompt": lambda image: Board(image, b"\x01", b"raw REPL; CTRL-B to exit\r\n>"),
    "raw-prompt-half-a-program": lambda image: Board(image, b"\x01print(1", b">"),
    "raw-paste-half-way": lambda image: Board(image, b"\x01\x05A\x01while True:\n  pr", b"R\x01"),
    "paste-mode": lambda image: Board(image, b"\x05print(1", b"=== print(1"),
    "waits-in-input": lambda image: Board(image, typed("x = input('<ready> ')\n"), b"\r\n<ready> "),
    "loops": lambda image: Board(image, typed("print('<ready>')\nwhile True: pass\n"), MARK),
    "loops-and-prints": lambda image: Board(image, typed("print('<ready>')\nwhile True: print('tick')\n"), MARK),
    "slow-line": lambda image: Board(image, faults=(Delay(0.02),)),
    "noise-before-the-prompt": lambda image: Board(image, faults=(Insert(b"\xff\x00\xfe\x80", 0),)),
    "loses-the-first-request": lambda image: Board(image, faults=(Lose("to_board", 0, 5),)),
}
"""Ports whose board works in the end."""

MIDWAY: dict[str, tuple[Callable[[Image], Behind], str]] = {
    "resets": (lambda image: Board(image, faults=(On(b"started", "reset"),)), "the target started anew"),
    "vanishes": (lambda image: Board(image, faults=(On(b"started", "vanish"),)), GONE),
    "garbled": (lambda image: Board(image, faults=(Garble(200),)), ""),
    "noise": (lambda image: Board(image, faults=(Insert(b"\x04\x04\x00\xff", 40),)), ""),
    **{
        f"{deed}s-after-{count}": (lambda image, d=deed, c=count: Board(image, faults=(After(c, d),)), "")  # type: ignore[misc]
        for deed in ("reset", "vanish")
        for count in (10, 100, 200, 400, 800)
    },
    **{
        f"loses-{count}-{direction}-at-{first}": (
            lambda image, d=direction, f=first, c=count: Board(image, faults=(Lose(d, f, c),)),  # type: ignore[misc]
            "",
        )
        for direction in ("to_board", "to_host")
        for first, count in ((6, 1), (8, 1), (20, 1), (40, 3))
    },
}
"""Faults in the middle; where a byte is lost, what comes of it may be anything but a hang."""


Words = str | None
"""What is said at a port: the words of an error, None where the command works, empty where it may go either way."""


@dataclass(frozen=True)
class Command:
    """A command line, {port} in it, what is typed at it, and how it ends at a dead port and at one that works."""

    words: tuple[str, ...]
    stdin: bytes = b""
    dead: int = 3
    works: str = "42"
    works_status: int = 0
    says: Callable[[str, Words], Words] = lambda _, usual: usual
    """What it says at a port, by the port's name and what others say there."""


def waits_longer(name: str, usual: Words) -> Words:
    """The server waits longer than its client until it gives a write up."""
    return "it sent nothing" if name == "takes-nothing" else usual


def only_listens(name: str, usual: Words) -> Words:
    """It asks the board nothing."""
    return ""


def shows_nothing(name: str, usual: Words) -> Words:
    """What happens when the board has printed something does not happen."""
    return "" if (name, usual) in [(key, MIDWAY[key][1]) for key in ("resets", "vanishes")] else usual


def only_types(name: str, usual: Words) -> Words:
    """It asks the board nothing, but it notices when it cannot type."""
    return usual if usual == GONE else ""


PROGRAM = "import time; print('started'); time.sleep_ms(300); print(6 * 7)"
AT_PORT = ("--port", "{port}")
COMMANDS = {
    "exec": Command(("exec", PROGRAM, "--timeout", "3", *AT_PORT)),
    "exec --json": Command(("exec", PROGRAM, "--json", "--timeout", "3", *AT_PORT)),
    "exec --soft-reset": Command(("exec", PROGRAM, "--soft-reset", "--timeout", "3", *AT_PORT)),
    "exec through serve": Command(("exec", PROGRAM, "--timeout", "3", "--port", "{served}"), says=waits_longer),
    "run": Command(("run", "app.py", "--timeout", "3", *AT_PORT)),
    "repl": Command(("repl", *AT_PORT), b"print(6 * 7)\r", says=only_types),
    "monitor": Command(("monitor", "--until", "never", "--timeout", "2", "--wait", "1", *AT_PORT), says=only_listens),
    "peek": Command(("peek", "TIMER0", *AT_PORT), works="RELOAD"),
    "trace": Command(("trace", "app.py", "--seconds", "0.2", *AT_PORT), works_status=1, works="no module"),
    "test": Command(("test", "tests/target/t.py", "-q", "--port", "mps2_an385={port}"), dead=1, works="1 passed"),
    "deploy": Command(("deploy", "app.py", "--no-start", *AT_PORT), works="1 files: 1 sent", says=shows_nothing),
    "mount": Command(("mount", "meter", "--timeout", "5", *AT_PORT)),
}


@pytest.fixture
def project(corten: Corten) -> Corten:
    corten.write("app.py", PROGRAM)
    corten.write("meter/main.py", PROGRAM)
    corten.write("pytest.ini", "[pytest]\ncorten_target_tests = tests/target\n")
    corten.write("tests/target/t.py", f"# timeout: 5\n{PROGRAM}\n")
    return corten


def run(corten: Corten, command: Command, place: Path) -> Ended:
    """Runs a command to its end; AssertionError where it does not come, or leaves something behind."""
    with ExitStack() as stack:
        where = {"port": str(place), "served": ""}
        if "{served}" in " ".join(command.words):
            served = stack.enter_context(corten.start("serve", "--json", "--listen", "127.0.0.1:0", "--port", place))
            stack.callback(served.terminate)
            where["served"] = re.findall(r'"url": "(.*?)"', read_until(served, b"}").decode())[0]
        process = corten.start(*(word.format(**where) for word in command.words))
        try:
            out, err = process.communicate(command.stdin, TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"no end within {TIMEOUT_S:g} s: {out[-500:]!r} {err[-500:]!r}") from None
        finally:
            assert not processes_of(process.pid), "it leaves a process behind"
    return Ended(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))


def processes_of(session: int) -> list[int]:
    """The processes of a session that are still there."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(words[3]) == session and words[0] != "Z":
            found.append(int(path.parent.name))
    return found


def check(ended: Ended, command: Command, words: Words) -> None:
    """What holds at every port."""
    text = ended.out + ended.err
    assert 'File "/' not in ended.err, "a traceback of ours"
    if words is None:
        assert ended.status == command.works_status, "it does not work"
        assert command.works in text, "it does not work"
    elif words or ended.status > 1:
        assert words in text, f"it does not say {words!r}"
        assert ended.status == command.dead, f"status {ended.status}"
        assert "fix: " in text, "no fix"


def row(
    project: Corten,
    command: Command,
    image: Image,
    folder: Path,
    ports: dict[str, tuple[Callable[[Image], Behind], Words]],
    at_a_time: int = AT_A_TIME,
) -> None:
    """Tries a command at ports, some of them side by side, and fails with all that is wrong."""

    def cell(name: str) -> str:
        make, words = ports[name]
        place = folder / name
        words = command.says(name, words)
        ended = None
        try:
            with misbehaving.port(make(image), place):
                ended = run(project, command, place)
            check(ended, command, words)
        except AssertionError as error:
            said = (
                f"\n    status {ended.status}\n    out: {ended.out[-600:]!r}\n    err: {ended.err[-900:]!r}"
                if ended
                else ""
            )
            return f"{name}: {str(error).splitlines()[0]}{said}"
        return ""

    folder.mkdir(exist_ok=True)
    with ThreadPoolExecutor(at_a_time) as pool:
        problems = [problem for problem in pool.map(cell, ports) if problem]
    assert not problems, "\n" + "\n".join(problems)


@pytest.mark.parametrize("name", COMMANDS)
def test_dead(project: Corten, image: Image, tmp_path: Path, name: str) -> None:
    row(project, COMMANDS[name], image, tmp_path / "ports", dict(DEAD), WAITING_AT_A_TIME)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "exec --json"])
def test_alive(project: Corten, image: Image, tmp_path: Path, name: str) -> None:
    row(project, COMMANDS[name], image, tmp_path / "ports", {key: (make, None) for key, make in ALIVE.items()})


@pytest.mark.parametrize("name", ["exec", "exec through serve", "test", "deploy", "mount"])
def test_midway(project: Corten, image: Image, tmp_path: Path, name: str) -> None:
    row(project, COMMANDS[name], image, tmp_path / "ports", dict(MIDWAY))


def test_the_boot_loader_is_asked_for(image: Image, tmp_path: Path) -> None:
    """What `corten flash` says to a board before it writes, and what it waits for afterwards."""

    def cell(name: str) -> str:
        make, words = DEAD[name]
        with misbehaving.port(make(image), tmp_path / name) as place:
            with suppress(TargetError):
                reboot.into_boot_loader(str(place))
            try:
                reboot.await_build(str(place), 3)
            except TargetError as error:
                return "" if error.fix and "no MicroPython answers at " in error.message else f"{name}: {error}"
            return f"{name}: it answers" if words else ""

    with ThreadPoolExecutor(WAITING_AT_A_TIME) as pool:
        assert [problem for problem in pool.map(cell, DEAD) if problem] == []


def test_a_device_that_vanishes_gives_the_terminal_back(corten: Corten, image: Image, tmp_path: Path) -> None:
    with misbehaving.port(Vanishes(), tmp_path / "port") as place:
        terminal = Terminal(corten, "--port", str(place))
        terminal.expect(GONE.encode())
        assert terminal.end() == 3
        assert termios.tcgetattr(terminal.master) == terminal.before
        terminal.close()


def test_a_second_device_takes_the_place_of_one_that_vanished(corten: Corten, image: Image, tmp_path: Path) -> None:
    """As a board on USB after its reset: the next command finds it."""
    with misbehaving.port(Vanishes(), tmp_path / "port") as place:
        assert corten("exec", "1", "--port", place).status == 3
        assert "there is no such port" in corten("exec", "1", "--port", place).error
    with misbehaving.port(Board(image), tmp_path / "port") as place:
        assert corten("exec", "print(1)", "--port", place).out == "1\r\n"
