# needs: uart
"""Rates that the divider cannot make and rings of odd sizes are refused, and the UART stays free."""

import board

peripheral = board.CAPABILITIES["uart"]
for options in ({"baud": 0}, {"baud": 1}, {"baud": 10**9}, {"rx_size": 100}, {"tx_size": 0}, {"rx_size": 1}):
    try:
        peripheral.open(**options)
    except ValueError as error:
        assert str(list(options.values())[0]) in str(error), error
    else:
        raise AssertionError("%r was accepted" % options)
for baud in (9600, 57600, 115_200):
    uart = peripheral.open(baud)
    assert abs(uart.baud_error) < 0.025
    assert abs(uart.baud - baud * (1 + uart.baud_error)) < 1, (uart.baud, uart.baud_error)
    uart.close()
for options in ({"parity": "mark"}, {"stop": 3}):
    try:
        peripheral.open(**options)
    except ValueError as error:
        assert str(list(options.values())[0]) in str(error), error
    else:
        raise AssertionError("%r was accepted" % options)
assert peripheral.owner is None
