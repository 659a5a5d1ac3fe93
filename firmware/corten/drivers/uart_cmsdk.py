"""CMSDK APB UART, interrupt-driven both ways: 8 data bits, no parity, 1 stop bit, one byte of buffer each way.

Source: Arm DDI 0479D, "Cortex-M System Design Kit", section 4.2 (APB UART, programmers model).

Each byte costs one interrupt. Bytes are counted exactly: what was fetched from the data register is `received` plus
`dropped`; what was lost before that shows in `overruns`, the number of times at which a byte came while the data
register was full (each loses one byte or more). A program that has written `written` bytes has sent `sent` of them.

While the receive ring is full, a byte is fetched and dropped, so that the count of lost bytes is exact on a wire. With
`hold_when_full` it is left in the data register instead: nothing is lost if the sender waits for that. The emulator
does, and it sends without pause, up to a byte every 30 instructions; a wire without flow control does not.
"""

import io
import time

import micropython

from corten.critical import wait_while
from corten.irq import Interrupt
from corten.native import native
from corten.register import RO, W1C, Block, Field, Reg
from corten.ring import HEAD, TAIL, Ring


class CmsdkUart(Block):
    """Registers of the UART."""

    DATA = Reg(0x00, DATA=Field(0, 8))
    STATE = Reg(
        0x04,
        RO,
        TX_FULL=Field(0),
        RX_FULL=Field(1),
        TX_OVERRUN=Field(2, access=W1C),
        RX_OVERRUN=Field(3, access=W1C),
    )
    CTRL = Reg(
        0x08,
        TX_EN=Field(0),
        RX_EN=Field(1),
        TX_INT_EN=Field(2),
        RX_INT_EN=Field(3),
        TX_OVERRUN_INT_EN=Field(4),
        RX_OVERRUN_INT_EN=Field(5),
        HIGH_SPEED_TEST=Field(6),
    )
    INTSTATUS = Reg(0x0C, W1C, TX=Field(0), RX=Field(1), TX_OVERRUN=Field(2), RX_OVERRUN=Field(3))  # write: INTCLEAR
    BAUDDIV = Reg(0x10, BAUDDIV=Field(0, 20))


_SMALLEST_DIVIDER = 16
_LARGEST_DIVIDER = (1 << 20) - 1
_DROPPED = 5  # words of the receive handler after those of its ring
_OVERRUNS = 6
_HOLD = 7
_IS_HELD = 8


@micropython.asm_thumb
def _receive():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0, 0, 0, 0)  # UART's address, the ring's 4 words, dropped, overruns, hold, is held
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 9)
    ldr(r1, [r0, 0])
    mov(r2, 2)
    str(r2, [r1, 0x0C])  # INTCLEAR: RX, before DATA is read, so that the next byte's request is not lost
    ldr(r3, [r1, 0x04])  # STATE
    mov(r4, 8)
    mov(r5, r3)
    and_(r5, r4)  # RX_OVERRUN
    beq(NO_OVERRUN)
    str(r4, [r1, 0x04])
    ldr(r5, [r0, 24])  # overruns
    add(r5, 1)
    str(r5, [r0, 24])
    label(NO_OVERRUN)
    and_(r3, r2)  # RX_FULL
    beq(DONE)
    ldr(r3, [r0, 12])  # head
    ldr(r4, [r0, 16])  # tail
    sub(r5, r3, r4)
    ldr(r6, [r0, 8])  # mask
    cmp(r5, r6)
    bhi(FULL)
    and_(r6, r3)
    ldr(r5, [r0, 4])
    add(r5, r5, r6)
    ldr(r2, [r1, 0x00])  # DATA
    strb(r2, [r5, 0])
    add(r3, 1)
    str(r3, [r0, 12])
    b(DONE)
    label(FULL)
    ldr(r5, [r0, 28])  # hold
    cmp(r5, 0)
    bne(HOLD)
    ldr(r2, [r1, 0x00])  # DATA
    ldr(r5, [r0, 20])  # dropped
    add(r5, 1)
    str(r5, [r0, 20])
    b(DONE)
    label(HOLD)
    str(r5, [r0, 32])  # is held: the main context asks again once there is room
    label(DONE)
    data(2, 0xF3BF, 0x8F4F)  # dsb: the request is cleared before the return (DAI 0321A)
    label(END)


@micropython.asm_thumb
def _send():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0)  # UART's address, the ring's 4 words
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 5)
    ldr(r1, [r0, 0])
    mov(r2, 1)
    str(r2, [r1, 0x0C])  # INTCLEAR: TX, before DATA is written, whose end raises it again
    ldr(r3, [r1, 0x04])  # STATE
    and_(r3, r2)  # TX_FULL: the interrupt at its end comes back here
    bne(DONE)
    ldr(r3, [r0, 12])  # head
    ldr(r4, [r0, 16])  # tail
    cmp(r3, r4)
    beq(DONE)
    ldr(r6, [r0, 8])
    and_(r6, r4)
    ldr(r5, [r0, 4])
    add(r5, r5, r6)
    ldrb(r2, [r5, 0])
    add(r4, 1)
    str(r4, [r0, 16])
    str(r2, [r1, 0x00])  # DATA
    label(DONE)
    data(2, 0xF3BF, 0x8F4F)  # dsb
    label(END)


