# needs: led, timer
"""A handler and the main program change the same port, and neither loses the other's change."""

from machine import mem32

import board

timer = board.CAPABILITIES["timer"].open()
led = board.CAPABILITIES["led"].into_output()
other = led.mask << 1
led.off()
before = mem32[led.address] & other
timer.on_tick(led.address, other)
timer.start(20)
for state in range(1000):
    led.write(state % 2)
    assert led.value() == state % 2
timer.stop()
assert timer.ticks > 100
after = mem32[led.address] & other
assert (after != before) == (timer.ticks % 2 == 1), timer.ticks
