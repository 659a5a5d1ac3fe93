"""Handlers of three priorities that preempt each other at moments that the host chooses, and counters that they share.

The lines are those of three pins where the board has edges of pins, else the NVIC's last three, which the emulator can
drive itself. The host says which handlers it wants: `native`, `hard`, or `unlocked`, which are native ones that leave
out the locks: what they lose shows that the others' locks are needed. The answer is a line of addresses. For each
interrupt that the host makes, it first stores in the line's OFFERED how many there have been; the handler takes as many
as it has not taken. When the host has stored 1 in STOP, the last line is what was counted. The host reads meanwhile how
many runs have preempted another handler.
"""

import gc
import json
from array import array

import micropython
import uctypes

import board
from corten.ceiling import ceiling, level
from corten.hard import hard
from corten.irq import Interrupt
from corten.native import native

LINES = 3
STOP = 0  # words of `shared`
DEPTH = 1
ALL = 2  # counted by every handler and the main context
LOWER = 3  # counted by the two less urgent handlers
NOBODYS = 4
NOTHING = 5
OFFERED = 6  # 3 words

_TURNS = (6000, 300, 20)  # the less urgent, the longer: others shall come meanwhile

TAKEN = 1  # words of a native handler
RUNS = 2
NESTED = 3


@micropython.asm_thumb
def _serve():  # noqa: PLR0915 - a statement is an instruction
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    # OFFERED's address, TAKEN, RUNS, NESTED, DEPTH's address; two pairs of a counter's address and its ceiling in
    # BASEPRI; turns to wait with each counter in hand; the line's flag: address, what clears it
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 12)
    ldr(r1, [r0, 40])
    ldr(r2, [r0, 44])
    str(r2, [r1, 0])
    ldr(r1, [r0, 8])
    add(r1, 1)
    str(r1, [r0, 8])
    ldr(r1, [r0, 16])
    ldr(r2, [r1, 0])  # whoever preempts here puts it back
    cmp(r2, 0)
    beq(FIRST)
    ldr(r3, [r0, 12])
    add(r3, 1)
    str(r3, [r0, 12])
    label(FIRST)
    add(r2, 1)
    str(r2, [r1, 0])
    label(NEXT)
    ldr(r1, [r0, 0])
    ldr(r1, [r1, 0])
    ldr(r2, [r0, 4])
    cmp(r1, r2)
    beq(DONE)
    add(r2, 1)
    str(r2, [r0, 4])
    ldr(r1, [r0, 20])
    ldr(r2, [r0, 24])
    bl(COUNT)
    ldr(r1, [r0, 28])
    ldr(r2, [r0, 32])
    bl(COUNT)
    b(NEXT)
    label(COUNT)
    mrs(r3, BASEPRI)
    data(2, 0xF382, 0x8812)  # msr BASEPRI_MAX, r2
    ldr(r4, [r1, 0])
    ldr(r5, [r0, 36])
    label(WAIT)
    sub(r5, 1)
    bne(WAIT)
    add(r4, 1)
    str(r4, [r1, 0])
    data(2, 0xF383, 0x8811)  # msr BASEPRI, r3
    bx(lr)
    label(DONE)
    ldr(r1, [r0, 16])
    ldr(r2, [r1, 0])
    sub(r2, 1)
    str(r2, [r1, 0])
    data(2, 0xF3BF, 0x8F4F)  # dsb: the flag is clear before the return (DAI 0321A)
    label(END)


class _Native:
    """One line's native handler. pairs: of two counters, the address and the ceiling as BASEPRI has it, 0 for none."""

    def __init__(self, number, offered, depth, pairs, flag):
        self.handler = native(_serve, offered, 0, 0, 0, depth, *(pairs + (_TURNS[number],) + flag))

    def counts(self):
        """Return what was taken, runs, and runs that preempted another handler."""
        words = self.handler.words
        return words[TAKEN], words[RUNS], words[NESTED]

    def address_of_nested(self):
        """Return where the runs that preempted another handler are counted."""
        return self.handler.word_address(NESTED)


