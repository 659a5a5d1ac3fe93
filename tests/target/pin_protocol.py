# needs: led
"""A pin is one of MicroPython's: its constants, init, value, calls; machine.Signal drives it."""

import machine

import board

led = board.CAPABILITIES["led"].into_output()
assert (led.IN, led.OUT, led.PULL_UP, led.PULL_DOWN, led.IRQ_FALLING, led.IRQ_RISING) == (0, 1, 1, 2, 4, 8)
led.init(led.OUT, value=1)
assert led() == 1
led.init(value=0)
assert led() == 0
try:
    led.init(led.IN)
except ValueError as error:
    assert "stays one" in str(error)
else:
    raise AssertionError("an output became an input without a move")
if hasattr(machine, "PinBase"):
    assert isinstance(led, machine.PinBase)
    lamp = machine.Signal(led, invert=True)
    lamp.on()
    assert (led(), lamp.value()) == (0, 1)
    lamp.off()
    assert (led(), lamp.value()) == (1, 0)
