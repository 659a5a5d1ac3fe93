"""What a received byte costs with a FIFO, by the number of bytes that one interrupt fetches, in instructions.

The PL011 loops back what it is given while its interrupt is disabled; then the handler runs once, between two readings
of a timer. The whole handler is counted, its entry, its return and its look at the transmitter included. Each line of
output is a number of bytes, and the instructions that each of them costs.

It needs an emulated board with a PL011, on which an instruction takes a nanosecond.
"""

import micropython

import board
from corten.drivers.timer_cmsdk import CmsdkTimer
from corten.drivers.uart_pl011 import Pl011
from corten.irq import Interrupt
from corten.native import native

ROUNDS = 1000
COUNTS = (1, 4, 8, 16)
DO_NOTHING = 3  # instructions of a handler that does nothing: push, b, pop


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


def pause(times):
    """Let each round begin at another moment of the timer's clock."""
    for _ in range(times):
        pass


def mean(line, handler, prepare, finish):
    """Return the instructions of one run of `handler` in the interrupt `line`, what measures it included."""
    timed = native(_timed, handler.address, timer.VALUE.address, uses=handler)
    line.bind(timed)
    for number in range(ROUNDS):
        prepare()
        pause(number % 13)
        line.enable()
        line.disable()
        finish()
    line.unbind()
    return timed.words[2] * 1_000_000_000 / board.CAPABILITIES["timer"].clock_hz / ROUNDS


def cost_of(count):
    """Return the instructions of an interrupt that fetches `count` bytes."""
    buffer = bytearray(count)
    before = uart.received

    def loop_back():
        for byte in range(count):
            registers.DR.write(byte)

    found = mean(uart._rx_interrupt, uart._handlers[0], loop_back, lambda: uart.readinto(buffer))
    assert uart.received - before == count * ROUNDS, uart.received
    return found


timer = CmsdkTimer(board.CAPABILITIES["timer"].open().resource.base)
timer.RELOAD.write(0xFFFF_FFFF)
timer.CTRL.write(EN=1)
uart = board.CAPABILITIES["uart"].open()
registers = Pl011(uart.resource.base)
registers.CR.LBE.set(1)
uart._rx_interrupt.unbind()
spare = Interrupt(board.DISPATCHERS[0])
measuring = mean(spare, native(_nothing), spare.pend, lambda: None) - DO_NOTHING
for count in COUNTS:
    instructions = cost_of(count) - measuring
    print(count, instructions / count)
