# needs: pin
"""The blocks behind the edges have owners too, and a soft handler serves one line."""

import board
from corten.irq import AlreadyBound, Interrupt
from corten.owned import taken
from corten.soft import soft

if hasattr(board, "SYSCFG"):
    for end in ("release", "close"):
        selector = board.SYSCFG.open()
        edges = board.EXTI.open(selector)
        for handle, resource in ((edges, board.EXTI), (selector, board.SYSCFG)):
            getattr(handle if end == "close" else resource, end)()
            assert resource.owner is None, end
    assert taken() == []

pin = board.CAPABILITIES["pin"].into_input(pull="down")
handler = soft(lambda count: None)
pin.edges(rising=True, then=handler)
try:
    Interrupt(board.DISPATCHERS[0]).bind(handler)
except AlreadyBound:
    pass
else:
    raise AssertionError("the dispatcher would go round for ever")
