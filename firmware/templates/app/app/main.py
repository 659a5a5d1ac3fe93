"""Blinks the LED once a second, and answers the lines that come in on the UART."""

import board
from answers import Answers
from corten.app import App

HALF_PERIOD_US = 500_000

app = App()
led = board.CAPABILITIES["led"].into_output(owner="the app")
timer = board.CAPABILITIES["timer"].open(owner="the app")
uart = board.CAPABILITIES["uart"].open(115_200, owner="the app")
answers = Answers(uart)


@app.task(binds=board.CAPABILITIES["timer"], priority=2)
def blink():
    """Half a second has passed; in the interrupt, so nothing here may allocate."""
    timer.acknowledge()
    led.toggle()


@app.idle
def serve():
    """What the main context does while no interrupt runs."""
    answers.serve()


timer.start(HALF_PERIOD_US)
print("blinking and listening")
app.run()
