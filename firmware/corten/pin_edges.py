"""Edges of an input: counted by machine code in the interrupt, debounced there, and told to whoever waits.

    pressed = button.edges(falling=True, debounce_ms=20)
    pressed.count                   since the start, modulo 2**32
    pressed.take()                  since the last take, wait or await: it is a `corten.signal.Signal`
    pressed.wait(timeout_ms=1000)   the core sleeps;  or: await pressed
    pressed.bounces                 edges that fell into the debounce time
    pressed.stop()

With `then`, a handler made by `native`, `hard` or `soft` runs for each edge that counts:

    button.edges(falling=True, debounce_ms=20, then=soft(function))     # function(count), in the main context

Debouncing: an edge counts if the line was quiet for `debounce_ms` before it and changed in the wanted direction: at
once, so it adds no delay. What comes sooner is a bounce, whatever its direction, and begins the time anew. A pulse that
is shorter than the time counts as the edge that it begins with. The clock is the runtime's `time.ticks_ms`: nothing of
the board is needed for it. It comes round after 2**30 ms: an edge within `debounce_ms` of that long after another one
is taken for a bounce.

Without debouncing each request of the hardware counts, whatever edge it was. Where the hardware latches one edge a pin,
as EXTI does, edges that come before the handler runs are one request; no software can tell.

The pins of a port share interrupts (`interrupt` is the line, whose priority may be set): one handler serves those of a
line, in about 12 instructions for each of them and 9 more for an edge. Where the runtime's own `machine.Pin.irq` has
pins of the same line, as on the RP2040, its handler runs after this one when one of these asks: both go on working. It
forgets all edges of the line that it finds, so one of ours that comes in these few microseconds is lost.

Callers: the main context; starting and stopping allocates.
"""

import time
from array import array

import micropython
import uctypes

from corten.critical import critical
from corten.interpreter import UnknownRuntime, code_of_builtin
from corten.irq import AlreadyBound, Interrupt
from corten.native import native
from corten.signal import Signal
from corten.vectors import installed

# Words of a pin's record.
_NEXT, _FLAG, _FLAG_MASK, _CLEAR, _CLEAR_WORD, _LEVEL, _LEVEL_MASK, _WANTED = range(8)
_DEBOUNCE, _LAST, _BEFORE, _CLOCK, _COUNT, _BOUNCES, _THEN, _WORDS = range(8, 16)
_RISING, _FALLING = 1, 2
# Words of the handler: the first record; and where others have pins of the line, their code, the address of the
# requests of all pins, and the masks of theirs, a word each.
_FIRST, _OTHERS_CODE, _REQUESTS, _OTHERS = range(4)
_LONGEST_MS = (1 << 28) - 1
_TICKS = (1 << 30) - 1
_WHOLE_WORD = 0xFFFF_FFFF


