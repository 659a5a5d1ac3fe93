"""The form for cores without BASEPRI: the lines up to the priority are disabled inside, and enabled again as they
were."""

import board
from corten.ceiling import Ceiling
from corten.irq import Interrupt, lines_up_to
from corten.native import count, native

lines = [Interrupt(29), Interrupt(30), Interrupt(31)]
handlers = [native(count) for _ in lines]
for priority, (line, handler) in enumerate(zip(lines, handlers), 1):
    line.priority = priority
    line.bind(handler)
    line.enable()
lines[0].disable()
assert lines_up_to(1) & 7 << 29 == 1 << 29
assert lines_up_to(2) & 7 << 29 == 3 << 29
section, outer = Ceiling(2, lines_up_to), Ceiling(3, lines_up_to)


def enabled():
    return [line.enabled for line in lines]


def runs():
    return [handler.words[0] for handler in handlers]


with section:
    for line in lines:
        line.pend()
    assert enabled() == [False, False, True] and runs() == [0, 0, 1]
    with outer, section:
        assert enabled() == [False, False, False]
    assert enabled() == [False, False, True]
assert enabled() == [False, True, True] and runs() == [0, 1, 1]
lines[0].enable()
assert runs() == [1, 1, 1]
lines[1].priority = 3
section.refresh()
with section:
    assert enabled() == [False, True, True]
try:
    with section:
        raise KeyError
except KeyError:
    assert enabled() == [True, True, True]
assert board.PRIORITIES > 3
