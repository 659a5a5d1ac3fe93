"""The PL011's interrupt handler, as it is written, against a model of what QEMU's UART does not do."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pl011_model import BREAK, FRAMING, PARITY, RT, RX, TX, Pl011
from thumb import PARAMETERS, WORD, Thread, load

from host_tools import mpy_cross, paths, source
from host_tools.process import run

DEVICE = 0x4000_0000
MEMORY = 0x2000_0000
SEND_MEMORY = 0x2000_1000
LENT_MEMORY = 0x2000_2000
SIZE = 16
RECEIVE_RING, DROPPED, OVERRUNS, FRAMINGS, PARITIES, BREAKS, IDLES = 1, 6, 7, 8, 9, 11, 12
HOLD, IS_HELD, TAKES_OVER, SEND_RING = 13, 14, 15, 18
HEAD, TAIL = 2, 3
LOSSES = (DROPPED, FRAMINGS, PARITIES, BREAKS)
ERRORS = (0, 0, 0, FRAMING, PARITY, FRAMING | PARITY, BREAK | FRAMING)
DRIVER = paths.firmware_dir() / "corten/drivers/uart_pl011.py"
SERVE = load(DRIVER)["_both_ways"]


class Bus(dict[int, int]):
    """RAM, and the device behind its address."""

    def __init__(self, device: Pl011) -> None:
        super().__init__()
        self._device = device

    def __getitem__(self, address: int) -> int:
        return self._device[address - DEVICE] if address >= DEVICE else super().__getitem__(address)

    def __setitem__(self, address: int, value: int) -> None:
        if address >= DEVICE:
            self._device[address - DEVICE] = value
        else:
            super().__setitem__(address, value)


class Driver:
    """The handler with its words, and the main context's ends of the rings."""

    def __init__(self, device: Pl011, *, hold: bool = False, start: int = 0) -> None:
        self.device = device
        self.memory = Bus(device)
        self._thread = Thread(16, lambda address: address >= MEMORY)
        words = [0] * 23
        words[0] = DEVICE
        words[RECEIVE_RING : RECEIVE_RING + 5] = [MEMORY, SIZE - 1, start, start, SIZE]
        words[SEND_RING : SEND_RING + 5] = [SEND_MEMORY, SIZE - 1, start, start, SIZE]
        words[HOLD] = int(hold)
        self._thread.private = {PARAMETERS + 4 * index: word for index, word in enumerate(words)}

    def word(self, index: int) -> int:
        return self._thread.private[PARAMETERS + 4 * index]

    def set_word(self, index: int, value: int) -> None:
        self._thread.private[PARAMETERS + 4 * index] = value & WORD

    def run(self) -> None:
        """The handler once. What it drops, or leaves in the device, found a full ring."""
        refused = self.word(DROPPED), self.word(IS_HELD)
        self._thread.call(SERVE)
        steps = 0
        while not self._thread.step(self.memory):
            steps += 1
            assert steps < 5000, "the handler does not end"
        if (self.word(DROPPED), self.word(IS_HELD)) != refused:
            assert self.word(RECEIVE_RING + HEAD) - self.word(RECEIVE_RING + TAIL) & WORD == SIZE

    def serve(self) -> None:
        """The handler, as often as the interrupt asks for it."""
        for _ in range(100):
            if not self.device.interrupts:
                return
            self.run()
        raise AssertionError("the interrupt is never satisfied")

    def take(self, most: int = SIZE) -> list[int]:
        """What the main context reads; it asks for what is held, as `corten.uart` does."""
        head, tail = self.word(RECEIVE_RING + HEAD), self.word(RECEIVE_RING + TAIL)
        count = min(most, head - tail & WORD)
        taken = [self.memory[MEMORY + (tail + index & SIZE - 1)] for index in range(count)]
        self.set_word(RECEIVE_RING + TAIL, tail + count)
        if self.word(IS_HELD):
            self.set_word(IS_HELD, 0)
            self.device.mask = RX | TX | RT
        return taken

    def send(self, data: list[int]) -> int:
        """What the main context writes, and the interrupt that it pends."""
        head, tail = self.word(SEND_RING + HEAD), self.word(SEND_RING + TAIL)
        count = min(len(data), SIZE - (head - tail & WORD))
        for index in range(count):
            self.memory[SEND_MEMORY + (head + index & SIZE - 1)] = data[index]
        self.set_word(SEND_RING + HEAD, head + count)
        self.run()
        return count


