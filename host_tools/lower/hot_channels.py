"""The ends of channels of words in a `@hot` function: machine code in place of the calls, and behind it the calls.

`take()` becomes

    taken = (code that takes a word to `item`, from `state`)
    if not taken:
        item = uint(channel.take()); state = address

`state` is the channel's while its consumer's end belongs to the context that runs, and else that of an empty channel:
who may take is looked at once, at the function's start, for a function runs in one context.
"""

import ast
from dataclasses import dataclass, field

from host_tools.lower.hot_locks import Locking
from host_tools.lower.hot_pointers import Pointers
from host_tools.lower.hot_types import INT, UINT
from host_tools.lower.meanings import ChannelAt
from host_tools.lower.placeholders import Kind
from host_tools.lower.resolve import Scope

HEAD, TAIL = 0, 1
_WORD_BYTES = 4


@dataclass(frozen=True)
class _Consumer:
    """The locals for one channel."""

    source: str
    address: str
    state: str
    item: str
    taken: str


@dataclass
class HotChannels:
    """The channels of one function. `setup`: statements for its start, once all of it is rewritten."""

    scope: Scope
    pointers: Pointers
    setup: list[ast.stmt] = field(default_factory=list)
    _consumers: dict[str, _Consumer] = field(default_factory=dict)
    _producers: dict[str, tuple[str, str]] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    def type_of(self, node: ast.expr) -> str | None:
        """The type of `channel.take()`, `put(…)` and `channel.waiting`."""
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="take")) if self._is_channel(owner):
                return UINT
            case ast.Call(func=ast.Attribute(value=owner, attr="put")) if self._is_channel(owner):
                return UINT
            case ast.Attribute(value=owner, attr="waiting") if self._is_channel(owner):
                return INT
        return None

    def is_take(self, node: ast.expr | None) -> bool:
        """Whether an expression is `channel.take()`."""
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="take"), args=[], keywords=[]):
                return self._is_channel(owner)
        return False

    def waiting(self, node: ast.expr) -> ast.expr | None:
        """What `channel.waiting` becomes, None for any other expression."""
        if not isinstance(node, ast.Attribute) or self.type_of(node) != INT:
            return None
        source = f"uint({ast.unparse(node.value)}.address)"
        head, tail = (self.pointers.element(32, _WORD_BYTES * index, source=source) for index in (HEAD, TAIL))
        return ast.BinOp(head, ast.Sub(), tail)

    def take(self, node: ast.expr, locking: Locking) -> tuple[list[ast.stmt], ast.expr]:
        """The statements for `channel.take()`, and the name that then has the word."""
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Attribute)
        made = self._consumer(ast.unparse(node.func.value), node.lineno, locking)
        take = locking.placeholders.add_chain(Kind.TAKE, made.taken, node.lineno, made.state, made.item)
        late = ast.parse(
            f"if not {made.taken}:\n {made.item} = uint({made.source}.take()); {made.state} = {made.address}"
        )
        return [*take, *late.body], ast.Name(made.item, ast.Load())

    def is_put(self, node: ast.expr | None) -> bool:
        """Whether an expression is `channel.put(item)`."""
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="put"), args=[_], keywords=[]):
                return self._is_channel(owner)
        return False

    def put(self, node: ast.Call, item: ast.expr, locking: Locking) -> tuple[list[ast.stmt], ast.expr]:
        """The statements for `channel.put(item)`, and the name that then has 1 or 0; item: rewritten, unsigned."""
        assert isinstance(node.func, ast.Attribute)
        source = ast.unparse(node.func.value)
        address = self._address(source)
        if source not in self._producers:
            self._producers[source] = self.pointers.name("_i"), self.pointers.name("_t")
        held, done = self._producers[source]
        put = locking.placeholders.add_chain(Kind.PUT, done, node.lineno, address, held)
        late = ast.parse(f"if {done} == uint(2):\n {done} = uint(bool({source}.put({held})))")
        return [ast.Assign([ast.Name(held, ast.Store())], item, lineno=0), *put, *late.body], ast.Name(done, ast.Load())

    def _address(self, source: str) -> str:
        """The local that has the address of a channel's state."""
        if source not in self._addresses:
            self._addresses[source] = self.pointers.name("_a")
            self.setup += ast.parse(f"{self._addresses[source]} = uint({source}.address)").body
        return self._addresses[source]

    def _consumer(self, source: str, line: int, locking: Locking) -> _Consumer:
        if source not in self._consumers:
            address = self._address(source)
            made = _Consumer(source, address, *(self.pointers.name(stem) for stem in ("_s", "_i", "_t")))
            self._consumers[source] = made
            self.setup += ast.parse(f"{made.item} = uint(0)").body
            self.setup += locking.placeholders.add_chain(Kind.CONSUME, made.state, line, made.address)
        return self._consumers[source]

    def _is_channel(self, node: ast.expr) -> bool:
        return isinstance(self.scope.meaning(node), ChannelAt)
