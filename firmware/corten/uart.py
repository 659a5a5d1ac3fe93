"""The contract of a buffered UART, and what its drivers share: two byte rings, bounded waits, the stream protocol.

Conservation: each byte that arrived is counted once. It was kept, `received`, or lost:

- `dropped`: it found the receive ring full;
- `breaks`, `framing_errors`, `parity_errors`, `noise_errors`: the line garbled it; with several errors, the first of
  these that is true. What may be wrong is not delivered;
- `overruns`: it came while the device was full. A device tells that by a flag: each time it was set counts as one byte,
  which is exact as long as the handler runs within three characters of the first byte that waits, and else the least
  that was lost. With RTS, or `hold_when_full` and a sender that waits, there are none.

Of `written` bytes, `sent` have left the ring.

A driver has native handlers: one for each way, or one for both. The words of the receive handler begin with those of
`corten.uart_words`, and the words of a handler that only sends with DEVICE and its ring. The main context pends the
transmit line to have bytes sent.

While the receive ring is full, a byte is fetched and dropped, so that the count of lost bytes is exact on a wire. With
`hold_when_full` it is left in the device instead: nothing is lost if the sender waits for that. The emulator does, and
it sends without pause, up to a byte every 30 instructions; a wire without flow control does not.
"""

import io
import time

from corten.irq import Interrupt
from corten.ring import HEAD, TAIL, WORDS, Ring, copy_out
from corten.uart_counters import UartCounters
from corten.uart_transfer import Reading, Writing
from corten.uart_words import HOLD, IS_HELD, RECEIVE_RING, SEND_RING, TAKES_OVER
from corten.waiting import wait_for_change

_POLL = 3  # MicroPython's stream protocol, py/stream.h
_CLOSE = 4
_READABLE = 1
_WRITABLE = 4
_IS_CLOSED = 0x20
_EBADF = 9
_EBUSY = 16


def check_frame(parity, stop):
    """Raise ValueError for a parity other than None, "even" and "odd", or stop bits other than 1 and 2."""
    if parity not in (None, "even", "odd"):
        raise ValueError('parity is None, "even" or "odd", not %r' % (parity,))
    if stop not in (1, 2):
        raise ValueError("there are 1 or 2 stop bits, not %r" % (stop,))


