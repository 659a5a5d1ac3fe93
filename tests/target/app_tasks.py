"""An App's tasks preempt by priority, share by ceiling, queue what is started, and count what fails or is refused."""

import board
from corten.app import App
from corten.irq import owners
from corten.shared import CeilingError, Shared

app = App()
count, given = Shared(0, name="count"), Shared(0, ceiling=1, name="given")
order = [None] * 32
at = 0


def note(what):
    global at
    order[at] = what
    at += 1


@app.task(binds=board.IRQ_COUNT - 1, priority=3, shares=(count,))
def edge():
    with count.lock() as c:
        c.value += 1
    note("edge")
    low.spawn(2 - low.runs)
    middle.spawn()


@app.task(priority=1, shares=(count,), capacity=2)
def low(number):
    note(number)
    if number == 2:
        edge.line.pend()
        note("low goes on")


@app.task(priority=2)
def middle():
    note("middle")


@app.task(priority=2)
def fails():
    raise ValueError("on purpose")


try:
    low.spawn(1)
except RuntimeError as error:
    assert "not started" in str(error)
assert count.ceiling == board.PRIORITIES
app.start()
assert count.ceiling == 3
edge.line.pend()
assert order[:at] == ["edge", "middle", 2, "edge", "middle", "low goes on", 1], order[:at]
at = 0
assert fails.spawn() and fails.runs == fails.errors == 1 and isinstance(fails.last_error, ValueError)
with count.lock():
    accepted = [low.spawn(number) for number in (5, 6, 7)]
    assert accepted == [True, True, False] and low.refused == 1 and low.waiting == 2
    assert at == 0
assert order[:at] == [5, 6] and low.waiting == 0
app.report()
app.stop()
assert owners() == []
app.start()
middle.spawn()
assert order[at - 1] == "middle"
app.stop()

wrong = App()
wrong.task(priority=2, shares=(given,))(lambda: None)
try:
    wrong.start()
except CeilingError as error:
    assert "given" in str(error)
else:
    raise AssertionError("a ceiling below its task was accepted")
for priority in (0, board.PRIORITIES + 1):
    wrong = App()
    wrong.task(binds=board.IRQ_COUNT - 1, priority=priority)(lambda: None)
    try:
        wrong.start()
    except ValueError as error:
        assert "priority" in str(error)
    else:
        raise AssertionError(priority)
    assert owners() == []
