"""What an expression in a function of the firmware means: which register it is, and where.

    scope = Scope(image, module).inside(function)
    scope.meaning(expression)       # RegisterAt, FieldOf, BlockAt, a number, … or Unknown with the reason
    scope.constant(expression)      # the number that it always is, or None

A name has a meaning only if one statement binds it, directly in the body of its function or module and before the use;
what is rebound, deleted, imported with a star, assigned from elsewhere or handed in is `Unknown`.
"""

import ast
from dataclasses import dataclass, replace

from host_tools.lower import offers
from host_tools.lower.bindings import Binding, FunctionNode, ScopeNode, targets_of
from host_tools.lower.image import Image, Module, Store, self_of
from host_tools.lower.meanings import (
    APP,
    ATOMIC,
    CEILING,
    CONST,
    LOG,
    SHARED,
    WORDS,
    AppAt,
    ArrayAt,
    AtomicOf,
    BlockAt,
    BlockClass,
    CeilingOf,
    ChannelAt,
    FieldOf,
    FieldsOf,
    Index,
    LogAt,
    Meaning,
    ModuleRef,
    PeripheralRef,
    PinAt,
    Place,
    RegisterAt,
    SharedAt,
    Symbol,
    Taken,
    Unknown,
    Wrong,
    is_constant,
)
from host_tools.lower.members import element, member
from host_tools.registers.arithmetic import binary, unary
from host_tools.registers.definitions import unit
from host_tools.registers.model import Block, Values

OPAQUE = (
    *("corten.register", "corten.field", "corten.atomic", "corten.hot", "corten.peripheral"),
    *("corten.critical", "corten.ceiling", "corten.shared", "corten.channel", "corten.app", "corten.log"),
)
"""Modules whose names stand for themselves."""

_ADDRESSES = 1 << 32


