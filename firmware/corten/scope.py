"""What is taken together comes back together.

    with Scope() as scope:
        led = scope.own(board.LED.into_output())
        uart = scope.own(board.UART1.open(9600))
        …
    # both are released here, the last first, however the block ended

Callers: the main context. Allocates.
"""


class Scope:
    """Owns handles until its block ends."""

    def __init__(self):
        self._resources: list = []

    def own(self, handle):
        """Release the handle's resource at the end, whatever handle it has by then, unless it was released and taken by
        someone else. Returns the handle."""
        self._resources.append((handle.resource, handle.resource.claim))
        return handle

    def close(self):
        """Release all, the last first. Harmless when repeated. Raises the first error, after all were tried."""
        wrong = None
        while self._resources:
            try:
                resource, claim = self._resources.pop()
                resource.release(claim)
            except BaseException as error:  # noqa: BLE001 - raised again below, once the others are released
                wrong = wrong or error
        if wrong:
            raise wrong

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, traceback):
        self.close()
