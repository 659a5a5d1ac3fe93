"""Random expressions whose range is known, so that they stay within 32 bits where the viper emitter cuts them."""

import operator
from collections.abc import Callable
from dataclasses import dataclass

from host_tools.equivalence.chooser import Chooser

INT, UINT, BOOL, OBJECT = "int", "uint", "bool", "object"
_LIMITS = {INT: (-(1 << 31), (1 << 31) - 1), UINT: (0, (1 << 32) - 1), BOOL: (0, 1)}
_LARGEST = (1 << 32) - 1
_DIVIDED = -(1 << 30)  # below it viper divides wrongly (mp_small_int_floor_divide); unsigned numbers it cannot divide
_SMALL = (0, 1, 2, 3, 5, 8, 31, 255, -1, -7)
_MASKS = (1, 3, 7, 15, 0xFF, 0xFFFF, 0x3FFF_FFFF, 0x7FFF_FFFF)
_WIDE_MASKS = (0x8000_0000, 0xFFFF_0000, 0xFFFF_FFFF, 0x4000_0000)
_COMPARISONS = ("<", ">=", "==", "!=", "<=", ">")
_EXACT: dict[str, Callable[[int, int], int]] = {
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "%": operator.mod,
    "//": operator.floordiv,
}


@dataclass(frozen=True)
class Value:
    """An expression: its text, the type it has in viper, and the numbers between which it lies.

    `is_name`: whether it can stand anywhere without brackets.
    """

    text: str
    kind: str
    low: int
    high: int
    is_name: bool = True

    @property
    def inner(self) -> str:
        """The text as a part of another expression."""
        return self.text if self.is_name else f"({self.text})"

    def fits(self, largest: int) -> bool:
        """Whether it is certainly between 0 and `largest`."""
        return self.kind != OBJECT and self.low >= 0 and self.high <= largest


CONSTANTS = (Value("LIMIT", INT, 5, 5), Value("Mode.ON", INT, 1, 1))
"""Names of numbers that every program has."""


