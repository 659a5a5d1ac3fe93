"""A timeline: interrupts, tasks, locks, sleep and marks, recorded with their times in a ring on the target.

    trace.start(events=2048)
    …
    trace.stop()
    for time, kind, number, context in trace.read(): …

`corten trace APP` does this from the host and draws it. Recorded are, with no change to the program: every interrupt,
the port's own included, from its entry to its exit; each call of a hard or soft handler's function, and each run of an
App's software task; `critical`, the ceilings and `Shared`; and sleeping. The program may add `mark`, and `begin` and
`end` around what it calls a task.

While it is off, it costs nothing: `start` exchanges the code that exceptions and locks run, and `stop` puts it back.
Locks that a build has lowered are not seen. docs/trace.md has what an event costs.

When the ring is full, the oldest event is overwritten, and `overwritten` counts them. The clock is that of
`corten.clock`, a counter that wraps; the host unwraps it, as long as there is an event in each of its periods, for
which the port's tick is enough.

Callers: `mark`, `begin` and `end` any context, allocating nothing (but see `mark`); the rest the main context only.
"""

import binascii
import json
from struct import unpack_from

import board
from corten import clock as clocks
from corten.recorder import (
    BEGIN,
    END,
    EVENT_BYTES,
    HEAD,
    HELD,
    KIND_SHIFT,
    KINDS,
    MARK,
    NUMBER_SHIFT,
    NUMBERS,
    record,
    word,
)
from corten.trace_hooks import Recording, interrupts, named

_KIND = 0xF
_CONTEXT = 0x1FF  # bits of an event's second word that IPSR has: DDI 0403E, B1.4.2
_PORTION = 768  # bytes of the ring in one line of a dump
_BEGIN = word(BEGIN)
_END = word(END)
_MARK = word(MARK)

_recording: Recording = None  # type: ignore[assignment]  # until the first start
_address = 0  # of the ring's state while recording, else 0
_marks: dict = {}  # text -> word of its event
_tasks: dict = {}  # number -> text


def start(events=2048, counter=None, seconds=None):
    """Record from now on; what an earlier recording left is dropped.

    events: room in the ring, rounded up to a power of two, 8 bytes each. counter: (address, hz, mask) of a free-running
    up-counter that runs, where it is not the board's. seconds: by the clock, after which, at the next tick or the end
    of a sleep, the ring stays as it is; `stop` is needed all the same. Raises NoClock, ValueError for fewer than 2
    events, UnknownRuntime where vectors cannot be redirected. Allocates the ring, and some 3 kB of code.
    """
    global _recording, _address
    stop()
    if events < 2:
        raise ValueError("a trace has room for 2 events or more, not %r" % (events,))
    _recording = None  # type: ignore[assignment]  # its ring makes room for the next one
    made = Recording(events, counter or clocks.start())
    _check(made)
    _recording = made
    _address = made.state_address
    try:
        made.watch_sleep()
        made.watch_locks()
        made.watch_tasks()
        made.watch_vectors()
    except BaseException:
        stop()
        raise
    made.begin(seconds)


def stop():
    """Record no more, and put back what was exchanged. The events stay until the next start. Harmless when repeated."""
    global _address
    if _address:
        _address = 0
        _recording.end()


def mark(text):
    """Record that the program was here. Does nothing while nothing is recorded.

    The first use of a text allocates: in a hard handler, which may not, a new text is recorded as `?`. Use it in the
    main context before.
    """
    if _address:
        record(_address, _marks.get(text) or _new_mark(text))


def name(number, text):
    """Say what the program's task `number`, 0 to 131071, is called. Raises ValueError outside. Allocates."""
    if not 0 <= number < NUMBERS:
        raise ValueError("a task's number is 0 to %d, not %r" % (NUMBERS - 1, number))
    _tasks[number] = text


def begin(number):
    """Record that the program's task `number` begins here, in this context. Does nothing while nothing is recorded."""
    if _address:
        record(_address, _BEGIN | number << NUMBER_SHIFT)


def end(number):
    """Record that the program's task `number` ends here."""
    if _address:
        record(_address, _END | number << NUMBER_SHIFT)


def clock():
    """Return the clock of the recording: the counter's address, its rate in Hz, and a mask of its bits."""
    return _recording.address, _recording.hz, _recording.clock_mask


def recorded():
    """Return how many events were recorded since the start, overwritten ones included."""
    return _head() // EVENT_BYTES if _recording else 0


def overwritten():
    """Return how many of them were overwritten by later ones."""
    return max(0, recorded() - len(_recording.ring) // EVENT_BYTES) if _recording else 0


def read():
    """Return what the ring holds, oldest first: a list of what `event` returns. Allocates some 80 bytes each."""
    return [event(index) for index in range(recorded() - overwritten())]


def event(index):
    """Return event `index` of those that the ring holds, from 0, the oldest, on: (time, kind, number, context).

    time: of the clock. kind: a constant of `corten.recorder`. context: the exception's number, 0 for the main context.
    While recording, events may be overwritten as they are read: stop before. Raises IndexError.
    """
    held = recorded() - overwritten()
    if not 0 <= index < held:
        raise IndexError("event %d of %d" % (index, held))
    ring = _recording.ring
    stamp, what = unpack_from("<II", ring, (index + overwritten()) * EVENT_BYTES & len(ring) - 1)
    return stamp, what >> KIND_SHIFT & _KIND, what >> NUMBER_SHIFT, what & _CONTEXT


def dump():
    """Stop, and print the recording for the host: a line of JSON, then the ring in base64. RuntimeError without one."""
    stop()
    if _recording is None:
        raise RuntimeError("nothing was recorded; trace.start() begins")
    print(json.dumps(_header(_recording)))
    for part in _parts():
        for at in range(0, len(part), _PORTION):
            print(binascii.b2a_base64(part[at : at + _PORTION]).decode(), end="")


def _parts():
    if _recording is None:
        return []
    written, ring = _head(), memoryview(_recording.ring)
    if written <= len(ring):
        return [ring[:written]]
    at = written & (len(ring) - 1)
    return [ring[at:], ring[:at]]


def _head():
    return _recording.state[HELD] or _recording.state[HEAD]


def _new_mark(text):
    made = _MARK | len(_marks) + 1 << NUMBER_SHIFT
    try:
        _marks[text] = made
    except MemoryError:
        return _MARK
    return made


def _check(made):
    before = made.now()
    for _ in range(100):
        if made.now() != before:
            return
    raise clocks.NoClock("the counter at 0x%08x stands still" % made.address)


def _header(made):
    contexts = {event(index)[3] for index in range(recorded() - overwritten())}
    names, priorities = interrupts(contexts)
    shared, tasks = named()
    return {
        "corten_trace": 1,
        "kinds": KINDS,
        "kind_shift": KIND_SHIFT,
        "number_shift": NUMBER_SHIFT,
        "board": board.NAME,
        "hz": made.hz,
        "mask": made.clock_mask,
        "first": made.first,
        "last": made.last,
        "recorded": recorded(),
        "overwritten": overwritten(),
        "priorities": board.PRIORITIES,
        "priority": priorities,
        "interrupts": names,
        "handlers": made.handlers,
        "calls": made.calls,
        "tasks": _tasks,
        "software_tasks": tasks,
        "marks": {what >> NUMBER_SHIFT: text for text, what in _marks.items()},
        "shared": shared,
    }
