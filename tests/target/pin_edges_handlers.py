# needs: pin
"""An edge that counts runs a handler of any kind; MicroPython's irq calls a function with the pin."""

import time

import board
from corten.hard import hard
from corten.native import count, native
from corten.soft import soft

pin = board.CAPABILITIES["pin"].into_input(pull="down")
told: list = []
hits = [0]


def pulse():
    pin.init(pull=pin.PULL_UP)
    pin.init(pull=pin.PULL_DOWN)


def run_scheduled():
    time.sleep_ms(1)


def hit():
    hits[0] += 1


def hit_and_fail():
    hits[0] += 1
    raise ValueError("in the handler")


edges = pin.edges(rising=True, then=soft(told.append))
for _ in range(3):
    pulse()
    run_scheduled()
assert told == [1, 1, 1]
assert edges.count == 3
edges = pin.edges(rising=True, falling=True, then=hard(hit))
pulse()
assert hits[0] == edges.count == 2
failing = hard(hit_and_fail)
edges = pin.edges(rising=True, then=failing)
pulse()
assert (hits[0], edges.count, failing.errors) == (3, 1, 1)
counting = native(count)
edges = pin.edges(falling=True, then=counting)
pulse()
assert counting.words[0] == edges.count == 1
for wrong in (hit, 3):
    try:
        pin.edges(rising=True, then=wrong)
    except TypeError:
        pass
    else:
        raise AssertionError("a bare function is no handler")

del told[:]
pin.irq(told.append, pin.IRQ_FALLING)
pulse()
run_scheduled()
pulse()
run_scheduled()
assert told == [pin, pin]
edges = pin.irq(lambda it: hit(), pin.IRQ_RISING, hard=True, priority=2)
assert edges.interrupt.priority == 2
pulse()
assert hits[0] == 4
pin.irq()
pulse()
run_scheduled()
assert hits[0] == 4
assert len(told) == 2
pin.close()
