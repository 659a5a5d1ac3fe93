"""Telnet's framing: whatever the pieces, what goes in comes out."""

from hypothesis import given
from hypothesis import strategies as st

from host_tools import telnet
from host_tools.telnet import BINARY, COM_PORT, DO, DONT, IAC, WILL, WONT, Negotiation, Options, Parser, Subnegotiation

EVENTS = st.one_of(
    st.binary(min_size=1, max_size=20),
    st.builds(Negotiation, st.sampled_from((WILL, WONT, DO, DONT)), st.integers(0, 255)),
    st.builds(Subnegotiation, st.integers(0, 254), st.binary(max_size=20)),
)


def on_the_wire(event: telnet.Event) -> bytes:
    if isinstance(event, Negotiation):
        return bytes([IAC, event.verb, event.option])
    if isinstance(event, Subnegotiation):
        return telnet.subnegotiation(event.option, event.value)
    return telnet.escape(event)


def joined(events: list[telnet.Event]) -> list[telnet.Event]:
    """Data that came in several pieces, as one."""
    found: list[telnet.Event] = []
    for event in events:
        if isinstance(event, bytes) and found and isinstance(last := found[-1], bytes):
            found[-1] = last + event
        else:
            found.append(event)
    return found


@given(st.lists(EVENTS, max_size=8), st.integers(1, 7))
def test_what_goes_in_comes_out_whatever_the_pieces(events: list[telnet.Event], size: int) -> None:
    wire = b"".join(map(on_the_wire, events))
    parser = Parser()
    found = [event for at in range(0, len(wire), size) for event in parser.feed(wire[at : at + size])]
    assert joined(found) == joined(events)


@given(st.binary(max_size=300))
def test_no_input_breaks_it(data: bytes) -> None:
    parser, options = Parser(), Options({BINARY}, {COM_PORT})
    for event in parser.feed(data):
        if isinstance(event, Negotiation):
            options.answer(event)


def test_a_value_that_never_ends_is_cut() -> None:
    parser = Parser()
    parser.feed(bytes([IAC, telnet.SB, COM_PORT]))
    for _ in range(100):
        assert parser.feed(bytes(1024)) == []
    (found,) = parser.feed(bytes([IAC, telnet.SE]))
    assert isinstance(found, Subnegotiation)
    assert len(found.value) <= 2 * telnet.LONGEST_SUBNEGOTIATION


def test_other_commands_are_left_out() -> None:
    assert joined(Parser().feed(bytes([0x61, IAC, 0xF1, 0x62]))) == [b"ab"]


def test_requests_are_answered_once() -> None:
    options = Options({BINARY}, {BINARY})
    assert options.answer(Negotiation(DO, BINARY)) == bytes([IAC, WILL, BINARY])
    assert options.answer(Negotiation(DO, BINARY)) == b""
    assert options.answer(Negotiation(WILL, COM_PORT)) == bytes([IAC, DONT, COM_PORT])
    assert options.answer(Negotiation(WONT, COM_PORT)) == b""
    assert options.agreed == {BINARY}


def test_two_ends_come_to_an_agreement_and_to_rest() -> None:
    here, there = Options({BINARY, COM_PORT}, {BINARY}), Options({BINARY}, {BINARY, COM_PORT})
    parsers = {id(here): Parser(), id(there): Parser()}
    wire, sender, receiver = here.offer({BINARY, COM_PORT}, {BINARY}), here, there
    for _ in range(4):
        events = parsers[id(receiver)].feed(wire)
        wire = b"".join(receiver.answer(event) for event in events if isinstance(event, Negotiation))
        sender, receiver = receiver, sender
    assert wire == b""
    assert here.agreed == {BINARY, COM_PORT}
