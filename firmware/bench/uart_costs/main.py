"""What a byte costs on its way in: from the interrupt to the ring, and from the ring to the caller, in instructions.

And how long a collection takes, during which nobody reads the ring.

The handlers are the drivers' own, or one written by hand that knows of no error and counts no loss. Their device is RAM
with a byte that stays there, so the same instructions run each time. A line is pended over and over, by a loop that is
measured as well with a handler that does nothing. What a handler does after it has stored HEAD is cut off in a copy of
it: the first figure is from the interrupt to that store, the second the whole of it.

Each line of output is a case, its figure, and that of what it is compared with. It needs an emulated board on which an
instruction takes a nanosecond.
"""

import gc
import time
from array import array

import micropython
import uctypes

import board
from corten.irq import Interrupt
from corten.native import Native, native
from corten.nvic import NVIC, Lines
from corten.peripheral import Peripheral
from corten.ring import HEAD, TAIL

TIMES = 8000
SIZE = 8192  # of the ring
REPEATS = 10
BLOCK = 1024  # bytes that are read at once
SMALL_BLOCK = 64
LEFT_FREE = 8192  # bytes of the heap
END = 0xBDF2  # the last instruction of a template: pop {r1, r4-r7, pc}
STORE_HEAD = 0x60C4  # str r4, [r0, 12]: in all of the handlers HEAD is word 3, and in r4
FIRST_WORD = 2  # of a template, in words from its start
DO_NOTHING = 3  # instructions of a handler that does nothing: push, b, pop

ONE_BYTE = {  # block: a register, by its word, and what it holds when a byte is there
    "uart_cmsdk": (1, 2),
    "uart_stm32_v1": (0, 0x20),
    "uart_stm32_v2": (7, 0x20),
}
line = Interrupt(board.DISPATCHERS[0])
line_register = Lines(NVIC + line.number // 32 * 4).ISPR.address
line_bit = 1 << line.number % 32


@micropython.asm_thumb
def _nothing():
    b(BODY)
    b(END)
    align(4)
    label(BODY)
    label(END)


@micropython.asm_thumb
def _by_hand():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0)  # address of the data register; the ring's ADDRESS, MASK, HEAD, TAIL
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 5)
    ldr(r1, [r0, 0])
    ldr(r1, [r1, 0])
    ldr(r2, [r0, 4 * 1])
    ldr(r3, [r0, 4 * 2])
    ldr(r4, [r0, 4 * 3])
    ldr(r5, [r0, 4 * 4])
    sub(r5, r4, r5)
    cmp(r5, r3)
    bhi(FULL)
    and_(r3, r4)
    data(2, 0x54D1)  # strb r1, [r2, r3]
    add(r4, 1)
    str(r4, [r0, 4 * 3])
    label(FULL)
    label(END)


@micropython.asm_thumb
def _copy_by_hand(r0, r1, r2):
    # r0: the ring's words, r1: where to, r2: how many; there are as many
    ldr(r3, [r0, 0])
    ldr(r4, [r0, 4])
    ldr(r5, [r0, 12])
    label(BYTE)
    mov(r6, r5)
    and_(r6, r4)
    data(2, 0x5D9E)  # ldrb r6, [r3, r6]
    strb(r6, [r1, 0])
    add(r1, 1)
    add(r5, 1)
    sub(r2, 1)
    bne(BYTE)
    str(r5, [r0, 12])
    mov(r0, 0)


@micropython.viper
def pend(times: int):
    """Pend the line, over and over."""
    ispr = ptr32(line_register)
    bit = int(line_bit)
    for _ in range(times):
        ispr[0] = bit


def cost(function, *arguments, before=None):
    """Return the nanoseconds of a call, the fewest of some. before: what is done before each."""
    found = []
    for _ in range(REPEATS):
        if before:
            before()
        gc.collect()
        start = time.ticks_us()
        function(*arguments)
        found.append(time.ticks_diff(time.ticks_us(), start))
    return min(found) * 1000


def cost_of(handler):
    """Return the instructions of one run of a handler, entry and return included."""
    return (cost_of_pending(handler) - cost_of_pending(native(_nothing))) / TIMES + DO_NOTHING


def cost_of_pending(handler):
    """Return the nanoseconds of many runs of a handler with an empty ring, and of the loop that pends its line."""

    def empty_ring():
        if len(handler.words):
            handler.words[1 + HEAD] = handler.words[1 + TAIL] = 0

    line.bind(handler)
    line.enable()
    found = cost(pend, TIMES, before=empty_ring)
    line.unbind()
    return found


def cut(handler):
    """Return a copy of a handler that ends when HEAD is stored; the return is one instruction."""
    halves = list(array("H", bytes(handler._code)))
    end = halves.index(STORE_HEAD, 2 * (FIRST_WORD + len(handler.words)))
    halves[end + 1] = END
    code = array("I", bytes(array("H", halves)))
    return Native(code, FIRST_WORD, len(handler.words))


def main():
    """Measure every case."""
    block = board.CAPABILITIES["uart"].block
    registers = array("I", bytes(4 * 16))
    address = uctypes.addressof(registers)
    lines = {"rx": line.number, "tx": board.DISPATCHERS[1], "usart": line.number}
    uart = Peripheral("RAM", block, address, 16_000_000, lines).open(250_000, rx_size=SIZE)
    line.unbind()
    register, value = ONE_BYTE[block]
    registers[register] = value
    words = uart._rx.words
    hand = native(_by_hand, address, *(words[index] for index in range(4)))
    receive = uart._handlers[0]
    print("uart/receive-byte", cost_of(cut(receive)) - 1, cost_of(hand) - 1)
    print("uart/receive-byte/whole", cost_of(receive), cost_of(hand))

    view = memoryview(bytearray(BLOCK))

    def fill():
        words[TAIL] = 100
        words[HEAD] = 100 + SIZE

    def many(function, *arguments):
        for _ in range(SIZE // BLOCK):
            function(*arguments)

    for name, size in (("uart/ring-to-buffer-byte", BLOCK), ("uart/ring-to-buffer-byte/64", SMALL_BLOCK)):
        target = view[:size]
        empty = cost(many, id, 0)
        ours = cost(many, uart.readinto, target, before=fill)
        theirs = cost(many, _copy_by_hand, words, target, size, before=fill)
        print(name, *((found - empty) / (SIZE // BLOCK) / size for found in (ours, theirs)))
    uart.close()
    print("uart/collection", cost_of_collection(), 0)


def cost_of_collection():
    """Return the nanoseconds of a collection that finds the heap full of small objects in use."""
    kept = []
    while gc.mem_free() > LEFT_FREE:
        kept = [kept]
    return cost(gc.collect)


if __name__ == "__main__":
    main()
