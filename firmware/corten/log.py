"""Levelled log lines: error, warning, info, debug, trace.

    log = Log("uart")                       # once, at the module's level
    log.info("open at %d baud", baud)       # [   12.345] info uart: open at 115200 baud
    log_filter("info,uart=debug")           # what is let through, from now on; at first what the build or its host says

A text has up to four arguments, for its `%`, and is put together only where its level is on. `corten build` leaves
nothing of the calls below its --log-level, and evaluates the arguments of the others where their level is on: they
must do nothing but give a value. With framed logs it keeps the texts on the host, and their numbers go over the line,
in frames that `corten monitor` decodes: see `corten.wire.log_record`.

In an interrupt, and with the heap locked, a line is put into a queue that the main context prints as soon as it runs,
if the heap is not locked then, and before its own next line. Lines that find the queue full are counted in `lost`, and
told of in a line.

Callers: any context. In an interrupt a call allocates nothing, and keeps 16 bytes of a text argument and of an object
the name of its type; it masks interrupts while it fills its slot. `Log`, `log_filter` and `room`: the main context.
"""

import sys
import time

import micropython

from corten.context import MAIN, exception
from corten.critical import critical
from corten.log_filter import FILTER
from corten.log_packing import NOT_GIVEN, pack
from corten.wire.log_record import LONG, SHORT, longest, unpack

LEVELS = ("off", "error", "warning", "info", "debug", "trace")
ERROR, WARNING, INFO, DEBUG, TRACE = 1, 2, 3, 4, 5

lost = 0  # lines that found the queue full


class Log:
    """The log of a module. name: what its lines begin with. level: what is let through, 0 to TRACE.

    Logs of one name are one object.
    """

    def __new__(cls, name):
        """Return the log of that name, if there is one."""
        return _logs.get(name) or object.__new__(cls)

    def __init__(self, name):
        self.name = name
        self.level = _level_of(name)
        _logs[name] = self

    @micropython.native
    def error(self, text, a=NOT_GIVEN, b=NOT_GIVEN, c=NOT_GIVEN, d=NOT_GIVEN):
        """Something failed."""
        if self.level >= ERROR:
            _log(self.name, ERROR, text, 0, a, b, c, d)

    @micropython.native
    def warning(self, text, a=NOT_GIVEN, b=NOT_GIVEN, c=NOT_GIVEN, d=NOT_GIVEN):
        """Something is not as it should be, and the program goes on."""
        if self.level >= WARNING:
            _log(self.name, WARNING, text, 0, a, b, c, d)

    @micropython.native
    def info(self, text, a=NOT_GIVEN, b=NOT_GIVEN, c=NOT_GIVEN, d=NOT_GIVEN):
        """What happens, in the words of who uses the program."""
        if self.level >= INFO:
            _log(self.name, INFO, text, 0, a, b, c, d)

    @micropython.native
    def debug(self, text, a=NOT_GIVEN, b=NOT_GIVEN, c=NOT_GIVEN, d=NOT_GIVEN):
        """What happens, in the words of who writes it."""
        if self.level >= DEBUG:
            _log(self.name, DEBUG, text, 0, a, b, c, d)

    @micropython.native
    def trace(self, text, a=NOT_GIVEN, b=NOT_GIVEN, c=NOT_GIVEN, d=NOT_GIVEN):
        """Each step."""
        if self.level >= TRACE:
            _log(self.name, TRACE, text, 0, a, b, c, d)

    @micropython.native
    def send(self, number, a=NOT_GIVEN, b=NOT_GIVEN, c=NOT_GIVEN, d=NOT_GIVEN):
        """What `corten build` makes of a call with framed logs. number: its text's, in the table beside the image."""
        _log(self.name, 0, None, number, a, b, c, d)


_logs: dict = {}
_rules: list = []
_PLAIN = (int, bool, float, str, bytes, type(None))  # what a record holds


def log_filter(text):
    """Let through what `text` says, in place of what was let through: "info,uart=debug,modbus=off".

    A level alone is for all names; the last one that fits counts. Raises ValueError for what is no such text.
    """
    rules = []
    for part in text.split(","):
        name, _, level = part.strip().rpartition("=")
        if level not in LEVELS:
            raise ValueError("a filter is levels, as info,uart=debug; %r is none of %s" % (level, ", ".join(LEVELS)))
        rules.append((name, LEVELS.index(level)))
    _rules[:] = rules
    for log in _logs.values():
        log.level = _level_of(log.name)


