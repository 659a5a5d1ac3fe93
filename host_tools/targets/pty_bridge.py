"""A pseudo-terminal in front of an emulator whose console is a socket."""

import os
import select
import threading
import tty

from host_tools.build import Image
from host_tools.link import CHUNK, LinkClosedError, SocketLink, read_until
from host_tools.targets import emulated

PROMPT = b">>> "
START_TIMEOUT_S = 10.0
_POLL_S = 0.05


class PtyBridge:
    """One emulator, from a cold boot. Its console is the device `port`; a thread passes on what comes and goes."""

    def __init__(self, image: Image) -> None:
        """Starts the emulator and waits for its prompt. TargetError when it does not come."""
        self._ours, self._held = os.openpty()
        tty.setraw(self._held)  # it stays open: without anybody at it, reading our end is an error
        self.port = os.ttyname(self._held)
        self._ended = threading.Event()
        self._target = emulated.start(image)
        self._thread = threading.Thread(target=self._pass_on, daemon=True)
        try:
            read_until(self._target.console, PROMPT, START_TIMEOUT_S)
            self._thread.start()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the emulator. Harmless when repeated."""
        if self._ended.is_set():
            return
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self._target.close()
        os.close(self._ours)
        os.close(self._held)

    def __enter__(self) -> "PtyBridge":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _pass_on(self) -> None:
        console = self._target.console
        assert isinstance(console, SocketLink)
        try:
            while not self._ended.is_set():
                ready, _, _ = select.select([console.fileno(), self._ours], [], [], _POLL_S)
                if self._ours in ready:
                    console.write(os.read(self._ours, CHUNK))
                if console.fileno() in ready:
                    os.write(self._ours, console.read(CHUNK, 0))
        except (LinkClosedError, OSError):
            return  # whoever talks to the device sees it stand still, and says so
