"""An LED of the AN385: in `@hot` code, and in viper, by DAI 0385D, section 4.1, and DDI 0403E, B3.1.2."""

import micropython
from micropython import const

import board
from corten.hot import hot

_LED = const(0x4002_8000)
_LED0 = const(0x4250_0000)  # its bit 0 in the bit-band alias

pin = board.LED.into_output()


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
    led = ptr32(_LED0)
    for _ in range(times):
        led[0] = 1
        led[0] = 0
        led[0] = 1
        led[0] = 0


@hot
def hot_write_variable(times: int):
    for number in range(times):
        pin.write(number)


@micropython.viper
def viper_write_variable(times: int):
    led = ptr32(_LED0)
    for number in range(times):
        if number:
            led[0] = 1
        else:
            led[0] = 0


@hot
def hot_read(times: int) -> int:
    last = 0
    for _ in range(times):
        last = int(pin.value())
        last = int(pin.read())
    return last


@micropython.viper
def viper_read(times: int) -> int:
    led = ptr32(_LED)
    last = 0
    for _ in range(times):
        last = led[0] & 1
        last = led[0] & 1
    return last


@hot
def hot_toggle(times: int):
    for _ in range(times):
        pin.toggle()


@micropython.viper
def viper_toggle(times: int):
    led = ptr32(_LED0)
    for _ in range(times):
        led[0] = led[0] ^ 1


CASES = (
    ("pin/write/hot", hot_write, viper_write, 4),
    ("pin/write/hot-variable", hot_write_variable, viper_write_variable, 1),
    ("pin/read/hot", hot_read, viper_read, 2),
    ("pin/toggle/hot", hot_toggle, viper_toggle, 1),
)
