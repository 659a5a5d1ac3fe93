"""Registers of the core that all Cortex-M chips have at the same place: the NVIC's, and the vector table's of the SCB.

Source: DDI 0403E, the ARMv7-M ARM, sections B3.2.2 and B3.4.3; DDI 0419E, the ARMv6-M ARM, section B3.4.
"""

from corten.register import RO, RW, Block, Field, Reg

SCB = 0xE000ED00
NVIC = 0xE000E100

EXCEPTIONS = 16  # numbers of the system's own exceptions, ahead of the lines: B1.5.2
ISER = NVIC  # addresses, for machine code
IPR = NVIC + 0x300


class Scb(Block):
    """What is used of the system control block."""

    VTOR = Reg(0x08, RW)
    SHPR3 = Reg(0x20, RW, PRI_15=Field(24, 8))  # SysTick's: B3.2.12


class Lines(Block):
    """One bit for each of 32 lines; reading ISER and ISPR gives the state. At NVIC + 4 * (line // 32)."""

    ISER = Reg(0x000, RW)
    ICER = Reg(0x080, RW)
    ISPR = Reg(0x100, RW)
    ICPR = Reg(0x180, RW)
    IABR = Reg(0x200, RO)


class Priority(Block):
    """A line's priority byte. At NVIC + line."""

    IPR = Reg(0x300, RW, width=8, PRI=Field(0, 8))


class Priorities(Block):
    """Those of four lines: a Cortex-M0+ has no access by bytes, DDI 0419E B3.4.7. At NVIC + 4 * (line // 4)."""

    IPR = Reg(0x300, RW)
