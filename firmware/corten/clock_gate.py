"""Clock gates and reset lines of peripherals: a gate is open while anyone needs it, and then as it was found.

A gate is (address of a register, bit): 1 lets the clock through. A reset line is (address of a register, bit, address
of the register in which the bit says that the reset is over, or 0): 1 holds the block in reset.

Callers: the main context. Opening allocates.
"""

from corten.critical import critical
from corten.register import Block, Reg

_LONGEST_RESET = 10_000  # reads; the slowest blocks take some of the slowest clock's cycles

_users: dict = {}  # gate -> [users, whether it was found closed]


class Control(Block):
    """The register of a gate or a reset line."""

    BITS = Reg(0x00)


class ResetFailed(Exception):
    """A block did not come out of reset in time: its clock does not run."""


class _Line:
    def __init__(self, address, bit):
        self._registers = Control(address)
        self._bit = bit

    def is_set(self):
        return bool(self._registers.BITS.read() >> self._bit & 1)

    def set(self):
        with critical:
            self._registers.BITS.set(1 << self._bit)

    def clear(self):
        with critical:
            self._registers.BITS.clear(1 << self._bit)


def open_gate(gate):
    """Let the clock through; `close_gate` is due as often as this."""
    entry = _users.setdefault(gate, [0, False])
    entry[0] += 1
    if entry[0] > 1:
        return
    line = _Line(*gate)
    entry[1] = not line.is_set()
    line.set()
    line.is_set()  # the clock runs once this is back: ST ES0182, "Delay after an RCC peripheral clock enabling"


def close_gate(gate):
    """One user less; after the last one the gate is as it was found."""
    entry = _users[gate]
    entry[0] -= 1
    if entry[0]:
        return
    del _users[gate]
    if entry[1]:
        _Line(*gate).clear()


def pulse_reset(line):
    """Bring a block to its reset state. Raises ResetFailed if it does not come out of it."""
    address, bit, done = line
    held = _Line(address, bit)
    held.set()
    held.clear()
    if done:
        ended = _Line(done, bit)
        for _ in range(_LONGEST_RESET):
            if ended.is_set():
                return
        raise ResetFailed("the block of reset line %d stays in reset" % bit)
