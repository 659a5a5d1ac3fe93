"""What the node must answer, from pymodbus's own requests and answers on a store of values.

The protocol is pymodbus's: its framer checks the CRC, its classes decode a request, act on the store and encode the
answer. Where it is laxer than the specification (MODBUS Application Protocol V1.1b3), a rule is added here, by name.
The node's counters are predicted as well, all but those that depend on time.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU

from host_tools.modbus.layout import FIGURES, FLAGS, OWN, UART_FIGURES, WORDS

BROADCAST = 0
SHORTEST, LONGEST = 4, 256
BIT_FUNCTIONS = {1: "coils", 5: "coils", 15: "coils", 2: "inputs"}
REGISTER_FUNCTIONS = {3: "holding", 6: "holding", 16: "holding", 23: "holding", 4: "figures"}
TIMED = ("uptime_s", "timer_interrupts")
MOST_COILS_WRITTEN = 1968
ON, OFF = b"\xff\x00", b"\x00\x00"


@dataclass(frozen=True)
class Answer:
    """What is expected: the bytes, empty for silence; `unknown` are those that depend on time."""

    data: bytes
    unknown: frozenset[int] = frozenset()

    def matches(self, got: bytes) -> bool:
        """Whether `got` is this answer."""
        if not self.unknown:
            return got == self.data
        same = all(
            at in self.unknown or byte == got[at]
            for at, byte in enumerate(self.data[:-2])
            if len(got) == len(self.data)
        )
        return len(got) == len(self.data) and same and FramerRTU.check_CRC(got[:-2], int.from_bytes(got[-2:], "big"))


@dataclass
class Store:
    """The node's coils, inputs and registers, each by its address."""

    coils: dict[int, int]
    inputs: dict[int, int]
    holding: dict[int, int]
    figures: dict[int, int]
    allowed: tuple[range | tuple[int, ...], ...]
    outputs: int
    settings: list[int] = field(default_factory=list)

    async def async_getValues(  # noqa: N802 - pymodbus calls it so
        self, device_id: int, func_code: int, address: int, count: int = 1
    ) -> list[int] | list[bool] | ExcCodes:
        """What pymodbus's requests read."""
        del device_id
        table = self._table(func_code)
        wanted = range(address, address + count)
        if not _is_one_bank(wanted, table):
            return ExcCodes.ILLEGAL_ADDRESS
        return [table[each] for each in wanted]

    async def async_setValues(  # noqa: N802
        self, device_id: int, func_code: int, address: int, values: Sequence[int] | Sequence[bool]
    ) -> ExcCodes | None:
        """What pymodbus's requests write. Rule: a setting has one of a few values, and nothing is written otherwise."""
        del device_id
        table = self._table(func_code)
        wanted = range(address, address + len(values))
        if not _is_one_bank(wanted, table):
            return ExcCodes.ILLEGAL_ADDRESS
        if table is self.holding and address < OWN:
            refused = [value not in self.allowed[at] for at, value in zip(wanted, values, strict=True)]
            if any(refused):
                return ExcCodes.ILLEGAL_VALUE
        for at, value in zip(wanted, values, strict=True):
            table[at] = int(value)
            if table is self.coils and at < self.outputs:
                self.inputs[OWN + at] = int(value)
        return None

    def _table(self, function: int) -> dict[int, int]:
        name = BIT_FUNCTIONS.get(function) or REGISTER_FUNCTIONS[function]
        table: dict[int, int] = getattr(self, name)
        return table


def _is_one_bank(wanted: range, table: dict[int, int]) -> bool:
    return all(each in table for each in wanted)