class _Hard:
    """One line's handler in Python, which does the same."""

    def __init__(self, shared, number, counters, edges):
        self.words = array("I", [0, 0, 0, 0])
        self.handler = hard(self._serve)
        self._shared = shared
        self._offered = OFFERED + number
        self._counters = counters
        self._edges = edges
        self._pin = number

    def _serve(self):
        words = self.words
        shared = self._shared
        if self._edges:
            self._edges.acknowledge(self._pin)
        words[RUNS] += 1
        depth = shared[DEPTH]
        if depth:
            words[NESTED] += 1
        shared[DEPTH] = depth + 1
        while words[TAKEN] != shared[self._offered]:
            words[TAKEN] += 1
            for index, lock in self._counters:
                with lock:
                    shared[index] += 1
        shared[DEPTH] = depth

    def counts(self):
        """Return what was taken, runs, and runs that preempted another handler."""
        return self.words[TAKEN], self.words[RUNS], self.words[NESTED]

    def address_of_nested(self):
        """Return where the runs that preempted another handler are counted."""
        return uctypes.addressof(self.words) + 4 * NESTED


class _Load:
    """What the main context does meanwhile: allocate, collect, and look whether its own objects are as it left them."""

    def __init__(self):
        self.turns = 0
        self.corrupt = 0
        self._numbers = list(range(100))
        self._texts = [str(number) for number in range(100)]

    def turn(self):
        """Do it once."""
        place = self.turns % len(self._numbers)
        number = self._numbers[place]
        if self._texts[place] != str(number) or number % len(self._numbers) != place:
            self.corrupt += 1
        number += len(self._numbers)
        self._numbers[place] = number
        self._texts[place] = str(number)
        self.turns += 1
        if self.turns % 50 == 0:
            gc.collect()


def _handlers(variant, shared, edges):
    address = uctypes.addressof(shared)
    for number in range(LINES):
        priority = number + 1
        lower = LOWER if priority < LINES else NOBODYS
        if variant == "hard":
            yield _Hard(shared, number, ((ALL, ceiling(LINES)), (lower, ceiling(LINES - 1))), edges)
            continue
        pairs = (address + 4 * ALL, level(LINES), address + 4 * lower, level(LINES - 1))
        if variant == "unlocked":
            pairs = (pairs[0], 0, pairs[2], 0)
        flag = (edges.flag_address, 1 << number) if edges else (address + 4 * NOTHING, 0)
        yield _Native(number, address + 4 * (OFFERED + number), address + 4 * DEPTH, pairs, flag)


def _open():
    """Return the pins' edges or None, the lines, and for the host a port and its pin, or "" and a line: the first."""
    if not hasattr(board, "EXTI"):
        first = board.IRQ_COUNT - LINES
        return None, [Interrupt(first + number) for number in range(LINES)], ["", first]
    edges = board.EXTI.open(board.SYSCFG.open())  # type: ignore[attr-defined]  # of a board that is not the default one
    for number in range(LINES):
        edges.watch("C", number, rising=True)
    return edges, [Interrupt("EXTI%d" % number) for number in range(LINES)], ["C", 0]


def main():
    """Serve one run."""
    variant = input("which? ")
    shared = array("I", bytes(4 * (OFFERED + LINES)))
    address = uctypes.addressof(shared)
    edges, lines, inputs = _open()
    made = list(_handlers(variant, shared, edges))
    for number in range(LINES):
        lines[number].priority = number + 1
        lines[number].bind(made[number].handler)
        lines[number].enable()
    load = _Load()
    lock = ceiling(0 if variant == "unlocked" else LINES)
    nested = [each.address_of_nested() for each in made]
    print(json.dumps([address + 4 * STOP, address + 4 * OFFERED, nested, inputs]))
    mine = 0
    while not shared[STOP]:
        with lock:
            shared[ALL] += 1
        mine += 1
        load.turn()
    for line in lines:
        line.disable()
    errors = [getattr(each.handler, "errors", 0) for each in made]
    counts = [each.counts() for each in made]
    print(json.dumps([mine, shared[ALL], shared[LOWER], load.corrupt, load.turns, counts, errors]))


if __name__ == "__main__":
    main()