_POLL = 3  # MicroPython's stream protocol, py/stream.h
_CLOSE = 4
_READABLE = 1
_WRITABLE = 4
_EBADF = 9

_SLEEP_INTERRUPTS = 10  # until Ctrl-C and scheduled callbacks get their turn in a wait


def open(peripheral, baud=115_200, rx_size=1024, tx_size=1024, hold_when_full=False):
    """Return an open `Uart`. baud: bits a second. rx_size, tx_size: bytes of the rings, powers of two.

    hold_when_full: leave a byte that finds no room in the UART, for a sender that waits, in place of dropping it.

    Raises ValueError for a rate that the divider misses by more than 2.5 %, or a size that is no power of two.
    """
    return Uart(peripheral, baud, rx_size, tx_size, hold_when_full)


def _divider(clock_hz, baud):
    if baud < 1:
        raise ValueError("a baud rate is 1 or more, got %r" % (baud,))
    divider = (clock_hz + baud // 2) // baud
    if not _SMALLEST_DIVIDER <= divider <= _LARGEST_DIVIDER:
        raise ValueError(
            "%d baud: from %d Hz this UART makes %d to %d"
            % (baud, clock_hz, clock_hz // _LARGEST_DIVIDER + 1, clock_hz // _SMALLEST_DIVIDER)
        )
    if abs(clock_hz - divider * baud) * 1000 > 25 * divider * baud:
        raise ValueError("%d baud: the nearest that %d Hz gives is %d" % (baud, clock_hz, clock_hz // divider))
    return divider


class Uart(io.IOBase):
    """An open UART: a stream for `select.poll` and asyncio, and calls with a bounded wait.

    Callers: the main context, one reader and one writer. A `timeout_ms` of 0 does not wait; while waiting the core
    sleeps. All calls allocate. After `close` they raise OSError(EBADF), and the counters stay as they were.
    """

    def __init__(self, peripheral, baud, rx_size, tx_size, hold_when_full):
        divider = _divider(peripheral.clock_hz, baud)
        self._peripheral = peripheral
        self._registers = CmsdkUart(peripheral.base)
        self._rx = Ring(rx_size)
        self._tx = Ring(tx_size)
        self._receive = native(_receive, peripheral.base)
        self._send = native(_send, peripheral.base)
        self._receive.words[_HOLD] = bool(hold_when_full)
        self._rx.attach(self._receive)
        self._tx.attach(self._send)
        self._rx_interrupt = Interrupt(peripheral.irq["rx"])
        self._tx_interrupt = Interrupt(peripheral.irq["tx"])
        self._rx_interrupt.bind(self._receive)
        try:
            self._tx_interrupt.bind(self._send)
        except Exception:
            self._rx_interrupt.unbind()
            raise
        self._start(divider)

    def _start(self, divider):
        registers = self._registers
        registers.CTRL.write(0)
        registers.BAUDDIV.write(BAUDDIV=divider)
        registers.STATE.write(TX_OVERRUN=1, RX_OVERRUN=1)
        registers.INTSTATUS.write(TX=1, RX=1)
        self._rx_interrupt.enable()
        self._tx_interrupt.enable()
        registers.CTRL.write(TX_EN=1, RX_EN=1, TX_INT_EN=1, RX_INT_EN=1)

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
        self._registers.CTRL.write(0)
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
        return self._receive.words[_DROPPED]

    @property
    def overruns(self):
        """Times at which a byte came before the previous one was fetched, modulo 2**32."""
        return self._receive.words[_OVERRUNS]

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
        if words[_IS_HELD]:
            words[_IS_HELD] = 0
            self._rx_interrupt.pend()

    def _wait_for_bytes(self, timeout_ms):
        if timeout_ms > 0 and not self._rx.waiting:
            end = time.ticks_add(time.ticks_ms(), timeout_ms)
            _changed(self._receive, HEAD, self._rx.taken_out, end)


def _changed(handler, index, value, end):
    # Sleeps until a handler's word is no longer `value`, and says whether that was before the tick `end`. The port's
    # tick, one interrupt a millisecond, ends the sleep in time.
    address = handler.word_address(index)
    while handler.words[index] == value:
        left = time.ticks_diff(end, time.ticks_ms())
        if left <= 0:
            return False
        wait_while(address, value, min(left, _SLEEP_INTERRUPTS))
    return True
