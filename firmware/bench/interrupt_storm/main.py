"""A timer's interrupts against a main context that allocates and collects: how many there were, and whether all.

The host says how many. The timer's handler is native; of its interrupts it passes every 8th on to a hard handler and
every 64th to a soft one, by pending their lines. The timer keeps a beat, so a lost interrupt would make every later one
a period late: the last line of output has how far the earliest and the latest were from the beat, and the period, both
in counts of the clock.
"""

import gc
import json

import micropython

import board
from corten import clock
from corten.hard import hard
from corten.irq import Interrupt
from corten.native import native
from corten.soft import soft

PERIOD_US = 2
WARM_UP = 1000
HARD_EVERY = 8  # powers of two
SOFT_EVERY = 64

# Words of the handler, after the timer's flag and the clock.
PERIOD, EARLIEST, LATEST, RUNS = range(4, 8)  # runs of 0: the next interrupt begins the beat
TO_HARD, TO_SOFT = range(14, 16)


@micropython.asm_thumb
def _beat():  # noqa: PLR0915 - a statement is an instruction
    b(BODY)
    b(END)
    align(4)
    # The timer's flag: address, what clears it; the clock's address; next, period, earliest, latest, runs; twice: a
    # mask of the runs that are passed on, ISPR's address, a line's bit; and how many were passed on to each.
    data(4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 16)
    ldr(r1, [r0, 0])
    ldr(r2, [r0, 4])
    str(r2, [r1, 0])
    ldr(r1, [r0, 8])
    ldr(r1, [r1, 0])
    ldr(r2, [r0, 28])
    cmp(r2, 0)
    bne(LATER)
    str(r1, [r0, 12])
    str(r2, [r0, 20])
    str(r2, [r0, 24])
    label(LATER)
    add(r2, 1)
    str(r2, [r0, 28])
    ldr(r3, [r0, 12])
    ldr(r4, [r0, 16])
    add(r4, r4, r3)
    str(r4, [r0, 12])
    sub(r1, r1, r3)
    ldr(r3, [r0, 20])
    cmp(r1, r3)
    bge(NOT_EARLIER)
    str(r1, [r0, 20])
    label(NOT_EARLIER)
    ldr(r3, [r0, 24])
    cmp(r1, r3)
    ble(NOT_LATER)
    str(r1, [r0, 24])
    label(NOT_LATER)
    ldr(r1, [r0, 32])
    and_(r1, r2)
    bne(NOT_HARD)
    ldr(r1, [r0, 56])
    add(r1, 1)
    str(r1, [r0, 56])
    ldr(r1, [r0, 36])
    ldr(r3, [r0, 40])
    str(r3, [r1, 0])
    label(NOT_HARD)
    ldr(r1, [r0, 44])
    and_(r1, r2)
    bne(NOT_SOFT)
    ldr(r1, [r0, 60])
    add(r1, 1)
    str(r1, [r0, 60])
    ldr(r1, [r0, 48])
    ldr(r3, [r0, 52])
    str(r3, [r1, 0])
    label(NOT_SOFT)
    data(2, 0xF3BF, 0x8F4F)  # dsb: the flag is clear before the return (DAI 0321A)
    label(END)


class _Load:
    """Allocates and collects; what it keeps is looked at again."""

    def __init__(self):
        self.kept = [[number, str(number)] for number in range(200)]
        self.turns = 0
        self.corrupt = 0
        self.collections = 0

    def turn(self):
        """Do it once."""
        self.turns += 1
        number = self.turns % len(self.kept)
        first, text = self.kept[number]
        if text != str(first):
            self.corrupt += 1
        self.kept[number] = [self.turns, str(self.turns)]
        if self.turns % 100 == 0:
            self.collections += 1
            gc.collect()


class _Hard:
    """What the hard handler keeps: 16 counters in turn."""

    def __init__(self):
        self.runs = 0
        self.counters = [0] * 16

    def run(self):
        """Count."""
        self.runs += 1
        self.counters[self.runs & 15] += 1


class _Soft:
    """What the soft handler is told, and what it allocated meanwhile."""

    def __init__(self):
        self.told = 0
        self.junk = None

    def run(self, count):
        """Count, and allocate."""
        self.told += count
        self.junk = bytearray(16)


def main():
    """Let it run, and say what was counted."""
    interrupts = int(input("how many? "))
    address, hz, _ = clock.start()
    hard_line, soft_line = Interrupt(board.IRQ_COUNT - 1), Interrupt(board.IRQ_COUNT - 2)
    counted, told, load = _Hard(), _Soft(), _Load()
    for line, handler in ((hard_line, hard(counted.run)), (soft_line, soft(told.run))):
        line.priority = board.PRIORITIES - 1
        line.bind(handler)
        line.enable()
    timer = board.CAPABILITIES["timer"].open()  # type: ignore[attr-defined]  # one value is a tuple
    passed_on = (HARD_EVERY - 1,) + hard_line.pend_store() + (SOFT_EVERY - 1,) + soft_line.pend_store()
    beat = native(_beat, timer.flag_address, timer.flag_clear, address, 0, 0, 0, 0, 0, *passed_on)
    words = beat.words
    timer.interrupt.bind(beat)
    timer.interrupt.enable()
    timer.start(PERIOD_US)
    while words[RUNS] < WARM_UP:
        pass
    words[PERIOD] = round((words[LATEST] - words[EARLIEST]) / (words[RUNS] - 1))
    words[RUNS] = 0
    while words[RUNS] < interrupts:
        load.turn()
    timer.interrupt.disable()
    runs = words[RUNS]
    while soft_line.handler.pending or soft_line.pending:
        pass
    print(
        json.dumps(
            {
                "interrupts": runs,
                "off_beat": words[LATEST] - words[EARLIEST] & 0xFFFF_FFFF,
                "period": words[PERIOD],
                "hz": hz,
                "hard": [words[TO_HARD], counted.runs, sum(counted.counters), hard_line.handler.errors],
                "soft": [words[TO_SOFT], soft_line.handler.runs, told.told, soft_line.handler.errors],
                "collections": load.collections,
                "turns": load.turns,
                "corrupt": load.corrupt,
            }
        )
    )


if __name__ == "__main__":
    main()
