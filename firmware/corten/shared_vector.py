"""A vector that pico-sdk shares among several handlers of a line: its code in RAM leads elsewhere, the table keeps it.

Such a line has a slot in RAM, instructions and the handler behind them, which the SDK looks for in the table when the
port takes its handler away (hardware_irq/irq.c, irq_remove_handler). MicroPython does that at each soft reset before
anything of the program runs, and makes the slot anew afterwards: an entry of ours would cost one slot each time, and
there are four. So the entry stays, and the slot's first two instructions, one word, become a call of ours.

Callers: the main context. Making one allocates.
"""

import micropython

from corten.interpreter import number_at, words_at
from corten.native import barrier, native

SRAM = 1  # the upper three bits of its addresses: DDI 0403E, B3.1
_LOAD_ADDRESS = 0xA100  # adr r1, 4: behind the branch that follows
_BRANCH = 0xE000


@micropython.asm_thumb
def _enter():
    # The call was no call: the link register gets back what leaves an exception. 0xFFFF_FFF1 returns to a handler,
    # 0xFFFF_FFF9 to the main context on the main stack, DDI 0419E, B1.5.8; its number is in the xPSR that was stacked.
    b(BODY)
    b(END)
    align(4)
    data(4, 0)  # where it leads
    label(BODY)
    data(2, 0x9807)  # ldr r0, [sp, 28]
    lsl(r0, r0, 23)
    beq(MAIN)
    mov(r0, 8)
    label(MAIN)
    add(r0, 6)
    data(2, 0x43C0)  # mvns r0, r0
    data(2, 0x4686)  # mov lr, r0
    mov(r0, pc)
    sub(r0, 4 + 4 + 2 * 7)
    ldr(r0, [r0, 0])
    data(2, 0x4700)  # bx r0
    label(END)


@micropython.asm_thumb
def _go_on():
    # What the slot did.
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0)  # address behind the slot's branch, where that leads
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 2)
    ldr(r1, [r0, 0])
    ldr(r0, [r0, 4])
    data(2, 0x4700)
    label(END)


def is_shared(entry):
    """Return whether a vector is a slot of the SDK's that nothing has changed."""
    slot = entry & ~1
    if slot >> 29 != SRAM or slot % 4:
        return False
    return number_at(slot, 2) == _LOAD_ADDRESS and number_at(slot + 2, 2) & 0xF800 == _BRANCH


class SharedVector:
    """entry: the vector in the table. goes_on: address of code that does what the slot did, with the Thumb bit."""

    def __init__(self, entry):
        self.entry = entry
        slot = entry & ~1
        self._slot = words_at(slot, 1)
        self._found = self._slot[0]
        distance = (number_at(slot + 2, 2) & 0x7FF) << 1
        if distance >> 11:
            distance -= 1 << 12
        self._rest = native(_go_on, slot + 4, slot + 2 + 4 + distance | 1)
        self.goes_on = _body(self._rest) | 1
        self._way = native(_enter, self.goes_on)
        self._call = _branch_and_link(slot, _body(self._way))

    @property
    def leads_to(self):
        """Where the line goes."""
        return self._way.words[0] if self._slot[0] == self._call else self.goes_on

    def redirect(self, address):
        """Have the line go to `address`; to `goes_on`, as it was found. Nothing once the SDK has changed the slot."""
        if self._slot[0] not in (self._found, self._call):
            return
        self._way.words[0] = address
        barrier()
        self._slot[0] = self._found if address == self.goes_on else self._call
        barrier()


def _body(handler):
    # Its code, behind what saves registers and behind its words.
    return handler.word_address(len(handler.words) - 1) + 4


def _branch_and_link(at, to):
    # BL, encoding T1, for less than 4 MiB: DDI 0419E, A6.7.13. The first halfword is the lower one in memory.
    distance = to - at - 4
    return 0xF800_F000 | (distance >> 1 & 0x7FF) << 16 | (distance >> 12 & 0x7FF)