class Oracle:
    """A node with so many outputs and inputs, after a start."""

    def __init__(
        self, outputs: int, inputs: int, settings: list[int], allowed: tuple[range | tuple[int, ...], ...]
    ) -> None:
        self.counts = dict.fromkeys((*FIGURES, *UART_FIGURES), 0)
        self.store = Store(
            coils=dict.fromkeys((*range(outputs), *range(OWN, OWN + FLAGS)), 0),
            inputs=dict.fromkeys((*range(inputs), *range(OWN, OWN + outputs)), 0),
            holding={**dict(enumerate(settings)), **dict.fromkeys(range(OWN, OWN + WORDS), 0)},
            figures=dict.fromkeys((*range(2 * len(FIGURES)), *range(OWN, OWN + 2 * len(UART_FIGURES))), 0),
            allowed=allowed,
            outputs=outputs,
        )
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # it warns of each request that it refuses
        self._decoder = DecodePDU(is_server=True)
        self._framer = FramerRTU(self._decoder)
        self._timed = {at + half for at in (2 * FIGURES.index(name) for name in TIMED) for half in range(2)}

    @property
    def address(self) -> int:
        """Where the node answers."""
        return self.store.holding[0]

    def answer(self, frame: bytes) -> Answer:
        """What comes back for a frame, with quiet before and behind it."""
        self.counts["received"] += len(frame)
        self.counts["frames"] += 1
        dropped = self._dropped(frame)
        if dropped:
            self.counts[dropped] += 1
            return Answer(b"")
        address = frame[0]
        if address == BROADCAST:
            self.counts["broadcasts"] += 1
            self._act(frame)
            return Answer(b"")
        if address != self.address:
            self.counts["addressed_to_others"] += 1
            return Answer(b"")
        made = self._act(frame)
        is_exception = isinstance(made, ExceptionResponse)
        self.counts["exceptions"] += is_exception
        data = self._framer.encode(bytes([made.function_code]) + made.encode(), address, 0)
        self.counts["answers"] += 1
        self.counts["sent"] += len(data)
        return Answer(data, frozenset() if is_exception else self._unknown(frame))

    def _dropped(self, frame: bytes) -> str | None:
        if len(frame) > LONGEST:
            return "long"
        if len(frame) < SHORTEST:
            return "short"
        good = FramerRTU.check_CRC(frame[:-2], int.from_bytes(frame[-2:], "big"))
        return None if good else "bad_crc"

    def _unknown(self, frame: bytes) -> frozenset[int]:
        if frame[1] != 4:  # noqa: PLR2004 - read input registers
            return frozenset()
        first, count = (int.from_bytes(frame[at : at + 2], "big") for at in (2, 4))
        hidden = self._timed & set(range(first, first + count))
        return frozenset(3 + 2 * (register - first) + half for register in hidden for half in range(2))

    def _act(self, frame: bytes) -> ModbusPDU:  # noqa: PLR0911 - a rule each
        function, data = frame[1], frame[2:-2]
        if function not in BIT_FUNCTIONS and function not in REGISTER_FUNCTIONS:
            return ExceptionResponse(function, ExcCodes.ILLEGAL_FUNCTION)
        refused = ExceptionResponse(function, ExcCodes.ILLEGAL_VALUE)
        kind = self._decoder.lookupPduClass(frame)
        if kind is None or kind.calculateRtuFrameSize(frame[:-2]) != len(frame):
            return refused  # rule: a request of another length than its function's, or than it says
        if function == 5 and data[2:4] not in (ON, OFF):  # noqa: PLR2004
            return refused  # rule: a coil is 0xFF00 or 0, section 6.5
        if function == 15 and int.from_bytes(data[2:4], "big") > MOST_COILS_WRITTEN:  # noqa: PLR2004
            return refused  # rule: section 6.11
        self._show_figures()
        request = self._decoder.decode(frame[1:-2])
        if request is None:
            return refused
        if function == 23 and self._cannot_read(request):  # noqa: PLR2004
            return ExceptionResponse(function, ExcCodes.ILLEGAL_ADDRESS)  # rule: before anything is written, 6.17
        running = request.datastore_update(self.store, frame[0])  # type: ignore[arg-type]
        try:
            running.send(None)
        except StopIteration as done:
            made: ModbusPDU = done.value
            return made
        raise AssertionError("the store does not wait")

    def _cannot_read(self, request: ModbusPDU) -> bool:
        first, count = request.read_address, request.read_count  # type: ignore[attr-defined]
        in_range = 1 <= request.write_count <= request.MAX_WRITE_COUNT  # type: ignore[attr-defined]
        good_size = request.write_byte_count == 2 * request.write_count  # type: ignore[attr-defined]
        return in_range and good_size and not _is_one_bank(range(first, first + count), self.store.holding)

    def _show_figures(self) -> None:
        for first, names in ((0, FIGURES), (OWN, UART_FIGURES)):
            for at, name in enumerate(names):
                self.store.figures[first + 2 * at] = self.counts[name] >> 16
                self.store.figures[first + 2 * at + 1] = self.counts[name] & 0xFFFF

    def would_move(self, frame: bytes) -> bool:
        """Whether a frame changes a setting: the node is then elsewhere, some time later."""
        if len(frame) < SHORTEST or frame[1] not in (6, 16, 23) or frame[0] not in (BROADCAST, self.address):
            return False
        if self._dropped(frame):
            return False
        found = dict(self.store.holding)
        self._act(frame)
        moved = any(self.store.holding[at] != found[at] for at in range(len(self.store.allowed)))
        self.store.holding.update(found)
        return moved
