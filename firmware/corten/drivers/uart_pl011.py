"""PrimeCell UART PL011, as in the RP2040 and in Arm's own chips: interrupt-driven both ways, FIFOs of 16 or 32 bytes.

Source: Arm DDI 0183G, "PrimeCell UART (PL011) Technical Reference Manual", chapters 2 and 3; RP2040 datasheet, section
4.2. The handler is Armv6-M code.

One interrupt, the combined one, serves both ways. While bytes come one after the other, it fetches those above the
level of the FIFO, a quarter, and leaves the last ones there: so the receive timeout, which needs one in the FIFO
(section 2.8.4), ends each burst. It comes 32 bit times after the last byte, brings the rest, and counts in `idles`. Who
cannot wait for it pends the interrupt, whose handler then fetches what there is.

Errors come with their byte (section 3.3.1). `overruns` counts how often the FIFO overran: the device does not tell how
many bytes that were, one or more. There are none as long as the handler runs within three quarters of the FIFO's time,
nor with `rts`, which asks the sender to wait while the FIFO is above its level. Noise is not detected.

QEMU (to 10.0) models no receive timeout, no overrun and no level: it interrupts for each byte that finds the FIFO
empty.
"""

import time

import micropython
from micropython import const

from corten.baud import divide
from corten.native import native
from corten.register import READ_ACTS, RO, RW, W1C, Block, Field, Reg
from corten.uart import BufferedUart, check_frame
from corten.uart_words import IDLES
from corten.waiting import wait_for_change


class Pl011(Block):
    """Registers of the UART, without those of infrared, DMA and identification."""

    DR = Reg(
        0x00,
        RW | READ_ACTS,
        DATA=Field(0, 8),
        FE=Field(8, access=RO),
        PE=Field(9, access=RO),
        BE=Field(10, access=RO),
        OE=Field(11, access=RO),
    )
    FR = Reg(
        0x18,
        RO,
        CTS=Field(0),
        DSR=Field(1),
        DCD=Field(2),
        BUSY=Field(3),
        RXFE=Field(4),
        TXFF=Field(5),
        RXFF=Field(6),
        TXFE=Field(7),
        RI=Field(8),
    )
    IBRD = Reg(0x24, BAUD_DIVINT=Field(0, 16))
    FBRD = Reg(0x28, BAUD_DIVFRAC=Field(0, 6))
    LCR_H = Reg(
        0x2C,
        BRK=Field(0),
        PEN=Field(1),
        EPS=Field(2),
        STP2=Field(3),
        FEN=Field(4),
        WLEN=Field(5, 2),
        SPS=Field(7),
    )
    CR = Reg(
        0x30,
        UARTEN=Field(0),
        SIREN=Field(1),
        SIRLP=Field(2),
        LBE=Field(7),
        TXE=Field(8),
        RXE=Field(9),
        DTR=Field(10),
        RTS=Field(11),
        OUT1=Field(12),
        OUT2=Field(13),
        RTSEN=Field(14),
        CTSEN=Field(15),
    )
    IFLS = Reg(0x34, TXIFLSEL=Field(0, 3), RXIFLSEL=Field(3, 3))
    IMSC = Reg(
        0x38, RXIM=Field(4), TXIM=Field(5), RTIM=Field(6), FEIM=Field(7), PEIM=Field(8), BEIM=Field(9), OEIM=Field(10)
    )
    RIS = Reg(
        0x3C,
        RO,
        RXRIS=Field(4),
        TXRIS=Field(5),
        RTRIS=Field(6),
        FERIS=Field(7),
        PERIS=Field(8),
        BERIS=Field(9),
        OERIS=Field(10),
    )
    ICR = Reg(
        0x44,
        W1C,
        RXIC=Field(4),
        TXIC=Field(5),
        RTIC=Field(6),
        FEIC=Field(7),
        PEIC=Field(8),
        BEIC=Field(9),
        OEIC=Field(10),
    )


_DR = const(0x00)
_FR = const(0x18)
_IMSC = const(0x38)
_RIS = const(0x3C)
_ICR = const(0x44)

_RX = const(1 << 4)  # in IMSC, RIS and ICR
_TX = const(1 << 5)
_RT = const(1 << 6)

# Words, as `corten.uart_words` and `corten.ring` have them.
_RECEIVE_RING = const(1)
_DROPPED = const(6)
_OVERRUNS = const(7)
_FRAMING = const(8)
_PARITY = const(9)
_BREAKS = const(11)
_IDLES = const(12)
_HOLD = const(13)
_IS_HELD = const(14)
_TAKES_OVER = const(15)
_SEND_RING = const(18)
_WORDS = const(23)
_MASK = const(1)
_HEAD = const(2)
_TAIL = const(3)
_LIMIT = const(4)


