# needs: pin
"""Edges are counted in the interrupt, by direction; a pull moves the line."""

import board
from corten.irq import owners

pin = board.CAPABILITIES["pin"].into_input(pull="down")


def high():
    pin.init(pull=pin.PULL_UP)


def low():
    pin.init(pull=pin.PULL_DOWN)


for rising, falling in ((True, False), (False, True), (True, True)):
    edges = pin.edges(rising, falling)
    for number in range(1, 21):
        high()
        assert edges.count == (number if rising else 0) + (number - 1 if falling else 0)
        low()
        assert edges.count == (number if rising else 0) + (number if falling else 0)
    assert edges.take() == edges.count
    assert edges.take() == 0
    assert edges.wait(5) == 0
    high()
    low()
    assert edges.wait(1000) == rising + falling
    assert edges.bounces == 0

was = edges.count
edges.stop()
edges.stop()
high()
assert edges.count == was
assert not [each for each in owners() if each[2] == "native"], "the line was not given back"
edges = pin.edges(falling=True)
low()
assert edges.count == 1
try:
    pin.into_input(pull="sideways")
except ValueError:
    high()
    low()
    assert edges.count == 2  # the input is as it was
else:
    raise AssertionError("a pull that there is not was accepted")
output = pin.into_output(initial=1)  # ends the counting
output.on()
output.off()
assert edges.count == 2
assert not owners()
try:
    board.CAPABILITIES["pin"].release()
    board.CAPABILITIES["pin"].into_input().edges()
except ValueError:
    pass
else:
    raise AssertionError("no edge was chosen")
