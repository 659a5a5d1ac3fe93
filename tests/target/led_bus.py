# needs: led
"""LEDs are a bus where they are of one port, also of a driver that makes an object for each pin."""

import board
from corten.bus import OutputBus

led, second = board.LED, getattr(board, "LED2", None)
if second is not None and second.base == led.base:
    with OutputBus(led.take(), second.take(), initial=1) as bus:
        for value in (1, 2, 3, 0):
            bus.write(value)
            assert bus.read() == value
elif second is not None:
    try:
        OutputBus(led.take(), second.take())
    except ValueError as error:
        assert "one port" in str(error)
    else:
        raise AssertionError("two ports became one bus")
