"""STM32 USART as in the STM32F1, F2 and F4, as a UART: interrupt-driven both ways, one byte of buffer each way.

Source: ST RM0090, section 30 (USART). Flags of errors and of an idle line go with the reading of SR and then DR
(section 30.6.1). So reading DR for an idle line alone would lose a byte that arrived between the two: the handler masks
that interrupt instead until the next byte.

An interrupt serves both ways, receiving first. See `corten.uart` for the calls.
"""

import micropython
from micropython import const

from corten.register import READ_ACTS, RO, RW, W0C, Block, Field, Reg
from corten.stm32_usart import Stm32Usart
from corten.uart import check_frame


class Stm32Usart1(Block):
    """Registers of the USART that this driver uses."""

    SR = Reg(
        0x00,
        RW,
        PE=Field(0, access=RO),
        FE=Field(1, access=RO),
        NF=Field(2, access=RO),
        ORE=Field(3, access=RO),
        IDLE=Field(4, access=RO),
        RXNE=Field(5, access=W0C),
        TC=Field(6, access=W0C),
        TXE=Field(7, access=RO),
        LBD=Field(8, access=W0C),
        CTS=Field(9, access=W0C),
    )
    DR = Reg(0x04, RW | READ_ACTS, DR=Field(0, 9))
    BRR = Reg(0x08)  # USARTDIV in sixteenths: clocks a bit
    CR1 = Reg(
        0x0C,
        SBK=Field(0),
        RWU=Field(1),
        RE=Field(2),
        TE=Field(3),
        IDLEIE=Field(4),
        RXNEIE=Field(5),
        TCIE=Field(6),
        TXEIE=Field(7),
        PEIE=Field(8),
        PS=Field(9),
        PCE=Field(10),
        WAKE=Field(11),
        M=Field(12),
        UE=Field(13),
        OVER8=Field(15),
    )
    CR2 = Reg(0x10, STOP=Field(12, 2))
    CR3 = Reg(0x14, EIE=Field(0), HDSEL=Field(3), RTSE=Field(8), CTSE=Field(9), ONEBIT=Field(11))


# Words, as `corten.uart_words` and `corten.stm32_usart` have them.
_DROPPED = const(6)
_OVERRUNS = const(7)
_FRAMING = const(8)
_PARITY = const(9)
_NOISE = const(10)
_BREAKS = const(11)
_IDLES = const(12)
_HOLD = const(13)
_IS_HELD = const(14)
_TAKES_OVER = const(15)
_SEND_RING = const(18)
_CONTROL = const(23)


