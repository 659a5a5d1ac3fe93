"""A task that raises SystemExit or KeyboardInterrupt ends its own run; the tasks after it run all the same."""

from corten.app import App
from corten.critical import critical

app = App()
ran = [0]


@app.task(priority=1)
def exits():
    raise SystemExit


@app.task(priority=1)
def other():
    ran[0] += 1


app.start()
with critical:
    exits.spawn()
    other.spawn()
assert ran == [1] and exits.errors == 1 and other.waiting == 0
app.stop()
