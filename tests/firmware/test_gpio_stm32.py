"""STM32's pins on a bus with a port: whatever a pin was and becomes, nothing else drives the line on the way."""

import pytest
from models import Bus

from corten.drivers.gpio_stm32_v2 import Gpio, Port

BASE = 0
MODER, OTYPER, ODR, BSRR, AFRL, AFRH = 0x00, 0x04, 0x14, 0x18, 0x20, 0x24
STATES = (
    ("input", {"pull": "up"}),
    ("analog", {}),
    *(("output", {"initial": level, "open_drain": drain}) for level in (0, 1) for drain in (False, True)),
    *(("alternate", {"function": function, "open_drain": drain}) for function in (3, 7) for drain in (False, True)),
)


class Device(Bus):
    """BSRR changes ODR. seen: what the pin drove after each write."""

    def __init__(self, pin):
        super().__init__(BASE, 0x28)
        self.pin = pin
        self.seen = []

    def on_write(self, offset, value):
        if offset == BSRR:
            levels = self.word(ODR) & ~(value >> 16) | value & 0xFFFF
            self.memory[ODR : ODR + 4] = levels.to_bytes(4, "little")
            value = 0
        self.memory[offset : offset + 4] = value.to_bytes(4, "little")
        self.seen.append(self.drives())
        return value

    def drives(self):
        """A level, (an alternate function, whether it is an open drain), or None."""
        mode = self.word(MODER) >> 2 * self.pin & 3
        drain = self.word(OTYPER) >> self.pin & 1
        if mode == 1:
            level = self.word(ODR) >> self.pin & 1
            return None if level and drain else level
        return (self.function(), drain) if mode == 2 else None

    def function(self):
        half = AFRL if self.pin < 8 else AFRH
        return self.word(half) >> self.pin % 8 * 4 & 15


@pytest.mark.parametrize("pin", [5, 13])
@pytest.mark.parametrize(("before", "options_before"), STATES)
@pytest.mark.parametrize(("after", "options"), STATES)
def test_nothing_else_drives_on_the_way(pin, before, options_before, after, options):
    bus = Device(pin)
    port = Port(BASE, {})
    port.registers = Gpio(BASE, bus)
    port.configure(pin, before, **options_before)
    found = port.found(pin)
    for act in (lambda: port.configure(pin, after, **options), lambda: port.restore(pin, found)):
        old = bus.drives()
        bus.seen.clear()
        act()
        allowed = {None, old, bus.drives()}
        allowed |= {(each[0], 1) for each in allowed if isinstance(each, tuple)}  # an open drain is the weaker one
        assert set(bus.seen) <= allowed, (bus.seen, allowed)


@pytest.mark.parametrize(("before", "options_before"), STATES)
@pytest.mark.parametrize(("after", "options"), STATES)
def test_it_comes_back_as_it_was_found(before, options_before, after, options):
    bus = Device(5)
    port = Port(BASE, {})
    port.registers = Gpio(BASE, bus)
    port.configure(5, before, **options_before)
    found = port.found(5)
    port.configure(5, after, **options)
    port.restore(5, found)
    assert port.found(5) == found
