"""Sets, clears and toggles of bits that nothing can come between, by what the hardware has for it: one bus write each.

    leds = atomic(gpio.ODR)
    leds.set(1 << 5)

A block says what it has: SET_RESET names the register whose low half sets bits of another one and whose high half
clears them (STM32 BSRR); SET_CLEAR names registers that set, clear and toggle bits of another one, None for one that
there is not (RP2040 SIO, nRF51 GPIO); ATOMIC is ALIASES (RP2040: XOR, SET and CLR aliases of every register) or
BIT_BAND (Cortex-M3 and M4: a word of its own for each bit of the first megabyte of peripherals and of SRAM).

Callers: any context; making one allocates, its methods allocate only for addresses and masks of 2**30 or more.
"""

from corten.register import ALIASES, BIT_BAND, AccessError

_ALIASES = (0x2000, 0x3000, 0x1000)  # that set, clear and toggle: RP2040 datasheet, section 2.1.2
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
    names = block.SET_CLEAR.get(register._name)
    if names is not None:
        return SetClear(register, [name and getattr(block, name) for name in names])
    if register._is[4] == (0, 0):
        if block.ATOMIC == ALIASES:
            return Aliases(register)
        if block.ATOMIC == BIT_BAND and register.address & ~(_MEGABYTE - 1) in (_SRAM, _PERIPHERALS):
            return BitBand(register)
    raise AccessError("%s has no atomic form; hold `critical` and use modify" % register._label())


_SETS, _CLEARS, _TOGGLES = range(3)


class _Form:
    # What the forms have in common. Each says where it stores what, and refuses masks that do not fit.
    def __init__(self, register):
        self._register = register

    def set(self, mask):
        """Set the bits of `mask`. Raises ValueError for what does not fit."""
        self._write(_SETS, mask)

    def clear(self, mask):
        """Clear the bits of `mask`. Raises ValueError for what does not fit."""
        self._write(_CLEARS, mask)

    def toggle(self, mask):
        """Invert the bits of `mask`. Raises ValueError for what does not fit, AccessError where the hardware cannot."""
        if not self.toggles():
            raise AccessError("%s has no atomic toggle" % self._register._label())
        self._write(_TOGGLES, mask)

    def toggles(self):
        """Return whether the hardware has a toggle."""
        return True

    def put(self, mask, bits):
        """Give the bits of `mask` the values that they have in `bits`, all together: one write, after a read with
        interrupts masked where the hardware needs one. Raises ValueError for what does not fit."""
        from corten.critical import critical  # which registers alone do without

        register = self._register
        with critical:
            if self.toggles():
                self._write(_TOGGLES, (register.read() ^ bits) & mask)
            else:
                register._update(mask, bits & mask, 0)

    def stores(self, mask):
        """Return what set and clear of `mask` store, and toggle where there is one: (address, word) of each, for
        machine code. Raises ValueError as they do. Allocates."""
        actions = (_SETS, _CLEARS, _TOGGLES) if self.toggles() else (_SETS, _CLEARS)
        return [(self._address(action, mask), self._word(action, mask)) for action in actions]

    def _write(self, action, mask):
        self._stored_to(action)._memory[self._address(action, mask)] = self._word(action, mask)

    def _stored_to(self, action):
        # The register whose width the store has.
        return self._register

    def _address(self, action, mask):
        raise NotImplementedError

    def _word(self, action, mask):
        if not 0 <= mask <= self._register.mask:
            register = self._register
            raise ValueError("%s is %d bits wide, %r does not fit" % (register._label(), register.width, mask))
        return mask


class SetReset(_Form):
    """Up to 16 bits at once, by a register that sets and clears them."""

    def __init__(self, register, twin):
        super().__init__(register)
        self._twin = twin

    def toggles(self):
        """Return False."""
        return False

    def put(self, mask, bits):
        """As of every form: one write."""
        high, low = self._word(_CLEARS, mask & ~bits), self._word(_SETS, mask & bits)
        self._twin._memory[self._twin.address] = high | low

    def _stored_to(self, action):
        return self._twin

    def _address(self, action, mask):
        return self._twin.address

    def _word(self, action, mask):
        if not 0 <= mask <= 0xFFFF:
            raise ValueError("%s sets and clears 16 bits, %r does not fit" % (self._twin._label(), mask))
        return mask << 16 if action == _CLEARS else mask


class SetClear(_Form):
    """Any bits at once, by registers that set, clear and, where there is one, toggle them."""

    def __init__(self, register, others):
        super().__init__(register)
        self._others = others

    def toggles(self):
        """Return whether there is a register that toggles."""
        return self._others[_TOGGLES] is not None

    def _stored_to(self, action):
        return self._others[action]

    def _address(self, action, mask):
        return self._others[action].address


class Aliases(_Form):
    """Any bits at once, by aliases of the register."""

    def _address(self, action, mask):
        return self._register.address + _ALIASES[action]


class BitBand(_Form):
    """One bit at a time, by its word in the bit-band alias."""

    def toggles(self):
        """Return False."""
        return False

    def _address(self, action, mask):
        register = self._register
        bit = 0
        while super()._word(action, mask) >> bit > 1:
            bit += 1
        if mask != 1 << bit:
            raise ValueError("%s: a bit-band access changes one bit, not %r" % (register._label(), mask))
        band = register.address & ~(_MEGABYTE - 1)
        return band + _ALIAS + (register.address - band) * 32 + bit * 4

    def _word(self, action, mask):
        return 1 if action == _SETS else 0
