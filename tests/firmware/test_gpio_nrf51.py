"""nRF51's pins on a bus with its GPIO and GPIOTE: what each state leaves there, and in which order."""

import pytest
from models import Bus

from corten.drivers import gpio_nrf51
from corten.drivers.gpio_nrf51 import NoChannel, Port

GPIO, EVENTS = 0x0000, 0x1000
OUT, OUTSET, OUTCLR = 0x504, 0x508, 0x50C
PIN = 3
CONFIG = 0x700 + 4 * PIN
EVENT_IN, INTENSET, INTENCLR, CHANNEL = EVENTS + 0x100, EVENTS + 0x304, EVENTS + 0x308, EVENTS + 0x510


class Nrf51(Bus):
    """Pairs of registers that set and clear."""

    def __init__(self):
        super().__init__(0, 0x2000)
        self.put(CONFIG, 2)

    def put(self, offset, value):
        self.memory[offset : offset + 4] = value.to_bytes(4, "little")

    def on_write(self, offset, value):
        sets, clears = {OUTSET: OUT, INTENSET: INTENSET}.get(offset), {OUTCLR: OUT, INTENCLR: INTENSET}.get(offset)
        if sets is not None:
            self.put(sets, self.word(sets) | value)
        elif clears is not None:
            self.put(clears, self.word(clears) & ~value)
        else:
            return value
        return self.word(offset)

    def drives(self):
        """What the pin drives: a level, or nothing."""
        config = self.word(CONFIG)
        level = self.word(OUT) >> PIN & 1
        lets_go = level and config >> 8 & 7 >= 6
        return level if config & 1 and not lets_go else None


@pytest.fixture
def bus():
    yield Nrf51()
    gpio_nrf51._owners.clear()


@pytest.fixture
def port(bus):
    return Port(GPIO, {"edges": EVENTS}, bus)


STATES = (
    ("input", {}, 0x000, None),
    ("input", {"pull": "up"}, 0x00C, None),
    ("input", {"pull": "down"}, 0x004, None),
    ("output", {}, 0x001, 0),
    ("output", {"initial": 1, "speed": "high"}, 0x301, 1),
    ("output", {"open_drain": True}, 0x601, 0),
    ("output", {"initial": 1, "open_drain": True, "pull": "up", "speed": "highest"}, 0x70D, None),
    ("analog", {}, 0x002, None),
)


@pytest.mark.parametrize(("state", "options", "config", "drives"), STATES)
def test_a_state_is_in_the_registers(bus, port, state, options, config, drives):
    port.configure(PIN, state, **options)
    assert (bus.word(CONFIG), bus.drives()) == (config, drives)


@pytest.mark.parametrize(("after", "options", "_config", "driven"), STATES)
@pytest.mark.parametrize(("before", "earlier", "_config0", "drove"), STATES)
def test_no_level_in_between_that_neither_state_has(
    bus, port, before, earlier, _config0, drove, after, options, _config, driven
):
    port.configure(PIN, before, **earlier)
    seen = []
    stored = Nrf51.on_write

    def watch(offset, value):
        made = stored(bus, offset, value)
        bus.put(offset, made)
        seen.append(bus.drives())
        return made

    bus.on_write = watch
    port.configure(PIN, after, **options)
    assert set(seen) <= {drove, driven}


@pytest.mark.parametrize(("state", "options", "_config", "_drives"), STATES)
def test_it_is_put_back_as_it_was_found(bus, port, state, options, _config, _drives):
    for found_state, found_options in (("output", {"initial": 1}), ("input", {"pull": "up"})):
        port.configure(PIN, found_state, **found_options)
        before = bus.word(CONFIG), bus.word(OUT)
        found = port.found(PIN)
        port.configure(PIN, state, **options)
        port.restore(PIN, found)
        assert (bus.word(CONFIG), bus.word(OUT)) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pull": "sideways"}, "pull is one of None, .*, not 'sideways'"),
        ({"speed": "fast"}, "speed is one of .*, not 'fast'"),
    ],
)
def test_what_there_is_not_is_refused_before_anything_is_touched(bus, port, options, message):
    with pytest.raises(ValueError, match=message):
        port.configure(PIN, "output", **options)
    assert bus.log == []


def test_which_pins_can_be_what(port):
    port.check(26, "analog")
    port.check(30, "output")
    for bit, state in ((31, "input"), (0, "analog"), (1, "alternate")):
        with pytest.raises(ValueError, match="pin"):
            port.check(bit, state)


def test_each_pin_with_edges_has_a_channel_while_there_are_any(bus, port):
    started = []
    for pin in range(4):
        edges = port.edges(pin, None)
        assert edges.interrupt == "GPIOTE"
        assert edges.flag == (EVENT_IN + 4 * pin, 1)
        assert edges.clear == (EVENT_IN + 4 * pin, 0)
        bus.put(EVENT_IN + 4 * pin, 1)
        edges.start(pin & 1, True, "P0_%d" % pin)
        assert bus.word(CHANNEL + 4 * pin) == 1 | pin << 8 | (2 | pin & 1) << 16
        assert bus.word(EVENT_IN + 4 * pin) == 0
        started.append(edges)
    assert bus.word(INTENSET) == 0xF
    with pytest.raises(NoChannel, match="P0_0, P0_1, P0_2, P0_3"):
        port.edges(9, None)
    started[2].stop()
    started[2].stop()
    assert bus.word(INTENSET) == 0xB
    assert bus.word(CHANNEL + 8) == 0
    assert port.edges(9, None).flag == (EVENT_IN + 8, 1)
