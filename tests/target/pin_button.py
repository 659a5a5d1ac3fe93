# needs: button
"""A button is read."""

import board

button = board.CAPABILITIES["button"].into_input()
assert button.read() in (0, 1)
assert button.value() == button() == button.read()
button.close()
assert board.CAPABILITIES["button"].owner is None
