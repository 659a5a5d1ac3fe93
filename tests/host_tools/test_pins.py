"""Pins of the emulated STM32L475, driven and watched from the emulator's side."""

from collections.abc import Iterator

import pytest

from host_tools.boards import load_board
from host_tools.build import build
from host_tools.raw_repl import RawRepl
from host_tools.targets.qemu import EXACT, QemuTarget

PORT_A, PORT_B, PORT_C = (f"/machine/soc/gpio{letter}" for letter in "abc")
BUTTON = 13
START = "import board, gc, time\nfrom corten.soft import soft\nfrom corten.hard import hard\n"


class Desk:
    """A board at its prompt, and what drives and watches its pins."""

    def __init__(self, target: QemuTarget) -> None:
        self.qtest = target.qtest
        self._repl = RawRepl(target.console)
        self._repl.enter_after_boot()
        self.run(START)

    def run(self, program: str) -> str:
        output, trace = self._repl.execute(program, 10)
        assert not trace, trace.decode()
        return output.decode().strip()

    def ask(self, expression: str) -> str:
        return self.run(f"print(({expression}))")


@pytest.fixture
def desk(built: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("CORTEN_BUILD", str(built))
    image = build(load_board("b_l475e_iot01a"), None, print)
    with QemuTarget(image, icount=EXACT, qtest=True) as target:
        yield Desk(target)


def test_outputs_do_what_they_are_told_and_nothing_else(desk: Desk) -> None:
    desk.qtest.watch_outputs(PORT_A)
    desk.run("led = board.LED.into_output(); other = board.D7.into_output(initial=1)")
    desk.qtest.take_changes()
    desk.run(
        "led.on(); led.on(); other.off(); led.off(); led.toggle(); led.toggle(); led(1); led.value(0); led.write(1)"
    )
    changes = [(5, True), (4, False), (5, False), (5, True), (5, False), (5, True), (5, False), (5, True)]
    assert desk.qtest.take_changes() == changes
    desk.run("import machine\nlamp = machine.Signal(led, invert=True)\nlamp.on(); lamp.off()")
    assert desk.qtest.take_changes() == [(5, False), (5, True)]


def test_a_bus_changes_all_its_pins_and_no_other(desk: Desk) -> None:
    desk.qtest.watch_outputs(PORT_A)
    desk.run(
        "from corten.bus import OutputBus\nled = board.LED.into_output(initial=1)\n"
        "bus = OutputBus(*[board.take(name) for name in ('PA4', 'PA6', 'PA7', 'PA3')], initial=5)"
    )
    places = {4: 0, 6: 1, 7: 2, 3: 3}
    level = 5
    for value in (0b1010, 0b1111, 0, 0b0110, 0b0110, 0b1001):
        desk.qtest.take_changes()
        desk.run(f"bus.write({value})")
        changes = desk.qtest.take_changes()
        assert sorted(1 << places[pin] for pin, _ in changes) == [
            1 << bit for bit in range(4) if (level ^ value) >> bit & 1
        ]
        assert all(high == bool(value >> places[pin] & 1) for pin, high in changes)
        level = value
    assert desk.ask("led(), bus.read()") == f"(1, {level})"


def test_an_output_starts_at_its_level_and_is_put_back(desk: Desk) -> None:
    desk.qtest.watch_outputs(PORT_A)
    desk.run("led = board.LED.into_output(initial=1)")
    assert desk.qtest.take_changes() == [(5, True)]
    desk.run("led = led.into_output(open_drain=True, pull='up', initial=1)")
    assert desk.qtest.take_changes() == []
    desk.run("led = led.into_alternate(1)")
    assert (5, False) not in desk.qtest.take_changes()[:-1]
    desk.run("led.close(); gpio = board.LED.into_output(); gpio.on()")
    desk.qtest.take_changes()
    desk.run("board.LED.release()")
    assert desk.ask("board.LED.owner") == "None"


def test_an_input_reads_what_the_host_drives(desk: Desk) -> None:
    desk.run("pin = board.D8.into_input(); button = board.BUTTON.into_input()")
    for level in (True, False, True, True, False):
        desk.qtest.set_level(PORT_B, 2, level)
        desk.qtest.set_level(PORT_C, BUTTON, not level)
        assert (
            desk.ask("pin.read(), pin.value(), pin(), button()") == f"({level:d}, {level:d}, {level:d}, {not level:d})"
        )


def test_an_open_drain_reads_who_pulls_it_down(desk: Desk) -> None:
    desk.run("pin = board.D8.into_output(open_drain=True, pull='up', initial=1)")
    assert desk.ask("pin()") == "1"
    desk.qtest.set_level(PORT_B, 2, False)
    assert desk.ask("pin()") == "0"


@pytest.mark.parametrize(("rising", "falling"), [(True, False), (False, True), (True, True)])
def test_each_edge_of_the_button_counts_once(desk: Desk, rising: bool, falling: bool) -> None:
    desk.run(f"button = board.BUTTON.into_input()\nedges = button.edges({rising}, {falling})")
    desk.qtest.pulse(PORT_C, BUTTON)  # the emulator's pin has a level from now on: see drivers/exti_stm32_l4.py
    desk.run(f"time.sleep_ms(1); told = []\nedges = button.edges({rising}, {falling}, then=soft(told.append))")
    for number in range(1, 51):
        desk.qtest.set_level(PORT_C, BUTTON, True)
        assert desk.ask("edges.count") == str(number * rising + (number - 1) * falling)
        desk.qtest.set_level(PORT_C, BUTTON, False)
        assert desk.ask("edges.count") == str(number * (rising + falling))
    assert (
        desk.ask("sum(told), edges.take(), edges.take(), edges.bounces")
        == f"({(total := 50 * (rising + falling))}, {total}, 0, 0)"
    )


def test_a_thousand_edges_at_the_hosts_pace(desk: Desk) -> None:
    """Each waits for its interrupt, as EXTI latches one; none is lost, none is counted twice."""
    desk.run("pin = board.D8.into_input()\nedges = pin.edges(True, True)")
    address = int(desk.ask("edges.address"))
    level = False
    for number in range(1, 1001):
        level = not level
        desk.qtest.set_level(PORT_B, 2, level)
        while desk.qtest.read_word(address) < number:
            pass
    assert desk.ask("edges.count") == "1000"


def test_a_button_that_bounces(desk: Desk) -> None:
    desk.qtest.set_level(PORT_C, BUTTON, True)
    desk.run("button = board.BUTTON.into_input()")
    desk.qtest.set_level(PORT_C, BUTTON, False)
    desk.qtest.set_level(PORT_C, BUTTON, True)
    desk.run("pressed = button.edges(falling=True, debounce_ms=50)")
    for number in range(1, 6):
        for level in (False, True):
            for _ in range(3):
                desk.qtest.set_level(PORT_C, BUTTON, level)
                desk.qtest.set_level(PORT_C, BUTTON, not level)
            desk.qtest.set_level(PORT_C, BUTTON, level)
            assert desk.ask("pressed.count") == str(number)
            desk.run("time.sleep_ms(60)")
    assert int(desk.ask("pressed.bounces")) > 5


def test_pins_that_share_an_interrupt_line(desk: Desk) -> None:
    desk.run("hits = []")
    for bit in range(10, 16):
        desk.run("gc.collect()")
        if bit != BUTTON:
            desk.run(
                f"board.take('PB{bit}').into_input(pull='down').edges(True, then=soft(lambda n: hits.append({bit})))"
            )
    desk.run("board.BUTTON.into_input().edges(True, then=hard(lambda: None))")
    for bit in (12, 10, 14, 11, 12):
        desk.qtest.pulse(PORT_B, bit)
        desk.run("time.sleep_ms(1)")
    assert desk.ask("hits") == "[12, 10, 14, 11, 12]"
    desk.run("board.take('PA0').into_input().edges(True)")
    assert desk.ask("len(__import__('corten.irq', None, None, ('owners',)).owners())") == "2"


def test_a_line_watches_one_port_and_says_whose(desk: Desk) -> None:
    desk.run("button = board.BUTTON.into_input(); edges = button.edges(True); other = board.take('PB13').into_input()")
    desk.run(
        "try:\n    other.edges(True)\nexcept Exception as error:\n    caught = error\n"
        "assert type(caught).__name__ == 'LineTaken'"
    )
    assert desk.ask("caught") == "line 13 of EXTI watches BUTTON, and not PB13 meanwhile"
    desk.run(
        "raw = board.EXTI.open(board.SYSCFG.open())\n"
        "try:\n    raw.watch('A', 13, True)\nexcept Exception as e:\n    caught = e"
    )
    assert desk.ask("caught") == "line 13 of EXTI watches BUTTON, and not PA13 meanwhile"
    desk.run("button = button.into_output(); edges = other.edges(True)")
    desk.qtest.pulse(PORT_B, 13)  # see drivers/exti_stm32_l4.py
    desk.run("edges.take()")
    desk.qtest.pulse(PORT_B, 13)
    assert desk.ask("edges.count - 0 > 0, edges.take()") == "(True, 1)"


def test_machine_pin_makes_pins_with_owners(desk: Desk) -> None:
    desk.qtest.watch_outputs(PORT_A)
    desk.run(
        "from machine import Pin\nimport corten.pin\n"
        "led = Pin('PA5', Pin.OUT, value=1)\nkey = Pin('D8', Pin.IN, Pin.PULL_UP)"
    )
    assert desk.qtest.take_changes() == [(5, True)]
    assert (
        desk.ask("led(), key(), Pin(led) is led, Pin(led, value=0)(), board.LED.owner")
        == "(1, 1, True, 0, 'machine.Pin')"
    )
    names = ["IN", "OUT", "OPEN_DRAIN", "ALT", "ANALOG", "PULL_UP", "PULL_DOWN", "IRQ_FALLING", "IRQ_RISING"]
    assert desk.ask(f"[n for n in {names} if getattr(Pin, n) != getattr(corten.pin.Pin, n)]") == "[]"
    desk.run("try:\n    Pin('LED', Pin.OUT)\nexcept Exception as error:\n    caught = error")
    assert desk.ask("caught") == "LED is already taken by machine.Pin; release it there first"


def test_waiting_for_an_edge(desk: Desk) -> None:
    desk.run(
        "import asyncio\nedges = board.D8.into_input(pull='down').edges(True)\n"
        "async def wait():\n    return await asyncio.wait_for(edges.wait_async(), 5)\n"
    )
    desk.qtest.pulse(PORT_B, 2)
    assert desk.ask("edges.wait(5000), edges.wait(1)") == "(1, 0)"
    desk.qtest.pulse(PORT_B, 2)
    assert desk.ask("edges.count") == "2"
    desk.qtest.pulse(PORT_B, 2)
    assert desk.ask("asyncio.run(wait())") == "2"
