"""What `corten.trace.dump` prints: a line of JSON, then the ring's words in base64."""

import base64
import binascii
import json
import struct
from dataclasses import dataclass
from typing import Any

from host_tools.errors import TargetError

_CONTEXT = 0x1FF
_KIND = 0xF
_EVENT = struct.Struct("<II")


@dataclass(frozen=True)
class Event:
    """Something that happened: when, in counts since the window's begin; what; and in which exception, 0 for none."""

    time: int
    kind: str
    number: int
    context: int


@dataclass(frozen=True)
class Recording:
    """The events that the ring still held, oldest first, and what the target said of itself.

    `length` is the window's, in counts of `hz`. It begins with the start, or with the oldest event that was not
    overwritten. Names are by the exception's number, or by the event's.
    """

    board: str
    hz: int
    length: int
    events: tuple[Event, ...]
    overwritten: int
    priorities: int
    priority: dict[int, int]
    interrupts: dict[int, str]
    handlers: dict[int, str]
    calls: dict[int, str]
    tasks: dict[int, str]
    software_tasks: dict[int, str]
    marks: dict[int, str]
    shared: dict[int, str]


def parse(text: str) -> Recording:
    """Reads a dump; lines before it are left out. TargetError when it is not one, or was cut off."""
    lines = text.splitlines()
    try:
        first = next(index for index, line in enumerate(lines) if line.startswith("{") and '"corten_trace"' in line)
        header = json.loads(lines[first])
        words = b"".join(base64.b64decode(line, validate=True) for line in lines[first + 1 :] if line.strip())
        return _recording(header, words)
    except StopIteration:
        problem: object = "no line begins it"
    except (ValueError, binascii.Error, KeyError, TypeError, IndexError, struct.error) as error:
        problem = error
    raise TargetError(f"the target sent no trace: {problem}; its last words: {text[-200:]!r}")


def _recording(header: dict[str, Any], words: bytes) -> Recording:
    kept = header["recorded"] - header["overwritten"]
    if len(words) != kept * _EVENT.size:
        raise ValueError(f"{kept} events were announced, {len(words)} bytes came")
    events, length = _unwrapped(header, words)
    return Recording(
        board=header["board"],
        hz=header["hz"],
        length=length,
        events=tuple(events),
        overwritten=header["overwritten"],
        priorities=header["priorities"],
        priority=_by_number(header["priority"]),
        interrupts=_by_number(header["interrupts"]),
        handlers=_by_number(header["handlers"]),
        calls=_by_number(header["calls"]),
        tasks=_by_number(header["tasks"]),
        software_tasks=_by_number(header["software_tasks"]),
        marks=_by_number(header["marks"]),
        shared=_by_number(header["shared"]),
    )


def _unwrapped(header: dict[str, Any], words: bytes) -> tuple[list[Event], int]:
    """The events with times that only grow, although the counter wraps, and the window's length."""
    kinds, kind_shift, number_shift = header["kinds"].split(","), header["kind_shift"], header["number_shift"]
    mask = header["mask"]
    found: list[Event] = []
    before, now = (None if header["overwritten"] else header["first"]), 0
    for stamp, what in _EVENT.iter_unpack(words):
        now += (stamp - before) & mask if before is not None else 0
        before = stamp
        kind = kinds[what >> kind_shift & _KIND]
        found.append(Event(now, kind, what >> number_shift, what & _CONTEXT))
    last = header["last"]
    return found, now + ((last - before) & mask if before is not None else 0)


def _by_number(names: dict[str, Any]) -> dict[int, Any]:
    return {int(number): name for number, name in names.items()}
