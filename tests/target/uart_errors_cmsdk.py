# needs: armv7m
"""An overrun of the CMSDK UART, on the real handlers and a block of RAM in place of the registers."""

from array import array

import uctypes

import board
from corten.irq import Interrupt
from corten.peripheral import Peripheral

RX_FULL, RX_OVERRUN = 2, 8
STATE, CONTROL = 1, 2
LINES = {"rx": board.DISPATCHERS[0], "tx": board.DISPATCHERS[1]}

words = array("I", bytes(4 * 5))
peripheral = Peripheral("RAM", "uart_cmsdk", uctypes.addressof(words), 25_000_000, LINES)


def interrupt(state, byte):
    words[STATE] = state
    words[0] = byte
    Interrupt(LINES["rx"]).pend()
    return uart.received, uart.dropped, uart.overruns


uart = peripheral.open(rx_size=2)
assert interrupt(0, 0) == (0, 0, 0)
assert interrupt(RX_FULL, 0x61) == (1, 0, 0)
assert interrupt(RX_FULL | RX_OVERRUN, 0x62) == (2, 0, 1)
assert words[STATE] == RX_OVERRUN, "it was not cleared"
assert interrupt(RX_OVERRUN, 0) == (2, 0, 2)
assert interrupt(RX_FULL, 0) == (2, 1, 2)
assert interrupt(RX_FULL | RX_OVERRUN, 0) == (2, 2, 3)
assert uart.read() == b"ab"
uart.close()
assert words[CONTROL] == 0

uart = peripheral.open(rx_size=2, hold_when_full=True)
for byte in b"ab":
    interrupt(RX_FULL, byte)
assert interrupt(RX_FULL, 0x63) == (2, 0, 0)
words[STATE] = RX_FULL
assert uart.read() == b"ab"
assert uart.read() == b"c", "the byte that was held was not fetched"
uart.close()

for options in ({"parity": "even"}, {"stop": 2}, {"rts": True}, {"cts": True}):
    try:
        peripheral.open(**options)
    except ValueError as error:
        assert "RAM" in str(error), error
    else:
        raise AssertionError("%r was accepted" % options)
