"""A PL011, as its manual describes it and QEMU does not: levels, the receive timeout, overruns and errors.

Source: Arm DDI 0183G, sections 2.4.2 (FIFOs), 2.8 (interrupts) and 3.3 (registers).
"""

from collections.abc import Callable

DR, FR, IMSC, RIS, ICR = 0x00, 0x18, 0x38, 0x3C, 0x44
RX, TX, RT, FE, PE, BE, OE = (1 << bit for bit in range(4, 11))
RXFE, TXFF = 1 << 4, 1 << 5
FRAMING, PARITY, BREAK, OVERRUN = (1 << bit for bit in range(8, 12))
"""Flags of a byte in DR."""


class Pl011:
    """Registers by their offsets. `depth`: of both FIFOs, `level`: at which they interrupt."""

    def __init__(self, depth: int, level: int) -> None:
        self._depth, self._level = depth, level
        self._received: list[int] = []
        self._to_send: list[int] = []
        self._overran = False
        self.raw = 0
        self.mask = RX | TX | RT
        self.sent: list[int] = []
        self.lost = 0

    @property
    def interrupts(self) -> bool:
        """Whether the combined interrupt is requested."""
        return bool(self.raw & self.mask)

    def arrive(self, byte: int, flags: int = 0) -> None:
        """A byte with its errors comes to its end on the line."""
        self.raw |= (FE if flags & FRAMING else 0) | (PE if flags & PARITY else 0) | (BE if flags & BREAK else 0)
        if len(self._received) == self._depth:
            self._overran = True
            self.raw |= OE
            self.lost += 1
            return
        self._received.append(byte | flags | (OVERRUN if self._overran else 0))
        self._overran = False
        if len(self._received) == self._level:
            self.raw |= RX

    def fall_silent(self) -> None:
        """32 bit times without a byte."""
        if self._received:
            self.raw |= RT

    def transmit(self) -> None:
        """One byte leaves the transmitter."""
        if self._to_send:
            self.sent.append(self._to_send.pop(0))
            if len(self._to_send) == self._level:
                self.raw |= TX

    def __getitem__(self, offset: int) -> int:
        readers: dict[int, Callable[[], int]] = {DR: self._take, FR: self._flags, RIS: lambda: self.raw}
        return readers[offset]()

    def __setitem__(self, offset: int, value: int) -> None:
        if offset == DR:
            assert len(self._to_send) < self._depth, "a byte was given to a full transmitter"
            self._to_send.append(value & 0xFF)
        elif offset == ICR:
            self.raw &= ~value
        else:
            assert offset == IMSC
            self.mask = value

    def _take(self) -> int:
        assert self._received, "an empty FIFO was read"
        entry = self._received.pop(0)
        if len(self._received) < self._level:
            self.raw &= ~RX
        if not self._received:
            self.raw &= ~RT
        return entry

    def _flags(self) -> int:
        return (0 if self._received else RXFE) | (TXFF if len(self._to_send) == self._depth else 0)