class Line:
    """What happened on the line and in the main context, beside the driver."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.arrived: list[tuple[int, int]] = []
        self.delivered: list[int] = []
        self.written: list[int] = []

    def arrive(self, byte: int, flags: int) -> None:
        lost = self._driver.device.lost
        self._driver.device.arrive(byte, flags)
        if self._driver.device.lost == lost:
            self.arrived.append((byte, flags))

    def burst(self, count: int, _: int) -> None:
        for each in range(count):
            self.arrive(each, 0)

    def fall_silent(self, *_: int) -> None:
        self._driver.device.fall_silent()

    def serve(self, *_: int) -> None:
        self._driver.serve()

    def pend(self, *_: int) -> None:
        self._driver.run()

    def take(self, most: int, _: int) -> None:
        self.delivered += self._driver.take(most)

    def send(self, count: int, _: int) -> None:
        data = [(len(self.written) + each) & 0xFF for each in range(count)]
        self.written += data[: self._driver.send(data)]

    def transmit(self, count: int, _: int) -> None:
        for _ in range(count):
            self._driver.device.transmit()

    def finish(self) -> None:
        """Nothing more arrives, and everything is fetched, taken and sent."""
        for _ in range(40):
            self.fall_silent()
            self.serve()
            self.take(SIZE, 0)
            self.transmit(40, 0)


ACTION = some.one_of(
    some.tuples(some.just(Line.arrive), some.integers(0, 255), some.sampled_from(ERRORS)),
    some.tuples(some.just(Line.burst), some.integers(1, 40), some.just(0)),
    some.tuples(some.sampled_from([Line.fall_silent, Line.serve, Line.pend]), some.just(0), some.just(0)),
    some.tuples(some.sampled_from([Line.take, Line.send]), some.integers(1, SIZE), some.just(0)),
    some.tuples(some.just(Line.transmit), some.integers(1, 40), some.just(0)),
)


def kind(flags: int) -> int:
    """Which counter a byte with these errors is for, 0 for a good one."""
    if flags & BREAK:
        return BREAKS
    return FRAMINGS if flags & FRAMING else PARITIES if flags & PARITY else 0


@given(
    actions=some.lists(ACTION, max_size=60),
    fifo=some.sampled_from([(16, 4), (32, 8)]),
    hold=some.booleans(),
    start=some.sampled_from([0, WORD - 20]),
)
def test_each_byte_is_delivered_in_order_or_counted_once(
    actions: list[tuple[Callable[[Line, int, int], None], int, int]], fifo: tuple[int, int], hold: bool, start: int
) -> None:
    device = Pl011(*fifo)
    driver = Driver(device, hold=hold, start=start)
    line = Line(driver)
    for act, number, flags in actions:
        act(line, number, flags)
    line.finish()
    kept = driver.word(RECEIVE_RING + HEAD) - start & WORD
    assert kept == len(line.delivered)
    assert kept + sum(driver.word(each) for each in LOSSES) == len(line.arrived)
    kinds = Counter(kind(flags) for _, flags in line.arrived)
    assert [driver.word(each) for each in (BREAKS, FRAMINGS, PARITIES)] == [
        kinds[each] for each in (BREAKS, FRAMINGS, PARITIES)
    ]
    if hold or not driver.word(DROPPED):
        assert line.delivered == [byte for byte, flags in line.arrived if not flags]
    assert bool(driver.word(OVERRUNS)) == bool(device.lost)
    assert driver.word(OVERRUNS) <= device.lost
    assert device.sent == line.written


@pytest.mark.parametrize("count", range(1, 40))
def test_each_burst_ends_in_one_idle(count: int) -> None:
    device = Pl011(32, 8)
    driver = Driver(device)
    for burst in range(1, 4):
        received = []
        for byte in range(count):
            device.arrive(byte)
            driver.serve()
            received += driver.take()
        device.fall_silent()
        driver.serve()
        device.fall_silent()
        driver.serve()
        assert received + driver.take() == list(range(count))
        assert driver.word(IDLES) == burst


def test_a_pended_interrupt_fetches_what_is_below_the_level() -> None:
    device = Pl011(32, 8)
    driver = Driver(device)
    driver.run()
    device.arrive(7)
    driver.serve()
    assert driver.take() == []
    driver.run()
    assert driver.take() == [7]
    assert not device.interrupts


@pytest.mark.parametrize("lost", [1, 5])
def test_an_overrun_that_no_byte_follows_is_counted(lost: int) -> None:
    device = Pl011(16, 4)
    driver = Driver(device)
    for byte in range(16 + lost):
        device.arrive(byte)
    driver.run()
    device.fall_silent()
    driver.run()
    assert driver.take() == list(range(16))
    assert driver.word(OVERRUNS) == 1
    device.arrive(99)  # comes with the flag of the overrun
    driver.run()
    assert driver.take() == [99]
    assert driver.word(OVERRUNS) == 1


def test_the_ring_takes_over_from_a_lent_buffer_in_the_middle_of_a_fifo() -> None:
    device = Pl011(32, 8)
    driver = Driver(device, start=WORD - 3)
    driver.set_word(RECEIVE_RING, LENT_MEMORY - (WORD - 3))
    driver.set_word(RECEIVE_RING + 1, WORD)
    driver.set_word(RECEIVE_RING + 4, 10)
    for index, value in enumerate((MEMORY, SIZE - 1, SIZE)):
        driver.set_word(TAKES_OVER + index, value)
    for byte in range(20):
        device.arrive(byte)
    device.fall_silent()
    driver.serve()
    assert [driver.memory[LENT_MEMORY + index] for index in range(10)] == list(range(10))
    assert driver.take() == list(range(10, 20))
    assert driver.word(TAKES_OVER + 2) == 0


def test_it_is_armv6m_code(tmp_path: Path) -> None:
    cross = mpy_cross.find(source.find(print).version, print)
    run([cross, "-march=armv6m", "-o", tmp_path / "driver.mpy", DRIVER], what="compile the driver for an RP2040")
    encoded = re.findall(r"data\(2, (.*?)\)", DRIVER.read_text(encoding="utf-8"))
    wide = [each for each in encoded if int(each.partition(",")[0], 16) >> 11 >= 0b11101]
    assert wide == ["0xF3BF, 0x8F4F"], "of the wide instructions Armv6-M has DSB and a few others: DDI 0419E, A5.3"
