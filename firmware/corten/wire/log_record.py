"""A log line without its text: the number of its format, when it was, and up to four arguments.

    stamp_us, number, arguments = unpack(decoder.payload, decoder.count)

A record is the stamp (4 bytes) and the number (2), the low byte first, then of each argument a byte that tells its
kind, and its 4 bytes, or the length and the bytes of a text, or nothing.

`corten.log_packing` makes them. Callers: any context. `unpack` allocates.
"""

from struct import unpack_from

POSITIVE, NEGATIVE, FLOAT, TEXT, CUT_TEXT, TRUE, FALSE, NONE = range(8)

SHORT = 16  # bytes that are kept of a text
LONG = 64

_NUMBERS = {POSITIVE: "<I", NEGATIVE: "<i", FLOAT: "<f"}
_WORDS = {TRUE: True, FALSE: False, NONE: None}

HEAD = 6  # bytes
MOST_ARGUMENTS = 4
CUT = "…"  # behind a text of which only the beginning was kept


def longest(width):
    """Return the most bytes of a record whose texts are cut to `width`."""
    return HEAD + MOST_ARGUMENTS * (2 + width)


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
