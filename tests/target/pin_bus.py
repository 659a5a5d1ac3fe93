# needs: pin
"""Several pins of a port are read and written together, in any order of the pins, and beside others of the port."""

import board
from corten.bus import InputBus, OutputBus
from corten.pin import UseAfterMove

first = board.CAPABILITIES["pin"]
prefix = next(prefix for prefix, count, block, base, uses, gates in board.PORTS if base == first.base)


def pins(order):
    return [board.take(prefix + str(first.bit + place)) for place in order]


for order in ((0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3), (1, 2)):
    taken = pins(order)
    bus = OutputBus(*taken, initial=2)
    assert bus.read() == 2
    try:
        taken[0].into_input()
    except UseAfterMove:
        pass
    else:
        raise AssertionError("the pin belongs to the bus")
    rest = [place for place in range(4) if place not in order]
    beside = [pin.into_output(initial=place % 2) for place, pin in zip(rest, pins(rest))]
    for value in range(1 << len(order)):
        bus.write(value)
        assert bus.read() == value
        assert [pin.read() for pin in beside] == [place % 2 for place in rest]
    for pin in beside:
        pin.close()
    try:
        bus.write(1 << len(order))
    except ValueError as error:
        assert "does not fit" in str(error)
    else:
        raise AssertionError("too many bits")
    bus.close()
    bus.close()
    for pin in pins(range(4)):
        pin.close()

source = InputBus(*pins((0, 2, 3)), pull="up")
assert source.read() == 7
assert not hasattr(source, "write")
first.release()
try:
    source.read()
except UseAfterMove:
    pass
else:
    raise AssertionError("a pin of the bus was released")
for wrong in ((0, 0), ()):
    try:
        InputBus(*pins(wrong[:1]) * len(wrong))
    except ValueError as error:
        assert "each once" in str(error)
    else:
        raise AssertionError("what is no bus was accepted")
