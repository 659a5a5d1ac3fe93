"""Takes a console's bytes apart: lines of text, and framed log lines between zeros, in any garbage."""

import re
from collections.abc import Iterator

from host_tools.monitor.said import Said, read_line
from host_tools.monitor.table import Table
from host_tools.wire import frame, log_record

LONGEST_LINE = 4096
"""A line that is longer is shown in pieces."""

_LONGEST = log_record.longest(log_record.LONG)
_GARBAGE = re.compile(r"[\x01-\x07\x0e-\x1a\x1c-\x1f\x7f\ufffd]")


class Splitter:
    """What `take` is given, in any portions, as lines. What is no text, and no frame, is shown as text, and counted.

    `garbage`: characters that are no text; `bad`: what looked like a frame and was none; `lost`: frames that the target
    sent and that did not arrive.
    """

    def __init__(self, table: Table) -> None:
        self.garbage = self.bad = self.lost = 0
        self._table = table
        self._text = b""
        self._frame: bytes | None = None  # what came since a zero
        self._is_beginning = True  # whether that zero can only have begun a frame
        self._decoder = frame.Decoder(_LONGEST)
        self._limit = len(self._decoder.payload)

    def take(self, data: bytes) -> Iterator[Said]:
        """The lines that end in these bytes."""
        while data:
            if self._frame is None:
                text, zero, data = data.partition(b"\0")
                yield from self._lines(text)
                if zero:
                    self._frame, self._is_beginning = b"", True
                continue
            part, zero, data = data.partition(b"\0")
            self._frame += part
            if zero and self._frame:
                yield from self._close(self._frame)
            elif len(self._frame) > self._limit:
                yield from self._as_text()

    def pause(self) -> Iterator[Said]:
        """What has come of a line or frame that does not go on: the target waits, at a prompt for example."""
        if self._frame:
            yield from self._as_text()
        if self._text:
            text, self._text = self._text, b""
            yield self._read(text, is_whole=False)

    def restart(self) -> None:
        """The target has begun anew, or another one is there: what was half there is dropped."""
        self._frame = None
        self._decoder = frame.Decoder(_LONGEST)
        self._table.restart()

    def _lines(self, text: bytes) -> Iterator[Said]:
        *whole, self._text = (self._text + text).split(b"\n")
        for line in whole:
            yield self._read(line)
        while len(self._text) > LONGEST_LINE:
            line, self._text = self._text[:LONGEST_LINE], self._text[LONGEST_LINE:]
            yield self._read(line, is_whole=False)

    def _read(self, line: bytes, is_whole: bool = True) -> Said:
        text = line.decode(errors="replace").rstrip("\r")
        self.garbage += len(_GARBAGE.findall(text))
        return read_line(text, is_whole)

    def _as_text(self) -> Iterator[Said]:
        """What came since a zero that began no frame."""
        assert self._frame is not None
        text, self._frame = self._frame, None
        self.bad += self._is_beginning
        yield from self._lines(text)

    def _close(self, stuffed: bytes) -> Iterator[Said]:
        """A frame, or what is none: the zero behind that one may begin another."""
        said = self._decoded(stuffed)
        if said is None:
            yield from self._as_text()
            self._frame, self._is_beginning = b"", False
        else:
            self._frame = None
            yield said

    def _decoded(self, stuffed: bytes) -> Said | None:
        decoder, data = self._decoder, bytearray(stuffed + b"\0")
        duplicates, restarts, lost = decoder.duplicates, decoder.restarts, decoder.lost
        is_first = not decoder.delivered
        decoder.take(data, 0, len(data))
        if decoder.duplicates != duplicates:  # nothing is sent twice: the target has begun anew
            self.restart()
            return self._decoded(stuffed)
        if not decoder.ready:
            return None
        if decoder.restarts != restarts:
            self._table.restart()
        if not is_first:
            self.lost += decoder.lost - lost
        try:
            return self._table.said(*log_record.unpack(decoder.payload, decoder.count))
        except ValueError:
            return None
