# needs: pin
"""A pin for a driver that changes directions itself."""

import board

pin = board.CAPABILITIES["pin"].take().into_flexible(pull="up")
assert pin() == 1
pin.init(pin.OUT, value=0)
assert pin() == 0
pin(1)
assert pin() == 1
pin.init(pin.OPEN_DRAIN, pin.PULL_UP, value=0)
assert pin.value() == 0
pin.value(1)
assert pin.value() == 1
pin.init(pin.IN, pin.PULL_DOWN)
assert pin.read() == 0
pin.init(pull=pin.PULL_UP)
assert pin.read() == 1
pin.init(pin.OUT)
assert pin.read() == 1
for wrong in ({"mode": 7}, {"pull": 7}):
    try:
        pin.init(**wrong)
    except ValueError:
        pass
    else:
        raise AssertionError("what there is not was accepted")
pin = pin.into_output()
assert pin.read() == 0
pin.close()
