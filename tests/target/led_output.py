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
led.write(0)
assert led.value() == 0
pin.release()
assert pin.owner is None
assert pin.into_output(initial=1).value() == 1
