"""A log line without its text: the number of its format, when it was, and up to four arguments.

    size = pack(buffer, SHORT, stamp_us, number, 5, "late")
    stamp_us, number, arguments = unpack(buffer, size)

A record is the stamp (4 bytes) and the number (2), the low byte first, then of each argument a byte that tells its
kind, and its 4 bytes, or the length and the bytes of a text, or nothing.

Callers: `pack` any context; it allocates nothing. `unpack` allocates.
"""

from struct import pack_into, unpack_from

POSITIVE, NEGATIVE, FLOAT, TEXT, CUT_TEXT, TRUE, FALSE, NONE = range(8)

SHORT = 16  # bytes that are kept of a text
LONG = 64
_KEPT = {SHORT: "<16s", LONG: "<64s"}

_NUMBERS = {POSITIVE: "<I", NEGATIVE: "<i", FLOAT: "<f"}
_WORDS = {TRUE: True, FALSE: False, NONE: None}

HEAD = 6  # bytes
MOST_ARGUMENTS = 4
CUT = "…"  # behind a text of which only the beginning was kept

NOT_GIVEN = object()
_SMALLEST = -0x8000_0000
_LARGEST = 0xFFFF_FFFF


def longest(width):
    """Return the most bytes of a record whose texts are cut to `width`."""
    return HEAD + MOST_ARGUMENTS * (2 + width)


def pack(buffer, width, stamp, number, a=NOT_GIVEN, b=NOT_GIVEN, c=NOT_GIVEN, d=NOT_GIVEN):
    """Write a record to the start of `buffer`, which has `longest(width)` bytes; return its size.

    width: SHORT or LONG, the bytes that are kept of a text. Of an integer that 32 bits do not hold, and of what is
    neither a number nor a text, the name of its type is kept. A text is a str or bytes, on CPython bytes.
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


def _put_text(buffer, at, width, text):
    start = at + 2
    pack_into(_KEPT[width], buffer, start, text)
    size = width
    while size and not buffer[start + size - 1]:
        size -= 1
    buffer[at] = CUT_TEXT if size == width and len(text) != width else TEXT
    buffer[at + 1] = size
    return start + size


def unpack(record, size):
    """Return the stamp, the number and the arguments of a record. Raises ValueError for what is none."""
    if size < HEAD:
        raise ValueError("a record has %d bytes or more" % HEAD)
    stamp, number = unpack_from("<IH", record, 0)
    arguments = []
    at = HEAD
    while at < size:
        kind = record[at]
        at += 1
        if kind in _NUMBERS and at + 4 <= size:
            arguments.append(unpack_from(_NUMBERS[kind], record, at)[0])
            at += 4
        elif kind in (TEXT, CUT_TEXT) and at < size and at + 1 + record[at] <= size:
            text = bytes(record[at + 1 : at + 1 + record[at]])
            arguments.append(_decoded(text) + (CUT if kind == CUT_TEXT else ""))
            at += 1 + len(text)
        elif kind in _WORDS:
            arguments.append(_WORDS[kind])
        else:
            raise ValueError("an argument is not whole, or of a kind that there is not")
    return stamp, number, arguments


def _decoded(text):
    while text:
        try:
            return text.decode()
        except UnicodeError:
            text = text[:-1]  # cut inside a character, or no text
    return ""
