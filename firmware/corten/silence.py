"""Frame gaps by a hardware timer: where a frame ends, and whether it was too quiet inside, as Modbus RTU asks for.

    ends = Channel.words(8)
    silence = Silence(board.TIMER0, ends, line)
    silence.start(quarter_us(19_200), uart.received_address)

A timer ticks every quarter of a character. Its native handler looks at the word that counts the bytes a UART has kept
and counts the ticks for which it stays the same. After 14 of them (3.5 characters) a frame has ended: the handler puts
one word into the channel `ends` and pends the interrupt line of who answers. A byte is kept at its end, so one that
comes after 6 quiet ticks (1.5 characters) and the 4 of its own time, and before 14, marks the frame as too quiet
inside. A byte that begins before the 14th tick and ends behind it is another frame's first.

The word: the low 24 bits of the count of kept bytes at the frame's end (POSITION), and TOO_QUIET. The frame is what was
kept since the end before. A full channel refuses the word, which counts in `ends.refused`; the frame's bytes then
belong to the next frame, which is marked as too quiet, since it is. So frames = words taken + words waiting + refused.

How exact that is: a byte is seen up to a tick after it was kept, so the line was quiet for at least 14 ticks and less
than 15 when a frame ends, and for more than 6 when it is marked. A gap inside is seen for certain from 9 ticks on. A
line that is masked for longer than a tick delays the end by as much; it never makes it early.

Cost: 19 instructions a tick, entry and return included, when nothing comes; some 40 at a frame's end. At 38400 baud and
more, where a tick is 125 us, that is 152 000 instructions a second.

Callers: the main context; starting and stopping allocate. The handler runs at the timer's priority, and allocates
nothing.
"""

import micropython
import uctypes
from micropython import const

from corten.native import native

POSITION = const(0xFF_FFFF)
TOO_QUIET = const(0x100_0000)

_TICKS = const(2)
_ADDRESS = const(3)
_SEEN = const(4)
_QUIET = const(5)
_GAP = const(6)
_PEND = const(8)
_BIT = const(9)
_FETCH = const(10)
_FETCH_BIT = const(11)
_INSIDE = const(12)
_QUIET_INSIDE = const(6)  # ticks without a bit that a frame survives not, and those that end it
_BETWEEN = const(14)


@micropython.asm_thumb
def _tick():  # noqa: PLR0915 - a statement is an instruction
    b(BODY)
    b(END)
    align(4)
    # flag's address, what to write there, ticks, address of the count of kept bytes, that count as last seen, quiet
    # ticks, TOO_QUIET or 0, channel, address of ISPR, line's bit, address of ISPR and bit of the UART's line, quiet
    # ticks that mark a frame
    data(4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 13)
    ldr(r1, [r0, 40])
    ldr(r2, [r0, 44])
    str(r2, [r1, 0])
    data(2, 0xC87E)  # ldm r0!, {r1-r6}
    str(r2, [r1, 0])
    add(r3, 1)
    sub(r0, 24 - 8)
    str(r3, [r0, 0])  # ticks; r0 = address of word 2 from here on
    ldr(r4, [r4, 0])
    cmp(r4, r5)
    bne(MORE)
    cmp(r6, _BETWEEN)
    beq(DONE)  # quiet already
    add(r6, 1)
    str(r6, [r0, 12])
    cmp(r6, _BETWEEN)
    bne(DONE)
    ldr(r6, [r0, 16])
    lsl(r2, r4, 8)
    lsr(r2, r2, 8)
    orr(r2, r6)
    ldr(r1, [r0, 20])
    mov(r7, r1)
    data(2, 0xC978)  # ldm r1!, {r3-r6}: head, tail, mask, address
    sub(r4, r3, r4)
    cmp(r4, r5)
    bls(ROOM)
    ldr(r3, [r1, 0])
    add(r3, 1)
    str(r3, [r1, 0])
    mov(r3, 1)
    lsl(r3, r3, 24)
    b(PEND)
    label(ROOM)
    and_(r5, r3)
    lsl(r5, r5, 2)
    data(2, 0x5172)  # str r2, [r6, r5]
    add(r3, 1)
    str(r3, [r7, 0])
    mov(r3, 0)
    label(PEND)
    str(r3, [r0, 16])
    ldr(r1, [r0, 24])
    ldr(r2, [r0, 28])
    str(r2, [r1, 0])
    b(DONE)
    label(MORE)
    str(r4, [r0, 8])
    mov(r2, 0)
    str(r2, [r0, 12])
    ldr(r2, [r0, 40])
    cmp(r6, r2)
    blt(DONE)
    cmp(r6, _BETWEEN)
    beq(DONE)
    mov(r2, 1)
    lsl(r2, r2, 24)
    str(r2, [r0, 16])
    label(DONE)
    data(2, 0xF3BF, 0x8F4F)  # dsb: the flag is clear before the return, which would otherwise re-enter (DAI 0321A)
    label(END)


class Silence:
    """Looks for the ends of frames. Made stopped.

    timer: a `Peripheral` of a periodic timer, which is taken. ends: a channel of words; this is its producer. line: the
    `Interrupt` to pend at each end. owner: of the timer. Raises what taking the timer and the channel's end raise.
    """

    def __init__(self, timer, ends, line, owner=None):
        self._timer = timer.open(owner=owner or "Silence")
        self._line = line
        words = [self._timer.flag_address, self._timer.flag_clear, 0, 0, 0, 0, 0, ends.native_producer()]
        self._handler = native(_tick, *words, uses=ends)
        self._handler.name = "silence"
        self._handler.words[_PEND], self._handler.words[_BIT] = line.pend_store()
        self._timer.interrupt.bind(self._handler)

    def start(self, quarter_us, received_address, fetch=None, character=4):
        """Look for frames of characters that take four times `quarter_us` microseconds. What came before is no frame.

        received_address: of the word that counts the bytes that were kept. fetch: the UART's `Interrupt`, if it keeps
        bytes to itself until there are several: it is pended at each tick, which costs as much as its handler.
        character: ticks that one takes, rounded up, where it is not four quarters. Raises ValueError for a time that
        the timer does not keep.
        """
        self.stop()
        words = self._handler.words
        words[_FETCH], words[_FETCH_BIT] = fetch.pend_store() if fetch else (words[_PEND], 0)  # a 0 pends nothing
        words[_ADDRESS] = received_address
        words[_INSIDE] = _QUIET_INSIDE + character
        uctypes.bytearray_at(self._handler.word_address(_SEEN), 4)[:] = uctypes.bytearray_at(received_address, 4)
        words[_QUIET] = _BETWEEN
        words[_GAP] = 0
        self._timer.interrupt.enable()
        self._timer.start(quarter_us)

    def stop(self):
        """Look no more. A frame that has not ended is forgotten."""
        self._timer.stop()

    @property
    def ticks(self):
        """Interrupts of the timer, modulo 2**32."""
        return self._handler.words[_TICKS]

    def counter(self):
        """Return where `ticks` are counted, an array of words and an index, for code that makes no large integers."""
        return self._handler.words, _TICKS

    def close(self):
        """Stop, give the vector back and release the timer. Harmless when repeated."""
        self._timer.interrupt.unbind()
        self._timer.close()
