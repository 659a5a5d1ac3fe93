"""Starts of software tasks at a later time, kept in order of time, driven by one hardware timer.

The timer ticks at a fixed rate; its native handler compares the tick with the earliest time, and pends a line only
when that has come, so waiting costs about 20 instructions a tick. Capacity is fixed; what does not fit is refused.

Callers: `add` any context that runs Python; the rest the main context. `add` allocates nothing.
"""

from array import array

import micropython

from corten.critical import critical
from corten.hard import hard
from corten.native import native

_TICK_MASK = (1 << 28) - 1  # ticks count modulo 2**28: small integers, in Python as in machine code
_HALF = 1 << 27
_TICKS = 2
_DUE = 3


@micropython.asm_thumb
def _tick():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0)  # flag's address, what to write there, ticks, earliest time, address of ISPR, bit
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 6)
    ldr(r1, [r0, 0])
    ldr(r2, [r0, 4])
    str(r2, [r1, 0])
    ldr(r1, [r0, 8])
    add(r1, 1)
    lsl(r1, r1, 4)
    lsr(r1, r1, 4)
    str(r1, [r0, 8])
    ldr(r2, [r0, 12])
    sub(r1, r1, r2)
    lsl(r1, r1, 4)
    bmi(EARLY)
    ldr(r1, [r0, 16])
    ldr(r2, [r0, 20])
    str(r2, [r1, 0])
    label(EARLY)
    data(2, 0xF3BF, 0x8F4F)  # dsb: the flag is clear before the return, which would otherwise re-enter (DAI 0321A)
    label(END)


class TimerQueue:
    """tick_us: the timer's period. line: that starts what is due. capacity: starts that can wait. refused: those that
    found no room.

    Raises ValueError for a period that is neither a number of milliseconds nor a part of one.
    """

    def __init__(self, tick_us, line, capacity):
        if tick_us < 1 or (tick_us % 1000 and 1000 % tick_us):
            raise ValueError("a tick is some milliseconds, or a part of one, not %r us" % (tick_us,))
        self._tick_us = tick_us
        self._ticks_a_ms = max(1, 1000 // tick_us)
        self._ms_a_tick = max(1, tick_us // 1000)
        self.refused = 0
        self.capacity = capacity
        self._timer = None
        self._line = line
        self._bound: list = []  # lines to give back
        self._times = array("I", bytes(4 * capacity))  # of a slot, as the two below
        self._tasks: list = [None] * capacity
        self._arguments = [None] * capacity
        self._free = bytearray(range(capacity))  # slots that nothing is in
        self._free_count = capacity
        self._arrived = bytearray(capacity)  # a ring of slots that were filled and are not in order yet
        self._arrived_first = 0
        self._arrived_count = 0
        self._order = bytearray(capacity)  # slots, the earliest first; only the handler below touches it
        self._order_count = 0
        self.handler = hard(self._run)
        self.handler.name = "timer queue"

    def open(self, peripheral, priority):
        """Take a timer, of the contract in `corten.timer`, and the line, at `priority`.

        Raises what taking and binding raise; `close` undoes what was done until then.
        """
        line = self._line
        line.bind(self.handler)
        self._bound.append(line)
        line.priority = priority
        self._timer = timer = peripheral.open(owner="App")
        ticker = native(_tick, timer.flag_address, timer.flag_clear, 0, _HALF - 1, *line.pend_store())
        ticker.name = "tick of the timer queue"
        self._words = ticker.words
        timer.interrupt.bind(ticker)
        self._bound.append(timer.interrupt)
        timer.interrupt.enable()
        line.enable()
        timer.start(self._tick_us)

    def close(self):
        """Stop the timer and release it, and the line; what waits is forgotten."""
        for line in self._bound:
            line.unbind()
        if self._timer:
            self._timer.close()

    @micropython.native
    def add(self, task, delay_ms, argument):
        """Have `task` started `delay_ms` from now. Return whether there was room. Raises ValueError for a time out of
        range."""
        ticks = (delay_ms * self._ticks_a_ms + self._ms_a_tick - 1) // self._ms_a_tick
        ticks += 1  # the present one has begun already
        if not 0 < ticks < _HALF:
            raise ValueError("a delay is 0 to 2**27 ticks of the App's timer")
        with critical:
            if not self._free_count:
                self.refused += 1
                return False
            self._free_count -= 1
            slot = self._free[self._free_count]
            self._times[slot] = self._words[_TICKS] + ticks & _TICK_MASK
            self._tasks[slot] = task
            self._arguments[slot] = argument
            self._arrived[(self._arrived_first + self._arrived_count) % self.capacity] = slot
            self._arrived_count += 1
        self._line.pend()
        return True

    def _run(self):
        while self._arrived_count:
            with critical:
                slot = self._arrived[self._arrived_first]
                self._arrived_first = (self._arrived_first + 1) % self.capacity
                self._arrived_count -= 1
            self._sort_in(slot)
        while self._order_count and self._left(self._order[0], self._words[_TICKS]) <= 0:
            self._start_first()
        due = self._times[self._order[0]] if self._order_count else self._words[_TICKS] + _HALF - 1
        self._words[_DUE] = due & _TICK_MASK

    def _left(self, slot, now):
        # Ticks from `now` until its time; below zero when it has passed.
        return (self._times[slot] - now + _HALF & _TICK_MASK) - _HALF

    def _sort_in(self, slot):
        now = self._words[_TICKS]
        left = self._left(slot, now)
        at = self._order_count
        while at and self._left(self._order[at - 1], now) > left:
            self._order[at] = self._order[at - 1]
            at -= 1
        self._order[at] = slot
        self._order_count += 1

    def _start_first(self):
        slot = self._order[0]
        self._order_count -= 1
        for at in range(self._order_count):
            self._order[at] = self._order[at + 1]
        task, argument = self._tasks[slot], self._arguments[slot]
        self._tasks[slot] = self._arguments[slot] = None
        with critical:
            self._free[self._free_count] = slot
            self._free_count += 1
        task.spawn(argument)
