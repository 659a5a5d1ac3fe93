"""What an access to a register costs, in instructions, beside the same effect written by hand.

Each line of output is a case, its instructions for one access, and those of the hand-written one. It needs a chip whose
TIM2 counts instructions, as the emulated STM32F405 does; TIM3 is what is accessed, for it stores what is written.
"""

import gc

import micropython
import uctypes
from machine import mem32
from micropython import const

import board
from corten.atomic import atomic
from corten.drivers.timer_stm32_v1 import Stm32Timer
from corten.hot import hot
from corten.register import BIT_BAND, Array, Block, Field, Reg


class Timer(Block):
    """The registers of a timer that are accessed here, their fields in other places than the hardware has them."""

    ATOMIC = BIT_BAND
    DIER = Reg(0x0C, EN=Field(0), MODE=Field(4, 2), LEVEL=Field(8, 3))
    CCR = Array(Reg(0x34), count=4, stride=4)


_DIER = const(0x4000_040C)  # RM0090, section 18.4.21
_CCR = const(0x4000_0434)
_DIER_BIT_4 = const(0x4200_8190)

timer = Timer(board.TIM3.base)  # type: ignore[attr-defined]  # of a board that is not the default one
clock = Stm32Timer(board.TIM2.base)  # type: ignore[attr-defined]


@hot
def hot_loop(count: int):
    for _ in range(count):
        pass


@hot
def hot_read(count: int) -> int:
    last = 0
    for _ in range(count):
        last = timer.DIER.read()
    return last


@micropython.viper
def viper_read(count: int) -> uint:
    dier = ptr32(_DIER)
    last = uint(0)
    for _ in range(count):
        last = uint(dier[0])
    return last


@hot
def hot_get(count: int) -> int:
    last = 0
    for _ in range(count):
        last = timer.DIER.MODE.get()
    return last


@micropython.viper
def viper_get(count: int) -> int:
    dier = ptr32(_DIER)
    last = 0
    for _ in range(count):
        last = dier[0] >> 4 & 3
    return last


@hot
def hot_write(count: int):
    for _ in range(count):
        timer.DIER.write(MODE=2)


@micropython.viper
def viper_write(count: int):
    dier = ptr32(_DIER)
    for _ in range(count):
        dier[0] = 0x20


@hot
def hot_modify1(count: int):
    for _ in range(count):
        timer.DIER.modify(MODE=2)


@micropython.viper
def viper_modify1(count: int):
    dier = ptr32(_DIER)
    for _ in range(count):
        dier[0] = dier[0] & ~0x30 | 0x20


@hot
def hot_modify3(count: int):
    for _ in range(count):
        timer.DIER.modify(EN=1, MODE=2, LEVEL=5)


@micropython.viper
def viper_modify3(count: int):
    dier = ptr32(_DIER)
    for _ in range(count):
        dier[0] = dier[0] & ~0x731 | 0x521


@hot
def hot_modify_value(count: int):
    for number in range(count):
        timer.DIER.modify(LEVEL=number & 7)


@micropython.viper
def viper_modify_value(count: int):
    dier = ptr32(_DIER)
    for number in range(count):
        dier[0] = dier[0] & ~0x700 | (number & 7) << 8


@hot
def hot_atomic_set(count: int):
    for _ in range(count):
        atomic(timer.DIER).set(1 << 4)


@micropython.viper
def viper_atomic_set(count: int):
    bit = ptr32(_DIER_BIT_4)
    for _ in range(count):
        bit[0] = 1


@hot
def hot_array_element(count: int):
    for number in range(count):
        timer.CCR[number & 3].write(number)


@micropython.viper
def viper_array_element(count: int):
    ccr = ptr32(_CCR)
    for number in range(count):
        ccr[number & 3] = number


def plain_loop(count):
    for _ in range(count):
        pass


def plain_read(count):
    for _ in range(count):
        timer.DIER.read()


def mem32_read(count):
    for _ in range(count):
        mem32[_DIER] & 0xFFFF_FFFF


def plain_get(count):
    for _ in range(count):
        timer.DIER.MODE.get()


def mem32_get(count):
    for _ in range(count):
        mem32[_DIER] >> 4 & 3


def plain_write(count):
    for _ in range(count):
        timer.DIER.write(MODE=2)


def mem32_write(count):
    for _ in range(count):
        mem32[_DIER] = 0x20


