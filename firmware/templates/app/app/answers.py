"""What the UART's other side gets for an answer."""

WAIT_MS = 1000


def answer(line):
    """Return the answer to one line, without its end: bytes. It runs on the host as well."""
    words = line.split()
    if not words:
        return b"say something"
    if words[0] == b"ping":
        return b"pong"
    return b"you said " + b" ".join(words)


class Answers:
    """Answers lines. uart: what has readline and write. Callers: the main context; it allocates."""

    def __init__(self, uart):
        self._uart = uart

    def serve(self):
        """Answer one line, if one comes within a second."""
        line = self._uart.readline(WAIT_MS)
        if line:
            self._uart.write(answer(line) + b"\n", WAIT_MS)
