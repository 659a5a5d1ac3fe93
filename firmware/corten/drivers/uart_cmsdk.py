"""CMSDK APB UART, interrupt-driven both ways: 8 data bits, no parity, 1 stop bit, one byte of buffer each way.

Source: Arm DDI 0479D, "Cortex-M System Design Kit", section 4.2 (APB UART, programmers model).

Each byte costs one interrupt each way. See `corten.uart` for the calls, the counters and `hold_when_full`.
"""

import micropython

from corten.native import native
from corten.register import READ_ACTS, RO, RW, W1C, Block, Field, Reg
from corten.uart import BufferedUart


class CmsdkUart(Block):
    """Registers of the UART."""

    DATA = Reg(0x00, RW | READ_ACTS, DATA=Field(0, 8))
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


class Uart(BufferedUart):
    """An open UART; see `corten.uart`."""

    def __init__(self, peripheral, baud, rx_size, tx_size, hold_when_full):
        self._divider = _divider(peripheral.clock_hz, baud)
        self._registers = CmsdkUart(peripheral.base)
        receive, send = native(_receive, peripheral.base), native(_send, peripheral.base)
        super().__init__(peripheral, receive, send, rx_size, tx_size, hold_when_full)

    def _start(self):
        registers = self._registers
        registers.CTRL.write(0)
        registers.BAUDDIV.write(BAUDDIV=self._divider)
        registers.STATE.write(TX_OVERRUN=1, RX_OVERRUN=1)
        registers.INTSTATUS.write(TX=1, RX=1)
        registers.CTRL.write(TX_EN=1, RX_EN=1, TX_INT_EN=1, RX_INT_EN=1)

    def _stop(self):
        self._registers.CTRL.write(0)
