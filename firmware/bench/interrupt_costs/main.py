"""What a handler of each kind costs: from the interrupt to the first thing that its body does, in nanoseconds.

In the emulator with an exact clock a nanosecond is an instruction. The interrupt is a line that is pended: by an
instruction of the main context, which reads the clock just before, for the usual cost; by a timer's handler, while the
main context allocates and collects, for the worst. A timer's interrupts are equally far apart, so the worst is later
than the earliest by what the earliest and latest of them are off that beat.

Each line of output is a kind, the usual cost, the worst one, and how many interrupts there were; the clock's resolution
comes first. Each cost includes the reading of the clock, which is what the body does first; for Python that is a call.
"""

import gc
from array import array

import micropython
import uctypes

import board
from corten import clock
from corten.critical import critical
from corten.hard import hard
from corten.irq import Interrupt
from corten.native import native
from corten.soft import soft

PERIOD_US = 20
FIRED = 2000
INTERRUPTS = 10_000
TARGET = board.IRQ_COUNT - 1

# Words that are measured with.
CLOCK, NEXT, PERIOD, EARLIEST, LATEST, RUNS, NOW, FIRED_AT, ISPR, BIT = range(10)


@micropython.asm_thumb
def _fire(r0):
    # r0: the words. Reads the clock and pends the line.
    ldr(r1, [r0, 0])
    ldr(r2, [r0, 32])
    ldr(r3, [r0, 36])
    ldr(r4, [r1, 0])
    str(r3, [r2, 0])
    data(2, 0xF3BF, 0x8F4F)  # dsb
    data(2, 0xF3BF, 0x8F6F)  # isb
    str(r4, [r0, 28])
    mov(r0, 0)


@micropython.asm_thumb
def _note(r0, r1):
    # r0: the words, r1: interrupts that this is for
    ldr(r2, [r0, 0])
    ldr(r2, [r2, 0])
    str(r2, [r0, 24])
    ldr(r3, [r0, 20])
    cmp(r3, 0)
    bne(LATER)
    str(r2, [r0, 4])
    label(LATER)
    add(r3, r3, r1)
    str(r3, [r0, 20])
    ldr(r4, [r0, 4])
    sub(r5, r2, r4)
    ldr(r6, [r0, 8])
    data(2, 0x434E)  # muls r6, r1
    add(r4, r4, r6)
    str(r4, [r0, 4])
    ldr(r6, [r0, 12])
    cmp(r5, r6)
    bge(NOT_EARLIER)
    str(r5, [r0, 12])
    label(NOT_EARLIER)
    ldr(r6, [r0, 16])
    cmp(r5, r6)
    ble(NOT_LATER)
    str(r5, [r0, 16])
    label(NOT_LATER)
    mov(r0, 0)


@micropython.asm_thumb
def _native():
    b(BODY)
    b(END)
    align(4)
    data(4, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4)
    ldr(r0, [r0, 0])
    ldr(r2, [r0, 0])
    ldr(r2, [r2, 0])
    str(r2, [r0, 24])
    ldr(r3, [r0, 20])
    cmp(r3, 0)
    bne(LATER)
    str(r2, [r0, 4])
    label(LATER)
    add(r3, 1)
    str(r3, [r0, 20])
    ldr(r4, [r0, 4])
    sub(r5, r2, r4)
    ldr(r6, [r0, 8])
    add(r4, r4, r6)
    str(r4, [r0, 4])
    ldr(r6, [r0, 12])
    cmp(r5, r6)
    bge(NOT_EARLIER)
    str(r5, [r0, 12])
    label(NOT_EARLIER)
    ldr(r6, [r0, 16])
    cmp(r5, r6)
    ble(NOT_LATER)
    str(r5, [r0, 16])
    label(NOT_LATER)
    data(2, 0xBF00)  # nop
    label(END)


@micropython.asm_thumb
def _trigger():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0)  # the timer's flag: address, what clears it; ISPR's address, the target's bit
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 4)
    ldr(r1, [r0, 0])
    ldr(r2, [r0, 4])
    str(r2, [r1, 0])
    ldr(r1, [r0, 8])
    ldr(r2, [r0, 12])
    str(r2, [r1, 0])
    data(2, 0xF3BF, 0x8F4F)  # dsb: the flag is clear before the return (DAI 0321A)
    label(END)


