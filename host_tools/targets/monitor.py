"""QEMU's monitor (QMP), through qemu.qmp: what the emulator itself says of the board."""

import re
import select
import socket

from qemu.qmp import QMPError
from qemu.qmp.legacy import QEMUMonitorProtocol

from host_tools.errors import TargetError

ANSWER_TIMEOUT_S = 5.0


class Monitor:
    """The monitor of a running emulator. Each answer is waited for at most ANSWER_TIMEOUT_S."""

    def __init__(self, connected: socket.socket) -> None:
        """Negotiates over a connected socket. TargetError when the emulator does not answer."""
        if not select.select([connected], [], [], ANSWER_TIMEOUT_S)[0]:
            raise TargetError("the emulator's monitor does not answer")
        self._protocol = QEMUMonitorProtocol(connected)
        self._protocol.settimeout(ANSWER_TIMEOUT_S)
        try:
            self._protocol.connect()
        except (QMPError, OSError) as error:
            raise TargetError(f"the emulator's monitor does not answer: {error}") from error

    def read_word(self, address: int) -> int:
        """The 32-bit word at a physical address, as the emulator sees it: a device register is read as by the CPU."""
        text = self.command(f"xp /1wx {address:#x}")
        found = re.search(r": (0x[0-9a-f]+)", text)
        if not found:
            raise TargetError(f"the emulator cannot read {address:#x}: {text.strip()}")
        return int(found[1], 16)

    def device_of(self, name: str) -> str:
        """The path of the pseudo-terminal that the character device `name` is."""
        text = self.command("info chardev")
        found = re.search(rf"^{re.escape(name)}: filename=pty:(\S+)", text, re.MULTILINE)
        if not found:
            raise TargetError(f"the emulator has no pseudo-terminal {name}: {text.strip()}")
        return found[1]

    def command(self, line: str) -> str:
        """What the human monitor answers to a line."""
        try:
            return str(self._protocol.cmd("human-monitor-command", **{"command-line": line}))
        except (QMPError, OSError) as error:
            raise TargetError(f"the emulator's monitor does not answer: {error}") from error

    def close(self) -> None:
        """Ends the connection, not the emulator. Harmless when that has ended."""
        try:
            self._protocol.close()
        except (QMPError, OSError, EOFError):
            return
