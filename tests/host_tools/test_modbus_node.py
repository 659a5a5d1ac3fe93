"""The Modbus node on the emulated board: `make run`'s check from outside, the oracle's, and other people's masters."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from host_tools import paths
from host_tools.bench import modbus
from host_tools.boards import load_board
from host_tools.build import build
from host_tools.errors import FailedError, UsageError
from host_tools.link import read_until
from host_tools.modbus.layout import APP, BOOT_TIMEOUT_S, FIGURES, FIRST_LINE, OWN
from host_tools.modbus.master import Master
from host_tools.shows.modbus_node import show
from host_tools.targets.qemu import EXACT, QemuTarget
from tests.host_tools.mbpoll import mbpoll

BOARD = "mps2_an385"
FRAMES = 250
MBPOLL_TIMEOUT_S = 60.0
NODE = paths.firmware_dir() / "apps" / APP


def changed_node(folder: Path, name: str, old: str, new: str) -> str:
    """A copy of the node that lies."""
    copy = folder / "changed_node"
    shutil.copytree(NODE, copy)
    text = (copy / name).read_text(encoding="utf-8")
    assert old in text
    (copy / name).write_text(text.replace(old, new), encoding="utf-8")
    return str(copy)


@pytest.mark.parametrize("board", [BOARD, "rpi_pico"])
def test_node_agrees_with_what_is_seen_from_outside(board: str) -> None:
    command = [sys.executable, "-m", "host_tools.cli", "run", "modbus_node", "--board", board, "--show", "--json"]
    done = subprocess.run([*command, "--seconds", "1"], capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["led_changes"] >= 3
    assert report["rounds"] >= 1
    assert report["frames_refused"] == report["dropped"] == 0


@pytest.mark.parametrize(
    ("name", "old", "new", "seen"),
    [
        ("banks.py", "pin.on()", "pin.off()", "coil 0 = 1: the LED: expected True, got False"),
        ("server.py", "count(counters, ANSWERS)", "pass", "disagrees: .*the answers on both sides"),
        (
            "server.py",
            "if not ends_in_crc16(frame, size):",
            "if False:",
            "a frame with a wrong CRC: bytes that came back",
        ),
        (
            "server.py",
            "return -rtu.ILLEGAL_ADDRESS",
            "return -rtu.ILLEGAL_VALUE",
            "that there is not: exception: expected 2",
        ),
    ],
)
def test_node_that_lies_is_seen(tmp_path: Path, name: str, old: str, new: str, seen: str) -> None:
    with pytest.raises(FailedError, match=seen):
        show(BOARD, 0.1, print, quiet=True, app=changed_node(tmp_path, name, old, new))


def test_board_without_what_the_node_needs_is_refused_with_the_reason() -> None:
    with pytest.raises(UsageError, match=r"the node needs an LED, a UART and a timer; .* no TIM"):
        show("b_l475e_iot01a", 1, print, quiet=True)


def test_answers_and_silence_are_as_the_oracle_says() -> None:
    rows = {row.name: row for row in modbus.compared(load_board(BOARD), FRAMES, print)}
    assert rows["modbus/valid"].value == rows["modbus/mutated"].value == FRAMES
    assert rows["modbus/valid/answered"].value > FRAMES // 2
    assert rows["modbus/mutated/silent"].value > FRAMES // 2
    assert [row for row in rows.values() if row.missed] == []


def test_a_wrong_answer_is_found(tmp_path: Path) -> None:
    app = changed_node(tmp_path, "server.py", "1 <= quantity <= rtu.MOST_BITS_READ", "1 <= quantity <= 16")
    with pytest.raises(FailedError, match="was answered with"):
        list(modbus.compared(load_board(BOARD), 500, print, app=app))


def test_an_answer_takes_as_long_as_it_may() -> None:
    """In instructions, which do not depend on the machine that this runs on."""
    rows = {row.name: row for row in modbus.times(load_board(BOARD), print, repeats=2)}
    assert rows["modbus/answer/read-1-register"].value < rows["modbus/answer/worst"].value
    assert [row for row in rows.values() if row.missed] == []


def test_settings_are_applied_after_their_answer() -> None:
    """Another address and another rate: the timer is started anew, and the UART opened anew, with its figures at 0."""
    board = load_board(BOARD)
    with QemuTarget(build(board, APP, print), icount=EXACT, monitor=True, terminals=["UART1"]) as target:
        read_until(target.console, FIRST_LINE, BOOT_TIMEOUT_S)
        with Master(target.terminal("UART1")) as master:
            for address, rate, quarter_us in ((9, 96, 287), (247, 1152, 125), (1, 192, 144)):
                master.write_registers(0, [address, rate])
                master.address = address
                assert master.read_holding(0, 4) == [address, rate, 0, 1]
                before, after = master.figures(), master.figures()
                assert before["received"] < after["received"] < 200
                seconds = (after["timer_interrupts"] - before["timer_interrupts"]) * quarter_us / 1e6
                assert 0 < seconds < 5
            assert master.refusal_of_write(1, 97) == 3  # a rate that there is not
            assert master.refusal_of_write(2, 1) == 3  # this UART has no parity
            assert master.read_holding(0, 4) == [1, 192, 0, 1]


def test_mbpoll_reads_and_writes(tmp_path: Path) -> None:
    """Debian's master, written by nobody here and in another language."""
    program = mbpoll(tmp_path)
    board = load_board(BOARD)
    with QemuTarget(build(board, APP, print), icount=EXACT, monitor=True, terminals=["UART1"]) as target:
        read_until(target.console, FIRST_LINE, BOOT_TIMEOUT_S)
        device = target.terminal("UART1")
        led = board.chip.peripherals[board.pins["LED"].peripheral].base

        def poll(*words: str, values: tuple[int, ...] = ()) -> str:
            fixed = ["-m", "rtu", "-a", "1", "-b", "19200", "-P", "none", "-0", "-1", "-o", "2"]
            command = [program, *fixed, *words, device, *map(str, values)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=MBPOLL_TIMEOUT_S, check=False)
            return done.stdout + done.stderr

        assert "Written 1 references" in poll("-t", "0", "-r", "0", values=(1,))
        assert target.monitor.read_word(led) & 1 == 1
        assert "Written 2 references" in poll("-t", "0", "-r", "0", values=(0, 1))
        assert target.monitor.read_word(led) & 3 == 2
        assert numbers(poll("-t", "0", "-r", "0", "-c", "2")) == [0, 1]
        assert numbers(poll("-t", "1", "-r", str(OWN), "-c", "2")) == [0, 1]
        assert "Written 3 references" in poll("-t", "4", "-r", str(OWN), values=(7, 8, 9))
        assert numbers(poll("-t", "4", "-r", str(OWN), "-c", "3")) == [7, 8, 9]
        figures = numbers(poll("-t", "3", "-r", "0", "-c", str(2 * len(FIGURES))))
        assert figures[2 * FIGURES.index("frames") + 1] == 7
        assert "Illegal data address" in poll("-t", "4", "-r", "5000", "-c", "1")


def numbers(text: str) -> list[int]:
    """The values that mbpoll prints, one a line."""
    return [int(line.split("\t")[1].split()[0]) for line in text.splitlines() if line.startswith("[")]
