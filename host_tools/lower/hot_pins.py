"""The operations of a pin in a `@hot` function: the port's loads and stores that the pin's own methods make.

`on()` and `off()` are one store, by the atomic form of the port's output register. `toggle()` is one as well where that
form has one, and else a load, and a store that sets or clears the pin's own bit, with interrupts masked.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from host_tools.lower.hot_access import Accesses
from host_tools.lower.hot_locks import HotLocks, Locking
from host_tools.lower.meanings import AtomicOf, FieldOf, PinAt, RegisterAt
from host_tools.lower.members import member
from host_tools.lower.notes import Kept, Mistaken
from host_tools.lower.pins import check_kept
from host_tools.lower.resolve import Scope
from host_tools.registers.model import Field

_READS = ("value", "read", "")
_WRITES = ("write", "value", "")
_ACTIONS = {"on": "set", "off": "clear"}
OPERATIONS = ("on", "off", "toggle", "read", "write", "value")


@dataclass(frozen=True)
class Operation:
    """A call that operates a pin. `method` is empty where the handle itself is called."""

    call: ast.Call
    pin: PinAt
    method: str

    @property
    def is_read(self) -> bool:
        """Whether it reads the pin's level."""
        return self.method in _READS and not (self.call.args or self.call.keywords)


def operation(node: ast.expr | None, scope: Scope) -> Operation | None:
    """What an expression does to a pin, None for any other expression."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in OPERATIONS:
            pin = scope.meaning(owner)
        case ast.Call(func=ast.Name() | ast.Attribute() as owner):
            pin, method = scope.meaning(owner), ""
        case _:
            return None
    return Operation(node, pin, method) if isinstance(pin, PinAt) else None


@dataclass
class HotPins:
    """The pins of one function. `rewrite`: gives an expression with its own accesses lowered.

    `locking`: what masking takes, None where locks are left as they are.
    """

    scope: Scope
    accesses: Accesses
    locks: HotLocks
    locking: Locking | None
    rewrite: Callable[..., ast.expr]

    def load(self, found: Operation, is_test: bool) -> ast.expr:
        """The expression for one that reads. Raises Kept and Mistaken."""
        check_kept(found.pin, self.scope)
        return self.accesses.load(self._level(found.pin), found.call, is_test)

    def store(self, found: Operation) -> list[ast.stmt]:
        """The statements for one that drives. Raises Kept and Mistaken."""
        call, pin, method = found.call, found.pin, found.method
        if call.keywords or len(call.args) != (method in _WRITES):
            raise Kept("it is called in a way that is not known")
        if pin.state != "output":
            raise Mistaken(f"{pin.name} is an {pin.state}, which drives nothing", "make it an output: into_output()")
        check_kept(pin, self.scope)
        if method not in _WRITES:
            return self._toggle(found) if method == "toggle" else self._drive(pin, _ACTIONS[method])
        level = self.scope.constant(call.args[0])
        if level is not None:
            return self._drive(pin, "set" if level else "clear")
        return [ast.If(self.rewrite(call.args[0], is_test=True), self._drive(pin, "set"), self._drive(pin, "clear"))]

    def _toggle(self, found: Operation) -> list[ast.stmt]:
        pin = found.pin
        try:
            return self._drive(pin, "toggle")
        except Mistaken:
            if self.locking is None:
                raise Kept("it masks interrupts, and locks are left as they are") from None
            return self.locks.all_masked(self._toggle_masked(pin), found.call.lineno, self.locking)

    def _toggle_masked(self, pin: PinAt) -> list[ast.stmt]:
        block, output = pin.port.block, self._register(pin, pin.port.block.output)
        level = FieldOf(output, Field("PIN", pin.bit))
        call = ast.Call(ast.Name(pin.name, ast.Load()), [], [])
        (made,) = self._drive(pin, "set")
        assert isinstance(made, ast.Assign)
        name = output.register.name
        is_pair = name in dict(block.set_clear) and name not in dict(block.set_reset)
        old = self.accesses.load(level, call, is_test=is_pair)
        if is_pair:
            return [ast.If(old, self._drive(pin, "clear"), [made])]
        if name in dict(block.set_reset):
            made.value = _shifted(ast.Constant(1 << pin.bit), _shifted(old, ast.Constant(4)))
        else:
            made.value = ast.BinOp(old, ast.BitXor(), ast.Constant(1))
        return [made]

    def _drive(self, pin: PinAt, method: str) -> list[ast.stmt]:
        """The store that sets, clears or toggles the pin's bit."""
        register = AtomicOf(self._register(pin, pin.port.block.output))
        call = ast.Call(ast.Name(pin.name, ast.Load()), [ast.Constant(1 << pin.bit)], [])
        return self.accesses.store(register, method, call)

    def _level(self, pin: PinAt) -> FieldOf:
        """The bit that tells a pin's level: what drives it, where the port has no input for it."""
        block = pin.port.block
        if block.input is None or pin.bit < block.input_first:
            return FieldOf(self._register(pin, block.output), Field("PIN", pin.bit))
        return FieldOf(self._register(pin, block.input), Field("PIN", pin.bit - block.input_first))

    def _register(self, pin: PinAt, name: str | None) -> RegisterAt:
        found = member(pin.port, name) if name else None
        if not isinstance(found, RegisterAt):
            raise Kept(f"{pin.port.block.name} does not say which register has the pin")
        return found


def _shifted(value: ast.expr, by: ast.expr) -> ast.expr:
    return ast.BinOp(value, ast.LShift(), by)
