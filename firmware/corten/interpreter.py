"""What this project knows of MicroPython's insides: a function's code, the calls of C, the scheduler's state.

MicroPython promises none of it. Each fact is checked on the running interpreter when it is first asked for, and
UnknownRuntime is raised where it does not hold; nothing is concluded from a version number.

Callers: the main context. All calls allocate.
"""

import sys
from array import array

import machine
import micropython
import uctypes

_ARGUMENTS = 4  # offsets in the function object of inline assembly
_CODE = 8
_VIPER_CONTEXT = 4  # offsets in the function object of viper code
_VIPER_CODE = 12
_BUILTIN_CODE = 4  # offset in the object of a C function
_OBJECT_TABLE = 12  # offset in a module's context
_PUSH = 0xB500  # the instruction with which all generated code begins, its register list left out: DDI 0403E, A7.7.99
_IS_TRUE, _CALL, _NLR_PUSH, _NLR_POP = 16, 27, 32, 33  # in mp_fun_table, which is part of the format of .mpy files
_WINDOW = 1024  # bytes from the dictionary of the loaded modules on: it lies in MicroPython's state
_CONSTANTS = 1 << 19  # bytes, at least as many as MicroPython's constants take
_BEFORE = 512  # bytes ahead of it, in which the state of the thread lies
_IDLE, _PENDING = 1, 0  # the scheduler's states
_MARK = 0x5A5A40  # a number that memory holds by no other reason, its low six bits free
_ATTEMPTS = 5  # an interrupt may schedule something just before one


class UnknownRuntime(Exception):
    """The runtime's objects or machine code are not laid out as this project knows them, or the chip has no VTOR."""


def number_at(address, size):
    """Return the unsigned number in `size` bytes of memory at `address`."""
    return int.from_bytes(uctypes.bytes_at(address, size), "little")


def words_at(address, count):
    """Return `count` words of memory, live; each load and store is indivisible."""
    layout = {"words": (uctypes.ARRAY | 0, uctypes.UINT32 | count)}
    return uctypes.struct(address, layout).words  # type: ignore[arg-type]  # the stubs know other layouts


def object_at(address):
    """Return the object at `address`. The caller knows that one is there."""
    found = array("O", [None])  # type: ignore[type-var]  # MicroPython's typecode for objects
    uctypes.bytearray_at(uctypes.addressof(found), 4)[:] = address.to_bytes(4, "little")
    return found[0]


@micropython.asm_thumb
def _no_arguments():
    data(2, 0xBF00)


@micropython.asm_thumb
def _three_arguments(r0, r1, r2):
    mov(r0, r2)


@micropython.viper
def _viper():
    pass


def _word(function, offset):
    return number_at(id(function) + offset, 4)


def is_assembly(function):
    """Return whether it is an asm_thumb function."""
    _check_assembly()
    return type(function) is type(_no_arguments) and _word(function, 0) == _word(_no_arguments, 0)


def arguments_of(function):
    """Return the number of arguments of an asm_thumb function. Raises TypeError for anything else."""
    if not is_assembly(function):
        raise TypeError("an asm_thumb function is needed, not %r" % (function,))
    return _word(function, _ARGUMENTS)


def code_of(function):
    """Return the address of an asm_thumb function's code. Raises TypeError for anything else."""
    arguments_of(function)
    return _word(function, _CODE)


def redirect(function, address):
    """Make an asm_thumb function run the code at `address` from now on; the caller keeps that code alive."""
    code_of(function)
    uctypes.bytearray_at(id(function) + _CODE, 4)[:] = address.to_bytes(4, "little")


def code_of_viper(function):
    """Return the address of a viper function's code, to be called with its object in r0 and 0 in r1, r2 and r3.

    Raises TypeError for anything else.
    """
    if type(function) is not type(_viper) or _word(function, 0) != _word(_viper, 0):
        raise TypeError("a viper function is needed, not %r" % (function,))
    code = _word(function, _VIPER_CODE)
    if number_at(code, 2) & 0xFF00 != _PUSH:
        raise UnknownRuntime("the code of a viper function is not where this module looks for it")
    return code


def code_of_builtin(function):
    """Return the address of the code of a C function without arguments, for example `micropython.heap_lock`."""
    return _word(function, _BUILTIN_CODE)


def calls():
    """Return the addresses of three C functions: call an object, catch exceptions (nlr_push), and stop catching."""
    table = _function_table()
    return [number_at(table + 4 * index, 4) for index in (_CALL, _NLR_PUSH, _NLR_POP)]


def truth():
    """Return the address of the C function that says, as 0 or 1, whether an object is true."""
    return number_at(_function_table() + 4 * _IS_TRUE, 4)


def _function_table():
    # The only table of which a viper function's module knows the address; it begins with these three, and lies among
    # MicroPython's other constants, as its own functions do.
    known = (id(None), id(False), id(True))
    objects = number_at(_word(_viper, _VIPER_CONTEXT) + _OBJECT_TABLE, 4)
    for index in range(64):
        table = number_at(objects + 4 * index, 4)
        is_near = table % 4 == 0 and abs(table - id(callable)) < _CONSTANTS
        if is_near and tuple(array("I", uctypes.bytes_at(table, 12))) == known:
            return table
    raise UnknownRuntime("the table of functions that generated code calls is not where this module looks for it")


