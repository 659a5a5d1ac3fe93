"""Requests for the node, made by hypothesis of pymodbus's own classes, and what a noisy line may make of them."""

from collections.abc import Callable

from hypothesis import strategies as st
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU, ModbusPDU, bit_message, register_message

from host_tools.modbus.layout import FIGURES, FLAGS, OWN, WORDS

BURST = 25
"""Frames of one example of hypothesis."""

_FRAMER = FramerRTU(DecodePDU(is_server=False))
_LONG = 300

_Draw = Callable[[st.SearchStrategy[int]], int]


def frame_of(request: ModbusPDU) -> bytes:
    """A request as it is on the line."""
    return _FRAMER.buildFrame(request)


def with_crc(frame: bytes) -> bytes:
    """A frame with the CRC that belongs to it."""
    return frame + FramerRTU.compute_CRC(frame).to_bytes(2, "big")


def probe(address: int) -> bytes:
    """Asks for all that the node counts."""
    return frame_of(register_message.ReadInputRegistersRequest(address=0, count=2 * len(FIGURES), dev_id=address))


_firsts = st.one_of(
    st.integers(0, 4),
    st.integers(OWN - 1, OWN + 8),
    st.integers(OWN + WORDS - 8, OWN + WORDS + 1),
    st.integers(OWN, OWN + FLAGS),
    st.integers(0, 0xFFFF),
)
_few = st.integers(1, 16)
_words = st.integers(0, 0xFFFF)


@st.composite
def valid(draw: st.DrawFn, settings: tuple[int, ...], address: int) -> bytes:
    """A frame that a master may send: of a function that there is, well formed, to addresses that may not be there.

    Settings are written with the values that they have, or with illegal ones: those that move the node are a test of
    their own.
    """
    function = draw(st.sampled_from(sorted(_MAKERS)))
    first = draw(_firsts)
    server = draw(st.sampled_from([address] * 15 + [0, address % 247 + 1]))
    return frame_of(_MAKERS[function](draw, first, server, settings))


def _count(draw: st.DrawFn, most: int) -> int:
    return draw(st.one_of(_few, st.integers(1, most), st.just(most)))


def _read(kind: type[ModbusPDU], most: int) -> Callable[..., ModbusPDU]:
    def make(draw: st.DrawFn, first: int, server: int, settings: tuple[int, ...]) -> ModbusPDU:
        del settings
        return kind(address=first, count=_count(draw, most), dev_id=server)

    return make


def _values(draw: st.DrawFn, first: int, count: int, settings: tuple[int, ...]) -> list[int]:
    values = list(draw(st.lists(_words, min_size=count, max_size=count)))
    for at in range(max(0, min(count, len(settings) - first))):
        values[at] = draw(st.sampled_from([settings[first + at], 0xFFFF, 300]))
    return values


def _write_coil(draw: st.DrawFn, first: int, server: int, settings: tuple[int, ...]) -> ModbusPDU:
    del settings
    return bit_message.WriteSingleCoilRequest(address=first, bits=[draw(st.booleans())], dev_id=server)


def _write_register(draw: st.DrawFn, first: int, server: int, settings: tuple[int, ...]) -> ModbusPDU:
    values = _values(draw, first, 1, settings)
    return register_message.WriteSingleRegisterRequest(address=first, registers=values, dev_id=server)


def _write_coils(draw: st.DrawFn, first: int, server: int, settings: tuple[int, ...]) -> ModbusPDU:
    del settings
    count = _count(draw, 1968)
    number = draw(st.integers(0, (1 << count) - 1))
    bits = [bool(number >> at & 1) for at in range(count)]
    return bit_message.WriteMultipleCoilsRequest(address=first, bits=bits, dev_id=server)


def _write_registers(draw: st.DrawFn, first: int, server: int, settings: tuple[int, ...]) -> ModbusPDU:
    values = _values(draw, first, _count(draw, 123), settings)
    return register_message.WriteMultipleRegistersRequest(address=first, registers=values, dev_id=server)


