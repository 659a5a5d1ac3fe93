"""Functions that are called as the runtime's own C functions are: machine code with its own parameters; revocable.

    on = c_function(template, address, word, id(None))     # on() runs the code, for less than an empty Python method
    revoke(on, handle._refuse)                             # from now on on() calls that, whoever fetched it before

The template is one of `corten.native`. Its result is an object, in r0: id(None) is one, and a small integer n is
2 n + 1. With `most`, it is called as `f(x)` or `f()`: r0 has the number of arguments and r1 their address.

What is returned is an object in memory that the collector keeps as it keeps any other, and its code with it.

Callers: the main context; both allocate. Calling the functions serves any context and allocates nothing.
"""

from array import array

import machine
import micropython
import uctypes

from corten.critical import critical
from corten.interpreter import UnknownRuntime, number_at, object_at
from corten.native import native

_WORDS = 4  # of a function object: one block of the collector's
_A_SIGNATURE = 2 << 17 | 3 << 1  # of getattr: at least 2 and at most 3 arguments, no keywords


class _Probe:
    def method(self):
        pass


def c_function(template, *parameters, most=0):
    """Return the function. parameters: the template's words. most: 1 if it can be given an argument, else 0.

    Raises UnknownRuntime where the runtime's functions are not laid out as this module knows them, and as `native`.
    """
    handler = native(template, *parameters)
    code = handler.address
    if most == 0:
        made = [_type_of(machine.disable_irq), code, code & ~1]
    else:
        if number_at(id(getattr) + 4, 4) != _A_SIGNATURE:
            raise UnknownRuntime("functions of this MicroPython with optional arguments are laid out in an unknown way")
        made = [_type_of(getattr), most << 1, code, code & ~1]
    # The last word is there for the collector: it follows pointers to the start of what it keeps, and `code` is odd.
    words = array("I", made + [0] * (_WORDS - len(made)))
    return object_at(uctypes.addressof(words))


def revoke(function, instead):
    """Make a function from `c_function` call `instead`, a bound method, from now on, wherever it is kept.

    Raises UnknownRuntime where bound methods are not laid out as this module knows them.
    """
    probe = _Probe()
    method = probe.method
    if number_at(id(method) + 8, 4) != id(probe) or number_at(id(method) + 4, 4) != id(_Probe.method):
        raise UnknownRuntime("bound methods of this MicroPython are laid out in an unknown way")
    target = uctypes.bytearray_at(id(function), 12)
    words = uctypes.bytes_at(id(instead), 12)
    with critical:
        target[:] = words


@micropython.native
def revoke_all(functions, instead):
    """`revoke` each of a list, which is empty then. Native code: Ctrl-C leaves none of them out."""
    while functions:
        revoke(functions[-1], instead)
        functions.pop()


def _type_of(function):
    return number_at(id(function), 4)