@micropython.native
def _fill(function):
    # Native code runs no scheduled callback, so the queue stays full until this returns.
    count = 0
    try:
        while True:
            micropython.schedule(function, _MARK + count)
            count += 1
    except RuntimeError:
        return count


@micropython.native
def _observe(window, before, one, full):
    before[:] = window
    micropython.schedule(callable, _MARK)  # type: ignore[arg-type]  # what it returns is dropped
    one[:] = window
    _fill(callable)
    full[:] = window


class Scheduler:
    """Where MicroPython keeps the queue behind `micropython.schedule`.

    state: address of a signed halfword, 1 idle, 0 pending, negative locked. length: address of a byte, entries waiting;
    the next byte is the index of the first. queue: address of the entries, each a function and its argument. depth:
    entries, a power of two.
    """

    def __init__(self, state, length, queue, depth):
        self.state = state
        self.length = length
        self.queue = queue
        self.depth = depth


def scheduler():
    """Find the scheduler's state, by filling its queue with callbacks that do nothing.

    Raises UnknownRuntime; also when called from a scheduled callback, inside of which the queue is locked.
    """
    start = id(sys.modules)
    for _ in range(_ATTEMPTS):
        for _ in range(64):
            pass  # the interpreter runs callbacks that wait
        found = _scheduler_in(start, *_observed(uctypes.bytearray_at(start, _WINDOW)))
        if found:
            return found
    raise UnknownRuntime("the scheduler of this MicroPython keeps its state in an unknown way, or runs a callback now")


def _observed(window):
    before, one, full = bytearray(_WINDOW), bytearray(_WINDOW), bytearray(_WINDOW)
    masked = machine.disable_irq()
    _observe(window, before, one, full)
    machine.enable_irq(masked)
    return before, one, full


def _scheduler_in(start, before, one, full):
    entry = [at for at in range(0, _WINDOW - 8, 4) if _is_mark(full, at)]
    depth = len(entry)
    states = [at for at in range(0, _WINDOW, 2) if _halves(before, one, full, at) == (_IDLE, _PENDING, _PENDING)]
    lengths = [at for at in range(_WINDOW - 1) if (before[at], one[at], full[at]) == (0, 1, depth)]
    first = entry[0] if entry else 0
    is_whole = entry == list(range(first, first + 8 * depth, 8)) and depth & (depth - 1) == 0
    for length in lengths if is_whole and len(states) == 1 else ():
        index = full[length + 1]
        if index < depth and _argument(full, first + 8 * index) == _MARK:
            return Scheduler(start + states[0], start + length, start + first, depth)
    return None


def _argument(memory, at):
    return int.from_bytes(memory[at + 4 : at + 8], "little") >> 1


def _is_mark(memory, at):
    return int.from_bytes(memory[at : at + 4], "little") == id(callable) and _argument(memory, at) >> 6 == _MARK >> 6


def _halves(before, one, full, at):
    return tuple(memory[at] | memory[at + 1] << 8 for memory in (before, one, full))


@micropython.viper
def _copy(to, start: int, size: int):
    target, memory = ptr8(to), ptr8(start)
    for at in range(size):
        target[at] = memory[at]


def heap_lock_depth():
    """Return the two bytes in which MicroPython counts how often its heap is locked, live: 0 unlocks it.

    Found by locking it. Raises UnknownRuntime.
    """
    start = id(sys.modules) - _BEFORE
    free, once, twice = bytearray(_BEFORE), bytearray(_BEFORE), bytearray(_BEFORE)
    _copy(free, start, _BEFORE)
    micropython.heap_lock()
    _copy(once, start, _BEFORE)
    micropython.heap_lock()
    _copy(twice, start, _BEFORE)
    micropython.heap_unlock()
    micropython.heap_unlock()
    steps = [(1, 2), (2, 4)]  # MicroPython before 1.24 counts by one
    found = [at for at in range(0, _BEFORE, 2) if free[at] == 0 and (once[at], twice[at]) in steps]
    if len(found) != 1:
        raise UnknownRuntime("this MicroPython counts in an unknown way how often its heap is locked")
    return uctypes.bytearray_at(start + found[0], 2)


_assembly_is_known = False


def _check_assembly():
    global _assembly_is_known
    if _assembly_is_known:
        return
    if sys.implementation.name != "micropython":
        raise UnknownRuntime("%s runs no machine code of ours" % sys.implementation.name)
    kinds = [_word(function, 0) for function in (_no_arguments, _three_arguments)]
    counts = [_word(function, _ARGUMENTS) for function in (_no_arguments, _three_arguments)]
    if kinds[0] != kinds[1] or counts != [0, 3]:
        raise UnknownRuntime("inline-assembler functions of this MicroPython are laid out in an unknown way")
    for function in (_no_arguments, _three_arguments):
        code = _word(function, _CODE)
        if code % 2 or number_at(code, 2) & 0xFF00 != _PUSH:
            raise UnknownRuntime("the code of an inline-assembler function is not where this module looks for it")
    _assembly_is_known = True
