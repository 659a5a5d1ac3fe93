"""What became of each byte of a `corten.uart`: live counts, of bytes where not said otherwise, modulo 2**32.

Reading one allocates where it is 2**30 or more. They stay after `close`. Any context.
"""

from corten.ring import HEAD, TAIL, Ring
from corten.uart_words import BREAKS, DROPPED, FRAMING, IDLES, NOISE, OVERRUNS, PARITY

_COUNTERS = {
    "dropped": DROPPED,
    "overruns": OVERRUNS,
    "framing_errors": FRAMING,
    "parity_errors": PARITY,
    "noise_errors": NOISE,
    "breaks": BREAKS,
    "idles": IDLES,
}


class UartCounters:
    """The counters; `_rx` and `_tx` are the rings, and `_words` those of the receive handler."""

    _rx: Ring
    _tx: Ring
    _words: memoryview

    def counter(self, name):
        """Return where a count is kept: a view of words, and an index. name: of a property below.

        For code that makes no large integers, which are heap objects.
        """
        if name == "received":
            return self._rx.words, HEAD
        if name == "sent":
            return self._tx.words, TAIL
        return self._words, _COUNTERS[name]

    @property
    def received(self):
        """Bytes that arrived and were kept."""
        return self._rx.put_in

    @property
    def dropped(self):
        """Bytes that were fetched while the receive ring was full."""
        return self._words[DROPPED]

    @property
    def overruns(self):
        """Times at which a byte was lost because the one before it had not been fetched yet."""
        return self._words[OVERRUNS]

    @property
    def framing_errors(self):
        """Bytes without a stop bit, breaks left out."""
        return self._words[FRAMING]

    @property
    def parity_errors(self):
        """Bytes with the wrong parity."""
        return self._words[PARITY]

    @property
    def noise_errors(self):
        """Bytes in which samples of one bit disagreed."""
        return self._words[NOISE]

    @property
    def breaks(self):
        """Breaks that came in."""
        return self._words[BREAKS]

    @property
    def idles(self):
        """Times at which the line fell silent for a character after bytes, where the device detects that."""
        return self._words[IDLES]

    @property
    def written(self):
        """Bytes taken for sending; what a cancelled transfer did not send is not among them."""
        return self._tx.put_in

    @property
    def sent(self):
        """Bytes given to the transmitter."""
        return self._tx.taken_out
