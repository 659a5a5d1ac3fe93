"""All interleavings of a channel's producer and consumer, for small cases.

The instructions are those of firmware/corten/channel_code.py and channel_native.py, run by thumb.py on one memory whose
accesses take effect at once and in order. That is more than one core does: between two accesses of one end, the other
end may do any number of its own, where an interrupt would run to its end.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from thumb import PARAMETERS, WORD, Code, Thread, load

from host_tools import paths

_CORTEN = paths.firmware_dir() / "corten"
CODE = {**load(_CORTEN / "channel_code.py"), **load(_CORTEN / "channel_native.py")}

STATE = 0x1000
SLOTS = 0x2000
SOURCE = 0x3000
TARGET = 0x4000
HEAD, TAIL, MASK, ADDRESS, REFUSED, PRODUCER, CONSUMER, SIZE = range(STATE, STATE + 32, 4)


class BrokenError(AssertionError):
    """An interleaving ends with items lost, repeated, out of order, or refused without a reason."""


@dataclass(frozen=True)
class Case:
    """A channel of `capacity` items that starts at index `start`; `puts` and `gets` are the ends' calls.

    size: bytes of a record, 0 for words. A get asks for `batch` items. atomic: "producer" or "consumer" is a handler,
    which runs to its end once it has begun; "" lets both stop anywhere.
    """

    put: Code
    get: Code
    capacity: int
    puts: int
    gets: int
    start: int = 0
    size: int = 0
    batch: int = 1
    atomic: str = ""


@dataclass
class _State:
    memory: dict[int, int]
    producer: Thread
    consumer: Thread
    puts: int = 0
    gets: int = 0
    running: set[str] = field(default_factory=set)
    accepted: tuple[int, ...] = ()
    taken: tuple[int, ...] = ()
    refused: int = 0

    def copy(self) -> "_State":
        own = (self.puts, self.gets, set(self.running), self.accepted, self.taken, self.refused)
        return _State(dict(self.memory), self.producer.copy(), self.consumer.copy(), *own)

    def key(self) -> Hashable:
        own = (self.puts, self.gets, frozenset(self.running), self.accepted, self.taken, self.refused)
        return tuple(self.memory.values()), self.producer.key(), self.consumer.key(), own


def explore(case: Case) -> int:
    """Try every interleaving; return how many different states there were. Raises BrokenError."""
    seen: set[Hashable] = set()
    waiting = [_start(case)]
    while waiting:
        state = waiting.pop()
        key = state.key()
        if key in seen:
            continue
        seen.add(key)
        following = [after for end in ("producer", "consumer") if (after := _after(case, state, end))]
        waiting += following
        if not following:
            _check_end(state)
    return len(seen)


def _is_shared(address: int) -> bool:
    return address in (HEAD, TAIL) or SLOTS <= address < SOURCE


def _start(case: Case) -> _State:
    mask = case.capacity - 1
    constants = {MASK: mask, ADDRESS: SLOTS, REFUSED: 0, PRODUCER: 1, CONSUMER: 1, SIZE: case.size}
    width = case.size or 4
    slots = {SLOTS + at: 0 for at in range(0, case.capacity * width, 1 if case.size else 4)}
    producer, consumer = Thread(0, _is_shared), Thread(0, _is_shared)
    producer.private = dict(constants)
    consumer.private = dict(constants)
    return _State({HEAD: case.start, TAIL: case.start, **slots}, producer, consumer)


def _after(case: Case, state: _State, end: str) -> _State | None:
    # The state after one step of this end, None if it has nothing left to do or must let a handler end first.
    if case.atomic and end != case.atomic and case.atomic in state.running:
        return None
    if end not in state.running and (state.puts == case.puts if end == "producer" else state.gets == case.gets):
        return None
    after = state.copy()
    thread = after.producer if end == "producer" else after.consumer
    if end not in after.running:
        after.running.add(end)
        _begin(case, after, end)
    if thread.step(after.memory):
        after.running.discard(end)
        _finish(case, after, end)
    return after


def _begin(case: Case, state: _State, end: str) -> None:
    if end == "consumer":
        state.gets += 1
        state.consumer.call(case.get, STATE, TARGET, case.batch)
        _parameters(state.consumer, (STATE, TARGET))
        return
    state.puts += 1
    item = state.puts
    for at in range(case.size):
        state.producer.private[SOURCE + at] = item
    if not case.size:
        state.producer.private[SOURCE] = item
    by_value = case.size == 0 or case.put is CODE["put_byte"]
    state.producer.call(case.put, STATE, 1, item if by_value else SOURCE)
    _parameters(state.producer, (STATE, SOURCE))


def _parameters(thread: Thread, words: tuple[int, int]) -> None:
    for index, word in enumerate((*words, 0, 0)):
        thread.private[PARAMETERS + 4 * index] = word


def _finish(case: Case, state: _State, end: str) -> None:
    if end == "producer":
        refused = state.producer.private[REFUSED]
        if refused == state.refused:
            state.accepted += (state.puts,)
        elif case.atomic == "producer" and (state.memory[HEAD] - state.memory[TAIL]) & WORD < case.capacity:
            raise BrokenError(f"item {state.puts} was refused although there was room")
        state.refused = refused
        return
    width = case.size or 4
    place = state.consumer.private
    for at in range(0, case.batch * width, width):
        if TARGET + at in place:
            item = {place.pop(TARGET + at + byte) for byte in range(0, width, 1 if case.size else 4)}
            if len(item) > 1:
                raise BrokenError(f"a record was taken that was half overwritten: {item}")
            state.taken += tuple(item)


def _check_end(state: _State) -> None:
    fill = (state.memory[HEAD] - state.memory[TAIL]) & WORD
    offered = tuple(range(1, state.puts + 1))
    if state.taken != state.accepted[: len(state.taken)] or len(state.taken) + fill != len(state.accepted):
        raise BrokenError(f"put {state.accepted}, taken {state.taken}, {fill} left")
    if len(state.accepted) + state.refused != len(offered):
        raise BrokenError(f"offered {offered}, put {state.accepted}, refused {state.refused}")
