"""The machine code of a ceiling in @hot functions for a core without BASEPRI: the lines are disabled at the NVIC.

Reading ICER tells which lines are enabled, and writing it disables them: DDI 0419E, section B3.4.4. It uses r0 to r3,
in which viper keeps nothing between two statements.
"""

from collections.abc import Sequence

_NOP = 0xBF00
_DSB = (0xF3BF, 0x8F4F)
_ISB = (0xF3BF, 0x8F6F)


def disable(base: int, lines: int, slot: int | None, result: int, room: int, wide: bool) -> bytes:
    """Disables lines, given in register `lines` or in a word of the stack; `result` then has those that were enabled.

    base: the register that has ICER's address, not `result`. wide: whether there are instructions of 32 bits for all.
    """
    rest: list[Sequence[int]] = [
        *([[0x9800 | lines << 8 | slot]] if slot is not None else []),  # ldr lines, [sp, slot]
        [0x6800 | base << 3 | result],  # ldr result, [base]
        [0x4000 | lines << 3 | result],  # ands result, lines
        [0x6000 | base << 3 | lines],  # str lines, [base]
        _DSB,  # DAI 0321A, "Disabling interrupts"
        _ISB,
    ]
    missing = room // 2 - sum(map(len, rest))
    for at, instruction in ((-5, (0xF8D0 | base, result << 12)), (-3, (0xF8C0 | base, lines << 12))):
        if wide and missing > 0:
            rest[at] = instruction
            missing -= 1
    return _filled([halfword for each in rest for halfword in each], room)


def enable(base: int, lines: int, slot: int | None, room: int) -> bytes:
    """Enables lines; base: the register that has ISER's address."""
    code = [0x9800 | lines << 8 | slot] if slot is not None else []
    code.append(0x6000 | base << 3 | lines)
    return _filled(code, room)


def _filled(code: list[int], room: int) -> bytes:
    """The code, and a branch over what is left. Raises ValueError where it does not fit."""
    rest = room // 2 - len(code)
    if rest < 0:
        raise ValueError("has too little room")
    if rest > 1:
        code = [*code, 0xE000 | (rest - 2)]
        rest -= 1
    return b"".join(each.to_bytes(2, "little") for each in [*code, *[_NOP] * rest])
