# needs: armv7m
"""Flags that the emulated STM32 UARTs do not raise, on the real handlers and a block of RAM in place of the registers:
each byte that is not kept is in one counter, a good one beside an overrun is kept, an idle line is counted once.
"""

from array import array

import uctypes

import board
from corten.irq import Interrupt
from corten.peripheral import Peripheral
from corten.uart_words import DROPPED

PE, FE, NE, ORE, IDLE, RXNE, TC, TXE = (1 << bit for bit in range(8))
LINE = board.DISPATCHERS[0]
COUNTERS = "received", "dropped", "overruns", "framing_errors", "parity_errors", "noise_errors", "breaks", "idles"


class Device:
    """A UART whose registers are RAM: what was written stays, and reading clears nothing."""

    def __init__(self, block, flags, received, clear, control, **options):
        self.words = array("I", bytes(4 * 16))
        self.flags, self.received, self.clear, self.control = flags // 4, received // 4, clear, control // 4
        base = uctypes.addressof(self.words)
        self.words[self.flags] = TC
        self.uart = Peripheral("RAM", block, base, 16_000_000, {"usart": LINE}).open(**options)
        self.line = Interrupt(LINE)

    def interrupt(self, flags, data=0):
        """One interrupt with these flags and this in the data register; return what the counters grew by."""
        before = self.counts()
        self.words[self.flags] = flags | TC
        self.words[self.received] = data
        self.line.pend()
        self.words[self.flags] = TC
        after = self.counts()
        return {name: after[name] - before[name] for name in COUNTERS if after[name] != before[name]}

    def counts(self):
        return {name: getattr(self.uart, name) for name in COUNTERS}


V1 = ("uart_stm32_v1", 0x00, 0x04, None, 0x0C)
V2 = ("uart_stm32_v2", 0x1C, 0x24, 0x20 // 4, 0x00)


def check_flags(version):
    device = Device(*version)
    expected = (
        (RXNE, 0x41, {"received": 1}),
        (RXNE | PE, 0x41, {"parity_errors": 1}),
        (RXNE | NE, 0x41, {"noise_errors": 1}),
        (RXNE | NE | PE, 0x41, {"parity_errors": 1}),
        (RXNE | FE, 0x41, {"framing_errors": 1}),
        (RXNE | FE | NE | PE, 0x80, {"framing_errors": 1}),
        (RXNE | FE, 0x100, {"breaks": 1}),
        (RXNE | FE | PE | NE, 0, {"breaks": 1}),
        (RXNE | ORE, 0x42, {"received": 1, "overruns": 1}),
        (RXNE | ORE | FE, 0x42, {"framing_errors": 1, "overruns": 1}),
        (RXNE | ORE | FE, 0, {"breaks": 1, "overruns": 1}),
        (ORE, 0x99, {"overruns": 1}),
        (TXE, 0, {}),
        (0, 0, {}),
    )
    for flags, data, counted in expected:
        found = device.interrupt(flags, data)
        assert found == counted, (version[0], hex(flags), found)
        if device.clear is not None and flags & (PE | FE | NE | ORE):
            assert device.words[device.clear] == flags & 0x1F, hex(flags)
    assert device.uart.read() == b"AB"
    device.uart.close()
    assert device.words[device.control] == 0


def check_idle(version):
    device = Device(*version)
    assert device.interrupt(IDLE) == {"idles": 1}
    if version is V1:
        # The flag stays until DR is read, with the next byte; its interrupt is masked meanwhile.
        assert not device.words[device.control] & 0x10
        assert device.interrupt(IDLE) == {}
        assert device.interrupt(IDLE | RXNE, 1) == {"received": 1}
        assert device.words[device.control] & 0x10
    assert device.interrupt(RXNE, 2) == {"received": 1}
    assert device.interrupt(IDLE | RXNE, 3) == {"received": 1, "idles": 1}
    assert device.interrupt(IDLE | RXNE | PE, 3) == {"parity_errors": 1, "idles": 1}
    device.uart.close()


def check_full(version):
    device = Device(*version, rx_size=2)
    for _ in range(2):
        device.interrupt(RXNE, 1)
    assert device.interrupt(RXNE, 2) == {"dropped": 1}
    assert device.interrupt(RXNE | ORE, 2) == {"dropped": 1, "overruns": 1}
    assert device.interrupt(RXNE | PE, 2) == {"parity_errors": 1}
    device.uart._words[DROPPED] = 0xFFFF_FFFF
    device.interrupt(RXNE, 2)
    assert device.uart.dropped == 0, "counts are modulo 2**32"
    device.uart.close()


def check_held(version):
    device = Device(*version, rx_size=2, hold_when_full=True)
    for byte in b"ab":
        device.interrupt(RXNE, byte)
    control = device.words[device.control]
    assert device.interrupt(RXNE, 0x63) == {}
    assert device.words[device.control] == control & ~RXNE, "it goes on asking for the byte that it leaves there"
    if version is V1:
        assert device.interrupt(RXNE | ORE, 0x63) == {}, "the flag stays: it counts when the byte is fetched"
    else:
        assert device.interrupt(RXNE | ORE, 0x63) == {"overruns": 1}
    assert device.interrupt(RXNE | PE, 0x63) == {}
    assert device.uart.read() == b"ab"
    assert device.words[device.control] == control
    assert device.interrupt(RXNE | IDLE, 0x63) == {"received": 1, "idles": 1}
    assert device.uart.read() == b"c"
    device.uart.close()


def check_sending(version):
    device = Device(*version)
    sent = 0x28 // 4 if version is V2 else device.received
    uart = device.uart
    control = device.words[device.control]
    uart.write(b"xyz")  # the transmitter is not ready
    assert uart.sent == 0 and device.words[device.control] == control | TXE
    for number, byte in enumerate(b"xyz"):
        assert device.interrupt(TXE) == {}
        assert device.words[sent] == byte
        assert uart.sent == number + 1
    assert device.words[device.control] == control, "it goes on asking with nothing to send"
    assert uart.flush()
    device.words[device.flags] = 0
    assert not uart.flush(2), "the last byte is on the wire"
    uart.close()


def check_format(version):
    for options, one, two in (
        ({}, 0, 0),
        ({"parity": "even"}, 0x1400, 0),
        ({"parity": "odd", "stop": 2}, 0x1600, 0x2000),
    ):
        device = Device(*version, baud=1_000_000, **options)
        second = 0x10 // 4 if version is V1 else 0x04 // 4
        assert device.words[device.control] & 0x1600 == one
        assert device.words[second] == two
        assert device.words[0x08 // 4 if version is V1 else 0x0C // 4] == 16
        device.uart.close()
    device = Device(*version, rts=True, cts=True)
    assert device.words[0x14 // 4 if version is V1 else 0x08 // 4] == 0x300
    device.uart.close()


def check_break(version):
    device = Device(*version)
    if version is V1:
        assert not device.uart.send_break(2), "the device never ends it"
        assert device.words[device.control] & 1
    else:
        assert device.uart.send_break(2)
        assert device.words[0x18 // 4] == 2
    device.uart.close()


for version in (V1, V2):
    for check in (check_flags, check_idle, check_full, check_held, check_sending, check_format, check_break):
        check(version)