@micropython.asm_thumb
def _serve():  # noqa: PLR0915 - one statement an instruction
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0, 0)
    label(BODY)
    mov(r7, pc)
    sub(r7, 4 + 4 * 7)
    ldr(r4, [r7, 0])
    label(WALK)
    cmp(r4, 0)
    beq(DONE)
    ldr(r1, [r4, 4])
    ldr(r1, [r1, 0])
    ldr(r2, [r4, 8])
    and_(r1, r2)
    beq(NEXT)
    ldr(r1, [r4, 12])
    ldr(r2, [r4, 16])
    str(r2, [r1, 0])  # an edge after this one asks anew
    ldr(r1, [r4, 32])
    cmp(r1, 0)
    beq(COUNTS)
    ldr(r3, [r4, 44])
    data(2, 0x4798)  # blx r3: the ticks as a small integer, of which the value is in the bits above the lowest
    ldr(r5, [r4, 20])
    ldr(r5, [r5, 0])
    ldr(r6, [r4, 24])
    and_(r5, r6)
    ldr(r6, [r4, 40])
    str(r5, [r4, 40])
    ldr(r1, [r4, 36])
    str(r0, [r4, 36])
    sub(r0, r0, r1)
    lsl(r0, r0, 1)  # of 31 bits, which come round, 4 times the milliseconds since the last edge
    ldr(r1, [r4, 32])
    cmp(r0, r1)
    bls(BOUNCE)
    mov(r0, 1)
    cmp(r6, 0)
    beq(WAS_LOW)
    mov(r0, 2)
    label(WAS_LOW)
    ldr(r1, [r4, 28])
    and_(r0, r1)
    beq(NEXT)
    label(COUNTS)
    ldr(r1, [r4, 48])
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK
    cpsid(0)
    ldr(r2, [r1, 0])
    add(r2, 1)
    str(r2, [r1, 0])
    data(2, 0xF380, 0x8810)  # msr PRIMASK, r0
    ldr(r3, [r4, 56])
    cmp(r3, 0)
    beq(NEXT)
    data(2, 0x4798)  # blx r3
    b(NEXT)
    label(BOUNCE)
    ldr(r1, [r4, 52])
    add(r1, 1)
    str(r1, [r4, 52])
    label(NEXT)
    ldr(r4, [r4, 0])
    b(WALK)
    label(DONE)
    ldr(r4, [r7, 8])
    cmp(r4, 0)
    beq(LAST)
    mov(r5, 12)
    label(LOOK)
    ldr(r1, [r4, 0])
    data(2, 0x597A)  # ldr r2, [r7, r5]
    and_(r1, r2)
    bne(OTHERS)
    add(r4, 4)
    add(r5, 4)
    cmp(r5, 28)
    bne(LOOK)
    b(LAST)
    label(OTHERS)
    ldr(r3, [r7, 4])
    data(2, 0x4798)  # blx r3
    label(LAST)
    data(2, 0xF3BF, 0x8F4F)  # dsb: the requests are cleared before the return (DAI 0321A)
    label(END)


