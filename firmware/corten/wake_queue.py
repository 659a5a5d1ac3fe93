"""asyncio tasks that wait for words, beside those that wait for streams: what asyncio's loop asks before each task.

The first `park` puts it in place of asyncio's own queue of streams, which it keeps and asks when a task waits for a
stream. Before each task that is due it compares the words in a table, a few instructions each. With nothing due the
core sleeps until a word changes, a callback has run or time is over; no tick wakes it meanwhile. Where a task waits for
a stream, and on another port than this project's, every interrupt does, the tick among them.

A woken task goes ahead of those that became due within the last 2 ms, and behind those that have waited longer: words
that change all the time cannot keep another task from running.

Callers: asyncio and its tasks, in the main context.
"""

import time
from array import array

import machine
import micropython
import uctypes
from micropython import const

try:
    from asyncio import core  # type: ignore[attr-defined]  # the stubs leave it out
except ImportError:
    core = None  # CPython's asyncio has none; there this module can be imported, and no more

_AHEAD_MS = const(2)
_TICKS = const(0x3FFF_FFFF)  # time.ticks_ms counts modulo this and one: py/mpconfig.h, MICROPY_PY_TIME_TICKS_PERIOD
_ROWS = const(4)  # of the table, which grows by as many
_FOREVER_MS = const(60_000)  # sleeps of that length follow one another

# asyncio runs one loop at a time, so these are the module's. The table is a count, the address of the items of
# `_tasks`, and a row for each waiter: a word's address and the value that it is to lose. Its task has the same place in
# `_tasks`, after None.
_table = array("I", bytes(8 + 8 * _ROWS))
_tasks: list = [None] * (1 + _ROWS)
_StreamQueue = _queue = _streams = _map = _push = _peek = _ticks = core  # set by the first `park`


@micropython.asm_thumb
def _items(r0):
    # Assembly is handed a list as the address of its items.
    nop()


@micropython.asm_thumb
def _take_changed(r0) -> object:
    # Remove a row whose word has changed from the table at r0, and its task from the list; return the task, or None.
    ldr(r2, [r0, 0])
    ldr(r1, [r0, 4])
    mov(r3, r0)
    mov(r4, r1)
    cmp(r2, 0)
    beq(NONE)
    label(NEXT)
    add(r4, 4)
    ldr(r5, [r3, 8])
    ldr(r5, [r5, 0])
    ldr(r6, [r3, 12])
    cmp(r5, r6)
    bne(CHANGED)
    add(r3, 8)
    sub(r2, 1)
    bne(NEXT)
    label(NONE)
    ldr(r0, [r1, 0])
    b(END)
    label(CHANGED)
    ldr(r7, [r4, 0])
    ldr(r2, [r0, 0])
    sub(r2, 1)
    str(r2, [r0, 0])
    lsl(r5, r2, 3)
    add(r5, r5, r0)
    ldr(r6, [r5, 8])
    str(r6, [r3, 8])
    ldr(r6, [r5, 12])
    str(r6, [r3, 12])
    lsl(r2, r2, 2)
    add(r2, r2, r1)
    ldr(r6, [r2, 4])
    str(r6, [r4, 0])
    ldr(r6, [r1, 0])
    str(r6, [r2, 4])
    mov(r0, r7)
    label(END)


def _idle(table, count, timeout_ms):
    # For machine.sleep_while_all where there is none. A change right before it is seen at the next tick.
    machine.idle()


_sleep = getattr(machine, "sleep_while_all", _idle)


class WakeQueue:
    """What asyncio's loop takes for its queue of streams and, as its `map`, for what is true while a task waits."""

    def __init__(self):
        self._use(_StreamQueue())
        _table[0] = 0
        for index in range(len(_tasks)):
            _tasks[index] = None

    def _use(self, streams):
        global _queue, _streams, _map, _push, _peek
        _queue = self
        _streams = streams
        _push = core._task_queue.push
        _peek = core._task_queue.peek
        _map = streams.map
        self.map = self
        self.queue_read = streams.queue_read
        self.queue_write = streams.queue_write
        self.wait_io_event = _wait_io_event

    def __bool__(self):
        return bool(_table[0] or _map)

    def remove(self, task):
        """Take out a task that is cancelled."""
        if task not in _tasks:
            return  # it waited in a loop that was given up
        last = _table[0]
        index = _tasks.index(task)
        _table[0] = last - 1
        _tasks[index] = _tasks[last]
        _tasks[last] = None
        for offset in (0, 1):
            _table[2 * index + offset] = _table[2 * last + offset]


def _install():
    global _StreamQueue, _ticks
    _table[1] = _items(_tasks)
    _ticks = time.ticks_ms
    found = core._io_queue
    _StreamQueue = core.IOQueue
    core.IOQueue = WakeQueue
    core._io_queue = WakeQueue()
    core._io_queue._use(found)


def park(address, value):
    """Make the running task, which yields next, go on once the word at `address` is not `value`. Allocates."""
    if type(core._io_queue) is not WakeQueue:
        _install()
    last = _table[0] + 1
    if last == len(_tasks):
        _table.extend(array("I", bytes(8 * _ROWS)))
        _tasks.extend([None] * _ROWS)
        _table[1] = _items(_tasks)
    _table[2 * last] = address
    _table[2 * last + 1] = value
    _tasks[last] = task = core.cur_task
    _table[0] = last
    task.data = _queue


def wake(address):
    """Let those tasks go on that wait for the word at `address`, though it has not changed. Allocates."""
    for row in range(1, _table[0] + 1):
        if _table[2 * row] == address:
            _table[2 * row + 1] ^= 0x8000_0000


@micropython.viper
def _wait_io_event(dt: int):
    # What asyncio calls before each task that is due, with dt 0; otherwise to sleep for dt ms, or if negative until a
    # task was pushed. One waiter goes on at a time, so that the next call finds the others; streams get their turn
    # beside it.
    table = ptr32(_table)
    streams = _map
    if table[0]:
        task = _take_changed(_table)
        if task:
            _push(task, (int(_ticks()) - _AHEAD_MS) & _TICKS)
            dt = 0
    if streams:
        _wait(dt)
        return
    if dt == 0:
        return
    sleep, take, rows, push = _sleep, _take_changed, _table, _push  # looked up while nothing waits for it
    while True:
        sleep(int(table) + 8, table[0], dt if dt > 0 else _FOREVER_MS)
        task = take(rows)
        if task:
            push(task)
            return
        if dt > 0 or _peek():
            return


def _wait(dt):
    # The same where a task waits for a stream: they are asked after every interrupt, the tick among them.
    head = _peek()
    end = time.ticks_add(_ticks(), max(dt, 0))
    while True:
        _streams.wait_io_event(0)
        if dt == 0 or _peek() is not head or (dt > 0 and time.ticks_diff(end, _ticks()) <= 0):
            return
        _sleep(uctypes.addressof(_table) + 8, _table[0], 0)
        task = _take_changed(_table)
        if task:
            _push(task)
            return