@dataclass(frozen=True)
class Scope:
    """A place in a module's source; `chain`: the functions, classes and comprehensions around it, from outside."""

    image: Image
    module: Module
    chain: tuple[ast.AST, ...] = ()

    def inside(self, node: ast.AST) -> "Scope":
        """The scope in the body of a function, class or comprehension that is in this one."""
        return replace(self, chain=(*self.chain, node))

    @property
    def function(self) -> FunctionNode | None:
        """The function whose locals an assignment here would make, None in a class or at the module's level."""
        for node in reversed(self.chain):
            if isinstance(node, FunctionNode):
                return node
            if isinstance(node, ast.ClassDef):
                return None
        return None

    def constant(self, node: ast.expr) -> int | None:
        """The number that an expression always is; True and False are 1 and 0."""
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            return int(node.value)
        found = self.meaning(node)
        return found if isinstance(found, int) else None

    def meaning(self, node: ast.expr) -> Meaning | None:
        """What an expression means; None for what has nothing to do with registers."""
        found: Meaning | None = None
        match node:
            case ast.Constant(value=int() as value) if not isinstance(value, bool):
                found = value
            case ast.Name():
                found = self._name(node)
            case ast.Attribute(value=owner, attr=name):
                found = self._attribute(owner, name)
            case ast.Subscript(value=owner, slice=index):
                found = self._element(self.meaning(owner), index)
            case ast.Call(func=ast.Attribute(value=owner, attr="take" | "into_output" | "into_input" as method)):
                found = self._offered(node, self.meaning(owner), method)
            case ast.Call(func=callee, args=[argument], keywords=[]) if not isinstance(argument, ast.Starred):
                found = self._call(self.meaning(callee), argument)
            case ast.UnaryOp(op=sign, operand=operand):
                number = self.meaning(operand)
                found = unary(sign, number) if isinstance(number, int) else None
            case ast.BinOp(op=sign, left=left, right=right):
                first, second = self.meaning(left), self.meaning(right)
                found = binary(sign, first, second) if isinstance(first, int) and isinstance(second, int) else None
        return found

    def is_local(self, name: str) -> bool:
        """Whether a name is a variable of this function that no other function can change."""
        for holder in reversed(self.chain):
            if isinstance(holder, ScopeNode):
                bindings = self.image.bindings(holder)
                return isinstance(holder, FunctionNode) and name in bindings and not bindings.is_shared(name)
            if name in targets_of(holder):
                return True
        return False

    def binding(self, node: ast.Name) -> tuple["Scope", Binding] | None:
        """The one place that binds a name in a function around it, and the scope of that. None for others."""
        for depth in range(len(self.chain), 0, -1):
            holder = self.chain[depth - 1]
            if isinstance(holder, ScopeNode):
                if isinstance(holder, ast.ClassDef) and depth < len(self.chain):
                    continue
                bindings = self.image.bindings(holder)
                if node.id in bindings:
                    found = bindings.only(node.id)
                    return (replace(self, chain=self.chain[:depth]), found) if found else None
            elif node.id in targets_of(holder):
                return None
        return None

    def global_binding(self, node: ast.Name) -> tuple["Scope", Binding] | None:
        """The one place that binds a name at the module's level, and the scope of that. None for others."""
        is_known = not self._is_bound_here(node.id) and not self.module.is_open
        if not is_known or self.image.patched(node.id) or (found := self.module.bindings.only(node.id)) is None:
            return None
        return Scope(self.image, self.module), found

    def is_builtin(self, name: str) -> bool:
        """Whether a name is that of Python itself: nothing in the module binds it."""
        return not self._is_bound_here(name) and name not in self.module.bindings and not self.module.is_open

    def _is_bound_here(self, name: str) -> bool:
        """Whether a function, class or comprehension around binds a name."""
        for depth, holder in enumerate(self.chain, 1):
            if isinstance(holder, ScopeNode):
                is_hidden = isinstance(holder, ast.ClassDef) and depth < len(self.chain)
                if not is_hidden and name in self.image.bindings(holder):
                    return True
            elif name in targets_of(holder):
                return True
        return False

    def _name(self, node: ast.Name) -> Meaning | None:
        if not self._is_bound_here(node.id):
            return self._global(node)
        found = self.binding(node)
        if found is None:
            return Unknown(f"{node.id} is bound more than once")
        scope, binding = found
        if isinstance(binding.node, ast.arg):
            return Unknown(f"{node.id} is a parameter")
        if binding.index is None or not is_before(binding.node, node):
            return Unknown(f"{node.id} is not bound in one place that always comes before")
        return scope._bound(binding, node.id)

    def _bound(self, binding: Binding, name: str) -> Meaning | None:
        """What a name means that this binds, here."""
        if binding.value is not None:
            return _named(self.meaning(binding.value), name)
        if binding.alias is not None:
            return self._import(binding)
        return Unknown(f"{name} is made at run time")

    def _global(self, node: ast.Name) -> Meaning | None:
        name = node.id
        if name not in self.module.bindings:
            return (
                Unknown(f"{self.module.file} imports everything from a module") if self.module.bindings.star else None
            )
        binding = self.module.bindings.only(name)
        if not self.chain and binding is not None and not is_before(binding.node, node):
            return Unknown(f"{name} is bound after this")
        return Scope(self.image, self.module).member(name)

    def member(self, name: str) -> Meaning | None:
        """What a name at the module's level means."""
        known = self.image.known
        key = self.module, name
        if key not in known:
            known[key] = Unknown(f"{name} is bound to itself")
            known[key] = self._member(name)
        return known[key]

    def _member(self, name: str) -> Meaning | None:
        module = self.module
        binding = module.bindings.only(name)
        reason = None
        if module.is_open:
            reason = f"{module.file} can bind names that its source does not show"
        elif where := self.image.patched(name):
            reason = f"{name} is assigned at {where}"
        elif binding is None:
            reason = f"{name} is bound more than once"
        elif binding.index is None:
            reason = f"{name} is bound inside another statement"
        if reason or binding is None:
            return Unknown(reason or "")
        if isinstance(binding.node, ast.ClassDef):
            return self._class(binding.node)
        if isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef):
            return None
        if isinstance(binding.value, ast.Call) and (made := self._made_here(binding.value, name)):
            return made
        return self._bound(binding, name)

    def _made_here(self, call: ast.Call, name: str) -> Meaning | None:
        """What a name stands for that is bound to a new object of `corten`."""
        if self.module.name == offers.BOARD:
            return offers.offered(call, self.meaning, self.constant)
        found = self.meaning(call.func)
        match found:
            case Symbol(path=path) if path in SHARED:
                return self._shared(call, name, SHARED[path])
            case Symbol(path=path) if path == WORDS:
                return ChannelAt(self.module.name, name)
            case Symbol(path=path) if path == APP:
                return AppAt(self.module.name, name)
        return None

    def _shared(self, call: ast.Call, name: str, is_word: bool) -> SharedAt:
        """`Shared(value, ceiling=…)`."""
        given = [word.value for word in call.keywords if word.arg == "ceiling"] + call.args[1:2]
        made = SharedAt(self.module.name, name, is_word)
        if any(word.arg is None for word in call.keywords) or any(isinstance(each, ast.Starred) for each in call.args):
            return replace(made, reason="its ceiling is known on the chip only")
        if not given or (isinstance(given[0], ast.Constant) and given[0].value is None):
            return made
        ceiling = self.constant(given[0])
        return replace(made, ceiling=ceiling, reason="" if ceiling is not None else "its ceiling is no constant")

    def _class(self, node: ast.ClassDef) -> Meaning | None:
        registers = self.image.registers(self.module.name)
        if registers is None:
            return Unknown(f"{self.module.file} imports itself")
        if node.name in registers.unreadable:
            return Unknown(f"{node.name} is made at run time: {registers.unreadable[node.name][1]}")
        block = registers.blocks.get(node.name)
        return registers.values.get(node.name) if block is None else self._block(node, block)

    def _block(self, node: ast.ClassDef, block: Block) -> Meaning:
        if own := next(iter(_own_ways(node, block)), None):
            return Unknown(f"{node.name} has its own {own}")
        for base in node.bases:
            inherited = self.meaning(base)
            if isinstance(inherited, Unknown):
                return inherited
        return BlockClass(block)

    def _import(self, binding: Binding) -> Meaning | None:
        assert binding.alias is not None
        alias = binding.alias
        if isinstance(binding.node, ast.Import):
            return self._module(alias.name if alias.asname else alias.name.split(".")[0])
        assert isinstance(binding.node, ast.ImportFrom)
        source = self.module.absolute(binding.node)
        return self._in_module(self._module(source), alias.name)

    def _module(self, name: str) -> Meaning:
        is_known = name in self.image.modules or self.image.is_package(name)
        return ModuleRef(name) if is_known and name not in OPAQUE else Symbol(name)

    def _in_module(self, owner: Meaning, name: str) -> Meaning | None:
        if isinstance(owner, Symbol):
            return Symbol(f"{owner.path}.{name}")
        assert isinstance(owner, ModuleRef)
        module = self.image.modules.get(owner.name)
        if module is not None and (name in module.bindings or module.bindings.star):
            return Scope(self.image, module).member(name)
        if where := self.image.patched(name):
            return Unknown(f"{name} is assigned at {where}")
        return self._module(f"{owner.name}.{name}")

    def _attribute(self, owner: ast.expr, name: str) -> Meaning | None:
        found = self.meaning(owner)
        match found:
            case ModuleRef() | Symbol():
                return self._in_module(found, name)
            case BlockAt() | RegisterAt() | FieldOf():
                return self._unless_patched(name, member(found, name))
            case PeripheralRef(numbers) | Values(members=numbers):
                return self._unless_patched(name, dict(numbers).get(name))
            case Unknown() | Wrong():
                own = self._own(owner, name)
                return own if own is not None else found
        return None

    def _own(self, owner: ast.expr, name: str) -> Meaning | None:
        """What `self.name` means in a method."""
        if not isinstance(owner, ast.Name) or (found := self.binding(owner)) is None:
            return None
        scope, binding = found
        match scope.chain:
            case (*_, ast.ClassDef() as around, ast.FunctionDef() as method):
                pass
            case _:
                return None
        if not isinstance(binding.node, ast.arg) or self_of(method) != owner.id:
            return None
        known = self.image.known
        key = around, name
        if key not in known:
            known[key] = Unknown(f"{name} is bound to itself")
            store = self.image.attribute(around, name)
            known[key] = Unknown(store) if isinstance(store, str) else self._stored(store)
        return _named(known[key], f"{owner.id}.{name}")

    def _stored(self, store: Store) -> Meaning | None:
        assert store.owner is not None
        assert store.method is not None
        assert store.value is not None
        if store.module.tree.body.count(store.owner) != 1:
            return Unknown(f"{store.owner.name} is defined inside another statement")
        return Scope(self.image, store.module, (store.owner, store.method)).meaning(store.value)

    def _element(self, owner: Meaning | None, index: ast.expr) -> Meaning | None:
        match owner:
            case ArrayAt() | FieldsOf():
                is_local = isinstance(index, ast.Name) and self.is_local(index.id)
                return element(owner, index, self.constant(index), is_local)
            case Unknown() | Wrong():
                return owner
        return None

    def _call(self, callee: Meaning | None, argument: ast.expr) -> Meaning | None:
        match callee:
            case BlockClass(block):
                return _made(block, self.constant(argument))
            case Symbol(path=path) if path == CONST:
                return self.meaning(argument)
            case Symbol(path=path) if path == CEILING:
                level = self.constant(argument)
                return Unknown("its priority is no constant") if level is None else CeilingOf(level)
            case Symbol(path=path) if path == LOG:
                return LogAt(self._log_name(argument))
            case Symbol(path=path) if path == ATOMIC:
                found = self.meaning(argument)
                return AtomicOf(found) if isinstance(found, RegisterAt) else found
        return callee if isinstance(callee, Unknown) else None

    def _log_name(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=str(name)):
                return name
            case ast.Name(id="__name__") if self.is_builtin("__name__"):
                return "__main__" if self.module.name == "main" else self.module.name
        return ""

    def _offered(self, call: ast.Call, owner: Meaning | None, method: str) -> Meaning | None:
        """What `board.take(name)` gives, and a pin's `take()`, `into_output()` and `into_input()`."""
        match owner, method, call.args:
            case ModuleRef(name=offers.BOARD as name), "take", [ast.Constant(value=str(wanted)), *_]:
                board = self.image.modules[name]
                if wanted in board.bindings:
                    return self._offered(call, Scope(self.image, board).member(wanted), method)
                pin = offers.chip_pin(board, wanted)
                return Taken(pin) if pin else None
            case PeripheralRef(is_pin=True) as pin, "take", _:
                return Taken(pin)
            case (PeripheralRef(is_pin=True) as pin) | Taken(pin), "into_output" | "into_input", _:
                return self._handle(pin, method.removeprefix("into_"), call)
            case Unknown(), "into_output" | "into_input", _:
                return owner
        return None

    def _handle(self, pin: PeripheralRef, state: str, call: ast.Call) -> Meaning:
        """A pin's handle, as `call` makes it. Its driver names the class of its port's registers."""
        known = dict(pin.numbers)
        module = self.image.modules.get(f"corten.drivers.{pin.block}")
        port = Scope(self.image, module).member("PORT") if module else None
        if not (isinstance(port, BlockClass) and known.keys() >= {"base", "bit"}):
            return Unknown(f"the driver {pin.block} does not tell its registers from its source")
        block = port.block
        for option in call.keywords:
            if block.open_drain and option.arg in ("open_drain", None):
                drain = self.constant(option.value)
                if drain is None:
                    return Unknown("whether it is an open drain is no constant")
                block = replace(block, output=block.open_drain) if drain else block
        return PinAt(BlockAt(block, Place(known["base"])), known["bit"], state)

    def _unless_patched(self, name: str, found: Meaning | None) -> Meaning | None:
        if found is not None and (where := self.image.patched(name)):
            return Unknown(f"{name} is assigned at {where}")
        return found


