"""Software tasks: functions that any context starts, run at an interrupt's priority by a line that no peripheral uses.

A dispatcher serves one priority. Starting a task puts it into the dispatcher's queue and pends its line; tasks of one
priority run in the order in which they were started, each to its end, and a more urgent interrupt preempts them. Each
task has a bounded queue of arguments; what does not fit is refused and counted.

Callers: `spawn` any context that runs Python; the rest the main context, before the line is enabled. `spawn` allocates
nothing.
"""

import micropython

from corten.critical import critical
from corten.hard import hard

NOTHING = object()  # the argument of a task that was started without one


class SoftwareTask:
    """A function, what is waiting for it, and what became of it. Made by `App.task`.

    function: called with the argument that it was started with, if there was one. priority: its dispatcher's.
    capacity: starts that can wait. runs, refused, errors: counted from the beginning. last_error: the exception that
    ended a run last, or None.
    """

    def __init__(self, function, name, priority, capacity):
        if capacity < 1:
            raise ValueError("%s: a capacity is 1 or more, not %r" % (name, capacity))
        self.function = function
        self.name = name
        self.priority = priority
        self.capacity = capacity
        self.runs = 0
        self.refused = 0
        self.errors = 0
        self.last_error = None
        self.waiting = 0
        self._arguments = [NOTHING] * capacity
        self._first = 0
        self._dispatcher = None
        self._timers = None

    @micropython.native
    def spawn(self, argument=NOTHING):
        """Start the task once, with `argument` if it is given. Return whether there was room; a refusal is counted.

        Native code, so that no scheduled callback comes between the look for room and its use. Runs before this
        returns if the task is more urgent than the caller. Raises RuntimeError before the App has started.
        """
        dispatcher = self._dispatcher
        if dispatcher is None:
            raise _NOT_STARTED
        with critical:
            if self.waiting == self.capacity:
                self.refused += 1
                return False
            self._arguments[(self._first + self.waiting) % self.capacity] = argument
            self.waiting += 1
            dispatcher.put(self)
        dispatcher.line.pend()
        return True

    def spawn_after(self, delay_ms, argument=NOTHING):
        """Start the task `delay_ms` milliseconds from now, or up to one tick of the App's timer later.

        Return whether the timer's queue had room. What is refused when the time has come shows in `refused`. Raises
        RuntimeError in an App without a timer.
        """
        if self._timers is None:
            raise _NO_TIMER
        return self._timers.add(self, delay_ms, argument)

    def take(self):
        """Return the oldest argument that waits. For the dispatcher, with interrupts masked."""
        argument = self._arguments[self._first]
        self._arguments[self._first] = NOTHING
        self._first = (self._first + 1) % self.capacity
        self.waiting -= 1
        return argument

    def serve(self, dispatcher, timers):
        """Let `dispatcher` run it and `timers`, or None, start it. For `App`; None and None undo it, and drop what
        waits."""
        self._dispatcher = dispatcher
        self._timers = timers
        if dispatcher is None:
            self.waiting = self._first = 0
            self._arguments = [NOTHING] * self.capacity


_NOT_STARTED = RuntimeError("the task belongs to an App that has not started")
_NO_TIMER = RuntimeError("the App has no timer: App(timer=…) gives it one")


class Dispatcher:
    """Runs the software tasks of one priority. line: the `Interrupt` that it takes."""

    def __init__(self, line, tasks):
        self.line = line
        self._priority = tasks[0].priority
        self._ready: list = [None] * sum(task.capacity for task in tasks)
        self._first = 0
        self._count = 0
        self.handler = hard(self._run)
        self.handler.name = "software tasks"
        line.bind(self.handler)

    def start(self):
        """Let the line interrupt. Raises ValueError for a priority that the chip does not have."""
        self.line.priority = self._priority
        self.line.enable()

    def put(self, task):
        """Append a task that was started. With interrupts masked; there is room for all that the tasks accept."""
        ready = self._ready
        ready[(self._first + self._count) % len(ready)] = task
        self._count += 1

    def _run(self):
        while self._count:
            with critical:
                task = self._ready[self._first]
                self._first = (self._first + 1) % len(self._ready)
                self._count -= 1
                argument = task.take()
            task.runs += 1
            if watcher:
                watcher.begin(task)
            try:
                if argument is NOTHING:
                    task.function()
                else:
                    task.function(argument)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it ends this run and no other
                task.errors += 1
                task.last_error = error
            if watcher:
                watcher.end(task)


watcher = None  # of a trace: told of the beginning and end of each run
