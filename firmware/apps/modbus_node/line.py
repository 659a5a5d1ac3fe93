"""The serial line of the node: an open UART, what finds its frames, and how both are set up anew.

Callers: `take` and `send` from the context that answers, which allocate nothing; the rest from the main context, while
nobody answers.
"""

import micropython

from corten.irq import Interrupt
from corten.silence import POSITION, TOO_QUIET, Silence
from corten.wire.modbus_rtu import LONGEST, character_quarters, quarter_us

OWNER = "the Modbus node"
RX_BYTES = 1024  # the longest frame, and what comes until it was taken
TX_BYTES = 512
FLUSH_TIMEOUT_MS = 3000  # the longest frame at the lowest rate takes 2.4 s

PARITIES = (None, "even", "odd")
STOPS = (1, 2)
BAUD_UNIT = 100
RATES = (12, 24, 48, 96, 192, 384, 576, 1152)  # of BAUD_UNIT


class Line:
    """uart, timer: the peripherals. ends: the channel of frames' ends. number: of the interrupt to pend at each.

    frame: what `take` found last. is_too_quiet: whether there was a gap inside.
    """

    def __init__(self, uart, timer, ends, number):
        self.frame = bytearray(LONGEST)
        self.is_too_quiet = False
        self._is_open = False
        self._peripheral = uart
        self._ends = ends
        self._silence = Silence(timer, ends, Interrupt(number), OWNER)
        self._stale = 0  # ends in the channel that are those of the line before it was set up anew
        self._taken = 0

    def allows(self, rate, parity, stop):
        """Whether the UART can be set up so, with what `open` takes."""
        try:
            self._open_uart(rate, parity, stop).close()
        except ValueError:
            return False
        return True

    def open(self, rate, parity, stop):
        """Set the line up. rate: in BAUD_UNIT. parity: an index in PARITIES. stop: number of stop bits.

        What was received and not taken is dropped, and so is what was not sent. Raises ValueError for what the UART
        cannot do.
        """
        self._silence.stop()
        self._close_uart()
        self._stale = self._ends.waiting
        self._taken = 0
        self.uart = uart = self._open_uart(rate, parity, stop)
        self._is_open = True
        baud = rate * BAUD_UNIT
        self._silence.start(quarter_us(baud), uart.received_address, uart.fetch_line, character_quarters(baud))

    def _open_uart(self, rate, parity, stop):
        return self._peripheral.open(
            rate * BAUD_UNIT, parity=PARITIES[parity], stop=stop, rx_size=RX_BYTES, tx_size=TX_BYTES, owner=OWNER
        )

    def _close_uart(self):
        if self._is_open:
            self._is_open = False
            self.uart.close()

    def figures(self, names):
        """Return where the UART counts, since `open`, for each of the names: a view of words and an index."""
        return [self.uart.counter(name) for name in names]

    def ticks(self):
        """Return where the timer's interrupts are counted: a view of words and an index."""
        return self._silence.counter()

    @micropython.native
    def take(self):
        """Take the next frame into `frame`, as much of it as fits; return its size, or -1 if none has ended."""
        while self._stale:
            self._stale -= 1
            self._ends.get()
        end = self._ends.get()
        if end is None:
            return -1
        size = end - self._taken & POSITION
        self._taken = end & POSITION
        self.is_too_quiet = bool(end & TOO_QUIET)
        left = size
        while left:
            taken = self.uart.take_into(self.frame, min(left, LONGEST))
            left = left - taken if taken else 0
        return size

    @micropython.native
    def send(self, reply, size):
        """Queue an answer; return whether all of it fitted."""
        return self.uart.put(reply, size) == size

    def flush(self):
        """Wait until the last bit of what was queued is on the line, FLUSH_TIMEOUT_MS at most."""
        self.uart.flush(FLUSH_TIMEOUT_MS)

    def close(self):
        """Close the UART and release the timer."""
        self._close_uart()
        self._silence.close()
