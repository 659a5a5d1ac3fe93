"""Boards that take UF2 files: a folder in place of the USB volume, and an emulator boots what is copied there."""

import select
import socket
import subprocess
import threading
from pathlib import Path

from host_tools import uf2
from host_tools.boards import load_board
from host_tools.link import CHUNK, LinkClosedError
from host_tools.targets.qemu import dies_with_us
from host_tools.targets.rp2040 import Rp2040Target
from host_tools.targets.version import PROGRAM

FAMILY = 0x0A1B_2C3D
BOARD_ID = "CORTEN-AN385"
MACHINE = "mps2-an385"
POLL_S = 0.02


class Desk:
    """A board on the desk, in its boot loader or running; its console is at `port`. Use it as a context manager.

    The boot loader takes the first whole UF2 file, of any family: it is the host's part to refuse. It then leaves, and
    the board boots that file. `boots`: each file that the board has booted.
    """

    def __init__(self, folder: Path, board_id: str) -> None:
        self.volume = folder / "volume"
        self.volume.mkdir()
        self.boots: list[Path] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.number = probe.getsockname()[1]
        self.port = f"socket://127.0.0.1:{self.number}"
        self._folder, self._board_id = folder, board_id
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)

    def __enter__(self) -> "Desk":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()
        self.power_off()

    def show_volume(self) -> None:
        """The board is in its boot loader."""
        (self.volume / "INFO_UF2.TXT").write_text(
            f"UF2 Bootloader v3.0\r\nModel: A board\r\nBoard-ID: {self._board_id}\r\n"
        )

    def power_on(self, path: Path) -> None:
        """The board boots a file."""
        raise NotImplementedError

    def power_off(self) -> None:
        """The board runs nothing. Harmless when it did not."""
        raise NotImplementedError

    def has_left(self) -> bool:
        """Whether what ran has gone into the boot loader."""
        raise NotImplementedError

    def _play(self) -> None:
        while not self._ended.wait(POLL_S):
            if self.has_left():
                self.power_off()
                self.show_volume()
            for path in self.volume.glob("*.uf2"):
                self._take(path)

    def _take(self, path: Path) -> None:
        data = path.read_bytes()
        if len(data) < uf2.BLOCK or len(data) < uf2.BLOCK * int.from_bytes(data[24:28], "little"):
            return  # not all of it is there yet
        copied = self._folder / f"copied{len(self.boots)}.uf2"
        copied.write_bytes(data)
        for each in (path, self.volume / "INFO_UF2.TXT"):
            each.unlink()
        self.boots.append(copied)
        self.power_on(copied)


class QemuDesk(Desk):
    """An MPS2 with AN385, into which somebody has put a boot loader; a reset leads into it. It boots from address 0."""

    def __init__(self, folder: Path, board_id: str = BOARD_ID) -> None:
        super().__init__(folder, board_id)
        self._process: subprocess.Popen[bytes] | None = None

    def power_on(self, path: Path) -> None:
        if path.suffix == ".uf2":
            image = uf2.read(path.read_bytes())
            path = path.with_suffix(".bin")
            path.write_bytes(image.memory(0, image.end))
        backend = f"tcp:127.0.0.1:{self.number},server=on,wait=off"
        command = [PROGRAM, "-machine", MACHINE, "-kernel", str(path), "-nodefaults", "-display", "none"]
        self._process = subprocess.Popen(
            [*dies_with_us(), *command, "-no-reboot", "-serial", backend], stdin=subprocess.DEVNULL
        )

    def power_off(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def has_left(self) -> bool:
        return self._process is not None and self._process.poll() is not None


class PicoDesk(Desk):
    """A Raspberry Pi Pico: rp2040js runs MicroPython's own port, whose machine.bootloader() leads into the boot ROM."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "RPI-RP2")
        self._target: Rp2040Target | None = None
        self._relay: Relay | None = None

    def power_on(self, path: Path) -> None:
        self._target = Rp2040Target(load_board("rpi_pico"), path, flash=self._folder / "flash.bin", real_time=True)
        self._relay = Relay(self.number, self._target)

    def power_off(self) -> None:
        if self._target and self._relay:
            self._relay.close()
            self._target.close()
            self._target = self._relay = None

    def has_left(self) -> bool:
        return self._target is not None and self._target.ended() is not None


class Relay:
    """A target's console at a TCP port of this machine, for one client at a time."""

    def __init__(self, number: int, target: Rp2040Target) -> None:
        self._console = target.console
        self._server = socket.create_server(("127.0.0.1", number))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends it, and the connection of its client."""
        self._ended.set()
        self._thread.join()

    def _serve(self) -> None:
        with self._server:
            while not self._ended.is_set():
                if select.select([self._server], [], [], POLL_S)[0]:
                    client, _ = self._server.accept()
                    with client:
                        self._pass_on(client)

    def _pass_on(self, client: socket.socket) -> None:
        try:
            while not self._ended.is_set():
                if select.select([client], [], [], 0)[0]:
                    data = client.recv(CHUNK)
                    if not data:
                        return
                    self._console.write(data)
                client.sendall(self._console.read(CHUNK, POLL_S))
        except (LinkClosedError, ConnectionError):
            return
