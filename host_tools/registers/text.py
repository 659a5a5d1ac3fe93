"""A register module's text: what the model says, in the syntax of `corten.register`, as ruff format lays it out."""

import textwrap
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from host_tools.registers.expressions import READ_ACTS
from host_tools.registers.model import Access, Block, Cluster, Field, Instance, Register, Values

LONGEST_LINE = 120
LONGEST_COMMENT = 3
"""Lines of what a vendor says of one register."""

_INDENT = "    "
_GROUP = 4


def module(docstring: Iterable[str], instance: Instance) -> str:
    """The module of an instance and its block; `docstring` is its lines."""
    writer = _Writer()
    blocks = list(dict.fromkeys(_blocks(instance.block)))
    values = dict.fromkeys(field.values for each in blocks for item in each.registers for field in item.fields)
    classes = [_values(each) for each in values if each] + [writer.block(each) for each in blocks]
    names = ", ".join(sorted(writer.used, key=lambda name: (not name.isupper(), name)))
    head = [_docstring(docstring), "", *_import(f"from corten.register import {names}")]
    return "\n\n\n".join("\n".join(lines) for lines in (head, *classes, [_made(instance)])) + "\n"


def sibling(docstring: Iterable[str], instance: Instance, module_name: str) -> str:
    """The module of an instance whose block is in another module of the package."""
    lines = [_docstring(docstring), "", f"from .{module_name} import {instance.block.name}", "", _made(instance)]
    return "\n".join(lines) + "\n"


def number(value: int) -> str:
    """An address or a whole register's value as a person reads it: 0x4800_0000."""
    digits = f"{value:02X}"
    places = range(len(digits) % _GROUP or _GROUP, len(digits) + 1, _GROUP)
    return (
        "0x" + "_".join(digits[max(end - _GROUP, 0) : end] for end in places) if len(digits) > _GROUP else f"0x{digits}"
    )


class _Writer:
    """Writes blocks, and remembers what of `corten.register` they use."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def block(self, block: Block) -> list[str]:
        lines = []
        if block.size is not None:
            lines.append(f"SIZE = {number(block.size)}")
        if block.atomic:
            lines.append(f"ATOMIC = {self._use(block.atomic)}")
        if block.set_reset:
            pairs = ", ".join(f'"{register}": "{pair}"' for register, pair in block.set_reset)
            lines.append(f"SET_RESET = {{{pairs}}}")
        if block.set_clear:
            lines += ["SET_CLEAR = {", *_indented([_named(*each) for each in block.set_clear]), "}"]
        if lines and block.items:
            lines.append("")
        for item in block.items:
            lines += _comment(item.text)
            lines += self._array(item) if item.count is not None else self._item(item, f"{item.name} = ", "")
        docstring = (
            [f'"""{_short(_quoted(block.text.partition(chr(10))[0]), len(_INDENT) + 6)}"""'] if block.text else []
        )
        if docstring and lines:
            docstring.append("")
        return [f"class {block.name}({self._use('Block')}):", *_indented([*docstring, *lines] or ["pass"])]

    def _array(self, item: Register | Cluster) -> list[str]:
        start = f"{item.name} = {self._use('Array')}("
        end = f"count={item.count}, stride={item.stride})"
        inner = self._item(item, "", "")
        line = f"{start}{inner[0]}, {end}"
        if len(inner) == 1 and _fits(line):
            return [line]
        inner = self._item(item, "", ",")
        return [start, *_indented([*inner, f"count={item.count},", f"stride={item.stride},"]), ")"]

    def _item(self, item: Register | Cluster, start: str, end: str) -> list[str]:
        if isinstance(item, Cluster):
            return [f"{start}{self._use('Cluster')}({item.block.name}, {number(item.offset)}){end}"]
        words = [number(item.offset)]
        if item.access is not Access.RW or item.reading_acts:
            words.append(self._access(item.access, item.reading_acts))
        words += [f"width={item.width}"] if item.width != 32 else []  # noqa: PLR2004 - as in Reg
        words += [f"reset={number(item.reset)}"] if item.reset else []
        start += f"{self._use('Reg')}("
        line = f"{start}{', '.join(words)}){end}"
        if not item.fields and _fits(line):
            return [line]
        lines = [f"{word}," for word in words]
        for field in item.fields:
            described, _, notes = field.text.partition("\n")
            lines += _comment(f"\n{notes}")
            lines.append(_commented(f"{field.name}={self._field(field, item)},", described, 3 * len(_INDENT)))
        return [start, *_indented(lines), f"){end}"]

    def _field(self, field: Field, register: Register) -> str:
        words = [str(field.bit)]
        words += [str(field.width)] if field.width != 1 else []
        if field.access or field.reading_acts:
            words.append(f"access={self._access(field.access or register.access, field.reading_acts)}")
        words += [f"values={field.values.name}"] if field.values else []
        if field.count > 1:
            words.append(f"count={field.count}")
            words += [f"stride={field.stride}"] if field.stride != field.width else []
            words += [f"first={field.first}"] if field.first else []
        return f"{self._use('Field')}({', '.join(words)})"

    def _access(self, access: Access, reading_acts: bool) -> str:
        return " | ".join(self._use(name) for name in ([access.name, READ_ACTS] if reading_acts else [access.name]))

    def _use(self, name: str) -> str:
        self.used.add(name)
        return name


def _blocks(block: Block) -> Iterator[Block]:
    """A block behind those that it has in it, as the module has to define them."""
    for item in block.items:
        if isinstance(item, Cluster):
            yield from _blocks(item.block)
    yield block


def _values(values: Values) -> list[str]:
    members = zip_longest(values.members, values.text, fillvalue="")
    lines = [_commented(f"{member[0]} = {member[1]}", str(text), len(_INDENT)) for member, text in members]
    return [f"class {values.name}:", *_indented(lines)]


def _made(instance: Instance) -> str:
    return f"{instance.name} = {instance.block.name}({number(instance.base)})"


def _docstring(lines: Iterable[str]) -> str:
    return '"""' + "\n".join(_quoted(line) for line in lines) + '\n"""'


def _import(line: str) -> list[str]:
    if len(line) <= LONGEST_LINE:
        return [line]
    start, _, names = line.partition(" import ")
    return [f"{start} import (", *_indented(f"{name}," for name in names.split(", ")), ")"]


def _comment(text: str) -> list[str]:
    width = LONGEST_LINE - 3 * len(_INDENT) - 2
    lines: list[str] = []
    for number_of_line, line in enumerate(text.splitlines()):
        most = None if number_of_line else LONGEST_COMMENT
        lines += [f"# {part}" for part in textwrap.wrap(line, width, max_lines=most, placeholder=" …")]
    return lines


def _commented(code: str, text: str, indent: int) -> str:
    """A line with its comment behind it, as much of it as there is room for."""
    short = _short(text.replace("\n", " "), indent + len(code) + 4)
    return f"{code}  # {short}" if short else code


def _short(text: str, used: int) -> str:
    """As much of a text as fits into a line that has `used` columns."""
    room = LONGEST_LINE - used
    return text if len(text) <= room else f"{text[: room - 2].rstrip()} …" if room > 2 * _GROUP else ""


def _named(register: str, others: tuple[str, str, str | None]) -> str:
    return f'"{register}": ({", ".join(f"{chr(34)}{each}{chr(34)}" if each else "None" for each in others)}),'


def _quoted(text: str) -> str:
    return text.replace("\\", "/").replace('"', "'").strip()


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"{_INDENT}{line}" if line else "" for line in lines]


def _fits(line: str) -> bool:
    return len(line) + len(_INDENT) <= LONGEST_LINE