@micropython.asm_thumb
def _both_ways():  # noqa: PLR0915 - a statement is an instruction
    # Armv6-M has all of it. A byte costs 12 instructions while the FIFO is above its level.
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * _WORDS)
    data(2, 0xC87E)  # ldm r0!, {r1-r6}: the device; the ring's ADDRESS, MASK, HEAD, TAIL, LIMIT
    sub(r0, 4 * 6)
    sub(r5, r4, r5)
    sub(r5, r6, r5)  # room
    ldr(r7, [r1, _RIS])
    mov(r12, r7)
    mov(r6, _RX)
    bic(r7, r6)
    str(r7, [r1, _ICR])  # what was seen; RX ends when its bytes are fetched
    lsr(r7, r7, 6)  # RT, FE, PE, BE, OE
    beq(MORE)
    lsl(r6, r7, 31)  # RT
    bpl(NOT_IDLE)
    ldr(r6, [r0, 4 * _IDLES])
    add(r6, 1)
    str(r6, [r0, 4 * _IDLES])
    label(NOT_IDLE)
    lsl(r6, r7, 31 - 4)  # OE
    bpl(MORE)
    ldr(r6, [r0, 4 * _OVERRUNS])
    add(r6, 1)
    str(r6, [r0, 4 * _OVERRUNS])
    b(MORE)

    label(FULL)
    ldr(r6, [r0, 4 * (_TAKES_OVER + 2)])
    cmp(r6, 0)
    beq(NO_OTHER)
    mov(r5, r6)
    str(r6, [r0, 4 * (_RECEIVE_RING + _LIMIT)])
    ldr(r2, [r0, 4 * _TAKES_OVER])
    str(r2, [r0, 4 * _RECEIVE_RING])
    ldr(r3, [r0, 4 * (_TAKES_OVER + 1)])
    str(r3, [r0, 4 * (_RECEIVE_RING + _MASK)])
    str(r4, [r0, 4 * (_RECEIVE_RING + _TAIL)])
    mov(r6, 0)
    str(r6, [r0, 4 * (_TAKES_OVER + 2)])
    b(MORE)
    label(NO_OTHER)
    ldr(r6, [r0, 4 * _HOLD])
    cmp(r6, 0)
    bne(HELD)
    ldr(r7, [r1, _DR])
    lsr(r6, r7, 8)
    bne(ERROR)
    label(DROP)
    mov(r6, 4 * _DROPPED)
    b(LOST)
    label(HELD)
    str(r6, [r0, 4 * _IS_HELD])
    mov(r6, _TX)
    str(r6, [r1, _IMSC])
    b(RECEIVED)

    label(ERROR)
    mov(r6, 4 * _BREAKS)
    lsl(r2, r7, 31 - 10)  # BE
    bmi(BAD)
    mov(r6, 4 * _FRAMING)
    lsl(r2, r7, 31 - 8)  # FE
    bmi(BAD)
    mov(r6, 4 * _PARITY)
    lsl(r2, r7, 31 - 9)  # PE
    bmi(BAD)
    ldr(r2, [r0, 4 * _RECEIVE_RING])
    add(r6, r5, 1)  # a good byte with OE, which RIS has told already; is there room?
    bne(KEEP)
    b(DROP)
    label(BAD)
    ldr(r2, [r0, 4 * _RECEIVE_RING])
    label(LOST)
    data(2, 0x5987)  # ldr r7, [r0, r6]
    add(r7, 1)
    data(2, 0x5187)  # str r7, [r0, r6]
    add(r5, 1)
    b(MORE)

    label(BYTE)
    sub(r5, 1)
    bcc(FULL)
    ldr(r7, [r1, _DR])
    lsr(r6, r7, 8)
    bne(ERROR)
    label(KEEP)
    mov(r6, r4)
    and_(r6, r3)
    data(2, 0x5597)  # strb r7, [r2, r6]
    add(r4, 1)
    label(MORE)
    ldr(r6, [r1, _RIS])
    lsl(r6, r6, 31 - 4)  # RX
    bmi(BYTE)
    mov(r6, _RX | _RT)
    mov(r7, r12)
    and_(r6, r7)
    cmp(r6, _RX)
    beq(RECEIVED)  # RT brings the rest
    ldr(r6, [r1, _FR])
    lsl(r6, r6, 31 - 4)  # RXFE
    bpl(BYTE)

    label(RECEIVED)
    str(r4, [r0, 4 * (_RECEIVE_RING + _HEAD)])
    ldr(r4, [r0, 4 * (_SEND_RING + _HEAD)])
    ldr(r5, [r0, 4 * (_SEND_RING + _TAIL)])
    cmp(r4, r5)
    beq(DONE)
    ldr(r2, [r0, 4 * _SEND_RING])
    ldr(r3, [r0, 4 * (_SEND_RING + _MASK)])
    label(SEND)
    ldr(r6, [r1, _FR])
    lsl(r6, r6, 31 - 5)  # TXFF: the interrupt at its end comes back here
    bmi(SENT)
    mov(r6, r5)
    and_(r6, r3)
    data(2, 0x5D97)  # ldrb r7, [r2, r6]
    str(r7, [r1, _DR])
    add(r5, 1)
    cmp(r4, r5)
    bne(SEND)
    label(SENT)
    str(r5, [r0, 4 * (_SEND_RING + _TAIL)])
    label(DONE)
    data(2, 0xF3BF, 0x8F4F)  # dsb: the request is cleared before the return (DAI 0321A)
    label(END)


