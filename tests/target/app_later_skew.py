# needs: timer
"""The order of starts does not depend on ticks that pass while a new one is sorted in."""

import board
from corten.app import App

app = App(timer=board.CAPABILITIES["timer"], tick_us=50, timers=4)


@app.task(priority=1, capacity=4)
def task(number):
    pass


class Passing:
    """The ticks go on by three between two looks."""

    def __init__(self, words):
        self.words = words
        self.at = 0

    def __getitem__(self, index):
        self.at += 3
        return self.at

    def __setitem__(self, index, value):
        pass


app.start()
queue = app.timer_queue
queue._timer.stop()
queue._words = Passing(queue._words)
queue._times[0], queue._times[1] = 1001, 1000
queue._sort_in(0)
queue._sort_in(1)
order = list(queue._order[:2])
queue._order_count = 0
app.stop()
assert order == [1, 0]
