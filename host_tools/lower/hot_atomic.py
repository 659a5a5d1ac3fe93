"""The one store that stands for an atomic set, clear or toggle in a `@hot` function."""

import ast

from host_tools.lower.hot_places import Places
from host_tools.lower.hot_values import Checks, Values, assign, too_wide
from host_tools.lower.meanings import RegisterAt
from host_tools.lower.notes import Kept, Mistaken
from host_tools.lower.rules import ALIASES, HALF, beside, bit_band_word, no_toggle, set_clear_twin
from host_tools.registers.model import Register


def atomic_store(
    found: RegisterAt, name: str, call: ast.Call, places: Places, values: Values, checks: Checks
) -> ast.stmt:
    """The store for `atomic(register).name(mask)`. Raises Kept and Mistaken."""
    register, block = found.register, found.block
    if name not in ALIASES or len(call.args) != 1 or call.keywords:
        raise Kept(f"{name} is called in a way that is not known")
    if twin := dict(block.set_reset).get(register.name):
        return _set_reset(found, twin, name, call.args[0], places, values, checks)
    if other := set_clear_twin(found, name):
        element = places.element(beside(found, other), checks)
        return assign(element, values.value(found.label, register.mask, call.args[0], checks))
    is_plain = register.writable and not (register.keep_zero or register.keep_one)
    if is_plain and block.atomic == "ALIASES":
        element = places.element(found, checks, moved=ALIASES[name])
        return assign(element, values.value(found.label, register.mask, call.args[0], checks))
    if is_plain and block.atomic == "BIT_BAND":
        return _bit_band(found, name, call.args[0], places, values)
    raise Mistaken(f"{found.label} has no atomic form", "hold `critical` and use modify")


def _set_reset(
    found: RegisterAt, twin: str, name: str, mask: ast.expr, places: Places, values: Values, checks: Checks
) -> ast.stmt:
    other = found.block.find(twin)
    assert isinstance(other, Register)
    if name == "toggle":
        raise no_toggle(found)
    element = places.element(beside(found, other), checks)
    made = values.value(f"{found.block.name}.{twin}", HALF, mask, checks)
    if name == "set":
        return assign(element, made)
    if isinstance(made, ast.Constant):
        assert isinstance(made.value, int)
        return assign(element, values.number(made.value << 16))
    return assign(element, ast.BinOp(made, ast.LShift(), ast.Constant(16)))


def _bit_band(found: RegisterAt, name: str, argument: ast.expr, places: Places, values: Values) -> ast.stmt:
    address, mask = found.place.address, values.constant(argument)
    if address is None or found.place.index is not None or mask is None:
        raise Kept("the bit's word in the bit-band alias is known on the chip only")
    if name == "toggle":
        raise no_toggle(found)
    if not 0 <= mask <= found.register.mask:
        raise Mistaken(*too_wide(found.label, found.register.width, mask))
    element = places.word(found.register.width, bit_band_word(found, address, mask))
    return assign(element, ast.Constant(int(name == "set")))
