"""Where the registers of a `@hot` function are: elements of its pointers."""

import ast

from host_tools.lower.hot_pointers import Pointers
from host_tools.lower.hot_types import Types
from host_tools.lower.hot_values import Checks, Values, times
from host_tools.lower.meanings import Place, RegisterAt
from host_tools.lower.notes import Kept
from host_tools.lower.resolve import Scope


class Places:
    """Gives the elements of one function's pointers."""

    def __init__(self, scope: Scope, pointers: Pointers, types: Types, values: Values) -> None:
        """`scope`: the function's own."""
        self._scope = scope
        self._pointers = pointers
        self._types = types
        self._values = values

    def element(self, found: RegisterAt, checks: Checks, moved: int = 0) -> ast.Subscript:
        """The element for a register, or for what lies `moved` bytes from it."""
        place, width = found.place, found.register.width
        if place.address is None:
            self._check_source(place)
            return self._pointers.element(width, moved, source=f"uint({place.source}.address)")
        index = None
        if place.index is not None:
            stride = place.index.stride
            if stride % (width // 8):
                raise Kept(f"its elements are {stride} bytes apart, which is no multiple of its width")
            index = times(self._values.index(place.index, checks), stride // (width // 8))
        return self._pointers.element(width, place.address + moved, index=index)

    def _check_source(self, place: Place) -> None:
        if not place.source:
            raise Kept("its address is known on the chip only")
        tree = ast.parse(place.source, mode="eval")
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
                raise Kept("which element it is, and its address, are known on the chip only")
            if isinstance(node, ast.Name) and self._scope.is_local(node.id) and not self._types.is_parameter(node.id):
                raise Kept(
                    f"{node.id} is a local name for an address that is known on the chip only; use what it names"
                )

    def word(self, width: int, address: int) -> ast.Subscript:
        """The element for an address."""
        return self._pointers.element(width, address)
