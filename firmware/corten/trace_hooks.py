"""Where a trace listens: the vectors, the locks, the sleep, and the calls of handlers and tasks.

Each `watch_…` puts recording code in front of what runs, and notes in `Recording.undo` how to put back what was there.
The function objects of locks stay the same, for whoever holds them: what they run is exchanged.

Callers: the main context. All allocate; what they install does not.
"""

import sys
from array import array

import machine
import micropython
import uctypes

import board
from corten import ceiling, critical, dispatcher, irq, vectors
from corten.dispatcher import SoftwareTask
from corten.handler import GUARDED, state
from corten.interpreter import code_of, redirect
from corten.native import barrier, native
from corten.nvic import EXCEPTIONS, SCB, Scb
from corten.recorder import (
    CALL_MASK,
    CLOCK,
    DONE,
    EVENT_BYTES,
    HEAD,
    HELD,
    LAST,
    LOCK,
    MASK,
    NUMBER_SHIFT,
    NUMBERS,
    RING,
    RUN,
    SHARE,
    SLEEP,
    STATE_WORDS,
    UNLOCK,
    UNSHARE,
    UNTIL,
    VECTORS,
    WAKE,
    around,
    calling,
    exception,
    record,
    sleeping,
    until,
    word,
)
from corten.shared import Shared

_SYSTICK = 15 - EXCEPTIONS
_HARD_FAULT = 3 - EXCEPTIONS
_BEFORE, _LEFT = 2, 4  # words of `until`
_NEVER = 0x7FFF_FFFF  # the upper word of a time
_RUN = word(RUN)
_DONE = word(DONE)
_SHARE = word(SHARE)
_UNSHARE = word(UNSHARE)


