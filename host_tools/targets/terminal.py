"""A pseudo-terminal of the emulator's, held open: QEMU looks only once a second whether somebody has opened one."""

import os
import tty


class Terminal:
    """The device at `path`, raw. Others open it by its path as well."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._held = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._held)

    def close(self) -> None:
        """Lets go of it."""
        os.close(self._held)
