"""How long the Modbus node takes from a frame's end to its answer's first byte, while the main context collects.

The host puts this beside the modules of apps/modbus_node, whose main.py is called node.py here. The timer's handler is
entered through one that notes the clock; the last note before a frame is taken is that of the tick that ended it. The
clock is read again when the UART's interrupt is pended, whose handler sends the first byte. After as many answers as
the host says it prints a line of JSON: what gc.mem_alloc() returns before and after the start, and the clock's counts
that each answer took.
"""

import gc
import json
from array import array

import micropython
import node

import board
from corten import clock
from corten.native import native

SLOWEST = 12  # hundreds of baud: the guest never sleeps, and the emulator hands it the bytes of a frame one by one
_NOTED = 1


@micropython.asm_thumb
def _noting():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0)  # the clock's address, its value, the handler's address
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 3)
    ldr(r1, [r0, 0])
    ldr(r1, [r1, 0])
    str(r1, [r0, 4])
    ldr(r1, [r0, 8])
    data(2, 0x4788)  # blx r1
    label(END)


class Stopwatch:
    """Notes what each answer of a line took."""

    def __init__(self, line, answers):
        counter, self.hz, _ = clock.start()
        self._now = clock.reader(counter)
        self._take = line.take
        self._send = line.uart._tx_interrupt
        self.taken = array("I", bytes(4 * answers))
        self.count = 0
        self._began = 0
        interrupt = line._silence._timer.interrupt
        found = interrupt.handler
        interrupt.unbind()
        entered = native(_noting, counter, 0, found.address, uses=found)
        self._noted = entered.words
        interrupt.bind(entered)
        interrupt.enable()
        line.take = self.take
        line.uart._tx_interrupt = self

    def take(self):
        """As the line's own."""
        self._began = self._noted[_NOTED] & 0x1FFF_FFFF
        return self._take()

    def pend(self):
        """As the interrupt's own."""
        if self.count < len(self.taken):
            self.taken[self.count] = (self._now() - self._began) & 0x1FFF_FFFF
            self.count += 1
        self._send.pend()

    def unbind(self):
        """As the interrupt's own."""
        self._send.unbind()


def main():
    """Run the node until it has answered so often."""
    answers = int(input("how many? "))
    node.RATE = SLOWEST
    gc.collect()
    before = gc.mem_alloc()
    node.held = held = node.Node(board.CAPABILITIES["uart"], board.CAPABILITIES["timer"], board.DISPATCHERS[-1])
    with node.node.lock() as n:
        n.value = held
    gc.collect()
    memory = gc.mem_alloc()
    watch = Stopwatch(held.line, answers)

    @node.app.idle
    def idle():
        held.keep_time()
        gc.collect()
        if watch.count == answers:
            raise SystemExit

    print("ready")
    try:
        node.app.run()
    except SystemExit:
        print(
            json.dumps(
                {
                    "memory": memory,
                    "before": before,
                    "hz": watch.hz,
                    "counts": list(watch.taken),
                    "errors": node.answer.handler.errors,
                }
            )
        )


if __name__ == "__main__":
    main()