def _exchange(draw: st.DrawFn, first: int, server: int, settings: tuple[int, ...]) -> ModbusPDU:
    return register_message.ReadWriteMultipleRegistersRequest(
        read_address=draw(_firsts),
        read_count=_count(draw, 125),
        write_address=first,
        write_registers=_values(draw, first, _count(draw, 121), settings),
        dev_id=server,
    )


_MAKERS = {
    1: _read(bit_message.ReadCoilsRequest, 2000),
    2: _read(bit_message.ReadDiscreteInputsRequest, 2000),
    3: _read(register_message.ReadHoldingRegistersRequest, 125),
    4: _read(register_message.ReadInputRegistersRequest, 125),
    5: _write_coil,
    6: _write_register,
    15: _write_coils,
    16: _write_registers,
    23: _exchange,
}


@st.composite
def mutated(draw: st.DrawFn, settings: tuple[int, ...], address: int) -> bytes:
    """What noise, a second master or a wrong one makes of a valid frame; some have a right CRC again."""
    frame = bytearray(draw(valid(settings, address)))
    for _ in range(draw(st.integers(1, 3))):
        change = draw(st.sampled_from(_CHANGES))
        frame = change(draw, frame, settings, address)
    if draw(st.integers(0, 3)) == 0:
        frame = bytearray(with_crc(bytes(frame[:-2])))
    return bytes(frame) or b"\0"


_Settings = tuple[int, ...]


def _flip(draw: st.DrawFn, frame: bytearray, settings: _Settings, address: int) -> bytearray:
    if frame:
        bit = draw(st.integers(0, 8 * len(frame) - 1))
        frame[bit // 8] ^= 1 << bit % 8
    return frame


def _drop(draw: st.DrawFn, frame: bytearray, settings: _Settings, address: int) -> bytearray:
    if frame:
        del frame[draw(st.integers(0, len(frame) - 1))]
    return frame


def _double(draw: st.DrawFn, frame: bytearray, settings: _Settings, address: int) -> bytearray:
    at = draw(st.integers(0, len(frame)))
    return frame[:at] + frame[max(0, at - 1) : at] + frame[at:]


def _insert(draw: st.DrawFn, frame: bytearray, settings: _Settings, address: int) -> bytearray:
    frame.insert(draw(st.integers(0, len(frame))), draw(st.integers(0, 255)))
    return frame


def _replace(draw: st.DrawFn, frame: bytearray, settings: _Settings, address: int) -> bytearray:
    if frame:
        frame[draw(st.integers(0, min(7, len(frame) - 1)))] = draw(st.integers(0, 255))
    return frame


def _cut(draw: st.DrawFn, frame: bytearray, settings: _Settings, address: int) -> bytearray:
    return frame[: draw(st.integers(0, len(frame)))]


def _lengthen(draw: st.DrawFn, frame: bytearray, settings: _Settings, address: int) -> bytearray:
    return frame + bytes([draw(st.integers(0, 255))]) * draw(st.integers(1, _LONG))


def _join(draw: st.DrawFn, frame: bytearray, settings: _Settings, address: int) -> bytearray:
    return frame + draw(valid(settings, address))


def _interleave(draw: st.DrawFn, frame: bytearray, settings: _Settings, address: int) -> bytearray:
    """Two masters talk at once."""
    other = draw(valid(settings, address))
    mixed = bytearray()
    for at in range(max(len(frame), len(other))):
        mixed += frame[at : at + 1] + other[at : at + 1]
    return mixed


_CHANGES = (_flip, _flip, _drop, _double, _insert, _replace, _replace, _cut, _lengthen, _join, _interleave)


def bursts(one: st.SearchStrategy[bytes]) -> st.SearchStrategy[list[bytes]]:
    """Lists of BURST frames."""
    return st.lists(one, min_size=BURST, max_size=BURST)
