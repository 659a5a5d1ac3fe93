"""A pseudo-terminal in front of an emulator whose console is a socket."""

from host_tools.build import Image
from host_tools.link import SocketLink, read_until
from host_tools.targets import emulated
from host_tools.targets.bridge import Bridge

PROMPT = b">>> "
START_TIMEOUT_S = 10.0


class PtyBridge:
    """One emulator, from a cold boot. Its console is the device `port`."""

    def __init__(self, image: Image) -> None:
        """Starts the emulator and waits for its prompt. TargetError when it does not come."""
        self._bridge: Bridge | None = None
        self._target = emulated.start(image)
        try:
            console = self._target.console
            assert isinstance(console, SocketLink)
            read_until(console, PROMPT, START_TIMEOUT_S)
            self._bridge = Bridge(console)
            self.port = self._bridge.path
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the emulator. Harmless when repeated."""
        if self._bridge:
            self._bridge.close()
        self._target.close()

    def __enter__(self) -> "PtyBridge":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
