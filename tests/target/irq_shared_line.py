# needs: led
# soft_reset: 8
"""A line on which the port has a handler of its own serves ours meanwhile, and is then as it was, also when a soft
reset comes before that: the port takes its own handlers away at each of them, and puts them back."""

import machine

import board
from corten.irq import Interrupt
from corten.native import count, native
from corten.register import Block, Reg


class Scb(Block):
    VTOR = Reg(0x08)  # DDI 0403E, section B3.2.5


def vectors():
    table = Scb(0xE000_ED00).VTOR.read()
    entries = [machine.mem32[table + 4 * number] for number in range(16, 16 + board.IRQ_COUNT)]
    return [(entry, machine.mem32[entry & ~3] if entry >> 29 == 1 else 0) for entry in entries]


def with_handler(line):
    handler = native(count)
    line.bind(handler)
    line.enable()
    for _ in range(10):
        line.pend()
    assert handler.words[0] == 10
    return handler


found = vectors()
lines = [Interrupt(name) for name in board.INTERRUPTS if name.startswith(("IO_BANK", "EXTI"))]
for line in lines:
    was_enabled = line.enabled
    with_handler(line)
    line.unbind()
    assert vectors() == found
    if was_enabled:
        line.enable()
        line.pend()  # to the port, which finds nothing to do
for line in lines:
    with_handler(line)
