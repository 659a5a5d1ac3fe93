"""Traces made by hand: what a target would have printed."""

import base64
import json
import random
import struct
from collections.abc import Sequence
from typing import Any

from host_tools.trace.recording import parse
from host_tools.trace.timeline import Timeline, timeline

KINDS = "enter,exit,begin,end,lock,unlock,sleep,wake,mark,,call,return,share,unshare,run,done"
WORD = 0xFFFF_FFFF

Happening = tuple[int, str, int, int]
"""When on the clock, what, its number, and in which exception."""


def dump(events: Sequence[Happening], **more: Any) -> str:
    """The text of a dump of these events, by a clock of 1 MHz."""
    header = {
        "corten_trace": 1, "kinds": KINDS, "kind_shift": 9, "number_shift": 13, "board": "board", "hz": 1_000_000,
        "mask": WORD, "first": 0, "last": events[-1][0] if events else 0, "recorded": len(events), "overwritten": 0,
        "priorities": 8, "priority": {"15": 8, "24": 2, "25": 3},
        "interrupts": {"15": "SysTick", "24": "slow", "25": "fast"}, "handlers": {"24": "work"},
        "calls": {"7": "work"}, "tasks": {"3": "own"}, "software_tasks": {"9": "app's"},
        "marks": {"1": "here"}, "shared": {"5": "count"}, **more,
    }  # fmt: skip
    kinds = KINDS.split(",")
    words = b"".join(
        struct.pack("<II", time & WORD, number << 13 | kinds.index(kind) << 9 | context)
        for time, kind, number, context in events
    )
    lines = [base64.b64encode(words[at : at + 48]).decode() for at in range(0, len(words), 48)]
    return "\n".join([json.dumps(header), *lines]) + "\n"


def made(events: Sequence[Happening], **more: Any) -> Timeline:
    """The timeline of these events."""
    return timeline(parse(dump(events, **more)))


def made_at_random(seed: int) -> Timeline:
    """The timeline of events in any order, as if others were lost between them."""
    rng = random.Random(seed)
    kinds = [kind for kind in KINDS.split(",") if kind]
    now = 0
    events: list[Happening] = []
    for _ in range(rng.randrange(60)):
        now += rng.randrange(3)
        kind = rng.choice(kinds)
        context = rng.choice([24, 25] if kind in ("enter", "exit") else [0, 24, 25])
        events.append((now, kind, rng.choice([2, 3]), context))
    return made(events, last=now + rng.randrange(3))
