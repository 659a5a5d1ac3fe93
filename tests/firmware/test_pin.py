"""Typestates by the class's own methods, on a port whose registers are a bus that remembers every access."""

import sys
import types

import pytest
from models import Bus

from corten import owned
from corten.bus import OutputBus
from corten.peripheral import AlreadyTaken, Pin
from corten.pin import Input, Output, UseAfterMove
from corten.register import RO, WO, Block, Reg

BASE = 0x5000_0000
OUT, SET, CLR, XOR, IN = 0x00, 0x04, 0x08, 0x0C, 0x10


class Gpio(Block):
    SET_CLEAR = {"OUT": ("SET", "CLR", "XOR")}  # noqa: RUF012
    OUTPUT = "OUT"
    INPUT = "IN"
    OUT = Reg(OUT)
    SET = Reg(SET, WO)
    CLR = Reg(CLR, WO)
    XOR = Reg(XOR, WO)
    IN = Reg(IN, RO)


class WithoutToggle(Gpio):
    SET_CLEAR = {"OUT": ("SET", "CLR", None)}  # noqa: RUF012


class Device(Bus):
    """The port; its inputs are what it drives."""

    def on_write(self, offset, value):
        out = self.word(OUT)
        changed = {OUT: value, SET: out | value, CLR: out & ~value, XOR: out ^ value}[offset]
        for at in (OUT, IN):
            self.memory[at : at + 4] = changed.to_bytes(4, "little")
        return changed if offset == OUT else 0

    def forget(self):
        self.log.clear()


class Port:
    def __init__(self, registers):
        self.registers = registers
        self.states = []

    def check(self, bit, state):
        if state == "analog":
            raise ValueError("pin %d is no analog pin" % bit)

    def configure(self, bit, state, **options):
        if options.get("pull") == "sideways":
            raise ValueError("no such pull")
        self.states.append((bit, state, options))

    def found(self, bit):
        return 99

    def restore(self, bit, found):
        self.states.append((bit, "restored", found))


@pytest.fixture(params=[Gpio, WithoutToggle])
def bus(request):
    bus = Device(BASE, 0x20)
    bus.block = request.param
    return bus


@pytest.fixture
def port(bus):
    return Port(bus.block(BASE, bus))


@pytest.fixture
def led(port, monkeypatch):
    module = types.ModuleType("corten.drivers.gpio_thing")
    module.port = lambda base, uses: port
    monkeypatch.setitem(sys.modules, module.__name__, module)
    yield Pin("LED", "gpio_thing", BASE, 3)
    owned.release_all()


def writes(bus):
    return [(address - BASE, value) for kind, _, address, value in bus.log if kind == "write"]


def test_each_write_is_one_store(led, bus):
    output = led.into_output(initial=1, speed="high")
    output.on()
    output.off()
    output.write([])
    output.value(7)
    output(0)
    assert bus.log == [("write", 32, BASE + offset, 8) for offset in (SET, CLR, CLR, SET, CLR)]


def test_toggle_is_the_hardwares_where_it_has_one(led, bus):
    output = led.into_output()
    output.toggle()
    output.toggle()
    assert writes(bus) == ([(XOR, 8), (XOR, 8)] if bus.block is Gpio else [(SET, 8), (CLR, 8)])
    assert output() == 0


def test_a_move_ends_the_handle(led, port):
    output = led.into_output(initial=1, speed="high")
    assert port.states == [(3, "output", {"initial": 1, "open_drain": False, "speed": "high", "pull": None})]
    write, on = output.write, output.on
    source = output.into_input(pull="up")
    assert (type(output), type(source)) == (Output, Input)
    for dead in (output.read, output.off, on, lambda: write(1), lambda: output(0), output.into_output):
        with pytest.raises(UseAfterMove, match="LED, as Output, was moved: it is an Input"):
            dead()
    output.close()
    assert led.owner
    assert source.value() == source() == 0


def test_what_a_state_lacks_does_not_exist(led):
    source = led.into_input()
    for name in ("on", "off", "write", "toggle"):
        with pytest.raises(AttributeError):
            getattr(source, name)
    alternate = source.into_alternate(7)
    for name in ("read", "value", "irq", "edges", "on"):
        assert not hasattr(alternate, name)


def test_what_is_refused_changes_nothing(led, port):
    output = led.into_output()
    for refused in (output.into_analog, lambda: output.into_input(pull="sideways")):
        with pytest.raises(ValueError, match=r"analog pin|such pull"):
            refused()
    output.on()
    assert len(port.states) == 1


def test_a_state_that_is_refused_leaves_the_pin_free(led):
    with pytest.raises(ValueError, match="no such pull"):
        led.into_input(pull="sideways")
    assert led.owner is None


def test_close_and_release_restore(led, port):
    with led.into_output(owner="demo") as output, pytest.raises(AlreadyTaken, match="LED is already taken by demo"):
        led.take()
    assert port.states[-1] == (3, "restored", 99)
    with pytest.raises(UseAfterMove, match="was released"):
        output.on()
    output.close()
    source = led.into_input()
    led.release()
    with pytest.raises(UseAfterMove, match="was released"):
        source.read()
    assert port.states[-1] == (3, "restored", 99)


def test_init_tells_a_state_what_it_is(led, port):
    output = led.into_output()
    output.init(output.OUT, output.PULL_UP, value=1)
    assert port.states[-1][2]["pull"] == "up"
    assert port.states[-1][2]["initial"]
    with pytest.raises(ValueError, match="stays one"):
        output.init(output.IN)
    with pytest.raises(ValueError, match="PULL_UP, PULL_DOWN or None"):
        output.init(pull=9)


def test_a_port_without_interrupts_says_so(led):
    with pytest.raises(ValueError, match="port of LED has no interrupts"):
        led.into_input().edges(rising=True)


def test_a_bus_is_written_at_once(led, bus):
    others = [Pin("P%d" % bit, "gpio_thing", BASE, bit) for bit in (1, 7)]
    pins = OutputBus(led.take(), *[other.take() for other in others], initial=0b001)
    bus.on_write(OUT, 0)
    for value, stored in ((0b101, 0x88), (0b011, 0x0A)):
        changed = (bus.word(OUT) ^ stored) & 0x8A
        bus.log.clear()
        pins.write(value)
        assert writes(bus) == ([(XOR, changed)] if bus.block is Gpio else [(OUT, stored)])
        assert pins.read() == value
    others[0].release()
    assert led.owner is None
    with pytest.raises(UseAfterMove, match="the bus was released"):
        pins.write(1)