_EIGHT_BITS = 3
_QUARTER = 1  # of the FIFO: IFLS, table 3-13
_HALF = 2
_PARTS = 64  # of IBRD, in FBRD
_LARGEST_DIVIDER = _PARTS * 0xFFFF  # section 2.4.3
_LONGEST_FRAME = 12  # bits
_EVERY_FLAG = 0x7FF


def open(
    peripheral, baud=115_200, *, parity=None, stop=1, rts=False, cts=False, rx_size=1024, tx_size=1024,
    hold_when_full=False
):  # fmt: skip
    """Return an open `Uart`. baud: bits a second. parity: None, "even" or "odd". stop: bits, 1 or 2.

    rts, cts: let the sender wait while the FIFO is above its level, and wait while the receiver asks for it. rx_size,
    tx_size: bytes of the rings, powers of two. hold_when_full: leave bytes that find no room in the UART, for a sender
    that waits, in place of dropping them.

    Raises ValueError for a rate that the divider misses by more than 2.5 %, a size that is no power of two, and another
    parity or number of stop bits.
    """
    check_frame(parity, stop)
    format = {"FEN": 1, "WLEN": _EIGHT_BITS, "STP2": stop - 1, "PEN": parity is not None, "EPS": parity == "even"}
    flow = {"RTSEN": bool(rts), "CTSEN": bool(cts)}
    return Uart(peripheral, baud, format, flow, rx_size, tx_size, hold_when_full)


class Uart(BufferedUart):
    """An open UART; see `corten.uart`. It tells all errors but noise, and can send a break."""

    RX_LINE = TX_LINE = "uart"
    GATHERS = True

    def __init__(self, peripheral, baud, format, flow, rx_size, tx_size, hold_when_full):
        self._divider, *rate = divide(4 * peripheral.clock_hz, baud, _PARTS, _LARGEST_DIVIDER)
        self._registers = Pl011(peripheral.base)
        self._format = format
        self._flow = flow
        both = native(_both_ways, peripheral.base)
        super().__init__(peripheral, both, both, rate, rx_size, tx_size, hold_when_full)

    def _start(self):
        registers = self._registers
        self._stop()
        registers.IBRD.write(self._divider // _PARTS)
        registers.FBRD.write(self._divider % _PARTS)
        registers.LCR_H.write(**self._format)  # takes the divider over: section 3.3.6
        registers.IFLS.write(RXIFLSEL=_QUARTER, TXIFLSEL=_QUARTER)
        self._resume()
        registers.CR.write(UARTEN=1, TXE=1, RXE=1, **self._flow)

    def _stop(self):
        registers = self._registers
        registers.CR.write(TXE=1, RXE=1)
        registers.IMSC.write(0)
        for register in (registers.LCR_H, registers.IBRD, registers.FBRD):
            register.write(0)
        registers.IFLS.write(RXIFLSEL=_HALF, TXIFLSEL=_HALF)
        registers.ICR.write(_EVERY_FLAG)

    def _resume(self):
        self._registers.IMSC.write(RXIM=1, TXIM=1, RTIM=1)
        self._rx_interrupt.pend()  # the timeout of those in the FIFO was cleared when they came

    def _is_sent(self):
        return not self._registers.FR.BUSY.get()

    def send_break(self, timeout_ms):
        """Hold the line low for two characters after all that was written; return whether it began within the time.

        The break itself, 24 bits long, comes on top: section 3.3.7 asks for two frames at least.
        """
        if not self.flush(timeout_ms):
            return False
        line = self._registers.LCR_H
        line.BRK.set(1)
        time.sleep_us(2 * _LONGEST_FRAME * 1_000_000 // self.baud + 1)
        line.BRK.set(0)
        return True

    def wait_idle(self, timeout_ms):
        """Wait until the line has been silent after bytes, for 32 bits; return whether it was within the time."""
        self._check_open()
        return wait_for_change(self._handlers[0].word_address(IDLES), self.idles, timeout_ms)