class Expressions:
    """Makes expressions from the names in scope. `hot`: only what viper can do, within 32 bits."""

    def __init__(
        self, choose: Chooser, hot: bool, names: Callable[[], list[Value]], read: Callable[[], Value | None]
    ) -> None:
        """`names`: what is in scope now. `read`: an access that reads, or None where there is nothing to read."""
        self._choose = choose
        self._hot = hot
        self._names = names
        self._read = read

    def value(self, depth: int = 2) -> Value:
        """Any number."""
        choose = self._choose
        shape = choose.one(("name", "name", "read", "read", "literal", "binary", "binary", "choice", "call"))
        if depth == 0 and shape in ("binary", "choice", "call"):
            shape = "name"
        if shape == "binary":
            return self._binary(depth)
        if shape in ("choice", "call"):
            return self._conditional(depth) if shape == "choice" or self._hot else self._call(depth)
        if shape == "read" and (found := self._read()):
            return found
        if shape != "literal" and (names := self._names()):
            return choose.one(names)
        return self._literal()

    def below(self, largest: int) -> Value:
        """A number that is certainly between 0 and `largest`, a mask of low bits."""
        made = self.value()
        if made.fits(largest):
            return made
        if made.kind == OBJECT:
            return _constant(largest)
        if largest > _LIMITS[INT][1] and made.kind == INT and self._hot:
            return _constant(largest >> 1)
        exact = made.low & largest
        low, high = (exact, exact) if made.low == made.high else (0, largest)
        return Value(f"{made.inner} & {largest:#x}", made.kind, low, high, False)

    def condition(self, depth: int = 1) -> str:
        """Something that is true or false."""
        choose = self._choose
        shape = choose.one(("compare", "compare", "value", "not", "and", "or"))
        if shape in ("and", "or") and depth:
            return f"{self._side(depth)} {shape} {self._side(depth)}"
        if shape == "not":
            return f"not {self.value(0).inner}"
        if shape == "value":
            return self.value(1).text
        return self.comparison().text

    def comparison(self) -> Value:
        """Two numbers compared."""
        left = self.value(1)
        right = self._literal() if self._choose.chance(60) else self.value(1)
        if self._hot and (left.kind != right.kind or BOOL in (left.kind, right.kind)):
            if left.kind == BOOL:
                return left
            right = _constant(self._choose.number(0, 9))
        return Value(f"{left.inner} {self._choose.one(_COMPARISONS)} {right.inner}", BOOL, 0, 1, False)

    def _side(self, depth: int) -> str:
        return f"({self.condition(depth - 1)})"

    def _literal(self) -> Value:
        choose = self._choose
        if not self._hot and choose.chance(10):
            return _constant(choose.one((-(1 << 31), 1 << 32, 1 << 40, 0x8000_0000)))
        return _constant(choose.one(_SMALL) if choose.chance(80) else choose.one(_MASKS))

    def _conditional(self, depth: int) -> Value:
        first, second = self.value(depth - 1), self.value(depth - 1)
        if first.kind != second.kind:
            return first
        low, high = min(first.low, second.low), max(first.high, second.high)
        return Value(f"{first.inner} if {self._side(1)} else {second.inner}", first.kind, low, high, False)

    def _call(self, depth: int) -> Value:
        """Something of Python's own, which viper has not."""
        first, second = self.value(depth - 1), self.value(depth - 1)
        low, high = min(first.low, second.low), max(first.high, second.high)
        name = self._choose.one(("min", "max", "bool", "sum"))
        if name == "bool" or OBJECT in (first.kind, second.kind):
            return Value(f"bool({first.text})", BOOL, 0, 1)
        if name == "sum":
            count = self._choose.number(1, 3)
            return Value(
                f"sum([{first.inner} for k in range({count})])", INT, min(0, first.low * count), first.high * count
            )
        return Value(f"{name}({first.text}, {second.text})", INT, low, high)

    def _binary(self, depth: int) -> Value:
        left = self.value(depth - 1)
        if left.kind in (BOOL, OBJECT) and self._hot:
            return left
        sign = self._choose.one(("&", "|", "^", "+", "-", "<<", ">>", "*", "%", "//"))
        right = self._right(sign, left, depth)
        if self._hot and right.kind not in (INT, UINT):
            return left
        if OBJECT in (left.kind, right.kind):
            return Value(f"{left.inner} {sign} {right.inner}", OBJECT, 0, 0, False)
        low, high = _range(sign, left, right)
        kind = left.kind if left.kind != BOOL else INT
        bottom, top = _LIMITS[kind] if self._hot else (-_LARGEST, _LARGEST)
        if not (bottom <= low and high <= top):
            return left
        if self._hot and sign in ("%", "//") and (left.kind == UINT or left.low < _DIVIDED):
            return left
        return Value(f"{left.inner} {sign} {right.inner}", kind, low, high, False)

    def _right(self, sign: str, left: Value, depth: int) -> Value:
        choose = self._choose
        if sign in ("<<", ">>"):
            return _constant(choose.number(0, 8 if sign == "<<" else 31))
        if sign in ("%", "//", "*"):
            return _constant(choose.one((1, 2, 3, 7, 16)))
        if sign in ("&", "|", "^") and choose.chance(70):
            is_wide = not (self._hot and left.kind == INT) and choose.chance(30)
            return _constant(choose.one(_WIDE_MASKS if is_wide else _MASKS))
        return self.value(depth - 1)


def _constant(number: int) -> Value:
    text = f"{number:#x}" if number > 255 else str(number)  # noqa: PLR2004 - as a person writes it
    return Value(text, INT, number, number, number >= 0)


def _range(sign: str, left: Value, right: Value) -> tuple[int, int]:
    """The range of what two numbers make; never too narrow."""
    exact = _EXACT[sign]
    if left.low == left.high and right.low == right.high:
        return (exact(left.low, right.low),) * 2
    if sign == "%":
        return 0, right.high - 1
    if sign in ("&", "|", "^"):
        return _range_of_bits(sign, left, right)
    ends = [exact(one, other) for one in (left.low, left.high) for other in (right.low, right.high)]
    return min(ends), max(ends)


def _range_of_bits(sign: str, left: Value, right: Value) -> tuple[int, int]:
    tops = [side.high for side in (left, right) if side.low >= 0]
    if sign == "&" and tops:
        return 0, min(tops)
    if len(tops) == 2:  # noqa: PLR2004 - neither is negative
        return 0, (1 << max(tops).bit_length()) - 1
    widest = max(abs(end) for side in (left, right) for end in (side.low, side.high)).bit_length()
    return -(1 << widest), (1 << widest) - 1