def _made(block: Block, base: int | None) -> Meaning:
    """`Gpio(base)`; None is a base that only the chip knows."""
    if base is not None and (not 0 <= base < _ADDRESSES or base % unit(block)):
        return Unknown(f"no {block.name} can be at {base:#x}")
    return BlockAt(block, Place(base))


def _named(meaning: Meaning | None, source: str) -> Meaning | None:
    """What a name means that is bound to this: where only the chip knows the address, the name tells it."""
    match meaning:
        case BlockAt() | ArrayAt() | RegisterAt() if not is_constant(meaning):
            if isinstance(meaning, ArrayAt):
                return Unknown(f"{source} is an array at an address that only the chip knows")
            return replace(meaning, place=Place(None, source))
        case FieldOf() | FieldsOf() | AtomicOf() if isinstance(meaning, AtomicOf) or not is_constant(meaning):
            return Unknown(f"{source} is what only the chip knows")
        case PinAt():
            return replace(meaning, name=source)
        case FieldOf(index=Index()):
            return Unknown(f"{source} is what only the chip knows")
    return meaning


def is_before(binding: ast.AST, use: ast.Name) -> bool:
    """Whether what binds a name ends before a use of it begins."""
    end = getattr(binding, "end_lineno", 0), getattr(binding, "end_col_offset", 0)
    return end <= (use.lineno, use.col_offset)


def _own_ways(node: ast.ClassDef, block: Block) -> list[str]:
    """What a class of registers defines that could make an access mean something else."""
    names = {item.name for item in block.items}
    found = []
    for inner in ast.walk(node):
        match inner:
            case ast.FunctionDef(name=name) if name in names or name.startswith("__") or not name.islower():
                found.append(name)
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()) if name in names:
                found.append(name)
    return found
