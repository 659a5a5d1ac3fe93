"""CMSDK APB UART, interrupt-driven both ways: 8 data bits, no parity, 1 stop bit, one byte of buffer each way.

Source: Arm DDI 0479D, "Cortex-M System Design Kit", section 4.2 (APB UART, programmers model).

Each byte costs one interrupt each way. The block has no parity, no second stop bit, no flow control, and tells no other
error than an overrun: a byte with a wrong stop bit is received as any other. See `corten.uart` for the calls.
"""

import time

import micropython
from micropython import const

from corten.baud import divide
from corten.native import native
from corten.register import READ_ACTS, RO, RW, W1C, Block, Field, Reg
from corten.uart import BufferedUart, check_frame


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
_CHARACTER_BITS = 10

# Words, as `corten.uart_words` has them.
_DROPPED = const(6)
_OVERRUNS = const(7)
_HOLD = const(13)
_IS_HELD = const(14)
_TAKES_OVER = const(15)


@micropython.asm_thumb
def _receive():  # noqa: PLR0915 - a statement is an instruction
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 18)
    label(LOOK)
    data(2, 0xE890, 0x007E)  # ldm r0, {r1-r6}: the device; the ring's ADDRESS, MASK, HEAD, TAIL, LIMIT
    mov(r7, 2)
    str(r7, [r1, 0x0C])  # INTCLEAR: RX, before DATA is read, so that the next byte's request is not lost
    ldr(r7, [r1, 0x04])  # STATE
    lsr(r7, r7, 2)  # carry: RX_FULL; what is left: the overruns
    bcc(NO_BYTE)
    bne(OVERRUN)
    label(KEEP)
    sub(r5, r4, r5)
    cmp(r5, r6)
    bcs(FULL)
    and_(r3, r4)
    ldr(r7, [r1, 0x00])  # DATA
    data(2, 0x54D7)  # strb r7, [r2, r3]
    add(r4, 1)
    str(r4, [r0, 4 * 3])  # HEAD
    label(DONE)
    data(2, 0xF3BF, 0x8F4F)  # dsb: the request is cleared before the return (DAI 0321A)
    b(END)
    label(NO_BYTE)
    beq(DONE)
    label(OVERRUN)
    ldr(r7, [r1, 0x04])
    mov(r5, 8)  # RX_OVERRUN
    str(r5, [r1, 0x04])
    ldr(r5, [r0, 4 * _OVERRUNS])
    add(r5, 1)
    str(r5, [r0, 4 * _OVERRUNS])
    lsr(r7, r7, 2)  # carry: RX_FULL
    bcc(DONE)
    ldr(r5, [r0, 4 * 4])  # TAIL
    b(KEEP)
    label(FULL)
    ldr(r7, [r0, 4 * _TAKES_OVER + 8])
    cmp(r7, 0)
    bne(TAKE_OVER)
    ldr(r7, [r0, 4 * _HOLD])
    str(r7, [r0, 4 * _IS_HELD])  # the main context asks again once there is room
    cmp(r7, 0)
    bne(DONE)
    ldr(r7, [r1, 0x00])  # DATA
    ldr(r7, [r0, 4 * _DROPPED])
    add(r7, 1)
    str(r7, [r0, 4 * _DROPPED])
    b(DONE)
    label(TAKE_OVER)
    str(r7, [r0, 4 * 5])  # LIMIT
    ldr(r7, [r0, 4 * _TAKES_OVER])
    str(r7, [r0, 4 * 1])  # ADDRESS
    ldr(r7, [r0, 4 * _TAKES_OVER + 4])
    str(r7, [r0, 4 * 2])  # MASK
    str(r4, [r0, 4 * 4])  # TAIL
    mov(r7, 0)
    str(r7, [r0, 4 * _TAKES_OVER + 8])
    b(LOOK)
    label(END)


@micropython.asm_thumb
def _send():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 6)
    data(2, 0xE890, 0x003E)  # ldm r0, {r1-r5}: the device; the ring's ADDRESS, MASK, HEAD, TAIL
    mov(r6, 1)
    str(r6, [r1, 0x0C])  # INTCLEAR: TX, before DATA is written, whose end raises it again
    ldr(r7, [r1, 0x04])  # STATE
    and_(r7, r6)  # TX_FULL: the interrupt at its end comes back here
    bne(DONE)
    cmp(r4, r5)
    beq(DONE)
    and_(r3, r5)
    data(2, 0x5CD6)  # ldrb r6, [r2, r3]
    add(r5, 1)
    str(r5, [r0, 4 * 4])  # TAIL
    str(r6, [r1, 0x00])  # DATA
    label(DONE)
    data(2, 0xF3BF, 0x8F4F)  # dsb
    label(END)


def open(
    peripheral, baud=115_200, *, parity=None, stop=1, rts=False, cts=False, rx_size=1024, tx_size=1024,
    hold_when_full=False
):  # fmt: skip
    """Return an open `Uart`. baud: bits a second. rx_size, tx_size: bytes of the rings, powers of two.

    hold_when_full: leave a byte that finds no room in the UART, for a sender that waits, in place of dropping it.

    Raises ValueError for a rate that the divider misses by more than 2.5 %, a size that is no power of two, and
    parity, stop bits and flow control, which the block does not have.
    """
    check_frame(parity, stop)
    if parity or stop != 1 or rts or cts:
        raise ValueError("%s: a CMSDK UART has no parity, 1 stop bit, and no rts and cts" % peripheral.name)
    return Uart(peripheral, baud, rx_size, tx_size, hold_when_full)


class Uart(BufferedUart):
    """An open UART; see `corten.uart`."""

    def __init__(self, peripheral, baud, rx_size, tx_size, hold_when_full):
        self._divider, *rate = divide(peripheral.clock_hz, baud, _SMALLEST_DIVIDER, _LARGEST_DIVIDER)
        self._registers = CmsdkUart(peripheral.base)
        receive, send = native(_receive, peripheral.base), native(_send, peripheral.base)
        super().__init__(peripheral, receive, send, rate, rx_size, tx_size, hold_when_full)

    def _start(self):
        registers = self._registers
        registers.CTRL.write(0)
        registers.BAUDDIV.write(BAUDDIV=self._divider)
        registers.STATE.write(TX_OVERRUN=1, RX_OVERRUN=1)
        registers.INTSTATUS.write(TX=1, RX=1)
        registers.CTRL.write(TX_EN=1, RX_EN=1, TX_INT_EN=1, RX_INT_EN=1)

    def _stop(self):
        registers = self._registers
        registers.CTRL.write(0)
        registers.BAUDDIV.write(0)
        registers.INTSTATUS.write(TX=1, RX=1)

    def _is_sent(self):
        # Of the shift register the device does not tell: a character's time empties it.
        if self._registers.STATE.TX_FULL.get():
            return False
        time.sleep_us(_CHARACTER_BITS * 1_000_000 // self.baud + 1)
        return True