# Viper code that calls nothing has its addresses as literals, small integers, and these are known when it runs.
_VIPER = """
@micropython.viper
def handler():
    quarter = %d
    now = ptr32(quarter << 2)[0]
    words = ptr32(%d)
    words[6] = now
    if words[5] == 0:
        words[1] = now
    words[5] = words[5] + 1
    late = now - words[1]
    words[1] = words[1] + words[2]
    if late < words[3]:
        words[3] = late
    if late > words[4]:
        words[4] = late
"""


def _viper():
    names = {"micropython": micropython}
    exec(_VIPER % (words[CLOCK] >> 2, uctypes.addressof(words)), names)
    return names["handler"]


words = array("I", bytes(40))


def _hard():
    _note(words, 1)


def _soft(count):
    _note(words, count)


def _handlers():
    yield "native", native(_native, uctypes.addressof(words))
    yield "viper", native(_viper())
    yield "hard", hard(_hard)
    yield "soft", soft(_soft)


class _Load:
    """Allocates and collects; what it keeps is looked at again."""

    def __init__(self):
        self.kept = [[number, str(number)] for number in range(200)]
        self.turns = 0

    def turn(self):
        """Do it once. Raises RuntimeError for an object that is not as it was left."""
        self.turns += 1
        number = self.turns % len(self.kept)
        first, text = self.kept[number]
        if text != str(first):
            raise RuntimeError("object %d is not as it was left: %r, %r" % (number, first, text))
        self.kept[number] = [self.turns, str(self.turns)]
        if self.turns % 20 == 0:
            gc.collect()


def _usual():
    """Return the mean of many, in clock counts: a coarse clock is right on the average."""
    total = 0
    runs = words[RUNS]
    for number in range(FIRED):
        _fire(words)
        for _ in range(number % 7):
            pass
        while words[RUNS] == runs:
            pass
        runs = words[RUNS]
        total += words[NOW] - words[FIRED_AT] & 0xFFFF_FFFF
    return total / FIRED


def _restart(timer, period):
    """Count anew, from an interrupt of the timer on that is on its beat."""
    words[RUNS] = 0
    timer.interrupt.enable()
    while words[RUNS] < 3:
        pass
    with critical:
        words[PERIOD] = period
        words[EARLIEST] = words[LATEST] = words[RUNS] = 0


def _spread(timer, step, period, count):
    """Return how far the earliest and the latest of `count` interrupts are apart, off the beat, in clock counts."""
    _restart(timer, period)
    while words[RUNS] < count:
        step()
    timer.interrupt.disable()
    return words[LATEST] - words[EARLIEST] & 0xFFFF_FFFF


def _nothing():
    pass


def main():
    """Measure every kind."""
    address, hz, _ = clock.start()
    target = Interrupt(TARGET)
    words[CLOCK] = address
    words[ISPR], words[BIT] = target.pend_store()
    nanoseconds = 1e9 / hz
    print("resolution", nanoseconds)
    handlers = list(_handlers())
    usual = {}
    for name, handler in handlers:
        target.bind(handler)
        target.enable()
        usual[name] = _usual()
        target.unbind()
    timer = board.CAPABILITIES["timer"].open()  # type: ignore[attr-defined]  # one value is a tuple
    timer.interrupt.bind(native(_trigger, timer.flag_address, timer.flag_clear, words[ISPR], words[BIT]))
    timer.start(PERIOD_US)  # once: the driver says why
    load = _Load()
    period = 0
    for name, handler in handlers:
        target.bind(handler)
        target.enable()
        period = period or round(_spread(timer, _nothing, 0, 1000) / (words[RUNS] - 1))
        worst = usual[name] + _spread(timer, load.turn, period, INTERRUPTS)
        print(name, usual[name] * nanoseconds, worst * nanoseconds, words[RUNS], getattr(handler, "errors", 0))
        target.unbind()


if __name__ == "__main__":
    main()
