"""A pin of an STM32F405's port A: in `@hot` code, and in viper with the addresses of RM0090, section 8.4."""

import micropython
from micropython import const

import board
from corten.hot import hot

_IDR = const(0x4002_0010)
_ODR = const(0x4002_0014)
_BSRR = const(0x4002_0018)

pin = board.take("PA10").into_output()


@hot
def loop(times: int):
    for _ in range(times):
        pass


@hot
def hot_write(times: int):
    for _ in range(times):
        pin.on()
        pin.off()
        pin.write(1)
        pin.value(0)


@micropython.viper
def viper_write(times: int):
    bsrr = ptr32(_BSRR)
    for _ in range(times):
        bsrr[0] = 1 << 10
        bsrr[0] = 1 << 26
        bsrr[0] = 1 << 10
        bsrr[0] = 1 << 26


@hot
def hot_write_variable(times: int):
    for number in range(times):
        pin.write(number)


@micropython.viper
def viper_write_variable(times: int):
    bsrr = ptr32(_BSRR)
    for number in range(times):
        if number:
            bsrr[0] = 1 << 10
        else:
            bsrr[0] = 1 << 26


@hot
def hot_read(times: int) -> int:
    last = 0
    for _ in range(times):
        last = int(pin.value())
        last = int(pin.read())
    return last


@micropython.viper
def viper_read(times: int) -> int:
    idr = ptr32(_IDR)
    last = 0
    for _ in range(times):
        last = idr[0] >> 10 & 1
        last = idr[0] >> 10 & 1
    return last


@hot
def hot_toggle(times: int):
    for _ in range(times):
        pin.toggle()


@micropython.viper
def viper_toggle(times: int):
    odr = ptr32(_ODR)
    for _ in range(times):
        odr[1] = 1 << 10 << ((odr[0] >> 10 & 1) << 4)


CASES = (
    ("pin/write/hot", hot_write, viper_write, 4),
    ("pin/write/hot-variable", hot_write_variable, viper_write_variable, 1),
    ("pin/read/hot", hot_read, viper_read, 2),
    ("pin/toggle/hot", hot_toggle, viper_toggle, 1),
)
