"""Where on the AN385 a block of registers can lie.

Source: Arm DAI 0385D, section 3.2, and DDI 0403E, section B3.1.2, for the addresses; which of them store all that is
written, at 8, 16 and 32 bits, and do nothing else, was tried on the emulated devices.
"""

from dataclasses import dataclass

BIT_BAND, ALIASES = "BIT_BAND", "ALIASES"

MARK = 0x4001_3FFC
"""The last word of the GPIOs, which are not modelled: a write there shows in the trace and does nothing.

The numbers of calls are written there, SETUP ahead of what makes things ready for a call, and END ahead of the program
as it stands, ahead of the lowered one, and at the end.
"""

SETUP, END = 0xFFFE, 0xFFFF


@dataclass(frozen=True)
class Row:
    """Registers or clusters side by side: the first one's offset, the bytes between two, and how many there are."""

    offset: int
    stride: int
    count: int


@dataclass(frozen=True)
class Layout:
    """A base address, and what there is from it on; offsets in bytes.

    `kept`: words that store what is written. `dead`: words that read as 0. `rows`: words that can be an array.
    `parts`: rows of clusters, whose words are at `inside`. `atomics`: what a block there can have as ATOMIC.
    """

    base: int
    kept: tuple[int, ...]
    dead: tuple[int, ...]
    rows: tuple[Row, ...]
    parts: tuple[Row, ...] = ()
    inside: tuple[int, ...] = ()
    atomics: tuple[str, ...] = ()


TIMERS = Layout(  # two CMSDK timers' VALUE and RELOAD, the dual timer's LOAD and BGLOAD; then a GPIO
    0x4000_0000,
    kept=(0x4, 0x8, 0x1004, 0x1008, 0x2000, 0x2018, 0x2020, 0x2038),
    dead=tuple(range(0x1_0100, 0x1_0120, 4)),
    rows=(Row(0x4, 4, 2), Row(0x2000, 0x20, 2), Row(0x2018, 0x20, 2), Row(0x1_0200, 4, 5), Row(0x1_0300, 12, 3)),
    parts=(Row(0, 0x1000, 2), Row(0x1_1000, 20, 4), Row(0x1000, 0x1000, 1)),
    inside=(0x4, 0x8),
    atomics=(BIT_BAND,),
)
SERIAL = Layout(  # four PL022's CR0 and IMSC, FPGAIO's MISC, three of the SCC's
    0x4002_0000,
    kept=(0x0, 0x14, 0x1000, 0x1014, 0x6000, 0x6014, 0x7000, 0x7014, 0x804C, 0xF000, 0xF004, 0xF0A4),
    dead=tuple(range(0x100, 0x120, 4)),
    rows=(Row(0xF000, 4, 2), Row(0x0, 0x1000, 2), Row(0x6014, 0x1000, 2), Row(0x200, 8, 7), Row(0x300, 2, 6)),
    parts=(Row(0, 0x1000, 2), Row(0x6000, 0x1000, 2), Row(0x400, 24, 3)),
    inside=(0x0, 0x14),
    atomics=(BIT_BAND,),
)
ALIASED = Layout(  # one PL022, below three devices' words that stand for its aliases
    0x4002_0000,
    kept=(0x0, 0x14),
    dead=tuple(range(0x100, 0x120, 4)),
    rows=(Row(0x0, 0x14, 2), Row(0x200, 8, 7)),
    atomics=(ALIASES,),
)
BITS = Layout(  # the bit-band alias of 4 bytes of free SRAM: a device of its own to the emulator, one bit a word
    0x2300_0000,
    kept=tuple(range(0, 0x80, 4)),
    dead=(),
    rows=(Row(0x40, 4, 4), Row(0x50, 8, 3)),
    parts=(Row(0x68, 8, 2),),
    inside=(0, 4),
)
LAYOUTS = (TIMERS, SERIAL, ALIASED, BITS)
