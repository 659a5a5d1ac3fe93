"""The machine code of a channel of words that `corten build` puts into @hot functions: see `corten.channel_code`.

It uses r0 to r3, in which viper keeps nothing between two statements, and leaves its result in r1.
"""

from collections.abc import Sequence

REFUSED, PRODUCER, CONSUMER = 4, 5, 6
"""Of the words of a channel's state, as `corten.channel_code` has them: HEAD, TAIL, MASK and ADDRESS are 0 to 3."""

_NOP = 0xBF00
_ZERO = 0xD000  # the condition EQ of a branch
_ANOTHER = 0xD100  # NE
_FULL = 0xD800  # HI
_ALWAYS = 0xE000


def store_to(register: int, slot: int | None) -> int:
    """The instruction that stores r1 to a word of the stack or, without `slot`, copies it to a low register."""
    return 0x4608 | register if slot is None else 0x9100 | slot


def load_from(register: int, slot: int | None) -> int:
    """The instruction that loads r2 from a word of the stack or, without `slot`, copies a low register to it."""
    return 0x4602 | register << 3 if slot is None else 0x9A00 | slot


def put(source: int, load: int, room: int) -> bytes:
    """Puts in the word that the instruction `load` loads; r1 is 1, 0 if it was refused, 2 if the end is another's."""
    start = [0x4600 | source << 3] if source else []  # mov r0, source
    start += [0xF3EF, 0x8105]  # mrs r1, IPSR
    start += [0x3101]  # adds r1, 1
    start += [0x6802 | PRODUCER << 6]  # ldr r2, [r0, 4 * PRODUCER]
    start += [0x4291]  # cmp r1, r2
    work = [0xC80E]  # ldm r0!, {r1, r2, r3}: HEAD, TAIL, MASK
    work += [0x1A8A, 0x429A]  # subs r2, r1, r2; cmp r2, r3
    store = [0x400B, 0x009B]  # ands r3, r1; lsls r3, r3, 2
    store += [0x6802, 0x189B]  # ldr r2, [r0]: ADDRESS; adds r3, r3, r2
    store += [load, 0x601A]  # str r2, [r3]
    store += [0x3101, 0x380C, 0x6001]  # adds r1, 1; subs r0, 12; str r1, [r0]: HEAD
    store += [0x2101]  # movs r1, 1
    refuse = [0x6801 | (REFUSED - 3) << 6, 0x3101, 0x6001 | (REFUSED - 3) << 6]  # ldr r1; adds r1, 1; str r1
    refuse += [0x2100]  # movs r1, 0
    code = [*start, _ANOTHER | len(work) + len(store) + len(refuse) + 2, *work, _FULL | len(store)]
    code += store
    code += [_to_end(len(code), room, _ALWAYS)]
    code += refuse
    code += [_to_end(len(code), room, _ALWAYS)]
    code += [0x2102]  # movs r1, 2
    if room // 2 - len(code) > 1:
        code += [_to_end(len(code), room, _ALWAYS)]
    return _filled(code, room, least=0)


def consume(source: int, room: int) -> bytes:
    """r1 becomes the state's address, of register `source`, if the consumer's end is this context's.

    Else it is that of words that are all the same: an empty channel, so the unlowered code runs, which claims the end
    or raises.
    """
    code = [0x4601 | source << 3]  # mov r1, source
    code += [0xF3EF, 0x8205]  # mrs r2, IPSR
    code += [0x3201]  # adds r2, 1
    code += [0x680B | CONSUMER << 6]  # ldr r3, [r1, 4 * CONSUMER]
    code += [0x429A]  # cmp r2, r3
    code += [_to_end(len(code), room, _ZERO)]
    code += [0xA101]  # adr r1, 4: behind the next instruction, or the one after that
    code += [_to_end(len(code), room, _ALWAYS)]
    return _filled(code, room, least=6)


def take(source: int, store: int, room: int, wide: bool) -> bytes:
    """Takes a word out and stores it with the instruction `store`; r1 is 0 if there was none.

    wide: whether there are instructions of 32 bits for all, which then fill the room.
    """
    code = [0x4600 | source << 3] if source else []  # mov r0, source
    code += [0xC80E]  # ldm r0!, {r1, r2, r3}: HEAD, TAIL, MASK
    code += [0x1A89]  # subs r1, r1, r2
    code += [_to_end(len(code), room, _ZERO)]
    rest: list[Sequence[int]] = [
        [0x4013],  # ands r3, r2
        [0x009B],  # lsls r3, r3, 2
        [0x6801],  # ldr r1, [r0]: ADDRESS
        [0x58C9],  # ldr r1, [r1, r3]
        [store],
        [0x3201],  # adds r2, 1
        [0x3808],  # subs r0, 8
        [0x6002],  # str r2, [r0]: TAIL
        [0x4601],  # mov r1, r0
    ]
    missing = room // 2 - len(code) - len(rest)
    for at, instruction in ((2, (0xF8D0, 0x1000)), (7, (0xF8C0, 0x2000)), (3, (0xF851, 0x1003))):
        if wide and missing > 0:
            rest[at] = instruction
            missing -= 1
    code += [halfword for each in rest for halfword in each]
    return _filled(code, room, least=0)


def _to_end(position: int, room: int, branch: int) -> int:
    """A branch from the halfword at `position` to the end of the room."""
    distance = room // 2 - position - 2
    return branch | distance & 0xFF if branch == _ZERO else branch | distance & 0x7FF


def _filled(code: list[int], room: int, least: int) -> bytes:
    """The code, with NOPs to the end; at least so many. Raises ValueError where it does not fit."""
    rest = room // 2 - len(code)
    if rest < least:
        raise ValueError("has too little room")
    return b"".join(each.to_bytes(2, "little") for each in [*code, *[_NOP] * rest])