def plain_set(count):
    for _ in range(count):
        timer.DIER.modify(EN=1)


def mem32_set(count):
    for _ in range(count):
        mem32[_DIER] |= 1


def plain_modify1(count):
    for _ in range(count):
        timer.DIER.modify(MODE=2)


def mem32_modify1(count):
    for _ in range(count):
        mem32[_DIER] = mem32[_DIER] & ~0x30 | 0x20


def plain_modify3(count):
    for _ in range(count):
        timer.DIER.modify(EN=1, MODE=2, LEVEL=5)


def mem32_modify3(count):
    for _ in range(count):
        mem32[_DIER] = mem32[_DIER] & ~0x731 | 0x521


def plain_atomic_set(count):
    for _ in range(count):
        atomic(timer.DIER).set(1 << 4)


def mem32_atomic_set(count):
    for _ in range(count):
        mem32[_DIER_BIT_4] = 1


# What these are handed is not known before they run, so nothing here is lowered.


def field_get(count, field):
    for _ in range(count):
        field.get()


def field_set(count, field):
    for _ in range(count):
        field.set(2)


def uctypes_get(count, fields):
    for _ in range(count):
        fields.mode


def uctypes_set(count, fields):
    for _ in range(count):
        fields.mode = 2


def register_read(count, register):
    for _ in range(count):
        register.read()


def register_modify1(count, register):
    for _ in range(count):
        register.modify(MODE=2)


def empty_loop(count, _):
    for _ in range(count):
        pass


_RUNS = const(4000)


_REPEATS = const(5)


_SMALL = const(0x1FFF_FFFF)


@hot
def now() -> int:
    """The clock's low bits, a small integer: one on the heap would cost more or less, as the heap is."""
    return clock.CNT.read() & _SMALL


def instructions(function, count, more):
    """Instructions of a call, the smallest of some: the interpreter's own caches make it vary by a few."""
    found = []
    for _ in range(_REPEATS):
        gc.collect()
        start = now()
        function(count, *more)
        found.append(now() - start & _SMALL)
    return min(found)


def cost(function, *more):
    """Instructions of one turn of the function's loop."""
    return (instructions(function, 2 * _RUNS, more) - instructions(function, _RUNS, more)) / _RUNS


def compare(name, loop, ours, theirs, more=(), other=()):
    """Print a case, the loop's own instructions left out."""
    empty, other_empty = cost(loop, *more), cost(loop, *other)
    print(name, cost(ours, *more) - empty, cost(theirs, *other) - other_empty)


def main():
    """Measure every case."""
    clock.ARR.write(0xFFFF_FFFF)
    clock.CR1.write(CEN=1)
    for name, ours, theirs in (
        ("read", hot_read, viper_read),
        ("field-get", hot_get, viper_get),
        ("write", hot_write, viper_write),
        ("modify1", hot_modify1, viper_modify1),
        ("modify3", hot_modify3, viper_modify3),
        ("modify-value", hot_modify_value, viper_modify_value),
        ("atomic-set", hot_atomic_set, viper_atomic_set),
        ("array-element", hot_array_element, viper_array_element),
    ):
        compare(name + "/hot", hot_loop, ours, theirs)
    for name, ours, theirs in (
        ("read", plain_read, mem32_read),
        ("field-get", plain_get, mem32_get),
        ("write", plain_write, mem32_write),
        ("field-set", plain_set, mem32_set),
        ("modify1", plain_modify1, mem32_modify1),
        ("modify3", plain_modify3, mem32_modify3),
        ("atomic-set", plain_atomic_set, mem32_atomic_set),
    ):
        compare(name + "/ordinary", plain_loop, ours, theirs)
    field = timer.DIER.MODE
    layout = {"mode": uctypes.BFUINT32 | 0 | 4 << uctypes.BF_POS | 2 << uctypes.BF_LEN}
    fields = uctypes.struct(timer.DIER.address, layout)  # type: ignore[arg-type]  # the stubs know no dict
    compare("field-get/unlowered", empty_loop, field_get, uctypes_get, (field,), (fields,))
    compare("field-set/unlowered", empty_loop, field_set, uctypes_set, (field,), (fields,))
    register = timer.DIER
    print("read/unlowered", cost(register_read, register) - cost(empty_loop, register))
    print("modify1/unlowered", cost(register_modify1, register) - cost(empty_loop, register))


if __name__ == "__main__":
    main()
