"""The serial line of the node: an open UART, what finds its frames, and how both are set up anew.

Callers: `take` and `send` from the context that answers, which allocate nothing; the rest from the main context, while
nobody answers.
"""

import board
from corten.irq import Interrupt
from corten.ring import HEAD, TAIL
from corten.silence import POSITION, TOO_QUIET, Silence
from corten.uart import DROPPED, OVERRUNS
from corten.wire.modbus_rtu import LONGEST, quarter_us

OWNER = "the Modbus node"
RX_BYTES = 1024  # the longest frame, and what comes until it was taken
TX_BYTES = 512
FLUSH_TIMEOUT_MS = 3000  # the longest frame at the lowest rate takes 2.4 s

PARITIES = (None, "even", "odd")
STOPS = (1, 2)
BAUD_UNIT = 100
RATES = (12, 24, 48, 96, 192, 384, 576, 1152)  # of BAUD_UNIT


class Line:
    """uart, timer: the peripherals. ends: the channel of frames' ends. number: of the interrupt to pend at each."""

    def __init__(self, uart, timer, ends, number):
        self.frame = bytearray(LONGEST)
        self.is_too_quiet = False
        self.uart = None
        self._peripheral = uart
        self._ends = ends
        self._silence = Silence(timer, 0, ends, Interrupt(number), owner=OWNER)
        self._taken = 0

    def allows(self, rate, parity, stop):
        """Whether the UART can be set up so, with what `open` takes."""
        try:
            self._open_uart(rate, parity, stop).close()
        except (ValueError, TypeError):
            return False
        return True

    def open(self, rate, parity, stop):
        """Set the line up. rate: in BAUD_UNIT. parity, stop: indices in PARITIES and number of stop bits.

        What was received before is dropped, and so is what was not sent. Raises ValueError for what the UART cannot do.
        """
        self._silence.stop()
        if self.uart:
            self.uart.close()
        self.uart = self._open_uart(rate, parity, stop)
        while self._ends.get() is not None:
            pass
        self._taken = 0
        self._silence.start(quarter_us(rate * BAUD_UNIT), self.uart._receive.word_address(HEAD))

    def _open_uart(self, rate, parity, stop):
        options = {"rx_size": RX_BYTES, "tx_size": TX_BYTES, "owner": OWNER}
        if parity:
            options["parity"] = PARITIES[parity]
        if stop != 1:
            options["stop"] = stop
        return self._peripheral.open(rate * BAUD_UNIT, **options)

    def figures(self):
        """Return where the UART counts, since `open`: bytes kept, bytes sent, bytes dropped, overruns."""
        received, sent = self.uart._receive.words, self.uart._send.words
        return [(received, HEAD), (sent, TAIL), (received, DROPPED), (received, OVERRUNS)]

    @property
    def ticks(self):
        """Where the timer's interrupts are counted: an array of words and an index."""
        return self._silence._handler.words, 2

    def take(self):
        """Take the next frame into `frame`, as much of it as fits; return its size, or -1 if none has ended."""
        end = self._ends.get()
        if end is None:
            return -1
        size = end - self._taken & POSITION
        self._taken = end & POSITION
        self.is_too_quiet = bool(end & TOO_QUIET)
        left = size
        while left:
            left -= self.uart.readinto(memoryview(self.frame)[: min(left, LONGEST)]) or left
        return size

    def send(self, reply, size):
        """Queue an answer; return whether there was room for all of it."""
        return self.uart.write(memoryview(reply)[:size]) == size

    def flush(self):
        """Wait until the last bit of what was queued is on the line, FLUSH_TIMEOUT_MS at most."""
        self.uart.flush(FLUSH_TIMEOUT_MS)
