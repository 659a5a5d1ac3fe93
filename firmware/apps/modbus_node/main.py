"""A Modbus RTU server on a UART: coils drive pins, inputs read them, registers tell what was counted and hold settings.

layout.py says what is at which address, server.py which frames are answered. A hardware timer finds the frames' ends
(corten.silence) and pends the task `answer`, which preempts all that goes on in the main context, collections of
garbage included. The main context applies settings once the answer to their request is sent, and keeps the uptime.
"""

import time

import layout
import micropython
from counts import add, count
from line import OWNER, PARITIES, RATES, STOPS, Line

import board
from corten.app import App
from corten.channel import Channel
from corten.scope import Scope
from corten.shared import Shared

ADDRESS = 1
RATE = 192  # hundreds of baud; the line's default (MODBUS over Serial Line V1.02, section 3.2)
FRAMES_WAITING = 8
TURN_MS = 100  # of the main context: how late the uptime may be

app = App()
ends = Channel.words(FRAMES_WAITING)
changes = Channel.bytes(4)
node = Shared(None, name="node")  # a Node, once it is set up


class Node:
    """The line and the layout, and what is done with them."""

    def __init__(self, uart, timer, number):
        self.line = line = Line(uart, timer, ends, number)
        parities = [each for each in range(len(PARITIES)) if line.allows(RATE, each, 1)]
        stops = [each for each in STOPS if line.allows(RATE, 0, each)]
        rates = [each for each in RATES if line.allows(each, 0, 1)]
        parity = 1 if 1 in parities else 0
        self._scope = scope = Scope()
        outputs = [scope.own(pin.into_output(owner=OWNER)) for pin in layout.pins("LED")]
        inputs = [scope.own(pin.into_input(owner=OWNER)) for pin in layout.pins("BUTTON")]
        first = [ADDRESS, RATE, parity, 1]
        self._format: list = []  # rate, parity, stop bits as they are in use
        self.layout = layout.Layout(outputs, inputs, first, [rates, parities, stops], line.ticks(), ends.refusals())
        self._asked = time.ticks_ms()
        self._milliseconds = 0
        self.set_up()

    @micropython.native
    def answer(self):
        """Answer the frames that have ended; return whether settings were written."""
        line, server = self.line, self.layout.server
        written = self.layout.settings.written
        while True:
            size = line.take()
            if size < 0:
                return written != self.layout.settings.written
            size = server.take(line.frame, size, line.is_too_quiet)
            if size and not line.send(server.reply, size):
                count(self.layout.counters, layout.UNSENT)

    def set_up(self):
        """Let the settings take effect."""
        address, *wanted = self.layout.settings.values
        self.layout.server.address = address
        if wanted != self._format:
            self._format = wanted
            self.line.open(*wanted)
            self.layout.uart.sources = self.line.figures(layout.UART_FIGURES)

    def close(self):
        """Release the UART, the timer and the pins. For the main context, once nobody answers any more."""
        self.line.close()
        self._scope.close()

    def keep_time(self):
        """Add to the uptime what has passed since the last time."""
        now = time.ticks_ms()
        self._milliseconds += time.ticks_diff(now, self._asked)
        self._asked = now
        add(self.layout.counters, layout.SECONDS, self._milliseconds // 1000)
        self._milliseconds %= 1000


@app.task(binds=board.DISPATCHERS[-1], priority=1, shares=(node,))
def answer():
    """A frame has ended."""
    with node.lock() as n:
        if n.value.answer():
            changes.put(1)


@app.idle
def idle():
    """What the main context does."""
    if changes.get(timeout_ms=TURN_MS):
        held.line.flush()
        with node.lock() as n:
            n.value.set_up()
    held.keep_time()


if __name__ == "__main__":
    held = Node(board.CAPABILITIES["uart"], board.CAPABILITIES["timer"], board.DISPATCHERS[-1])
    with node.lock() as n:
        n.value = held
    print("corten modbus node: ready")
    try:
        app.run()
    finally:
        held.close()
