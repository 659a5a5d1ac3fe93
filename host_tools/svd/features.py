"""What of a chip's hardware makes a write atomic: facts that no SVD file tells."""

import re
from dataclasses import replace

from host_tools.registers.model import Block, Register

ALIASES = "ALIASES"
BIT_BAND = "BIT_BAND"

BIT_BAND_REGION = range(0x4000_0000, 0x4010_0000)
"""What the alias at 0x4200_0000 covers (technical reference manuals of the Cortex-M3, DDI 0337, and -M4, DDI 0439)."""

BIT_BAND_CHIPS = re.compile(r"STM32(F1|F2|F3|F4|L1|L4(?![PQRS]))|LPC1[78]|LPC176")
"""The feature is the core's, but an option of it (nRF52 has none): families whose manuals describe it."""

ALIAS_REGION = range(0x4000_0000, 0x6000_0000)
"""RP2040's APB and AHB-Lite peripherals (its datasheet, 2.1.2 and 2.2); XIP, SSI and SIO are elsewhere."""

WITHOUT_ALIASES = range(0x5010_0000, 0x5011_0000)
"""The USB controller's memory, in that region."""


SET_CLEAR_CHIPS = re.compile(r"RP2040|NRF5")
"""Families whose manuals describe X_SET, X_CLR and X_XOR, or XSET and XCLR, as changing the bits of X: the RP2040's
datasheet, 2.3.1.7; the nRF51's reference manual, 14.2."""


def with_features(block: Block, chip: str, base: int, atomic: str | None) -> Block:
    """The block with ATOMIC (`atomic`, or what is known where that is None), SET_RESET and SET_CLEAR."""
    known = _atomic(block, chip, base) if atomic is None else atomic
    pairs = _set_reset(block) if chip.upper().startswith("STM32") else ()
    sets = _set_clear(block) if SET_CLEAR_CHIPS.match(chip.upper()) else ()
    return replace(block, atomic=known or None, set_reset=pairs, set_clear=sets)


def _atomic(block: Block, chip: str, base: int) -> str:
    if chip.upper() == "RP2040":
        return ALIASES if base in ALIAS_REGION and base not in WITHOUT_ALIASES else ""
    whole = block.size is not None and base in BIT_BAND_REGION and base + block.size <= BIT_BAND_REGION.stop
    return BIT_BAND if whole and BIT_BAND_CHIPS.match(chip.upper()) else ""


def _set_reset(block: Block) -> tuple[tuple[str, str], ...]:
    """ODR and BSRR of a GPIO port: the low half of BSRR sets bits of ODR, the high half resets them."""
    pair = [item for name in ("ODR", "BSRR") if isinstance(item := block.find(name), Register) and item.count is None]
    if len(pair) == 2 and pair[1].find("BS0") and pair[1].find("BR0"):  # noqa: PLR2004
        return (("ODR", "BSRR"),)
    return ()


def _set_clear(block: Block) -> tuple[tuple[str, tuple[str, str, str | None]], ...]:
    """Registers for whose bits there are others that set them, clear them and, maybe, toggle them."""
    names = {each.name: each for each in block.registers if each.count is None}
    found = []
    for name, register in names.items():
        for stem in (f"{name}_", name):
            others = names.get(f"{stem}SET"), names.get(f"{stem}CLR"), names.get(f"{stem}XOR")
            sets, clears, toggles = others
            if sets and clears and {each.width for each in others if each} == {register.width}:
                found.append((name, (sets.name, clears.name, toggles.name if toggles else None)))
                break
    return tuple(found)