class _Server:
    # What is bound to one interrupt line, for the pins that share it.
    def __init__(self, line):
        self.line = line
        self.edges: list = []
        self._was_enabled = False
        self._handler = native(_serve, uses=self)  # the vector table keeps it, and it the records

    def add(self, edges):
        """Serve one pin more."""
        if not self.edges:
            self._was_enabled = self.line.enabled  # for others' pins
            self.line.bind(self._handler)
            self._handler.words[_OTHERS_CODE] = installed().before(self.line.number)
        self.edges.append(edges)
        self._link()
        self.line.enable()

    def remove(self, edges):
        """Serve one pin less. Harmless for one that is not served."""
        if edges in self.edges:
            self.edges.remove(edges)
            self._link()
            if not self.edges:
                self.line.unbind()
                if self._was_enabled:
                    self.line.enable()

    @micropython.native
    def _link(self):
        # The records are a list for the handler, which may come at any moment. Native code: Ctrl-C leaves none behind.
        following = 0
        words = self._handler.words
        with critical:
            words[_REQUESTS] = 0
            for edges in reversed(self.edges):
                edges.record[_NEXT] = following
                following = uctypes.addressof(edges.record)
            words[_FIRST] = following
            self._leave_to_others(words)

    def _leave_to_others(self, words):
        # Requests that none of our pins makes. A port that has its lines to itself has no `requests`.
        found = getattr(self.edges[0].source, "requests", None) if self.edges else None
        if found is None:
            return
        first, count = found
        for index in range(count):
            words[_OTHERS + index] = _WHOLE_WORD
        for edges in self.edges:
            words[_OTHERS + (edges.record[_FLAG] - first) // 4] &= ~edges.record[_FLAG_MASK]
        words[_REQUESTS] = first


_servers: dict = {}


class Edges(Signal):
    """Counts one pin's edges from now on. Made by `Input.edges`. A signal of what counts: `take`, `wait`, await.

    pin: the resource. directions: (rising, falling). debounce_ms: 0 for none. then: a handler, or None. interrupt: the
    line that interrupts. Raises ValueError for other numbers, TypeError for another kind of handler, AlreadyBound for
    one that is in use, and what the port's driver raises when the interrupt is another pin's.
    """

    def __init__(self, pin, port, directions, debounce_ms=0, then=None):
        rising, falling = directions
        if not (rising or falling):
            raise ValueError("count rising edges, falling ones, or both")
        if not 0 <= debounce_ms <= _LONGEST_MS:
            raise ValueError("a debounce time is 0 to %d ms, not %r" % (_LONGEST_MS, debounce_ms))
        if then is not None and getattr(then, "KIND", None) is None:
            raise TypeError("a handler is made by native(), hard() or soft(), not %r" % (then,))
        if then is not None and then.KIND == "soft" and then.is_installed():
            raise AlreadyBound("%s is bound to another interrupt; make a second handler of it" % then.name)
        if not hasattr(port, "edges"):
            raise ValueError("the port of %s has no interrupts" % pin.name)
        from corten.peripheral import _driver
        from corten.pin import level

        super().__init__()
        self.then = then
        self.source = port.edges(pin.bit, _driver)
        self.record = record = array("I", bytes(4 * _WORDS))
        register, mask = level(port.registers, pin.bit)
        record[_FLAG], record[_FLAG_MASK] = self.source.flag
        record[_CLEAR], record[_CLEAR_WORD] = self.source.clear
        record[_LEVEL], record[_LEVEL_MASK] = register.address, mask
        record[_WANTED] = (_RISING if rising else 0) | (_FALLING if falling else 0)
        record[_COUNT] = self.address
        record[_THEN] = then.address if then is not None else 0
        if debounce_ms:
            self._debounce(debounce_ms, register.read() & mask)
            rising = falling = True
        self._watched = (rising, falling, pin.name)
        self._start()

    @property
    def count(self):
        """Edges that counted since the start, modulo 2**32."""
        return self._words[0]

    @property
    def bounces(self):
        """Edges that fell into the debounce time, modulo 2**32."""
        return self.record[_BOUNCES]

    def pause(self):
        """See no edges until `resume`: what comes meanwhile is not counted."""
        if self.source is not None:
            self.source.stop()

    def resume(self):
        """See edges again."""
        if self.source is not None:
            self.source.start(*self._watched)

    def stop(self):
        """No longer count; what was counted stays. Harmless when repeated."""
        source = self.source
        if source is None:
            return
        self.source = None
        source.stop()
        self._server.remove(self)
        if not self._server.edges:
            _servers.pop(source.interrupt, None)
        if self.then is not None and self.then.KIND == "soft":
            self.then.removed()

    def _debounce(self, debounce_ms, level):
        clock = code_of_builtin(time.ticks_ms)
        if type(time.ticks_ms) is not type(time.ticks_us):
            raise UnknownRuntime("time.ticks_ms of this MicroPython is not a C function")
        record = self.record
        record[_DEBOUNCE] = debounce_ms << 2
        record[_LAST] = (time.ticks_ms() - debounce_ms - 1 & _TICKS) << 1 | 1
        record[_BEFORE] = level
        record[_CLOCK] = clock

    def _start(self):
        key = self.source.interrupt
        server = self._server = _servers.get(key) or _Server(Interrupt(key))
        self.interrupt = server.line
        if self.then is not None and self.then.KIND == "soft":
            self.then.installed()
        try:
            server.add(self)
            _servers[key] = server
            self.source.start(*self._watched)  # last: an edge that no record clears would interrupt for ever
        except BaseException:
            self.stop()
            raise


def calling(function, pin, hard):
    """Return the handler that calls `function(pin)` for each edge, as `machine.Pin.irq` does. Allocates."""
    if hard:
        from corten.hard import hard as made

        return made(lambda: function(pin))
    from corten.soft import soft

    def call(count):
        for _ in range(count):
            function(pin)

    return soft(call)