class Recording:
    """A ring and all that writes to it. It stays after the end, to be read.

    events: room, rounded up to a power of two. clock: (address, hz, mask) of a free-running up-counter. first, last:
    the clock at the start and at the end. handlers: exception's number -> name of what was bound there. calls: number
    of an event -> name of the handler.
    """

    def __init__(self, events, clock):
        self.address, self.hz, self.clock_mask = clock
        size = EVENT_BYTES
        while size < events * EVENT_BYTES:
            size *= 2
        self.ring = bytearray(size)
        self.state = array("I", bytes(4 * STATE_WORDS))
        self.state_address = uctypes.addressof(self.state)
        self.state[RING] = uctypes.addressof(self.ring)
        self.state[MASK] = size - EVENT_BYTES
        self.state[CLOCK] = self.address
        self.first = self.last = 0
        self.handlers = {}
        self.calls = {}
        self.undo = []  # (function, arguments), the last first
        self._originals = array("I", bytes(4 * (EXCEPTIONS + board.IRQ_COUNT)))  # the code that the exceptions ran
        self._code = []  # of recording, kept alive
        self._times = []  # words of what ends it

    def now(self):
        """Return what the clock shows."""
        return int.from_bytes(uctypes.bytes_at(self.address, 4), "little") & self.clock_mask

    def end(self):
        """Put back what was exchanged."""
        while self.undo:
            function, arguments = self.undo.pop()
            function(*arguments)
        self.last = self.state[LAST] if self.state[HELD] else self.now()

    def begin(self, seconds):
        """Let the recording begin now, and end after so many seconds: at the next tick, or the end of a sleep. On other
        ports than this project's: at the next interrupt, or event of the program's."""
        if seconds is not None:
            self._watch_the_time()
        left = int((seconds or 0) * self.hz)
        with critical.critical:
            self.first = self.now()
            for words in self._times:
                words[_BEFORE], words[_LEFT], words[_LEFT + 1] = self.first, left & 0xFFFF_FFFF, left >> 32
            self.state[HEAD] = 0

    def _watch_the_time(self):
        self._watch_the_time_at(_SYSTICK)
        self.state[UNTIL] = self._put_until(0)
        if not hasattr(machine, "sleep_hook"):  # nor a tick, perhaps
            for line in range(board.IRQ_COUNT):
                if irq.Interrupt(line).enabled:
                    self._watch_the_time_at(line)
            found = code_of(record)
            redirect(record, self._put_until(found | 1) & ~1)
            self.undo.append((redirect, (record, found)))

    def _watch_the_time_at(self, line):
        index = EXCEPTIONS + line
        found = self._originals[index]
        if found:
            self._originals[index] = self._put_until(found)
            self.undo.append((_put_word, (self._originals, index, found)))

    def _put_until(self, code):
        address = self._put(until, code, self.now(), self.clock_mask, 0, _NEVER)
        self._times.append(self._code[-1].words)
        return address

    def _put(self, template, *words):
        made = native(template, self.state_address, *words)
        self._code.append(made)
        return made.address

    def _watch(self, function, before, after):
        found = code_of(function)
        address = self._put(around, before, after, found | 1)
        self._code.append(array("I", [found]))  # for the garbage collector, which does not know a Thumb bit
        redirect(function, address & ~1)
        barrier()
        self.undo.append((redirect, (function, found)))

    def watch_sleep(self):
        """Record sleeping, in the port and in `corten.critical`."""
        hook = getattr(machine, "sleep_hook", None)
        if hook:
            hook(self._put(sleeping, word(SLEEP)))
            self.undo.append((hook, (0,)))
        self._watch(critical._wait, word(SLEEP), word(WAKE))

    def watch_locks(self):
        """Record `critical`, ceilings, those that are made later included, and `Shared`."""
        self._watch_lock(critical.critical, board.PRIORITIES)
        for priority, lock in ceiling._made.items():
            if isinstance(lock, ceiling.Ceiling):
                self._watch_lock(lock, priority)
        make = ceiling._make

        def make_watched(priority):
            lock = make(priority)
            if isinstance(lock, ceiling.Ceiling):
                self._watch_lock(lock, priority)
            return lock

        ceiling._make = make_watched
        self.undo.append((setattr, (ceiling, "_make", make)))
        self._watch_shared()

    def _watch_lock(self, lock, number):
        for name, before, after in (("__enter__", 0, LOCK), ("__exit__", UNLOCK, 0)):
            function = getattr(lock, name)
            self._watch(function, before and word(before, number), after and word(after, number))

    def _watch_shared(self):
        global _address, _enter, _leave
        _address, _enter, _leave = self.state_address, Shared.__enter__, Shared.__exit__
        self.undo.append((setattr, (Shared, "__enter__", _enter)))
        self.undo.append((setattr, (Shared, "__exit__", _leave)))
        setattr(Shared, "__enter__", _enter_watched)  # noqa: B010 - as it is put back
        setattr(Shared, "__exit__", _leave_watched)  # noqa: B010

    def watch_tasks(self):
        """Record the calls of handlers' functions, and the runs of an App's software tasks."""
        words = state().words
        found = words[GUARDED]  # the code that calls all of them
        words[GUARDED] = self._put(calling, found)
        self.undo.append((_put_word, (words, GUARDED, found)))
        dispatcher.watcher = _Watcher  # type: ignore[assignment]  # it is None while nobody watches
        self.undo.append((setattr, (dispatcher, "watcher", None)))

    def watch_vectors(self):
        """Record all lines and SysTick, what is bound later included. Raises UnknownRuntime where there is no VTOR."""
        table = vectors.installed()
        if table is None:
            irq.helps_soft_reset()
            table = vectors.Vectors()
            vectors.keep(table)
        self.state[VECTORS] = uctypes.addressof(self._originals)
        tap = _Tap(self, table, self._originals, self._put(exception))
        self.undo.append((tap.put_back, ()))
        for line, handler in table.handlers.items():
            self.note(line, handler)
        tap.watch_all()

    def note(self, line, handler):
        """Keep the names of a handler that is bound: an App unbinds its tasks before anybody asks."""
        self.handlers[line + EXCEPTIONS] = handler.name
        if handler.KIND != "native":
            self.calls[handler._entry.word_address(0) & CALL_MASK] = handler.name


