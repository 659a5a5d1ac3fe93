# needs: timer
"""An App whose start fails leaves its timer free and other owners' lines as they were."""

import board
from corten.app import App
from corten.hard import hard
from corten.irq import AlreadyBound, Interrupt, owners

wrong = App(timer=board.CAPABILITIES["timer"], tick_us=3000 // 7)
try:
    wrong.start()
except ValueError as error:
    assert "milliseconds" in str(error)
else:
    raise AssertionError("an odd period was accepted")
found = []
if owners():
    found.append(owners())
line = Interrupt(board.IRQ_COUNT - 1)
line.priority = 3
line.bind(hard(lambda: None))
wrong = App()
wrong.task(binds=line.number, priority=1)(lambda: None)
try:
    wrong.start()
except AlreadyBound:
    pass
else:
    raise AssertionError("bound twice")
if line.priority != 3:
    found.append("priority of another's line changed to %d" % line.priority)
line.unbind()
try:
    board.CAPABILITIES["timer"].open(owner="the test").close()
except Exception as error:
    found.append(error)
assert not found, found
started = App()
started.task(binds=line.number)(lambda: None)
started.start()
try:
    started.start()
except RuntimeError as error:
    assert "already" in str(error)
assert len(owners()) == 1, "a second start stopped what ran"
started.stop()