def _level_of(name):
    found = 0
    for wanted, level in _rules:
        if wanted in ("", name):
            found = level
    return found


# The queue: of each line that waits its name, level and text (None for a frame), and in `_records` what `pack` made of
# the rest. Producers move `_head`, the consumer, which is the main context, `_tail`; both run freely.
_lines: list = []
_records: list = []
_head = 0
_tail = 0
_told = 0  # of `lost`
_is_scheduled = False
_is_printing = False
_record = bytearray(longest(LONG))  # of the main context's own frames
_encoder = None  # until the first frame


def room(slots):
    """Hold up to `slots` lines for the main context, at first 8; print what waits. A slot is some 150 bytes.

    What cannot be printed now is lost, and counted.
    """
    global _tail, lost
    drain()
    records = [bytearray(longest(SHORT)) for _ in range(slots)]
    lines = [["", 0, None, 0] for _ in range(slots)]
    with critical:
        _records[:] = records
        _lines[:] = lines
        lost += _head - _tail
        _tail = _head


@micropython.native
def drain(_=None):
    """Print what waits. Done by itself: for what is about to end the program, or to keep the main context busy."""
    global _tail, _told, _is_printing, _is_scheduled
    _is_scheduled = False
    if _is_printing or exception() != MAIN:
        return
    _is_printing = True
    try:
        while _tail != _head:
            at = _tail % len(_lines)
            name, level, text, size = _lines[at]
            if text is None:
                _send(_records[at], size)
            else:
                stamp, _, arguments = unpack(_records[at], size)
                _print(name, level, text, stamp, arguments)
            _tail += 1
        if _told != lost:
            count = lost - _told
            _told += count
            _print("log", WARNING, "%d lines lost: the queue was full", time.ticks_ms(), [count])
    except MemoryError:  # the heap is locked: what waits is for the next time
        return
    finally:
        _is_printing = False


@micropython.native
def _log(name, level, text, number, a, b, c, d):
    global _is_printing
    if _is_printing or exception() != MAIN:
        _put(name, level, text, number, a, b, c, d)
        return
    try:
        drain()
        _is_printing = True
        if text is None:
            size = pack(_record, LONG, time.ticks_us(), number, _plain(a), _plain(b), _plain(c), _plain(d))
            _send(_record, size)
        else:
            arguments = [each for each in (a, b, c, d) if each is not NOT_GIVEN]
            _print(name, level, text, time.ticks_ms(), arguments)
    except MemoryError:  # the heap is locked, or full
        _put(name, level, text, number, a, b, c, d)
    finally:
        _is_printing = False
    if _tail != _head:
        _schedule()


@micropython.native
def _put(name, level, text, number, a, b, c, d):
    global _head, lost
    with critical:
        if _head - _tail >= len(_lines):
            lost += 1
            return
        at = _head % len(_lines)
        line = _lines[at]
        line[0] = name
        line[1] = level
        line[2] = text
        stamp = time.ticks_us() if text is None else time.ticks_ms()
        line[3] = pack(_records[at], SHORT, stamp, number, a, b, c, d)
        _head += 1
    _schedule()


@micropython.native
def _schedule():
    global _is_scheduled
    if not _is_scheduled:
        _is_scheduled = True
        try:
            micropython.schedule(drain, None)
        except RuntimeError:  # its queue is full: the next line tries again, and the main context's prints all
            _is_scheduled = False


@micropython.native
def _plain(value):
    # What a record holds: of an object, its text.
    if value is NOT_GIVEN or type(value) is int or isinstance(value, _PLAIN):
        return value
    return str(value)


@micropython.native
def _print(name, level, text, stamp_ms, arguments):
    try:
        line = text % tuple(arguments) if arguments else text
    except (TypeError, ValueError):
        line = "%s %r" % (text, arguments)
    print("[%5d.%03d] %s %s: %s" % (stamp_ms // 1000, stamp_ms % 1000, LEVELS[level], name, line))


@micropython.native
def _send(record, size):
    global _encoder
    if _encoder is None:
        from corten.wire.frame import Encoder

        _encoder = Encoder(longest(LONG))
    end = _encoder.encode(record, size)
    output = sys.stdout.buffer
    output.write(b"\0")  # the end of the plain text before
    output.write(_encoder.buffer, end)


log_filter(FILTER)
room(8)
