"""What a write, a modify or an atomic change is lowered to: the statement that an expert would have written."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from host_tools.lower import spelling
from host_tools.lower.loads import Expression, shift
from host_tools.lower.meanings import AtomicOf, FieldOf, Index, RegisterAt, is_constant
from host_tools.lower.notes import Kept, Mistaken
from host_tools.lower.rules import (
    ALIASES,
    HALF,
    beside,
    bit_band_word,
    check_changeable,
    check_register_writable,
    check_writable,
    no_toggle,
    set_clear_twin,
    written_field,
)
from host_tools.lower.site import Operand, Site, Wanted
from host_tools.lower.spelling import Change
from host_tools.registers.model import Field, Register


@dataclass(frozen=True)
class Statement:
    """An assignment: `target`, the operator such as `=` or `|=`, and the value."""

    target: str
    operator: str
    value: str


def encode(site: Site, found: RegisterAt) -> Expression:
    """`register.encode(…)`: a constant, or Kept."""
    wanted = _fields(site, found)
    fields = [field for field, _ in wanted]
    values = [site.scope.constant(each.node) for _, each in wanted]
    if None in values:
        raise Kept("a value in it is known on the chip only")
    site.operands([each for _, each in wanted])
    given = {field.name: value for field, value in zip(fields, values, strict=True) if value is not None}
    return Expression(spelling.plain(found.register.encode(given)))


def write(site: Site, found: RegisterAt) -> Statement:
    """`register.write(…)`."""
    register = found.register
    check_register_writable(found)
    if site.call.args:
        if len(site.call.args) > 1 or site.call.keywords:
            raise Mistaken(f"{found.label}: write takes a value or fields, not both", "give one of them")
        if isinstance(site.call.args[0], ast.Starred):
            raise Kept("its arguments are known on the chip only")
        wanted = [Wanted(site.call.args[0], register.mask, found.label)]
        target = _target(site, found, wanted)
        (value,) = site.operands(wanted)
        text = spelling.number(value.constant, register.width) if value.constant is not None else value.text
        return Statement(target, "=", _checked(site, text, [value]))
    fields = _fields(site, found)
    target = _target(site, found, [each for _, each in fields])
    operands = site.operands([each for _, each in fields])
    placed = [(field.bit, field, operand) for (field, _), operand in zip(fields, operands, strict=True)]
    named = sum(field.mask for field, _ in fields)
    rest = register.rest(named)
    bits, terms = _terms(placed)
    if rest | bits or not terms:
        terms.append(spelling.number(rest | bits, register.width))
    return Statement(target, "=", _checked(site, " | ".join(terms), operands))


def modify(site: Site, found: RegisterAt) -> Statement:
    """`register.modify(…)`."""
    fields = _fields(site, found)
    return _changed_fields(site, found, fields)


def change(site: Site, found: RegisterAt) -> Statement:
    """`register.set(mask)`, `clear` or `toggle`."""
    check_changeable(found)
    register = found.register
    wanted = [Wanted(_only_argument(site, "mask"), register.mask, found.label)]
    constant = site.scope.constant(wanted[0].node)
    if constant is not None:
        site.operands(wanted)
        return _constant_change(site, found, _of_mask(register, site.method, constant))
    if site.method == "toggle" and (register.keep_zero or register.keep_one):
        raise Kept("the register has flags that act on being written, and the mask is known on the chip only")
    memory = site.memory(register, _target_address(site, found, wanted, times=2))
    (mask,) = site.operands(wanted)
    old = " | ".join(Change.of(register, 0, 0).terms(memory, register.width))
    sign = {"set": "|", "clear": "& ~", "toggle": "^ "}[site.method]
    text = mask.text if mask.is_simple else f"({mask.text})"
    is_joined = old != memory and site.method == "clear"
    if not mask.is_simple:  # it is evaluated before the register is read
        first = f"~{text}" if site.method == "clear" else text
        joined = {"set": "|", "clear": "&", "toggle": "^"}[site.method]
        value = f"{first} {joined} ({old})" if is_joined else f"{first} {joined} {old}"
    else:
        value = f"({old}) {sign}{text}" if is_joined else f"{old} {sign.strip()}{' ' * (sign != '& ~')}{text}"
    return Statement(memory, "=", _checked(site, value, [mask]))


def change_field(site: Site, found: FieldOf) -> Statement:
    """`register.FIELD.set(value)`, `clear()` or `toggle()`."""
    register, field = found.owner.register, found.field
    check_writable(found.label, register.access_of(field))
    check_changeable(found.owner)
    if site.method == "set":
        value = _only_argument(site, "value")
    else:
        if site.call.args or site.call.keywords:
            raise Mistaken(f"{site.method} takes no arguments", "remove them")
        value = ast.Constant(0)
    wanted = Wanted(value, field.largest, found.label)
    if found.index is not None:
        return _element(site, found, found.index, wanted)
    if site.method == "toggle":
        return _constant_change(site, found.owner, Change.of(register, 0, 0, field.mask))
    return _changed_fields(site, found.owner, [(field, wanted)])


def atomic(site: Site, found: AtomicOf) -> Statement:
    """`atomic(register).set(mask)`, `clear` or `toggle`: one store."""
    register, block, place = found.owner.register, found.owner.block, found.owner.place
    constant = site.scope.constant(_only_argument(site, "mask"))
    if not is_constant(found.owner) or place.address is None:
        raise Kept("its address is known on the chip only")
    twin = dict(block.set_reset).get(register.name)
    other = set_clear_twin(found.owner, site.method) if twin is None else None
    has_rules = not register.writable or register.keep_zero or register.keep_one
    if twin is None and other is None and (block.atomic is None or has_rules):
        raise Mistaken(f"{found.owner.label} has no atomic form", "hold `critical` and use modify")
    if (twin is not None or (other is None and block.atomic == "BIT_BAND")) and site.method == "toggle":
        raise no_toggle(found.owner)
    if constant is None:
        raise Kept("its mask is known on the chip only")
    if twin is not None:
        return _set_reset(site, found.owner, twin, constant)
    if not 0 <= constant <= register.mask:
        raise Mistaken(
            f"{found.owner.label} is {register.width} bits wide, {constant} does not fit", "correct the mask"
        )
    if other is not None:
        there = beside(found.owner, other).place.address
        assert there is not None
        return Statement(site.memory(other, spelling.address(there)), "=", spelling.number(constant, other.width))
    if block.atomic == "ALIASES":
        memory = site.memory(register, spelling.address(place.address + ALIASES[site.method]))
        return Statement(memory, "=", spelling.number(constant, register.width))
    return _bit_band(site, found.owner, place.address, constant)


def _set_reset(site: Site, owner: RegisterAt, twin: str, mask: int) -> Statement:
    other = owner.block.find(twin)
    if not isinstance(other, Register) or other.count is not None or owner.place.address is None:
        raise Kept(f"{twin} is no register that can be read from the source")
    if not 0 <= mask <= HALF:
        message = f"{owner.block.name}.{twin} sets and clears 16 bits, {mask} does not fit"
        raise Mistaken(message, "correct the mask")
    address = spelling.address(owner.place.address - owner.register.offset + other.offset)
    value = mask if site.method == "set" else mask << HALF.bit_length()
    return Statement(site.memory(other, address), "=", spelling.number(value, other.width))


def _bit_band(site: Site, owner: RegisterAt, address: int, mask: int) -> Statement:
    memory = site.memory(owner.register, spelling.address(bit_band_word(owner, address, mask)))
    return Statement(memory, "=", "1" if site.method == "set" else "0")


def _fields(site: Site, found: RegisterAt) -> list[tuple[Field, Wanted]]:
    """The fields that a call names, with their values, each checked as far as it can be."""
    if site.call.args:
        raise Mistaken(f"{found.label}: {site.method} takes fields by name", f"write {site.method}(FIELD=…)")
    made = []
    for word in site.call.keywords:
        if word.arg is None:
            raise Kept("its fields are known on the chip only")
        if word.arg == "value" and site.method == "write":
            raise Kept("the value is given by name")
        field = written_field(found, word.arg)
        made.append((field, Wanted(word.value, field.largest, f"{found.label}.{field.name}", word.arg)))
    return made


def _changed_fields(site: Site, found: RegisterAt, fields: Sequence[tuple[Field, Wanted]]) -> Statement:
    check_changeable(found)
    register = found.register
    wanted = [each for _, each in fields]
    named = sum(field.mask for field, _ in fields)
    if all(site.scope.constant(each.node) is not None for each in wanted):
        operands = site.operands(wanted)
        bits = sum((operand.constant or 0) << field.bit for (field, _), operand in zip(fields, operands, strict=True))
        return _constant_change(site, found, Change.of(register, named, bits))
    memory = site.memory(register, _target_address(site, found, wanted, times=2))
    operands = site.operands(wanted)
    bits, values = _terms([(field.bit, field, each) for (field, _), each in zip(fields, operands, strict=True)])
    old = Change.of(register, named, bits).terms(memory, register.width)
    is_simple = all(each.is_simple for each in operands)
    terms = [old[0], *values, *old[1:]] if is_simple else [*values, *old]
    return Statement(memory, "=", _checked(site, " | ".join(terms), operands))


def _terms(placed: Sequence[tuple[int, Field, Operand]]) -> tuple[int, list[str]]:
    """The constants among the values, in place, and the texts of the others."""
    bits = 0
    terms = []
    for bit, _, operand in placed:
        if operand.constant is not None:
            bits |= operand.constant << bit
        else:
            text = operand.text if operand.is_simple else f"({operand.text})"
            terms.append(f"{text} << {bit}" if bit else text)
    return bits, terms


def _element(site: Site, found: FieldOf, index: Index, wanted: Wanted) -> Statement:
    """A field of an array, its index known on the chip only."""
    owner, field = found.owner, found.field
    register = owner.register
    if register.keep_zero or register.keep_one:
        raise Kept("the register has flags that act on being written, and the index is known on the chip only")
    checked = site.checked(index, "bit")
    text = shift(index, field.bit, checked.name)
    by = site.hold("_s", f"{text} if {checked.test} else {checked.raising}" if checked.test else text)
    mask = f"{spelling.plain(field.largest)} << {by}"
    constant = site.scope.constant(wanted.node)
    if constant is not None:
        site.operands([wanted])
        memory = site.memory(register, _target_address(site, owner, [], times=1))
        if site.method == "toggle":
            return Statement(memory, "^=", mask)
        if constant in (0, field.largest):
            return Statement(memory, "|=" if constant else "&=", mask if constant else f"~({mask})")
    memory = site.memory(register, _target_address(site, owner, [wanted], times=2))
    (value,) = site.operands([wanted])
    text = value.text if value.is_simple else f"({value.text})"
    if value.is_simple:
        return Statement(memory, "=", _checked(site, f"{memory} & ~({mask}) | {text} << {by}", [value]))
    return Statement(memory, "=", _checked(site, f"{text} << {by} | {memory} & ~({mask})", [value]))


def _constant_change(site: Site, found: RegisterAt, made: Change) -> Statement:
    check_changeable(found)
    register = found.register
    if augmented := made.statement(register.width):
        memory = site.memory(register, _target_address(site, found, [], times=1))
        return Statement(memory, *augmented)
    memory = site.memory(register, _target_address(site, found, [], times=2))
    return Statement(memory, "=", made.expression(memory, register.width))


def _of_mask(register: Register, method: str, mask: int) -> Change:
    if method == "toggle":
        return Change.of(register, 0, 0, mask)
    return Change.of(register, mask, mask if method == "set" else 0)


def _target(site: Site, found: RegisterAt, wanted: Sequence[Wanted]) -> str:
    return site.memory(found.register, _target_address(site, found, wanted, times=1))


def _target_address(site: Site, found: RegisterAt, wanted: Sequence[Wanted], times: int) -> str:
    """The address as it is written `times` times; in a variable where evaluating it must come before the values."""
    text, is_known = site.address(found.place)
    values = [each for each in wanted if site.scope.constant(each.node) is None and not site.is_simple(each.node)]
    return text if is_known or (times == 1 and not values) else site.hold("_a", text)


def _checked(site: Site, text: str, operands: Sequence[Operand]) -> str:
    """The value if all operands fit, else the original call, which raises."""
    checks = [each.check for each in operands if each.check]
    if not checks:
        return text
    test = checks[0] if len(checks) == 1 else f"({' | '.join(checks)})"
    return f"{text} if not {test} else {site.original(operands)}"


def _only_argument(site: Site, name: str) -> ast.expr:
    call = site.call
    if len(call.args) == 1 and not call.keywords and not isinstance(call.args[0], ast.Starred):
        return call.args[0]
    if any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords):
        raise Kept("its arguments are known on the chip only")
    if not call.args and [each.arg for each in call.keywords] == [name]:
        return call.keywords[0].value
    raise Mistaken(f"{site.method} takes one {name}", f"write {site.method}({name})")
