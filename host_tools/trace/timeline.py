"""Events -> spans: what began where and ended when, in which context, and what ran meanwhile.

Ends whose begin was overwritten, or came before the start, belong to spans that begin with the window; spans that had
not ended end with it. Both are marked as cut.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from host_tools.trace.recording import Event, Recording

MAIN = 0
IDLE = -1
"""What ran, where the main context slept."""

_ENDS = {
    "exit": "enter", "end": "begin", "return": "call", "done": "run", "unlock": "lock", "unshare": "share",
    "wake": "sleep",
}  # fmt: skip
_KINDS = {
    "enter": "interrupt", "begin": "task", "call": "task", "run": "task", "lock": "lock", "share": "lock",
    "sleep": "idle",
}  # fmt: skip


@dataclass
class Span:
    """Something that lasted. Times are counts since the window's begin; `own` is without what interrupted it.

    `level` is the priority that a lock masks up to, 0 for others. `order` and `end_order` put begins and ends that
    share a time into the sequence in which they happened. `is_dispatcher` marks the call that only runs an App's tasks.
    """

    context: int
    kind: str
    name: str
    begin: int
    depth: int
    order: int
    end: int = 0
    end_order: int = 0
    own: int = 0
    level: int = 0
    cut: bool = False
    is_dispatcher: bool = False

    @property
    def length(self) -> int:
        """From begin to end."""
        return self.end - self.begin


@dataclass(frozen=True)
class Mark:
    """A point that the program named."""

    context: int
    name: str
    time: int
    order: int


@dataclass
class Timeline:
    """What happened in the window.

    `runs` tells which context ran from when to when, IDLE for none; `masked` the times at which another priority begins
    to be masked, with that priority.
    """

    recording: Recording
    spans: list[Span] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    runs: list[tuple[int, int, int]] = field(default_factory=list)
    masked: list[tuple[int, int]] = field(default_factory=list)

    @property
    def contexts(self) -> list[int]:
        """Those in which something happened, the most urgent first and the main context last."""
        found = {MAIN, *(span.context for span in self.spans), *(mark.context for mark in self.marks)}
        return sorted(found, key=lambda context: (-self.priority(context), context == MAIN, context))

    def priority(self, context: int) -> int:
        """0 is the main context, more is more urgent."""
        return self.recording.priority.get(context, 0)

    def name(self, context: int) -> str:
        """What a person calls the context."""
        if context == MAIN:
            return "main"
        return self.recording.interrupts.get(context, f"exception {context}")

    def title(self, context: int) -> str:
        """The same, with what it runs and how urgent it is."""
        if context == MAIN:
            return "main"
        handler = self.recording.handlers.get(context)
        runs = f": {handler}" if handler else ""
        return f"{self.name(context)}{runs} (priority {self.priority(context)})"

    def microseconds(self, counts: int) -> float:
        """Counts of the recording's clock, as time."""
        return counts * 1e6 / self.recording.hz


def timeline(recording: Recording) -> Timeline:
    """Pairs begins with ends."""
    return _Pairing(recording).run()


