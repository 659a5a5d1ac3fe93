"""What pins and received bytes cost on an Armv6-M core, in its cycles, counted by SysTick.

Each line of output is a case, its cycles, and where there is one its baseline in the same run: the same effect by hand
in viper, or the call of an empty Python method. A received byte is a share of one interrupt: the UART loops back what
it is given while the interrupt is disabled, then the whole handler runs once. SysTick is free on MicroPython's own port
for the RP2040.
"""

import gc

import micropython
from micropython import const

import board
from corten.drivers.uart_pl011 import Pl011
from corten.hot import hot
from corten.irq import Interrupt
from corten.native import native
from corten.register import Block, Field, Reg


class SysTick(Block):
    """The core's 24-bit counter: DDI 0419E, section B3.3."""

    CSR = Reg(0x00, ENABLE=Field(0), TICKINT=Field(1), CLKSOURCE=Field(2))
    RVR = Reg(0x04)
    CVR = Reg(0x08)


_SYSTICK = const(0xE000_E010)
_SIO = const(0xD000_0000)
_IN = const(1)  # words of SIO: RP2040 datasheet, section 2.3.1.7
_OUT_SET = const(5)
_OUT_CLR = const(6)
_OUT_XOR = const(7)
_PIN = const(10)
_RUNS = const(1000)
_REPEATS = const(3)
_WRAP = const(0xFF_FFFF)
_ROUNDS = const(200)
_FIFO_COUNTS = (1, 4, 8, 16)
_DO_NOTHING = const(14)  # cycles of a handler that does nothing: push and pop of six registers, b

pin = board.take("GPIO10").into_output()


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
    sio = ptr32(_SIO)
    for _ in range(times):
        sio[_OUT_SET] = 1 << _PIN
        sio[_OUT_CLR] = 1 << _PIN
        sio[_OUT_SET] = 1 << _PIN
        sio[_OUT_CLR] = 1 << _PIN


@hot
def hot_toggle(times: int):
    for _ in range(times):
        pin.toggle()


@micropython.viper
def viper_toggle(times: int):
    sio = ptr32(_SIO)
    for _ in range(times):
        sio[_OUT_XOR] = 1 << _PIN


@hot
def hot_read(times: int) -> int:
    last = 0
    for _ in range(times):
        last = int(pin.read())
    return last


@micropython.viper
def viper_read(times: int) -> int:
    sio = ptr32(_SIO)
    last = 0
    for _ in range(times):
        last = sio[_IN] >> _PIN & 1
    return last


class Empty:
    """What is measured against."""

    def method(self):
        """Do nothing."""


empty_object = Empty()


def plain_loop(times):
    for _ in range(times):
        pass


def plain_on(times):
    for _ in range(times):
        pin.on()


def plain_call(times):
    for _ in range(times):
        empty_object.method()


def cycles(function, times):
    """Cycles of a call, the smallest of some. None takes as long as the counter needs to come round."""
    found = []
    for _ in range(_REPEATS):
        gc.collect()
        start = tick.CVR.read()
        function(times)
        found.append(start - tick.CVR.read() & _WRAP)
    return min(found)


def cost(function, empty):
    """Cycles of one turn of the function's loop, less those of an empty one."""
    found = [cycles(each, 2 * _RUNS) - cycles(each, _RUNS) for each in (function, empty)]
    return (found[0] - found[1]) / _RUNS


@micropython.asm_thumb
def _timed():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0)  # the handler's code, the address of a counter that counts down, the sum of what passed
    label(BODY)
    mov(r4, pc)
    sub(r4, 4 + 4 * 3)
    ldr(r5, [r4, 4])
    ldr(r3, [r4, 0])
    ldr(r6, [r5, 0])
    data(2, 0x4798)  # blx r3
    ldr(r7, [r5, 0])
    sub(r6, r6, r7)
    lsl(r6, r6, 8)
    lsr(r6, r6, 8)
    ldr(r7, [r4, 8])
    add(r7, r7, r6)
    str(r7, [r4, 8])
    label(END)


@micropython.asm_thumb
def _nothing():
    b(BODY)
    b(END)
    align(4)
    label(BODY)
    label(END)


def mean(line, handler, prepare, finish):
    """Cycles of one run of `handler` in the interrupt `line`, what measures it included."""
    timed = native(_timed, handler.address, tick.CVR.address, uses=handler)
    line.bind(timed)
    for _ in range(_ROUNDS):
        prepare()
        line.enable()
        line.disable()
        finish()
    line.unbind()
    return timed.words[2] / _ROUNDS


def looped_back(uart, registers, count):
    """Cycles of an interrupt that fetches `count` bytes."""
    buffer = bytearray(count)
    before = uart.received

    def loop_back():
        for byte in range(count):
            registers.DR.write(byte)
        while registers.FR.BUSY.get():
            pass

    found = mean(uart._rx_interrupt, uart._handlers[0], loop_back, lambda: uart.readinto(buffer))
    assert uart.received - before == count * _ROUNDS, uart.received
    return found


def main():
    """Print the cases."""
    tick.RVR.write(_WRAP)
    tick.CVR.write(0)
    tick.CSR.write(ENABLE=1, CLKSOURCE=1)
    for name, function, against, operations in (
        ("pin/write/hot", hot_write, viper_write, 4),
        ("pin/toggle/hot", hot_toggle, viper_toggle, 1),
        ("pin/read/hot", hot_read, viper_read, 1),
    ):
        print(name, cost(function, loop) / operations, cost(against, loop) / operations)
    print("pin/on", cost(plain_on, plain_loop), cost(plain_call, plain_loop))
    uart = board.CAPABILITIES["uart"].open(1_000_000)
    registers = Pl011(uart.resource.base)
    registers.CR.LBE.set(1)
    uart._rx_interrupt.unbind()
    spare = Interrupt(board.DISPATCHERS[0])
    measuring = mean(spare, native(_nothing), spare.pend, lambda: None) - _DO_NOTHING
    for count in _FIFO_COUNTS:
        print("uart/receive-byte/of-%d" % count, (looped_back(uart, registers, count) - measuring) / count)
    uart.close()


tick = SysTick(_SYSTICK)
main()
