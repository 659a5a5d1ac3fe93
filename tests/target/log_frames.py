"""A framed line: the number of its text, its arguments and its time, in a frame between zeros; none of it allocates."""

import micropython

from corten import log as logs
from corten.log import Log
from corten.wire.frame import Decoder
from corten.wire.log_record import LONG, longest, unpack

log = Log("uart")
decoder = Decoder(longest(LONG))
sent = bytearray(1024)


class Console:
    """Keeps what is written."""

    stdout: object = None
    count = 0

    @property
    def buffer(self):
        """As sys.stdout has it."""
        return self

    def write(self, data, size=1):
        for at in range(size):
            sent[self.count + at] = data[at]
        self.count += size


console = Console()
console.stdout = console
logs.sys = console  # type: ignore[assignment]


def received():
    """Return the numbers and arguments that came."""
    found, at = [], 0
    while at < console.count:
        at = decoder.take(sent, at, console.count)
        if decoder.ready:
            stamp, number, arguments = unpack(decoder.payload, decoder.count)
            assert 0 <= stamp < 1 << 30
            found.append((number, arguments))
    console.count = 0
    return found


log.send(7)
log.send(8, 5, -5, 1.5, "text")
log.send(0xFFFF, None, True, False, b"bytes")
log.send(9, 0xFFFF_FFFF, -0x8000_0000, 0x1_0000_0000, ["list"])
log.send(10, "Grüße " * 20)
found = received()
assert found == [
    (7, []),
    (8, [5, -5, 1.5, "text"]),
    (0xFFFF, [None, True, False, "bytes"]),
    (9, [0xFFFF_FFFF, -0x8000_0000, "int", "['list']"]),
    (10, ["Grüße " * 8 + "…"]),
], found
assert (decoder.lost, decoder.bad, decoder.overlong) == (0, 0, 0)

micropython.heap_lock()
log.send(11, 1, "with the heap locked")
micropython.heap_unlock()
logs.drain()
assert received() == [(11, [1, "with the heap locked"])]
