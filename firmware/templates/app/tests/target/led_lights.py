# needs: led
"""The LED can be switched, and has one owner."""

import board
from corten.peripheral import AlreadyTaken

led = board.CAPABILITIES["led"].into_output(owner="the test")
led.on()
assert led.value() == 1
led.toggle()
assert led.value() == 0
try:
    board.CAPABILITIES["led"].into_output()
except AlreadyTaken as error:
    assert "the test" in str(error)
else:
    raise AssertionError("it was taken twice")
