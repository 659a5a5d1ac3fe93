"""The frame of an application: tasks with fixed priorities, as in RTIC, each run by an interrupt.

    app = App()
    count = Shared(0)

    @app.task(binds="TIMER0", priority=2, shares=(count,))
    def tick():                                 # a hardware task: the handler of an interrupt
        timer.acknowledge()
        with count.lock() as c:
            c.value += 1
        report.spawn()

    @app.task(priority=1, shares=(count,), capacity=4)
    def report():                               # a software task: started by spawn and spawn_after
        …

    @app.idle
    def idle():                                 # the main context, over and over
        …

    app.run()

A task of higher priority preempts one of lower priority; what several of them use is a `Shared`, whose ceiling the App
finds from `shares`. Priorities count as in `corten.irq`. Software tasks run by lines that no peripheral of the board
uses (board.DISPATCHERS), one for each priority in use, and one more for `spawn_after`.

A declaration is made of literals and names, so that a tool reads it without running it. Declaring touches no hardware.

Callers: the main context, and all of it allocates; `spawn` and `spawn_after` of a software task are for any context.
"""

import machine

import board
from corten.dispatcher import Dispatcher, SoftwareTask
from corten.hard import hard
from corten.irq import Interrupt
from corten.native import native
from corten.soft import soft
from corten.timer_queue import TimerQueue

_KINDS = {"native": native, "hard": hard, "soft": soft}


class HardwareTask:
    """The handler of an interrupt. Made by `App.task`. handler: of that `kind`, once the App has started; else None."""

    def __init__(self, function, name, binds, priority, kind):
        self.function = function
        self.name = name
        self.binds = binds
        self.priority = priority
        self.kind = kind
        self.handler = None
        self.line = None

    def start(self):
        """Bind it and enable its line. Raises as `Interrupt` and the maker of the handler do."""
        line = Interrupt(self.binds)
        handler = _KINDS[self.kind](self.function)
        handler.name = self.name
        line.bind(handler)
        self.line, self.handler = line, handler
        line.priority = self.priority
        line.enable()

    def stop(self):
        """Unbind it. Harmless if it is not bound."""
        if self.line:
            self.line.unbind()
            self.line = None


class App:
    """Tasks, what they share, and what runs when none of them does.

    timer: a `Peripheral` of a periodic timer for `spawn_after`, or None. tick_us: its period. timers: starts that can
    wait for their time.
    """

    def __init__(self, timer=None, tick_us=1000, timers=8):
        self.tasks = []
        self.timer_queue = None
        self._shares = []
        self._idle = None
        self._timer = timer
        self._tick_us = tick_us
        self._timers = timers
        self._dispatchers = []
        self._is_started = False

    def task(self, binds=None, priority=1, shares=(), capacity=1, kind="hard", name=None):
        """Declare a function as a task; the decorated name is then a `HardwareTask` or a `SoftwareTask`.

        binds: what `Interrupt` takes: a number, a name, a peripheral; None for a software task. priority: 1 to
        board.PRIORITIES. shares: the `Shared` values that it locks. capacity: starts of a software task that can wait.
        kind: "hard", "native" or "soft", of a hardware task; a soft one runs in the main context between any two of
        its bytecodes, locks or not, so it shares nothing, and is told how many interrupts came. name: for reports, the
        function's unless it is machine code. Raises ValueError for a kind or a capacity that there is not.
        """
        if kind not in _KINDS:
            raise ValueError("kind %r: there are %s" % (kind, ", ".join(sorted(_KINDS))))
        if binds is None and kind != "hard":
            raise ValueError("a software task is of kind 'hard', not %r" % (kind,))
        if kind == "soft" and shares:
            raise ValueError("a soft task runs inside locks of the main context: give it a Channel or a Signal")

        def declare(function):
            called = name or getattr(function, "__name__", "machine code")
            if binds is None:
                made: object = SoftwareTask(function, called, priority, capacity)
            else:
                made = HardwareTask(function, called, binds, priority, kind)
            self.tasks.append(made)
            for shared in shares:
                self._shares.append((shared, priority))
            return made

        return declare

    def idle(self, function):
        """Declare what the main context does, over and over; a coroutine function is run once, by asyncio."""
        self._idle = function
        return function

    def start(self):
        """Find the ceilings, bind all tasks and enable their lines. Raises what binding raises, with nothing left
        bound.

        Raises CeilingError for a `Shared` whose given ceiling is below a task that shares it, RuntimeError if the
        board has too few dispatchers.
        """
        if self._is_started:
            raise RuntimeError("the App has started already")
        self._is_started = True
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self):
        for shared, _ in self._shares:
            shared.used_by([priority for each, priority in self._shares if each is shared])
        software = [task for task in self.tasks if isinstance(task, SoftwareTask)]
        levels = sorted({task.priority for task in software})
        lines = list(board.DISPATCHERS)
        if len(levels) + bool(self._timer) > len(lines):
            raise RuntimeError("software tasks need a line for each priority, and this board has %d" % len(lines))
        if self._timer:
            self.timer_queue = TimerQueue(self._tick_us, Interrupt(lines.pop(0)), self._timers)
            self.timer_queue.open(self._timer, max(levels) if levels else 1)
        for level in levels:
            tasks = [task for task in software if task.priority == level]
            dispatcher = Dispatcher(Interrupt(lines.pop(0)), tasks)
            self._dispatchers.append(dispatcher)
            for task in tasks:
                task.serve(dispatcher, self.timer_queue)
            dispatcher.start()
        for task in self.tasks:
            if isinstance(task, HardwareTask):
                task.start()

    def stop(self):
        """Unbind all tasks; what waits to run is forgotten. Harmless if nothing was started."""
        for task in self.tasks:
            if isinstance(task, HardwareTask):
                task.stop()
        if self.timer_queue:
            self.timer_queue.close()
            self.timer_queue = None
        for dispatcher in self._dispatchers:
            dispatcher.line.unbind()
        self._dispatchers = []
        for task in self.tasks:
            if isinstance(task, SoftwareTask):
                task.serve(None, None)
        self._is_started = False

    def run(self):
        """Start, and run `idle` until it raises; then stop. Without `idle` the core sleeps between interrupts."""
        self.start()
        try:
            self._run_idle(self._idle or machine.idle)
        finally:
            self.stop()

    def _run_idle(self, idle):
        while True:
            made = idle()
            if hasattr(made, "send"):
                import asyncio

                asyncio.run(made)
                return

    def report(self):
        """Print a table of the tasks: runs, starts refused, exceptions."""
        row = "%-20s %-12s %8s %8s %8s %8s"
        print(row % ("task", "started by", "priority", "runs", "refused", "errors"))
        for task in self.tasks:
            counted = task if isinstance(task, SoftwareTask) else task.handler
            started_by = "spawn" if counted is task else getattr(task.binds, "name", task.binds)
            figures = [getattr(counted, name, "-") for name in ("runs", "refused", "errors")]
            print(row % (task.name, started_by, task.priority, figures[0], figures[1], figures[2]))
