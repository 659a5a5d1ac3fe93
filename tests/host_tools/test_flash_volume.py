"""Flashing through the volume of a debug probe: what is copied is what the board then boots."""

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_tools.boards import load_board
from host_tools.build import Image, build
from host_tools.targets.qemu import dies_with_us
from host_tools.targets.version import PROGRAM
from tests.host_tools.commands import Corten, eventually

BOARD = "nucleo_l476rg"
POLL_S = 0.02
STILL_S = 0.3  # a file that does not grow any more is whole


class Probe:
    """An ST-LINK and the Nucleo behind it: it programs a .bin, and the board, QEMU's sibling of it, boots that."""

    def __init__(self, folder: Path, failure: str | None = None) -> None:
        self.volume = folder / "NODE_L476RG"
        self.volume.mkdir()
        (self.volume / "DETAILS.TXT").write_text("Version: 0221\r\nBuild:   Jan 1 2020\r\n")
        (self.volume / "MBED.HTM").write_text("<html></html>")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._number = free.getsockname()[1]
        self.port = f"socket://127.0.0.1:{self._number}"
        self.programmed = folder / "programmed.bin"
        self._failure = failure
        self._board: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        if self._board:
            self._board.kill()
            self._board.wait()

    def _play(self) -> None:
        size = 0
        while not self._ended.wait(POLL_S if size == 0 else STILL_S):
            for path in self.volume.glob("*.bin"):
                if size == (size := path.stat().st_size) and size:
                    self._program(path)
                    size = 0

    def _program(self, path: Path) -> None:
        self.programmed.write_bytes(path.read_bytes())
        if self._failure:
            (self.volume / "FAIL.TXT").write_text(self._failure)
            return
        command = [PROGRAM, "-machine", "b-l475e-iot01a", "-kernel", str(self.programmed), "-nodefaults"]
        lines = ["-serial", "null", "-serial", f"tcp:127.0.0.1:{self._number},server=on,wait=off"]
        self._board = subprocess.Popen(
            [*dies_with_us(), *command, "-display", "none", *lines], stdin=subprocess.DEVNULL
        )
        path.unlink()


@pytest.fixture(scope="module")
def nucleo(built: Path) -> Image:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORTEN_BUILD", str(built))
        return build(load_board(BOARD), None, print)


@pytest.fixture
def probe(tmp_path: Path) -> Iterator[Probe]:
    found = Probe(tmp_path)
    yield found
    found.close()


@pytest.fixture
def flash(corten: Corten) -> Corten:
    corten.env["CORTEN_SYSROOT"] = str(corten.folder / "machine")
    return corten


def test_the_copied_file_is_what_the_board_boots(flash: Corten, nucleo: Image, probe: Probe) -> None:
    flash.write("machine/proc/mounts", f"/dev/sdz {probe.volume} vfat rw 0 0\n")
    ended = flash("flash", "--board", BOARD, "--image", nucleo.elf, "--port", probe.port, "--json")
    assert ended.status == 0, ended.err
    told = json.loads(ended.out)
    assert told["method"] == "volume"
    assert told["confirmed"] == told["build"]
    assert told["build"].startswith("corten:nucleo_l476rg:")
    assert "openocd: no debug probe is at a USB port" in ended.err, "what came before it has said why not"


def test_what_the_probe_says_of_a_failure_is_passed_on(flash: Corten, nucleo: Image, tmp_path: Path) -> None:
    probe = Probe(tmp_path, failure="The application file format is unknown and cannot be parsed.")
    try:
        ended = flash("flash", "--board", BOARD, "--image", nucleo.elf, "--volume", probe.volume)
    finally:
        probe.close()
    assert ended.status == 1
    assert "volume: the probe says: The application file format is unknown" in ended.error
    assert "fix: copy again" in ended.error


def test_a_failure_before_is_not_taken_for_one_now(flash: Corten, nucleo: Image, probe: Probe) -> None:
    (probe.volume / "FAIL.TXT").write_text("of yesterday")
    started = flash.start("flash", "--board", BOARD, "--image", nucleo.elf, "--volume", probe.volume)
    eventually(probe.programmed.exists, "the probe has the image")
    (probe.volume / "FAIL.TXT").unlink()
    assert started.wait(60) == 0


def test_another_folder_is_no_probe(flash: Corten, nucleo: Image, tmp_path: Path) -> None:
    ended = flash("flash", "--board", BOARD, "--image", nucleo.elf, "--volume", tmp_path, "--method", "volume")
    assert ended.status == 3
    assert "it has none of DETAILS.TXT, MBED.HTM, MBED.HTML" in ended.error
