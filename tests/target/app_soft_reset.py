# soft_reset: 4
"""A soft reset while handlers of all kinds are bound leaves nothing behind: all of it starts
anew and works."""

import machine

import board
from corten.app import App
from corten.channel import Channel
from corten.irq import Interrupt, owners
from corten.native import count, native
from corten.shared import Shared
from corten.signal import Signal
from corten.soft import soft

assert owners() == [], RUN
line, native_line = Interrupt(board.IRQ_COUNT - 1), Interrupt(board.IRQ_COUNT - 2)
untouched = Interrupt(board.IRQ_COUNT - 4)
for each in (line, native_line):
    assert not each.enabled and not each.pending and each.priority == untouched.priority
state = machine.disable_irq()
machine.enable_irq(state)
assert not state, "interrupts are masked"
app = App()
total = Shared(0)
signal = Signal()
channel = Channel.words(8)
told = 0


@app.task(binds=line.number, priority=2, shares=(total,))
def edge():
    with total.lock() as t:
        t.value += 1
    channel.put(total.ceiling)
    signal.set()
    again.spawn()


@app.task(priority=1, capacity=2, shares=(total,))
def again():
    with total.lock() as t:
        t.value += 1


def tell(number):
    global told
    told += number


app.start()
counter = native(count)
native_line.bind(counter)
native_line.enable()
deferred = Interrupt(board.IRQ_COUNT - 3)
deferred.bind(soft(tell))
deferred.enable()
edge.line.pend()
native_line.pend()
deferred.pend()
for _ in range(10):
    pass
with total.lock() as t:
    assert t.value == 2, t.value
assert (counter.words[0], told, channel.waiting, signal.take()) == (1, 1, 1, 1)
assert edge.handler.errors == again.errors == 0
