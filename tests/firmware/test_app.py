"""What an App refuses when it is declared."""

import pytest

from corten.app import App
from corten.dispatcher import SoftwareTask


@pytest.mark.parametrize(
    ("declaration", "text"),
    [
        ({"binds": 3, "kind": "fast"}, "kind 'fast': there are hard, native, soft"),
        ({"kind": "soft"}, "a software task is of kind 'hard', not 'soft'"),
        ({"capacity": 0}, "a capacity is 1 or more, not 0"),
    ],
)
def test_refused(declaration, text):
    with pytest.raises(ValueError, match=text):
        App().task(**declaration)(print)


def test_a_declared_function_becomes_its_task():
    app = App()

    @app.task(priority=2, capacity=3)
    def report():
        pass

    assert isinstance(report, SoftwareTask)
    assert (report.name, report.priority, report.capacity, app.tasks) == ("report", 2, 3, [report])


@pytest.mark.parametrize("start", [SoftwareTask.spawn, lambda task: task.spawn_after(5)])
def test_a_task_cannot_run_before_its_app(start):
    task = App().task()(print)
    with pytest.raises(RuntimeError, match="App"):
        start(task)
    assert task.waiting == 0
