"""A clock gate is open while anyone needs it and then as it was found; a reset line is pulsed.

The registers are words of RAM.
"""

from array import array

import uctypes

from corten.clock_gate import ResetFailed, close_gate, open_gate, pulse_reset

words = array("I", [0b0100, 0, 0])
address = uctypes.addressof(words)
for bit, found in ((0, 0b0100), (2, 0b0100)):
    open_gate((address, bit))
    open_gate((address, bit))
    close_gate((address, bit))
    assert words[0] >> bit & 1, "closed while it is needed"
    close_gate((address, bit))
    assert words[0] == found, words[0]
pulse_reset((address + 4, 31, 0))
assert words[1] == 0
words[2] = 1 << 31
pulse_reset((address + 4, 31, address + 8))
try:
    pulse_reset((address + 4, 30, address + 8))
except ResetFailed as error:
    assert "30" in str(error)
else:
    raise AssertionError("it came out of reset")
