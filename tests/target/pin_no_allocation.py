# needs: led
"""Reads, writes and toggles of a pin allocate nothing, from ordinary code as well."""

import micropython

import board

led = board.CAPABILITIES["led"].into_output()
on, value = led.on, led.value
levels = 0  # a new name would allocate
micropython.heap_lock()
try:
    led.on()
    led.off()
    led.toggle()
    led.write(1)
    led.value(0)
    led(1)
    on()
    levels = led.read() + value() + led()
finally:
    micropython.heap_unlock()
assert levels == 3
