"""An emulated board whose console is a pseudo-terminal: programs that expect a serial device can open it."""

import os
import re
import select
import subprocess
import time
import tty
from typing import TYPE_CHECKING

from host_tools.boards import QemuEmulator
from host_tools.build import Image
from host_tools.errors import TargetError
from host_tools.targets.child import dies_with_us
from host_tools.targets.qemu import emulator_of, machine_arguments

if TYPE_CHECKING:
    from host_tools.targets.pty_bridge import PtyBridge

PROMPT = b">>> "
START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0


def start_with_pty(image: Image) -> "PtyEmulator | PtyBridge":
    """One emulator, whichever the board has, from a cold boot, with its console as the device `port`."""
    if isinstance(image.board.emulator, QemuEmulator):
        return PtyEmulator(image)
    from host_tools.targets.pty_bridge import PtyBridge

    return PtyBridge(image)


class PtyEmulator:
    """One emulator, from a cold boot. Its console is the device `port`, which anybody may open while it runs.

    The device's slave end is held open: QEMU looks only once a second whether somebody has opened it. And QEMU learns
    that the guest has enabled its receiver only when something else happens; a line to its monitor is that something.
    """

    def __init__(self, image: Image) -> None:
        """Starts the emulator and waits for its prompt. TargetError when it does not come."""
        command = machine_arguments(image, icount=None)
        for name in emulator_of(image.board).uarts:
            command += ["-serial", "pty" if name == image.board.console.peripheral else "null"]
        command += ["-monitor", "stdio"]
        self._process = subprocess.Popen(
            [*dies_with_us(), *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._held: int | None = None
        try:
            self.port = self._announced_port()
            self._held = os.open(self.port, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self._held)
            self._await(self._held, re.compile(re.escape(PROMPT)), "did not boot to its prompt")
            self._tell_monitor(b"\n")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the emulator. Harmless when repeated."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def __enter__(self) -> "PtyEmulator":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _tell_monitor(self, line: bytes) -> None:
        assert self._process.stdin
        self._process.stdin.write(line)
        self._process.stdin.flush()

    def _announced_port(self) -> str:
        assert self._process.stdout
        announced = re.compile(rb"redirected to (/dev/\S+)\s")
        return self._await(self._process.stdout.fileno(), announced, "did not name its pseudo-terminal")[1].decode()

    def _await(self, source: int, pattern: re.Pattern[bytes], problem: str) -> re.Match[bytes]:
        deadline = time.monotonic() + START_TIMEOUT_S
        seen = b""
        while not (found := pattern.search(seen)):
            ready, _, _ = select.select([source], [], [], max(deadline - time.monotonic(), 0))
            data = os.read(source, 4096) if ready else b""
            if not data:
                raise TargetError(f"the emulator {problem}; it sent {seen[-400:]!r}")
            seen += data
        return found