class BufferedUart(io.IOBase, UartCounters):  # in this order: the stream protocol is that of the first
    """An open UART: a stream for `select.poll` and asyncio, and calls with a bounded wait.

    peripheral: what it drives. receive, send: the driver's handlers, or twice the same. rate: what the divider makes of
    the rate asked for, and the error, as `corten.baud.divide` returns them. rx_size, tx_size: bytes, powers of two.

    baud: bits a second as they are; baud_error: of the rate asked for, 0.01 is 1 % too fast. received_address: of the
    word that counts `received`, for machine code.

    Callers: the main context, one reader and one writer. A `timeout_ms` of 0 does not wait; while waiting the core
    sleeps. All calls but `take_into` and `put` allocate. After `close` the others raise OSError(EBADF), and these two,
    which look at nothing, are not to be called; the counters stay.

    A driver adds `_start()` and `_stop()`, which switch the device on, and off at once as after a reset; `_is_sent()`,
    whether the device has nothing left to send; and `_resume()` if pending the receive line does not make it ask again.
    """

    RX_LINE = "rx"  # names of the peripheral's interrupts
    TX_LINE = "tx"
    GATHERS = False  # whether the device interrupts only after several bytes, or some time after the last one

    def __init__(self, peripheral, receive, send, rate, rx_size, tx_size, hold_when_full):
        self.resource = peripheral
        self.baud, self.baud_error = rate
        self._is_open = True
        self._handlers = receive, send
        self._words = receive.words
        self._words[HOLD] = bool(hold_when_full)
        self._rx = Ring(rx_size)
        self._tx = Ring(tx_size)
        self._rx.attach(receive.words[RECEIVE_RING : RECEIVE_RING + WORDS])
        first = SEND_RING if send is receive else RECEIVE_RING
        self._tx.attach(send.words[first : first + WORDS])
        self._rx_state = self._rx.state
        self.received_address = self._rx_state + 4 * HEAD
        self._reading: Reading | None = None
        self._writing: Writing | None = None
        self._rx_interrupt = Interrupt(peripheral.irq[self.RX_LINE])
        self._tx_interrupt = Interrupt(peripheral.irq[self.TX_LINE])
        self._rx_interrupt.bind(receive)
        if send is not receive:
            try:
                self._tx_interrupt.bind(send)
            except BaseException:
                self._rx_interrupt.unbind()
                raise
        self._start()
        self._rx_interrupt.enable()
        self._tx_interrupt.enable()

    def _start(self):
        raise NotImplementedError

    def _stop(self):
        raise NotImplementedError

    def _is_sent(self):
        raise NotImplementedError

    def _resume(self):
        self._rx_interrupt.pend()

    def readinto(self, buffer, timeout_ms=0):
        """Fill `buffer` with what has arrived; return the number of bytes, or None if none came within the time."""
        view = memoryview(buffer)
        size = len(view)
        if not size:
            return None
        view[0] = view[0]  # what cannot be written to is refused
        if self._reading or not self._is_open:
            self._check_can_read()
        count = copy_out(self._rx_state, view, size)
        if not count and timeout_ms > 0:
            self._wait_for_bytes(timeout_ms)
            count = copy_out(self._rx_state, view, size)
        if self._words[IS_HELD]:
            self._fetch_held()
        return count or None

    def take_into(self, buffer, count):
        """Copy what has arrived, at most `count` bytes, to the beginning of a buffer that has room for them, which is
        not checked; return how many.

        For the one reader, in any context: neither waits nor allocates.
        """
        count = self._rx.take_into(buffer, count)
        if self._words[IS_HELD]:
            self._fetch_held()
        return count

    def read(self, limit=-1, timeout_ms=0):
        """Return what has arrived, at most `limit` bytes, or None if nothing came within the time."""
        self._wait_for_bytes(timeout_ms)
        data = self._rx.take(self._rx.size if limit < 0 else limit)
        if self._words[IS_HELD]:
            self._fetch_held()
        return data or None

    def readline(self, timeout_ms=0):
        """Return one line with its newline, or None if none was complete within the time.

        When the receive ring is full without a newline in it, return all that it holds, which does not end in one.
        """
        self._check_can_read()
        start = time.ticks_ms()
        while True:
            seen = self._rx.put_in
            line = self._rx.take_line()
            if self._words[IS_HELD]:
                self._fetch_held()
            if line is not None or not wait_for_change(self.received_address, seen, _left(start, timeout_ms)):
                return line

    def write(self, data, timeout_ms=0):
        """Queue `data` for sending; return how many of its bytes were taken within the time."""
        self._check_can_write()
        data = memoryview(data)
        start = time.ticks_ms()
        done = 0
        while True:
            seen = self._tx.taken_out
            taken = self._tx.put(data[done:], len(data) - done)
            if taken:
                done += taken
                self._tx_interrupt.pend()  # sends the first byte; the others follow by themselves
            if done == len(data) or not self._wait_for_sent(seen, start, timeout_ms):
                return done

    def put(self, data, count):
        """Queue the first `count` bytes of a buffer that has them, which is not checked; return how many fitted.

        For the one writer, in any context: neither waits nor allocates.
        """
        count = self._tx.put(data, count)
        if count:
            self._tx_interrupt.pend()
        return count

    def start_write(self, buffer, count=None):
        """Send the first `count` bytes of a `corten.lend.Buffer`, all unless given, from where they are.

        Return a `corten.uart_transfer.Transfer`; the buffer is lent until it is done. Raises OSError(EBUSY) while
        earlier bytes are still in the ring or in flight (`flush` waits for them), Borrowed, and ValueError for a count
        that the buffer does not have.
        """
        self._check_can_write()
        if self._tx.waiting:
            raise OSError(_EBUSY)
        size = len(buffer) if count is None else count
        if not 0 <= size <= len(buffer):
            raise ValueError("%d bytes of a buffer of %d" % (size, len(buffer)))
        self._writing = Writing(self._tx, buffer.lend_shared(self.resource.name), size)
        self._tx_interrupt.pend()
        return self._writing

    def start_readinto(self, buffer):
        """Receive into a `corten.lend.Buffer` until it is full; what waits in the ring comes first.

        Return a `corten.uart_transfer.Transfer`; the buffer is lent until it is done, and bytes that arrive after its
        last one go to the ring. Reading meanwhile raises OSError(EBUSY), as this does while one is in flight. Raises
        Borrowed.
        """
        self._check_can_read()
        takes_over = self._handlers[0].word_address(TAKES_OVER)
        reading = Reading(self._rx, takes_over, buffer.lend_exclusive(self.resource.name))
        try:
            reading.begin()
            self._reading = reading
            if self._words[IS_HELD]:
                self._fetch_held()
        except BaseException:  # Ctrl-C: nobody else could give the buffer back
            reading.cancel()
            raise
        return reading

    def flush(self, timeout_ms=0):
        """Wait until the device has sent all that was written; return whether it had within the time."""
        self._check_open()
        start = time.ticks_ms()
        while True:
            seen = self._tx.taken_out
            if not self._tx.waiting:
                break
            if not self._wait_for_sent(seen, start, timeout_ms):
                return False
        while not self._is_sent():  # what the device holds: two characters, or its FIFO
            if _left(start, timeout_ms) <= 0:
                return self._is_sent()
        return True

    def ioctl(self, request, argument):
        """MicroPython's stream protocol: readiness for `select.poll`, and close.

        A closed one is ready, with POLLNVAL: who waits for it goes on, and gets OSError(EBADF) from the next call.
        """
        if request == _CLOSE:
            self.close()
            return 0
        if request != _POLL:
            return -1
        if not self._is_open:
            return _IS_CLOSED
        ready = 0
        if argument & _READABLE and not self._is_busy(self._reading) and self._rx.waiting:
            ready |= _READABLE
        if argument & _WRITABLE and not self._is_busy(self._writing) and self._tx.room:
            ready |= _WRITABLE
        return ready

    def close(self):
        """Stop both ways at once, give the vectors and lent buffers back, and release the peripheral.

        Harmless when repeated. What was written and not sent is lost: `written - sent` bytes.
        """
        if not self._is_open:
            return
        self._rx_interrupt.disable()  # first: a handler that sends would switch the device on again
        self._tx_interrupt.disable()
        self._stop()
        self._rx_interrupt.unbind()
        self._tx_interrupt.unbind()
        for transfer in (self._reading, self._writing):
            if transfer is not None:
                transfer.cancel()
        self._is_open = False  # not before: what Ctrl-C broke off is done again
        self.resource.release()

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, traceback):
        self.close()

    @property
    def fetch_line(self):
        """The `Interrupt` to pend to have fetched what the device keeps to itself, None if each byte interrupts."""
        return self._rx_interrupt if self.GATHERS else None

    @property
    def waiting(self):
        """Bytes that can be read now."""
        return 0 if self._is_busy(self._reading) else self._rx.waiting

    def _check_open(self):
        if not self._is_open:
            raise OSError(_EBADF)

    def _check_can_read(self):
        self._check_open()
        if self._is_busy(self._reading):
            raise OSError(_EBUSY)

    def _check_can_write(self):
        self._check_open()
        if self._is_busy(self._writing):
            raise OSError(_EBUSY)

    def _is_busy(self, transfer):
        return transfer is not None and not transfer.done

    def _fetch_held(self):
        self._words[IS_HELD] = 0
        self._resume()

    def _wait_for_bytes(self, timeout_ms):
        self._check_can_read()
        if timeout_ms > 0 and not self._rx.waiting:
            wait_for_change(self.received_address, self._rx.taken_out, timeout_ms)

    def _wait_for_sent(self, seen, start, timeout_ms):
        return wait_for_change(self._tx.state + 4 * TAIL, seen, _left(start, timeout_ms))


def _left(start, timeout_ms):
    return timeout_ms - time.ticks_diff(time.ticks_ms(), start)
