"""What waits to run when an App is stopped is forgotten: a later start finds room for all starts."""

from corten.app import App
from corten.critical import critical

app = App()
ran = []


@app.task(priority=1, capacity=2)
def task(number):
    ran.append(number)


ran.extend((0, 0, 0, 0))
ran.clear()
app.start()
with critical:
    assert task.spawn(1) and task.spawn(2)
    app.stop()
assert ran == [], ran
app.start()
assert task.waiting == 0, task.waiting
assert task.spawn(3) and task.spawn(4)
assert ran == [3, 4], ran
app.stop()
