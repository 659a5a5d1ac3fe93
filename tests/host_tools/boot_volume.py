"""A board that takes UF2 files: a folder in place of its USB volume, and QEMU boots what is copied there."""

import socket
import subprocess
import threading
from pathlib import Path

from host_tools import uf2
from host_tools.targets.qemu import dies_with_us
from host_tools.targets.version import PROGRAM

FAMILY = 0x0A1B_2C3D
BOARD_ID = "CORTEN-AN385"
MACHINE = "mps2-an385"
POLL_S = 0.02


class Desk:
    """The board is in its boot loader, or it runs; its console is at `port` while it does. Use it as a context manager.

    The boot loader takes the first whole UF2 file, of any family: it is the host's part to refuse. It then leaves, and
    the board boots what the file writes, from address 0 on.
    """

    def __init__(self, folder: Path, board_id: str = BOARD_ID) -> None:
        self.volume = folder / "volume"
        self.volume.mkdir()
        self.taken: bytes | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._number = probe.getsockname()[1]
        self.port = f"socket://127.0.0.1:{self._number}"
        self._folder, self._board_id = folder, board_id
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)

    def __enter__(self) -> "Desk":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._process:
            self._process.kill()
            self._process.wait()

    def show_volume(self) -> None:
        """The board is in its boot loader."""
        (self.volume / "INFO_UF2.TXT").write_text(
            f"UF2 Bootloader v3.0\r\nModel: A board\r\nBoard-ID: {self._board_id}\r\n"
        )

    def power_on(self, kernel: Path) -> None:
        """The board runs `kernel`; a reset ends it, and it is in its boot loader then."""
        backend = f"tcp:127.0.0.1:{self._number},server=on,wait=off"
        command = [PROGRAM, "-machine", MACHINE, "-kernel", str(kernel), "-nodefaults", "-display", "none"]
        self._process = subprocess.Popen(
            [*dies_with_us(), *command, "-no-reboot", "-serial", backend], stdin=subprocess.DEVNULL
        )

    def _play(self) -> None:
        while not self._ended.wait(POLL_S):
            if self._process and self._process.poll() is not None:
                self._process = None
                self.show_volume()
            for path in self.volume.glob("*.uf2"):
                self._take(path)

    def _take(self, path: Path) -> None:
        data = path.read_bytes()
        if len(data) < uf2.BLOCK or len(data) < uf2.BLOCK * int.from_bytes(data[24:28], "little"):
            return  # not all of it is there yet
        self.taken = data
        image = uf2.read(data)
        kernel = self._folder / "booted.bin"
        kernel.write_bytes(image.memory(0, image.end))
        for each in (path, self.volume / "INFO_UF2.TXT"):
            each.unlink()
        self.power_on(kernel)