class _Pairing:
    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._found = Timeline(recording)
        self._open: dict[int, list[Span]] = defaultdict(list)
        self._active = _active_at_begin(recording.events)
        self._run_begin = 0
        self._running = self._active[-1]
        self._now = 0
        self._ran: dict[int, int] = defaultdict(int)
        self._lost = 0

    def run(self) -> Timeline:
        for order, event in enumerate(self._recording.events):
            self._pass(event.time)
            self._take(event, order)
            self._note_mask()
            self._note_running()
        self._pass(self._recording.length)
        for spans in self._open.values():
            while spans:
                self._close(spans, len(self._recording.events), cut=True)
        self._found.runs.append((self._run_begin, self._now, self._running))
        self._found.spans.sort(key=lambda span: span.order)
        return self._found

    def _pass(self, time: int) -> None:
        context = self._active[-1]
        self._ran[context] += time - self._now
        for span in self._open[context]:
            span.own += time - self._now
        self._now = time

    def _take(self, event: Event, order: int) -> None:
        if event.kind == "mark":
            name = self._recording.marks.get(event.number, "?")
            self._found.marks.append(Mark(event.context, name, event.time, order))
        elif event.kind == "share":
            self._name_lock(event, order)
        elif event.kind in _KINDS:
            if event.kind == "enter":
                self._active.append(event.context)
            self._begin(event, order)
        elif event.kind in _ENDS:
            self._end(event, order)
            if event.kind == "exit":
                self._leave(event.context)

    def _begin(self, event: Event, order: int) -> Span:
        spans = self._open[event.context]
        if event.kind == "run" and spans and spans[-1].kind == "task":
            spans[-1].is_dispatcher = True
        depth = sum(not span.is_dispatcher for span in spans)
        span = Span(event.context, _KINDS[event.kind], self._name(event), event.time, depth, order)
        span.level = event.number if event.kind == "lock" else 0
        spans.append(span)
        return span

    def _name_lock(self, event: Event, order: int) -> None:
        """The lock around a Shared carries its name; alone, as after a lost begin, it is one of no known priority."""
        spans = self._open[event.context]
        if spans and spans[-1].kind == "lock":
            spans[-1].name = self._name(event)
        else:
            self._begin(event, order)

    def _end(self, event: Event, order: int) -> None:
        spans = self._open[event.context]
        kind = _KINDS[_ENDS[event.kind]]
        begin = Event(event.time, _ENDS[event.kind], event.number, event.context)
        if event.kind == "unshare" and spans and spans[-1].kind == "lock" and spans[-1].level:
            return
        at = next((at for at in reversed(range(len(spans))) if self._matches(spans[at], kind, begin)), None)
        if at is not None:
            while len(spans) > at + 1:
                self._close(spans, order, cut=True)
            self._close(spans, order)
            return
        self._lost += 1
        self._enclose(begin, order)

    def _matches(self, span: Span, kind: str, begin: Event) -> bool:
        if span.kind != kind:
            return False
        if kind == "lock":
            return span.level == (begin.number if begin.kind == "lock" else 0)
        return span.name == self._name(begin)

    def _enclose(self, begin: Event, order: int) -> None:
        """A span of which only the end is known: it was there from the window's begin on, around all others."""
        while self._open[begin.context]:
            self._close(self._open[begin.context], order, cut=True)
        for span in self._found.spans:
            if span.context == begin.context:
                span.depth += 1
        span = self._begin(Event(0, begin.kind, begin.number, begin.context), -self._lost)
        span.own = self._ran[begin.context]
        self._close(self._open[begin.context], order, cut=True)

    def _close(self, spans: list[Span], order: int, cut: bool = False) -> None:
        span = spans.pop()
        span.end, span.end_order = self._now, order
        span.cut = cut
        if not span.is_dispatcher:
            self._found.spans.append(span)

    def _leave(self, context: int) -> None:
        if context in self._active:
            del self._active[self._active.index(context) :]
        if not self._active:
            self._active.append(MAIN)

    def _note_running(self) -> None:
        running = self._active[-1]
        if running == MAIN and any(span.kind == "idle" for span in self._open[MAIN]):
            running = IDLE
        if running != self._running:
            self._found.runs.append((self._run_begin, self._now, self._running))
            self._run_begin, self._running = self._now, running

    def _note_mask(self) -> None:
        level = max((span.level for spans in self._open.values() for span in spans), default=0)
        if any(span.kind == "idle" for span in self._open[MAIN]):
            level = 0  # what waits wakes the processor, which then leaves the lock
        masked = self._found.masked
        if level != (masked[-1][1] if masked else 0):
            masked.append((self._now, level))

    def _name(self, event: Event) -> str:
        known = self._recording
        number = event.number
        if event.kind == "enter":
            return self._found.name(event.context)
        if event.kind == "lock":
            return "critical" if number == known.priorities else f"ceiling({number})"
        if event.kind == "sleep":
            return "idle"
        names, unknown = {
            "begin": (known.tasks, f"task {number}"),
            "call": (known.calls, "a callback"),
            "run": (known.software_tasks, "a software task"),
            "share": (known.shared, "a shared value"),
        }[event.kind]
        return names.get(number, unknown)


def _active_at_begin(events: tuple[Event, ...]) -> list[int]:
    """The contexts that were active at the first event, innermost last: those that are left without an entry."""
    active: list[int] = []
    outer: list[int] = []
    for event in events:
        if event.kind == "enter":
            active.append(event.context)
        elif event.kind == "exit":
            if event.context in active:
                del active[active.index(event.context) :]
            else:
                outer.append(event.context)
    return [MAIN, *reversed(outer)]
