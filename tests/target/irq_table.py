"""The table in RAM is the port's own, or a copy that is aligned as VTOR asks, and goes with the last unbind."""

import machine

import board
from corten.irq import Interrupt
from corten.native import count, native
from corten.register import Block, Reg


class Scb(Block):
    VTOR = Reg(0x08)  # DDI 0403E, section B3.2.5


def vectors(address):
    return [machine.mem32[address + 4 * number] for number in range(words)]


words = 16 + board.IRQ_COUNT
vtor = Scb(0xE000_ED00).VTOR
ports = vtor.read()
found = vectors(ports)
handler = native(count)
assert vtor.read() == ports
Interrupt(board.IRQ_COUNT - 1).bind(handler)
ours = vtor.read()
if ports >> 29 == 1:  # in RAM
    assert ours == ports
else:
    assert ours != ports
    size = ours & -ours
    assert size >= 4 * words, hex(ours)
assert vectors(ours)[:-1] == found[:-1]
assert vectors(ours)[-1] == handler.address and handler.address % 2 == 1
Interrupt(board.IRQ_COUNT - 2).bind(handler)
Interrupt(board.IRQ_COUNT - 1).unbind()
assert vtor.read() == ours and vectors(ours)[-1] == found[-1]
Interrupt(board.IRQ_COUNT - 2).unbind()
assert vtor.read() == ports and vectors(ports) == found
Interrupt(board.IRQ_COUNT - 2).unbind()
