"""Random bodies of functions: accesses of every kind, and what is written around them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from host_tools.equivalence.chooser import Chooser
from host_tools.equivalence.definitions import Definition
from host_tools.equivalence.expressions import BOOL, CONSTANTS, INT, OBJECT, UINT, Expressions, Value
from host_tools.equivalence.targets import Target, Targets, mistakes
from host_tools.registers.model import Field, Register

_WORD = 32
_HALF = 0xFFFF
_DEEPEST = 2
_ACCESSES = (
    *("write", "write_fields", "modify", "modify", "set_field", "set_field", "clear_field", "toggle_field"),
    *("set_mask", "toggle_mask", "assign", "assign", "encode", "atomic", "atomic"),
    "mask_state",
    "augment",
)
_COMPOUND = ("if_", "if_", "loop", "loop", "while_", "critical", "try_")


@dataclass
class Body:
    """Writes one function's body into `lines`. `hot`: for the viper emitter. `root`: the expression for the block.

    `parameters` are the names that it starts with; `returns` is the type of what it returns, None for nothing.
    `chip_only`: whether only the chip knows the block's address.
    """

    choose: Chooser
    made: Definition
    root: str
    hot: bool
    parameters: list[Value]
    returns: str | None = None
    chip_only: bool = False
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names = [*self.parameters, *CONSTANTS]
        self._counters: list[Value] = []
        self._depth = 0
        self._made_names = 0
        self._targets = Targets(self.choose, self.made, self.root, self._index)
        self._expressions = Expressions(self.choose, self.hot, lambda: self._names, self._read)

    def write(self, count: int) -> None:
        """Writes about `count` statements."""
        if self.choose.chance(40):
            self._alias()
        for _ in range(count):
            self._statement(0)
        if self.returns:
            self._line(f"return {self._returned()}")

    def fail(self, comment: str = "") -> None:
        """Writes an access that fails whenever it runs, and a comment behind it."""
        target = None
        while target is None:
            target = self._targets.constant()
        self._line(self.choose.one(mistakes(target, self.made.block, self.root)) + comment)

    # -- statements ----------------------------------------------------------------------------------------------------

    def _statement(self, depth: int) -> None:
        if depth < _DEEPEST and self.choose.chance(22):
            self._compound(depth)
            return
        for _ in range(3):
            if self._access(self.choose.one(_ACCESSES)):
                return
        self._line("pass")

    def _access(self, kind: str) -> bool:
        """Writes one access; False where the block has nothing for it."""
        make: Callable[[], str | None] = getattr(self, f"_{kind}")
        text = make()
        if text is not None:
            self._line(text)
        return text is not None

    def _compound(self, depth: int) -> None:
        kind = self.choose.one(_COMPOUND)
        if kind == "if_":
            self._line(f"if {self._expressions.condition()}:")
            self._block(depth, may_return=True)
            if self.choose.chance(40):
                self._line("else:")
                self._block(depth)
        elif kind == "loop":
            name, count = self._name("i"), self.choose.number(1, 5)
            start = self.choose.one(("", "", "0, ", "1, "))
            counter = Value(name, INT, 1 if start == "1, " else 0, max(count - 1, 1))
            self._line(f"for {name} in range({start}{count}):")
            self._block(depth, counter)
        elif kind == "while_":
            name = self._name("n")
            self._line(f"{name} = 0")
            self._line(f"while {name} < {self.choose.number(1, 4)}:")
            self._block(depth, Value(name, INT, 0, 4), first=f"{name} = {name} + 1")
        elif kind == "critical":
            self._line("with critical:")
            self._block(depth)
        else:
            self._line("try:")
            self._block(depth)
            self._line(f"except {self.choose.one(('ValueError', 'IndexError', 'Exception'))}:")
            self._block(depth)

    def _block(self, depth: int, counter: Value | None = None, first: str = "", may_return: bool = False) -> None:
        names, counters, aliases = list(self._names), list(self._counters), list(self._targets.aliases)
        if counter:
            self._names.append(counter)
            self._counters.append(counter)
        self._depth += 1
        if first:
            self._line(first)
        for _ in range(self.choose.number(1, 3)):
            self._statement(depth + 1)
        if may_return and self.choose.chance(20):
            self._line(f"return {self._returned()}" if self.returns else "return")
        self._depth -= 1
        self._names[:], self._counters[:], self._targets.aliases[:] = names, counters, aliases

    def _alias(self) -> None:
        if self.hot and self.chip_only:
            return
        target = self._targets.constant()
        if target:
            name = self._name("r")
            self._line(f"{name} = {target.text}")
            self._targets.aliases.append(Target(name, target.block, target.register))

    # -- accesses ------------------------------------------------------------------------------------------------------

    def _read(self) -> Value | None:
        target = self._targets.such(lambda each: each.register.readable)
        if target is None:
            return None
        readable = [each for each in target.register.fields if target.can_get(each)]
        if readable and self.choose.chance(60):
            text, one = self._targets.element(target, self.choose.one(readable))
            return Value(f"{text}.get()", UINT if one.width == _WORD else INT, 0, one.largest)
        register = target.register
        return Value(f"{target.text}.read()", UINT if register.width == _WORD else INT, 0, register.mask)

    def _assign(self) -> str:
        value = self._expressions.value()
        known = [each for each in self._names if each.kind == value.kind and self._is_ours(each)]
        fitting = [each for each in known if each.low <= value.low and value.high <= each.high]
        if fitting and self.choose.chance(30):
            return f"{self.choose.one(fitting).text} = {value.text}"
        name = self._name("v")
        self._names.append(Value(name, value.kind, value.low, value.high))
        return f"{name} = {value.text}"

    def _augment(self) -> str | None:
        ours = [each for each in self._names if self._is_ours(each) and each.kind != BOOL]
        if self.hot or not ours:
            return None
        sign = self.choose.one(("+=", "|=", "^=", "-="))
        return f"{self.choose.one(ours).text} {sign} {self._expressions.value(1).text}"

    def _write(self) -> str | None:
        target = self._targets.such(lambda each: each.register.writable)
        return f"{target.text}.write({self._argument(target.register.mask)})" if target else None

    def _write_fields(self) -> str | None:
        return self._by_names("write", lambda each: each.register.writable)

    def _modify(self) -> str | None:
        return self._by_names("modify", lambda each: each.changeable)

    def _encode(self) -> str | None:
        """Encodes, and writes that to the same register, at once or by a name."""
        target = self._targets.such(lambda each: bool(self._settable(each)) and not (self.hot and each.is_dynamic))
        if target is None:
            return None
        made = f"{target.text}.encode({self._words(target, constant=self.hot)})"
        if self.choose.chance(50):
            return f"{target.text}.write({made})"
        name = self._name("v")
        self._line(f"{name} = {made}")
        return f"{target.text}.write({name})"

    def _mask_state(self) -> str | None:
        """Writes whether interrupts are masked."""
        target = self._targets.such(lambda each: each.register.writable)
        return f"{target.text}.write(int(masked()))" if target else None

    def _by_names(self, method: str, wanted: Callable[[Target], bool]) -> str | None:
        target = self._targets.such(lambda each: wanted(each) and bool(self._settable(each)))
        return f"{target.text}.{method}({self._words(target)})" if target else None

    def _words(self, target: Target, constant: bool = False) -> str:
        fields = self._settable(target)
        words = []
        for _ in range(self.choose.number(1, min(3, len(fields)))):
            each = self.choose.one(fields)
            fields.remove(each)
            one = self._targets.one_of(each)
            value = str(self.choose.number(0, one.largest)) if constant else self._argument(one.largest)
            words.append(f"{one.name}={value}")
        return ", ".join(words)

    def _set_field(self) -> str | None:
        found = self._field()
        return f"{found[0]}.set({self._argument(found[1].largest)})" if found else None

    def _clear_field(self) -> str | None:
        found = self._field()
        return f"{found[0]}.clear()" if found else None

    def _toggle_field(self) -> str | None:
        found = self._field()
        return f"{found[0]}.toggle()" if found else None

    def _set_mask(self) -> str | None:
        target = self._targets.such(lambda each: each.changeable)
        return f"{target.text}.{self.choose.one(('set', 'clear'))}({self._mask(target.register)})" if target else None

    def _toggle_mask(self) -> str | None:
        target = self._targets.such(lambda each: each.changeable)
        return f"{target.text}.toggle({self._mask(target.register)})" if target else None

    def _atomic(self) -> str | None:
        target = self._targets.such(lambda each: each.has_atomic_form)
        if target is None:
            return None
        is_pair = target.register.name in dict(target.block.set_reset)
        twins = dict(target.block.set_clear).get(target.register.name)
        is_any = twins is not None or target.block.atomic == "ALIASES"
        methods = ["set", "clear"]
        if not is_pair and (twins[2] if twins else target.block.atomic == "ALIASES"):
            methods.append("toggle")
        if is_pair:
            mask = self._argument(_HALF)
        elif is_any:
            mask = self._argument(target.register.mask)
        else:
            mask = f"1 << {self.choose.number(0, target.register.width - 1)}"
        return f"atomic({target.text}).{self.choose.one(methods)}({mask})"

    # -- parts ---------------------------------------------------------------------------------------------------------

    def _settable(self, target: Target) -> list[Field]:
        return [each for each in target.register.fields if target.can_set(each)]

    def _field(self) -> tuple[str, Field] | None:
        target = self._targets.such(lambda each: each.changeable and bool(self._settable(each)))
        return self._targets.element(target, self.choose.one(self._settable(target))) if target else None

    def _mask(self, register: Register) -> str:
        mask = self.choose.one((1, 0, 0x8000_0000, 0xFFFF_FFFF, 0xF0, 0x2001)) & register.mask
        return self._argument(register.mask) if self.choose.chance(10) else f"{mask:#x}"

    def _argument(self, largest: int) -> str:
        """A value for what holds numbers up to `largest`: mostly one that fits."""
        choose = self.choose
        shape = choose.one(("constant", "constant", "below", "below", "below", "nearly", "any", "compared"))
        if shape == "constant":
            number = choose.one((1, 0, largest, largest >> 1, largest ^ largest >> 1))
            return f"{number:#x}" if number > _HALF or choose.chance(30) else str(number)
        if shape == "below" or (shape == "nearly" and largest > _HALF):
            return self._expressions.below(largest).text
        if shape == "nearly":
            made = self._expressions.below(2 * largest + 1)
            return self._expressions.below(largest).text if made.low == made.high else made.text
        if shape == "compared":
            made = self._expressions.comparison()
            return made.text if made.kind == BOOL else self._expressions.below(largest).text
        value = self._expressions.value(1)
        if self.hot and value.kind == OBJECT:
            return "1"
        is_certain_mistake = value.low == value.high and not value.fits(largest)
        return "0" if is_certain_mistake else value.text

    def _index(self, first: int, count: int) -> str | None:
        """An index that is known on the chip only; it may be out of range."""
        if (self.hot and self.chip_only) or not self.choose.chance(40):
            return None
        names = [each for each in self._names if each.kind in (INT, UINT) and each.low != each.high]
        if not names:
            return None
        fitting = [each for each in (*self._counters, *names) if first <= each.low and each.high < first + count]
        if fitting and self.choose.chance(60):
            return self.choose.one(fitting).text
        name = self.choose.one(names)
        if first == 0 and count & (count - 1) == 0 and self.choose.chance(40):
            return f"{name.text} & {self.choose.one((1, 1, 2)) * count - 1}"
        return name.text

    def _returned(self) -> str:
        for _ in range(4):
            value = self._expressions.value()
            if value.kind == self.returns or not self.hot:
                return value.text
        names = [each for each in self._names if each.kind == self.returns]
        return names[-1].text if names else "False" if self.returns == BOOL else "0"

    def _is_ours(self, name: Value) -> bool:
        return name.text.startswith("v")

    def _name(self, prefix: str) -> str:
        self._made_names += 1
        return f"{prefix}{self._made_names}"

    def _line(self, text: str) -> None:
        self.lines.append("    " * (self._depth + 1) + text)
