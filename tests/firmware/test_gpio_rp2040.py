"""RP2040's pins on a bus with its SIO, IO_BANK0 and PADS_BANK0: what each state leaves there, and in which order."""

import pytest
from models import Bus

from corten.drivers.gpio_rp2040 import Port

FUNCTIONS, PADS, SIO = 0x0000, 0x8000, 0x1_0000
OUT, OUT_SET, OUT_CLR, OUT_XOR, OE, OE_SET, OE_CLR, OE_XOR = range(SIO + 0x10, SIO + 0x30, 4)
INTR, INTE, INTS = 0xF0, 0x100, 0x120
PIN = 27
PAD, CONTROL = PADS + 4 + 4 * PIN, FUNCTIONS + 8 * PIN + 4
PAD_RESET, CONTROL_RESET = 0x56, 0x1F  # RP2040 datasheet, sections 2.19.6.3 and 2.19.6.1


class Rp2040(Bus):
    """Set, clear and toggle registers; aliases at 0x1000, 0x2000 and 0x3000; edges that a 1 clears."""

    def __init__(self):
        super().__init__(0, SIO + 0x40)
        self.put(PAD, PAD_RESET)
        self.put(CONTROL, CONTROL_RESET)

    def put(self, offset, value):
        self.memory[offset : offset + 4] = value.to_bytes(4, "little")

    def on_write(self, offset, value):
        register, form = offset, 0
        if SIO + 0x10 <= offset < SIO + 0x30:
            form = (0, 2, 3, 1)[(offset - SIO) // 4 % 4]
            register = offset & ~0xF
        elif offset < 0x4000:
            form, register = offset >> 12, offset & 0xFFF
        was = self.word(register)
        now = (value, was ^ value, was | value, was & ~value)[form]
        if INTR <= register < INTR + 0x10:
            now = was & ~value
        self.put(register, now)
        return now if register == offset else 0

    def drives(self):
        """What the pin drives: a function's number, or SIO's level, or nothing."""
        pad, control = self.word(PAD), self.word(CONTROL)
        function = control & 31
        if pad & 0x80 or function == 31:
            return None
        if function != 5:
            return "function %d" % function
        level, enabled = (
            (bit, not bit, 0, 1)[control >> override & 3]
            for bit, override in ((self.word(OUT) >> PIN & 1, 8), (self.word(OE) >> PIN & 1, 12))
        )
        return level if enabled else None


@pytest.fixture
def bus():
    return Rp2040()


@pytest.fixture
def port(bus):
    return Port(SIO, {"functions": FUNCTIONS, "pads": PADS}, bus)


STATES = (
    ("input", {}, 0x52, 5, None),
    ("input", {"pull": "up"}, 0x5A, 5, None),
    ("input", {"pull": "down"}, 0x56, 5, None),
    ("output", {}, 0x52, 5, 0),
    ("output", {"initial": 1, "speed": "highest"}, 0x53, 5, 1),
    ("output", {"initial": 1, "pull": "up", "speed": "medium"}, 0x5A, 5, 1),
    ("output", {"open_drain": True, "pull": "up"}, 0x5A, 0x1205, 0),
    ("output", {"open_drain": True, "initial": 1}, 0x52, 0x1205, None),
    ("alternate", {"function": 2}, 0x52, 2, "function 2"),
    ("alternate", {"function": 9, "pull": "up", "speed": "high"}, 0x5B, 9, "function 9"),
    ("analog", {}, 0x92, 31, None),
)


@pytest.mark.parametrize(("state", "options", "pad", "function", "drives"), STATES)
def test_a_state_is_in_the_registers(bus, port, state, options, pad, function, drives):
    port.configure(PIN, state, **options)
    assert (bus.word(PAD), bus.word(CONTROL), bus.drives()) == (pad, function, drives)


@pytest.mark.parametrize(("after", "options", "_pad", "_function", "driven"), STATES)
@pytest.mark.parametrize(("before", "earlier", "_pad0", "_function0", "drove"), STATES)
def test_no_level_in_between_that_neither_state_has(
    bus, port, before, earlier, _pad0, _function0, drove, after, options, _pad, _function, driven
):
    port.configure(PIN, before, **earlier)
    seen = []
    stored = Rp2040.on_write

    def watch(offset, value):
        made = stored(bus, offset, value)
        bus.put(offset, made)
        seen.append(bus.drives())
        return made

    bus.on_write = watch
    port.configure(PIN, after, **options)
    assert set(seen) <= {drove, driven}
    changes = [each for index, each in enumerate(seen) if index == 0 or seen[index - 1] != each]
    assert len(changes) <= 2, changes


@pytest.mark.parametrize(("state", "options", "_pad", "_function", "_drives"), STATES)
def test_it_is_put_back_as_it_was_found(bus, port, state, options, _pad, _function, _drives):
    for found_state, found_options in (
        ("output", {"initial": 1}),
        ("input", {"pull": "up"}),
        ("alternate", {"function": 3}),
    ):
        port.configure(PIN, found_state, **found_options)
        before = [bus.word(each) for each in (PAD, CONTROL, OUT, OE)]
        found = port.found(PIN)
        port.configure(PIN, state, **options)
        port.restore(PIN, found)
        assert [bus.word(each) for each in (PAD, CONTROL, OUT, OE)] == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pull": "sideways"}, "pull is one of None, 'up', 'down', not 'sideways'"),
        ({"open_drain": True}, "an alternate of this port has no open drain"),
        ({"speed": "fast"}, "speed is one of low, medium, high, highest, not 'fast'"),
        ({"function": 10}, "functions 0 to 9 without 5, not 10"),
        ({"function": 5}, "functions 0 to 9 without 5, not 5"),
    ],
)
def test_what_there_is_not_is_refused_before_anything_is_touched(bus, port, options, message):
    with pytest.raises(ValueError, match=message):
        port.configure(PIN, "alternate", **options)
    assert bus.log == []


def test_which_pins_can_be_what(port):
    port.check(26, "analog")
    port.check(0, "output")
    for bit, state in ((30, "input"), (25, "analog")):
        with pytest.raises(ValueError, match="pin"):
            port.check(bit, state)


def test_edges_enable_their_own_bits_and_forget_what_was_before(bus, port):
    edges = port.edges(PIN, None)
    register, shift = PIN // 8 * 4, PIN % 8 * 4
    assert edges.interrupt == "IO_BANK0"
    assert edges.flag == (INTS + register, 0xC << shift)
    assert edges.clear == (INTR + register, 0xC << shift)
    others = 0xFFF0_0FFF
    bus.put(INTE + register, others)
    bus.put(INTR + register, 0xFFFF_FFFF)
    for rising, falling, bits in ((1, 0, 8), (0, 1, 4), (1, 1, 12)):
        edges.start(rising, falling, "me")
        assert bus.word(INTE + register) == others | bits << shift
        edges.stop()
        assert bus.word(INTE + register) == others
    assert bus.word(INTR + register) == 0xFFFF_FFFF & ~(0xC << shift)
