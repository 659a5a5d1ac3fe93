"""Sets, clears and toggles of bits that nothing can come between, by what the hardware has for it: one bus write each.

    leds = atomic(gpio.ODR)
    leds.set(1 << 5)

A block says what it has: SET_RESET names the register whose low half sets bits of another one and whose high half
clears them (STM32 BSRR); ATOMIC is ALIASES (RP2040: XOR, SET and CLR aliases of every register) or BIT_BAND (Cortex-M3
and M4: a word of its own for each bit of the first megabyte of peripherals and of SRAM).

Callers: any context; making one allocates, its methods allocate only for addresses and masks of 2**30 or more.
"""

from corten.register import ALIASES, BIT_BAND, AccessError

_XOR, _SET, _CLR = 0x1000, 0x2000, 0x3000  # RP2040 datasheet, section 2.1.2
_MEGABYTE = 1 << 20
_SRAM, _PERIPHERALS = 0x2000_0000, 0x4000_0000  # DDI 0403E, table B3-1; their aliases lie 32 MiB above
_ALIAS = 0x200_0000


def atomic(register):
    """Return what sets, clears and toggles bits of a live register. It touches nothing.

    Raises AccessError if its block has nothing for that register: use `critical` and `modify` then.
    """
    block = register._block
    twin = block.SET_RESET.get(register._name)
    if twin is not None:
        return SetReset(register, getattr(block, twin))
    if register._is[4] == (0, 0):
        if block.ATOMIC == ALIASES:
            return Aliases(register)
        if block.ATOMIC == BIT_BAND and register.address & ~(_MEGABYTE - 1) in (_SRAM, _PERIPHERALS):
            return BitBand(register)
    raise AccessError("%s has no atomic form; hold `critical` and use modify" % register._label())


def _checked(register, mask):
    if not 0 <= mask <= register.mask:
        raise ValueError("%s is %d bits wide, %r does not fit" % (register._label(), register.width, mask))
    return mask


class SetReset:
    """Up to 16 bits at once, by a register that sets and clears them."""

    def __init__(self, register, twin):
        self._register = register
        self._twin = twin

    def set(self, mask):
        """Set the bits of `mask`. Raises ValueError for more than 16 bits."""
        self._write(mask, 0)

    def clear(self, mask):
        """Clear the bits of `mask`. Raises ValueError for more than 16 bits."""
        self._write(mask, 16)

    def toggle(self, mask):
        """Raise AccessError: this hardware cannot."""
        raise AccessError("%s has no atomic toggle" % self._register._label())

    def _write(self, mask, shift):
        if not 0 <= mask <= 0xFFFF:
            raise ValueError("%s sets and clears 16 bits, %r does not fit" % (self._twin._label(), mask))
        self._twin._memory[self._twin.address] = mask << shift


class Aliases:
    """Any bits at once, by aliases of the register."""

    def __init__(self, register):
        self._register = register

    def set(self, mask):
        """Set the bits of `mask`. Raises ValueError for what does not fit."""
        self._write(_SET, mask)

    def clear(self, mask):
        """Clear the bits of `mask`. Raises ValueError for what does not fit."""
        self._write(_CLR, mask)

    def toggle(self, mask):
        """Invert the bits of `mask`. Raises ValueError for what does not fit."""
        self._write(_XOR, mask)

    def _write(self, alias, mask):
        register = self._register
        register._memory[register.address + alias] = _checked(register, mask)


class BitBand:
    """One bit at a time, by its word in the bit-band alias."""

    def __init__(self, register):
        self._register = register

    def set(self, mask):
        """Set the bit of `mask`. Raises ValueError for more than one."""
        self._write(mask, 1)

    def clear(self, mask):
        """Clear the bit of `mask`. Raises ValueError for more than one."""
        self._write(mask, 0)

    def toggle(self, mask):
        """Raise AccessError: this hardware cannot."""
        raise AccessError("%s has no atomic toggle" % self._register._label())

    def _write(self, mask, value):
        register = self._register
        bit = 0
        while _checked(register, mask) >> bit > 1:
            bit += 1
        if mask != 1 << bit:
            raise ValueError("%s: a bit-band access changes one bit, not %r" % (register._label(), mask))
        band = register.address & ~(_MEGABYTE - 1)
        register._memory[band + _ALIAS + (register.address - band) * 32 + bit * 4] = value