class _Tap:
    # The vectors of all lines and of SysTick go to `recorder`, which finds in `originals` what they went to.
    def __init__(self, recording, table, originals, recorder):
        self._recording = recording
        self._table = table
        self._originals = originals
        self._recorder = recorder
        self._fault = table.code(_HARD_FAULT)
        # The table stays in RAM while recording, whatever is unbound.
        irq.keep = _nothing
        table.bind, table.unbind, table.give_back, table.tap = self._bind, self._unbind, _nothing, self

    def watch_all(self):
        for line in range(_SYSTICK, board.IRQ_COUNT):
            self._watch(line)

    def _watch(self, line):
        code = self._table.code(line)
        if code not in (self._fault, self._recorder):  # a fault's code may look at the stack
            self._originals[EXCEPTIONS + line] = code
            self._table.redirect(line, self._recorder)

    def _bind(self, line, handler):
        vectors.Vectors.bind(self._table, line, handler)
        self._watch(line)
        self._recording.note(line, handler)

    def _unbind(self, line):
        found = vectors.Vectors.unbind(self._table, line)
        self._watch(line)
        return found

    def put_back(self):
        table = self._table
        for line in range(_SYSTICK, board.IRQ_COUNT):
            if table.code(line) == self._recorder:
                table.redirect(line, self._originals[EXCEPTIONS + line])
        for name in ("bind", "unbind", "give_back", "tap"):
            delattr(table, name)
        irq.keep = vectors.keep
        if not table.handlers:
            table.give_back()
            vectors.keep(None)


def interrupts(contexts):
    """Return the names and the priorities of exceptions that a trace met, each by the exception's number."""
    lines = {line: text for text, line in board.INTERRUPTS.items()}
    names, priorities = {}, {}
    for context in contexts:
        line = context - EXCEPTIONS
        if line >= 0:
            names[context] = lines.get(line, "interrupt %d" % line)
            priorities[context] = irq.Interrupt(line).priority
        elif line == _SYSTICK:
            names[context] = "SysTick"
            priorities[context] = board.PRIORITIES - (Scb(SCB).SHPR3.PRI_15.get() >> 8 - board.PRIORITY_BITS)
    return names, priorities


def named():
    """Return the names of the program's Shared values and software tasks, each by the number of its events.

    A Shared that was given no name has that of a module's variable.
    """
    import __main__  # type: ignore[import-not-found]  # the program

    shared, tasks = {}, {}
    for module in [__main__] + list(sys.modules.values()):  # MicroPython has no star here
        for name, each in module.__dict__.items():
            if isinstance(each, Shared):
                shared[_number_of(each)] = name if each.name.startswith("a shared") else each.name
            elif isinstance(each, SoftwareTask):
                tasks[_number_of(each)] = each.name
    return shared, tasks


# Functions of the module, because a call of a closure may allocate.
_address = 0  # of the state of the recording
_enter, _leave = Shared.__enter__, Shared.__exit__  # as found


@micropython.native
def _enter_watched(shared):
    found = _enter(shared)
    record(_address, _SHARE | _number_of(shared) << NUMBER_SHIFT)
    return found


@micropython.native
def _leave_watched(shared, kind, value, traceback):
    record(_address, _UNSHARE | _number_of(shared) << NUMBER_SHIFT)
    _leave(shared, kind, value, traceback)


class _Watcher:
    # Of a dispatcher, which calls it as it would an instance.
    @staticmethod
    def begin(task):
        record(_address, _RUN | _number_of(task) << NUMBER_SHIFT)

    @staticmethod
    def end(task):
        record(_address, _DONE | _number_of(task) << NUMBER_SHIFT)


@micropython.native
def _number_of(thing):
    return id(thing) >> 4 & NUMBERS - 1


def _put_word(words, index, found):
    words[index] = found


def _nothing(_=None):
    pass