@micropython.asm_thumb
def _both_ways():  # noqa: PLR0915 - a statement is an instruction
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 24)
    label(LOOK)
    data(2, 0xE890, 0x007E)  # ldm r0, {r1-r6}: the device; the ring's ADDRESS, MASK, HEAD, TAIL, LIMIT
    ldr(r7, [r1, 0x00])  # SR
    lsl(r7, r7, 27)  # carry: RXNE; what is left: IDLE, ORE, NE, FE, PE
    bcc(NO_BYTE)
    bne(FLAGS)
    label(KEEP)
    sub(r5, r4, r5)
    cmp(r5, r6)
    bcs(FULL)
    and_(r3, r4)
    ldr(r7, [r1, 0x04])  # DR
    data(2, 0x54D7)  # strb r7, [r2, r3]
    add(r4, 1)
    str(r4, [r0, 4 * 3])  # HEAD
    label(SEND)
    ldr(r2, [r0, 4 * _SEND_RING + 8])  # HEAD
    ldr(r3, [r0, 4 * _SEND_RING + 12])  # TAIL
    cmp(r2, r3)
    beq(DONE)
    ldr(r4, [r1, 0x00])  # SR
    lsl(r4, r4, 25)  # carry: TXE
    bcc(ASK)
    ldr(r5, [r0, 4 * _SEND_RING])  # ADDRESS
    ldr(r6, [r0, 4 * _SEND_RING + 4])  # MASK
    and_(r6, r3)
    data(2, 0x5DAD)  # ldrb r5, [r5, r6]
    str(r5, [r1, 0x04])  # DR
    add(r3, 1)
    str(r3, [r0, 4 * _SEND_RING + 12])
    label(ASK)
    ldr(r4, [r0, 4 * _CONTROL])
    mov(r5, 0x80)  # TXEIE: while there is more
    orr(r4, r5)
    cmp(r2, r3)
    bne(MORE)
    eor(r4, r5)
    label(MORE)
    str(r4, [r0, 4 * _CONTROL])
    str(r4, [r1, 0x0C])  # CR1
    label(DONE)
    data(2, 0xF3BF, 0x8F4F)  # dsb: the requests are cleared before the return (DAI 0321A)
    b(END)
    label(NO_BYTE)
    bne(FLAGS)
    label(ONLY_SEND)
    ldr(r2, [r0, 4 * _SEND_RING + 8])
    ldr(r3, [r0, 4 * _SEND_RING + 12])
    cmp(r2, r3)
    bne(SEND)
    ldr(r4, [r0, 4 * _CONTROL])
    mov(r5, 0x80)  # TXEIE: a transfer was cancelled while it waited for TXE
    bic(r4, r5)
    b(MORE)
    label(FLAGS)
    data(2, 0xE890, 0x007E)
    ldr(r7, [r1, 0x00])  # what it says now is what is counted
    sub(r5, r4, r5)
    cmp(r5, r6)
    bcc(ROOM)
    ldr(r5, [r0, 4 * _TAKES_OVER + 8])
    cmp(r5, 0)
    bne(TAKE_OVER)
    ldr(r5, [r0, 4 * _HOLD])
    cmp(r5, 0)
    beq(ROOM)
    lsr(r5, r7, 6)  # carry: RXNE
    bcc(ROOM)
    str(r0, [r0, 4 * _IS_HELD])  # the main context asks again once there is room
    ldr(r5, [r0, 4 * _CONTROL])
    mov(r6, 0x20)  # RXNEIE
    bic(r5, r6)
    str(r5, [r0, 4 * _CONTROL])
    str(r5, [r1, 0x0C])
    mov(r6, 0x28)  # RXNE and ORE, which stays until DR is read
    bic(r7, r6)
    label(ROOM)
    lsr(r2, r7, 5)  # carry: IDLE
    bcc(NOT_IDLE)
    ldr(r3, [r0, 4 * _CONTROL])
    mov(r2, 0x10)  # IDLEIE: off from the interrupt to the next byte, with which the flag goes
    tst(r3, r2)
    beq(COUNTED)
    ldr(r5, [r0, 4 * _IDLES])
    add(r5, 1)
    str(r5, [r0, 4 * _IDLES])
    label(COUNTED)
    orr(r3, r2)
    lsr(r5, r7, 6)  # carry: RXNE
    bcs(ASK_FOR_IDLE)
    eor(r3, r2)
    label(ASK_FOR_IDLE)
    str(r3, [r0, 4 * _CONTROL])
    str(r3, [r1, 0x0C])
    label(NOT_IDLE)
    lsr(r2, r7, 4)  # carry: ORE
    bcc(NO_OVERRUN)
    ldr(r2, [r0, 4 * _OVERRUNS])
    add(r2, 1)
    str(r2, [r0, 4 * _OVERRUNS])
    lsr(r2, r7, 6)  # carry: RXNE
    bcs(NO_OVERRUN)
    ldr(r2, [r1, 0x04])  # DR, in which there is nothing: it ends the request
    label(NO_OVERRUN)
    lsr(r2, r7, 6)  # carry: RXNE
    bcc(ONLY_SEND)
    lsl(r2, r7, 29)  # errors of this byte
    bne(BAD)
    data(2, 0xE890, 0x007E)
    b(KEEP)
    label(BAD)
    ldr(r2, [r1, 0x04])  # DR
    lsr(r5, r7, 2)  # carry: FE
    bcc(NOT_FRAMING)
    mov(r3, 4 * _FRAMING)
    lsl(r2, r2, 24)
    bne(COUNT)
    mov(r3, 4 * _BREAKS)
    b(COUNT)
    label(NOT_FRAMING)
    mov(r3, 4 * _NOISE)
    lsr(r5, r7, 1)  # carry: PE
    bcc(COUNT)
    mov(r3, 4 * _PARITY)
    label(COUNT)
    data(2, 0x58C5)  # ldr r5, [r0, r3]
    add(r5, 1)
    data(2, 0x50C5)  # str r5, [r0, r3]
    b(SEND)
    label(FULL)
    ldr(r5, [r0, 4 * _TAKES_OVER + 8])
    cmp(r5, 0)
    bne(TAKE_OVER)
    ldr(r5, [r0, 4 * _HOLD])
    cmp(r5, 0)
    bne(FLAGS)
    ldr(r7, [r1, 0x04])  # DR
    mov(r3, 4 * _DROPPED)
    b(COUNT)
    label(TAKE_OVER)
    str(r5, [r0, 4 * 5])  # LIMIT
    ldr(r5, [r0, 4 * _TAKES_OVER])
    str(r5, [r0, 4 * 1])  # ADDRESS
    ldr(r5, [r0, 4 * _TAKES_OVER + 4])
    str(r5, [r0, 4 * 2])  # MASK
    str(r4, [r0, 4 * 4])  # TAIL
    mov(r5, 0)
    str(r5, [r0, 4 * _TAKES_OVER + 8])
    b(LOOK)
    label(END)


def open(
    peripheral, baud=115_200, *, parity=None, stop=1, rts=False, cts=False, rx_size=1024, tx_size=1024,
    hold_when_full=False
):  # fmt: skip
    """Return an open `Uart`. baud: bits a second. parity: None, "even" or "odd". stop: bits, 1 or 2.

    rts, cts: let the sender, or us, wait by the lines of these names. rx_size, tx_size: bytes of the rings, powers of
    two. hold_when_full: leave a byte that finds no room in the UART, for a sender that waits, in place of dropping it.

    Raises ValueError for a rate that the divider misses by more than 2.5 %, a size that is no power of two, and another
    parity or number of stop bits.
    """
    check_frame(parity, stop)
    rings = {"rx_size": rx_size, "tx_size": tx_size, "hold_when_full": hold_when_full}
    return Uart(peripheral, parity, baud, stop, rts, cts, **rings)


class Uart(Stm32Usart):
    """An open UART; see `corten.uart` and `corten.stm32_usart`."""

    def __init__(self, peripheral, parity, *args, **rings):
        format = {"M": 1, "PCE": 1, "PS": parity == "odd"} if parity else {}
        super().__init__(peripheral, Stm32Usart1(peripheral.base), _both_ways, format, *args, **rings)

    def _is_sent(self):
        return bool(self._registers.SR.TC.get())

    def _send_break(self):
        self._set_once(self._registers.CR1.encode(SBK=1))

    def _breaks(self):
        return bool(self._registers.CR1.SBK.get())
