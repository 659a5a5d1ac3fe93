"""The contract of a buffered UART, and what its drivers share: two byte rings, bounded waits, the stream protocol.

A driver has two native handlers. Their parameter words begin with the device's address and those of `corten.ring`; the
receive handler's go on with DROPPED, OVERRUNS, HOLD and IS_HELD. Bytes are counted exactly: what was fetched from the
device is `received` plus `dropped`; what was lost before that shows in `overruns`, the number of times at which a byte
came while the device was full (each loses one byte or more). Of `written` bytes, `sent` have left the ring.

While the receive ring is full, a byte is fetched and dropped, so that the count of lost bytes is exact on a wire. With
`hold_when_full` it is left in the device instead: nothing is lost if the sender waits for that. The emulator does, and
it sends without pause, up to a byte every 30 instructions; a wire without flow control does not.
"""

import io
import time

from corten.critical import wait_while
from corten.irq import Interrupt
from corten.ring import HEAD, TAIL, Ring

DROPPED = 5  # words of the receive handler after those of its ring
OVERRUNS = 6
HOLD = 7  # 0: drop what does not fit; 1: leave it in the device, and set the next word
IS_HELD = 8

_POLL = 3  # MicroPython's stream protocol, py/stream.h
_CLOSE = 4
_READABLE = 1
_WRITABLE = 4
_EBADF = 9

_LONGEST_SLEEP_MS = 100  # until Ctrl-C and scheduled callbacks get their turn in a wait, on any port


class BufferedUart(io.IOBase):
    """An open UART: a stream for `select.poll` and asyncio, and calls with a bounded wait.

    peripheral: what it drives. receive, send: the driver's handlers. rx_size, tx_size: bytes, powers of two.

    Callers: the main context, one reader and one writer. A `timeout_ms` of 0 does not wait; while waiting the core
    sleeps. All calls allocate. After `close` they raise OSError(EBADF), and the counters stay as they were.

    A driver adds `_start()` and `_stop()`, which switch the device on, and off at once.
    """

    def __init__(self, peripheral, receive, send, rx_size, tx_size, hold_when_full):
        self._peripheral = peripheral
        self._receive = receive
        self._send = send
        self._rx = Ring(rx_size)
        self._tx = Ring(tx_size)
        self._rx.attach(receive)
        self._tx.attach(send)
        receive.words[HOLD] = bool(hold_when_full)
        self._rx_interrupt = Interrupt(peripheral.irq["rx"])
        self._tx_interrupt = Interrupt(peripheral.irq["tx"])
        self._rx_interrupt.bind(receive)
        try:
            self._tx_interrupt.bind(send)
        except Exception:
            self._rx_interrupt.unbind()
            raise
        self._rx_interrupt.enable()
        self._tx_interrupt.enable()
        self._start()

    def _start(self):
        raise NotImplementedError

    def _stop(self):
        raise NotImplementedError

    def readinto(self, buffer, timeout_ms=0):
        """Fill `buffer` with what has arrived; return the number of bytes, or None if none came within the time."""
        self._check_open()
        self._wait_for_bytes(timeout_ms)
        count = self._rx.take_into(buffer)
        self._fetch_held()
        return count or None

    def read(self, limit=-1, timeout_ms=0):
        """Return what has arrived, at most `limit` bytes, or None if nothing came within the time."""
        self._check_open()
        self._wait_for_bytes(timeout_ms)
        data = self._rx.take(self._rx.size if limit < 0 else limit)
        self._fetch_held()
        return data or None

    def readline(self, timeout_ms=0):
        """Return one line with its newline, or None if none was complete within the time.

        When the receive ring is full without a newline in it, return all that it holds, which does not end in one.
        """
        self._check_open()
        end = time.ticks_add(time.ticks_ms(), timeout_ms)
        while True:
            seen = self._rx.put_in
            line = self._rx.take_line()
            self._fetch_held()
            if line is not None or not _changed(self._receive, HEAD, seen, end):
                return line

    def write(self, data, timeout_ms=0):
        """Queue `data` for sending; return how many of its bytes were taken within the time."""
        self._check_open()
        data = memoryview(data)
        end = time.ticks_add(time.ticks_ms(), timeout_ms)
        done = 0
        while True:
            seen = self._tx.taken_out
            taken = self._tx.put(data[done:])
            if taken:
                done += taken
                self._tx_interrupt.pend()  # sends the first byte; the others follow by themselves
            if done == len(data) or not _changed(self._send, TAIL, seen, end):
                return done

    def flush(self, timeout_ms=0):
        """Wait until all that was written is sent; return whether it was within the time."""
        self._check_open()
        end = time.ticks_add(time.ticks_ms(), timeout_ms)
        while True:
            seen = self._tx.taken_out
            if not self._tx.waiting:
                return True
            if not _changed(self._send, TAIL, seen, end):
                return False

    def ioctl(self, request, argument):
        """MicroPython's stream protocol: readiness for `select.poll`, and close."""
        if request == _CLOSE:
            self.close()
            return 0
        self._check_open()
        if request != _POLL:
            return -1
        ready = 0
        if argument & _READABLE and self._rx.waiting:
            ready |= _READABLE
        if argument & _WRITABLE and self._tx.room:
            ready |= _WRITABLE
        return ready

    def close(self):
        """Stop both ways at once, give the vectors back, and release the peripheral. Harmless when repeated.

        What was written and not sent is lost: `written - sent` bytes.
        """
        peripheral = self._peripheral
        if peripheral is None:
            return
        self._peripheral = None
        self._stop()
        self._rx_interrupt.unbind()
        self._tx_interrupt.unbind()
        peripheral.release()

    @property
    def received(self):
        """Bytes that arrived and were kept, modulo 2**32."""
        return self._rx.put_in

    @property
    def waiting(self):
        """Bytes that can be read now."""
        return self._rx.waiting

    @property
    def dropped(self):
        """Bytes that were fetched while the receive ring was full, modulo 2**32."""
        return self._receive.words[DROPPED]

    @property
    def overruns(self):
        """Times at which a byte came before the previous one was fetched, modulo 2**32."""
        return self._receive.words[OVERRUNS]

    @property
    def written(self):
        """Bytes taken by `write`, modulo 2**32."""
        return self._tx.put_in

    @property
    def sent(self):
        """Bytes given to the transmitter, modulo 2**32."""
        return self._tx.taken_out

    def _check_open(self):
        if self._peripheral is None:
            raise OSError(_EBADF)

    def _fetch_held(self):
        words = self._receive.words
        if words[IS_HELD]:
            words[IS_HELD] = 0
            self._rx_interrupt.pend()

    def _wait_for_bytes(self, timeout_ms):
        if timeout_ms > 0 and not self._rx.waiting:
            end = time.ticks_add(time.ticks_ms(), timeout_ms)
            _changed(self._receive, HEAD, self._rx.taken_out, end)


def _changed(handler, index, value, end):
    # Sleeps until a handler's word is no longer `value`, and says whether that was before the tick `end`.
    address = handler.word_address(index)
    while handler.words[index] == value:
        left = time.ticks_diff(end, time.ticks_ms())
        if left <= 0:
            return False
        wait_while(address, value, min(left, _LONGEST_SLEEP_MS))
    return True
