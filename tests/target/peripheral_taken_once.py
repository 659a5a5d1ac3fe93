# needs: timer
"""A peripheral has one owner at a time, who is named to the next one; closing or releasing gives it back."""

import board
from corten.peripheral import AlreadyTaken, Peripheral

peripheral = board.CAPABILITIES["timer"]
timer = peripheral.open(owner="the first one")
assert "the first one" in repr(peripheral)
try:
    peripheral.open()
except AlreadyTaken as error:
    assert peripheral.name in str(error) and "the first one" in str(error), error
else:
    raise AssertionError("it was taken twice")
timer.close()
timer.close()
peripheral.open()
peripheral.release()
peripheral.release()
peripheral.open().close()

for _ in range(2):
    try:
        Peripheral("X0", "of_no_driver", 0, 1).open()
    except ImportError as error:
        assert "of_no_driver" in str(error)
    else:
        raise AssertionError("a driver appeared")
