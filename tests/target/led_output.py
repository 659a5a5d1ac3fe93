# needs: led
"""An LED goes on, off and over, says so, and can be taken once."""

import board
from corten.peripheral import AlreadyTaken

pin = board.CAPABILITIES["led"]
led = pin.into_output(owner="this test")
led.off()
assert led.value() == 0
led.on()
led.on()
assert led.value() == 1
led.toggle()
assert led.value() == 0
led.toggle()
assert led.value() == 1
try:
    pin.into_output()
except AlreadyTaken as error:
    assert "this test" in str(error)
else:
    raise AssertionError("it was taken twice")
try:
    led.set(2)
except ValueError:
    assert led.value() == 1
else:
    raise AssertionError("2 was accepted")
pin.release()
assert pin.into_output().value() == 1
