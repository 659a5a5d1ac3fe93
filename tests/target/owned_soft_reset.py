# needs: timer
# soft_reset: 2
"""A soft reset releases what a program left taken: the timer is stopped, its interrupt unhooked, and free again."""

import board
from corten.irq import Interrupt, owners
from corten.owned import taken
from corten.register import Block, Reg


class Control(Block):
    WORD = Reg(0x00)


peripheral = board.CAPABILITIES["timer"]
line = Interrupt(peripheral)
assert taken() == [] and owners() == []
assert not line.enabled and not line.pending
before = Control(peripheral.base).WORD.read()
timer = peripheral.open(owner="run %d" % RUN)
timer.on_tick()
timer.start(50)
assert taken() == [(peripheral.name, "run %d" % RUN)]
if RUN == 0:
    with open("/control", "w") as file:
        file.write(str(before))
else:
    with open("/control") as file:
        assert before == int(file.read()), "the timer was not put back"
