# needs: uart
# link: uart
"""Lines that the host sends on the UART are answered; answers_lines_host.py is the other side."""

import board
from answers import Answers

uart = board.CAPABILITIES["uart"].open(115_200)
uart.write(b"!")
answers = Answers(uart)
for _ in range(2):
    answers.serve()
assert uart.flush(1000)
assert (uart.dropped, uart.overruns) == (0, 0)
