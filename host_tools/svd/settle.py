"""The names of a module's classes: each means one thing, and none is that of the instance or of an import."""

from collections.abc import Iterator
from dataclasses import replace

from host_tools.registers.model import Block, Cluster, Register, Values
from host_tools.svd.names import class_name


def settle(block: Block, instance: str) -> Block:
    """A block whose classes and its inner blocks' have names of their own; equal ones share theirs."""
    return _Settler({instance, *_items(block)}).block(block, "")


def _items(block: Block) -> Iterator[str]:
    """The names of all registers and clusters: in the class's body they would hide a class of that name."""
    for item in block.items:
        yield item.name
        if isinstance(item, Cluster):
            yield from _items(item.block)


class _Settler:
    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._values: dict[tuple[object, ...], Values] = {}
        self._blocks: dict[Block, Block] = {}

    def block(self, block: Block, within: str) -> Block:
        """The outermost block has its name for certain: that is what a user imports."""
        key = replace(block, name="")
        if key not in self._blocks:
            name = self._name(block.name, within)
            items: list[Register | Cluster] = []
            for item in block.items:
                if isinstance(item, Cluster):
                    items.append(replace(item, block=self.block(item.block, name)))
                else:
                    items.append(self._register(item))
            self._blocks[key] = replace(block, name=name, items=tuple(items))
        return self._blocks[key]

    def _register(self, register: Register) -> Register:
        fields = []
        for field in register.fields:
            values = field.values
            if values:
                if values.members not in self._values:
                    name = self._name(values.name, class_name(register.name))
                    self._values[values.members] = replace(values, name=name)
                values = self._values[values.members]
            fields.append(replace(field, values=values))
        return replace(register, fields=tuple(fields))

    def _name(self, wanted: str, within: str) -> str:
        candidates = [wanted, f"{within}{wanted}"] if within else [wanted]
        name = next((each for each in candidates if each not in self._taken), None)
        name = name or class_name(candidates[-1], self._taken)
        self._taken.add(name)
        return name
