# needs: pin
"""An input follows its pull, an output drives, an open drain lets go of the line."""

import board

pin = board.CAPABILITIES["pin"].into_input(pull="up")
assert (pin.read(), pin.value(), pin()) == (1, 1, 1)
pin = pin.into_input(pull="down")
assert (pin.read(), pin.value(), pin()) == (0, 0, 0)
pin = pin.into_output(initial=1)
assert pin.read() == 1
for level in (0, 1, False, True, None, 5, 1 << 40, 0, "", "x", 0.0, 0.5):
    for write in (pin.write, pin.value, pin):
        write(not level)
        assert write(level) is None
        assert pin.value() == (1 if level else 0), level
pin.toggle()
assert pin() == 0
assert pin.toggle() is None
assert pin() == 1
pin = pin.into_output(open_drain=True, pull="up")
assert pin.read() == 0
pin.on()
assert pin.read() == 1
pin = pin.into_output(open_drain=True, pull="down", initial=1)
assert pin.read() == 0  # nobody drives it
pin.close()
