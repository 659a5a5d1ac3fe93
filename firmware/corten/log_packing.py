"""Packs a log line into a record of `corten.wire.log_record`, in place: from any context, allocating nothing.

Native code, which keeps its variables on the stack: what is interpreted takes room on the heap first.
"""

from struct import pack_into

import micropython

from corten.wire.log_record import CUT_TEXT, FALSE, FLOAT, HEAD, LONG, NEGATIVE, NONE, POSITIVE, SHORT, TEXT, TRUE

NOT_GIVEN = object()

_KEPT = {SHORT: "<16s", LONG: "<64s"}
_SMALLEST = -(1 << 31)
_LARGEST = (1 << 32) - 1


@micropython.native
def pack(buffer, width, stamp, number, a=NOT_GIVEN, b=NOT_GIVEN, c=NOT_GIVEN, d=NOT_GIVEN):
    """Write a record to the start of `buffer`, which has `longest(width)` bytes; return its size.

    width: SHORT or LONG, the bytes that are kept of a text. Of an integer that 32 bits do not hold, and of what is
    neither a number nor a text, the name of its type is kept. A text is a str or bytes.
    """
    pack_into("<IH", buffer, 0, stamp, number)
    end = HEAD
    if a is not NOT_GIVEN:
        end = _put(buffer, end, width, a)
    if b is not NOT_GIVEN:
        end = _put(buffer, end, width, b)
    if c is not NOT_GIVEN:
        end = _put(buffer, end, width, c)
    if d is not NOT_GIVEN:
        end = _put(buffer, end, width, d)
    return end


@micropython.native
def _put(buffer, at, width, value):
    kind = type(value)
    if kind is int and _SMALLEST <= value <= _LARGEST:
        if value < 0:
            pack_into("<Bi", buffer, at, NEGATIVE, value)
        else:
            pack_into("<BI", buffer, at, POSITIVE, value)
        return at + 5
    if kind is float:
        pack_into("<Bf", buffer, at, FLOAT, value)
        return at + 5
    if value is None or kind is bool:
        buffer[at] = NONE if value is None else TRUE if value else FALSE
        return at + 1
    return _put_text(buffer, at, width, value if kind is str or kind is bytes else kind.__name__)


@micropython.native
def _put_text(buffer, at, width, text):
    start = at + 2
    pack_into(_KEPT[width], buffer, start, text)
    size = width
    while size and not buffer[start + size - 1]:
        size -= 1
    buffer[at] = CUT_TEXT if size == width and len(text) != width else TEXT
    buffer[at + 1] = size
    return start + size
