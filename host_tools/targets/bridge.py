"""A link as a serial device, for programs that open one."""

import os
import select
import threading
import tty

from host_tools.link import CHUNK, LinkClosedError, SocketLink

_POLL_S = 0.05


class Bridge:
    """A pseudo-terminal at `path`, raw; a thread passes on what comes and goes, until `close`."""

    def __init__(self, link: SocketLink) -> None:
        self._link = link
        self._ours, self._held = os.openpty()
        tty.setraw(self._held)  # it stays open: without anybody at it, reading our end is an error
        self.path = os.ttyname(self._held)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._pass_on, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends it; the link stays. Harmless when repeated."""
        if self._ended.is_set():
            return
        self._ended.set()
        self._thread.join()
        os.close(self._ours)
        os.close(self._held)

    def _pass_on(self) -> None:
        try:
            while not self._ended.is_set():
                ready, _, _ = select.select([self._link.fileno(), self._ours], [], [], _POLL_S)
                if self._ours in ready:
                    self._link.write(os.read(self._ours, CHUNK))
                if self._link.fileno() in ready:
                    os.write(self._ours, self._link.read(CHUNK, 0))
        except (LinkClosedError, OSError):
            return  # whoever talks to the device sees it stand still, and says so
