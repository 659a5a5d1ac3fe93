"""Board and chip files: TOML in, validated models out. The fields are described in boards/README.md.

What one value must be is stated by its model; what several values must be together is checked in `_check_*`.
Every wrong file ends in one BoardError that gives, for each problem, the file, the line and the field.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError
from pydantic import ValidationInfo as Info
from pydantic_core import ErrorDetails

from host_tools import paths
from host_tools.errors import BoardError

CAPABILITIES = {
    "timer": "a hardware timer that counts and interrupts",
    "uart": "a UART beside the console",
    "led": "a light that an output pin drives",
    "filesystem": "storage that outlives a reset",
    "fpu": "floating-point arithmetic in hardware",
    "mpu": "memory protection that stops a stray access",
}
"""All that a board can offer to a test or an app. Each board has every one of them or says why not."""

MODULE_NAMES = ("NAME", "TITLE", "CLOCK_HZ", "IRQ_COUNT", "PRIORITY_BITS", "FILESYSTEM", "CAPABILITIES")
"""What the generated module `board` always defines: no peripheral or pin can be called so."""

_GCC_FLAGS = {
    "cortex-m0+": "-mthumb -mcpu=cortex-m0plus -mfloat-abi=soft",
    "cortex-m3": "-mthumb -mcpu=cortex-m3 -mfloat-abi=soft",
    "cortex-m4f": "-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard",
}
_MPY_ARCH = {"cortex-m0+": "armv6m", "cortex-m3": "armv7m", "cortex-m4f": "armv7emsp"}
_ADDRESS_SPACE = 1 << 32  # bytes
_EXPECTED = {
    "missing": "a value",
    "extra_forbidden": "no such field",
    "int_type": "an integer",
    "string_type": "a string",
    "tuple_type": "an array",
    "dict_type": "a table",
    "model_type": "a table",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "value_error": "{error}",
}
_OTHER_NAME = "a name that is free in the module board"
_FIX = "correct the file; boards/README.md lists the fields"

KeyPath = tuple[str | int, ...]
"""The keys that lead to a field, and its index in an array."""


def _like(pattern: str, what: str) -> AfterValidator:
    """The validator of a string that matches all of `pattern`; a ValueError's text is what was expected."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(what)
        return value

    return AfterValidator(check)


def _size(value: object) -> int:
    match = re.fullmatch(r"([1-9][0-9]*)([KM]?)", str(value)) if type(value) in (int, str) else None
    if not match:
        raise ValueError('a size in bytes, such as 512, "256K" or "4M"')
    return int(match[1]) * {"": 1, "K": 1 << 10, "M": 1 << 20}[match[2]]


def _capability(value: object) -> bool | str:
    if value is True or isinstance(value, str):
        return value
    raise ValueError("true, or the name of one of the board's peripherals or pins")


def _one_of(names: Collection[str]) -> str:
    return f"one of {', '.join(names)}" if names else "one of none: there is nothing to name"


def _find_chip(name: object, info: Info) -> "Chip":
    directory: Path = info.context["directory"]  # type: ignore[index]  # load_board gives it
    names = [path.stem for path in sorted(directory.glob("chips/*.toml"))]
    if not isinstance(name, str) or name not in names:
        raise ValueError(_one_of(names))
    return load_chip(name, directory)


Name = Annotated[str, _like(r"[a-z][a-z0-9_]*", "a name of a-z, 0-9 and _")]
Instance = Annotated[str, _like(r"[A-Z][A-Z0-9_]*", "a name of A-Z, 0-9 and _")]
Text = Annotated[str, _like(r'[^"\\\x00-\x1f\x7f-\U0010ffff]+', 'a line of ASCII text without " and \\')]
Size = Annotated[int, BeforeValidator(_size)]
Address = Annotated[int, Field(ge=0, le=_ADDRESS_SPACE - 1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Named(_Model):
    """What a whole file says: its name has to be the file's."""

    name: Name
    title: Text


class Core(_Model):
    """The processor and its interrupt controller."""

    type: Literal["cortex-m0+", "cortex-m3", "cortex-m4f"]
    irq_count: Annotated[int, Field(ge=1, le=240)]
    priority_bits: Annotated[int, Field(ge=2, le=8)]

    @property
    def gcc_flags(self) -> str:
        """The compiler's flags that select this core."""
        return _GCC_FLAGS[self.type]

    @property
    def mpy_arch(self) -> str:
        """The name that `mpy-cross -march` gives this core's native code."""
        return _MPY_ARCH[self.type]


class MemoryRegion(_Model):
    """A range of addresses; `size` in bytes."""

    base: Address
    size: Size
    access: Literal["r", "rx", "rw", "rwx"]

    @property
    def end(self) -> int:
        """The first address behind the region."""
        return self.base + self.size


class ChipPeripheral(_Model):
    """One instance of an IP block; `irq` gives the number of each of its interrupt lines."""

    block: Name
    base: Address
    irq: dict[Name, Annotated[int, Field(ge=0)]] = {}


class Chip(_Named):
    """What boards/chips/<name>.toml says."""

    core: Core
    memory: dict[Name, MemoryRegion]
    peripherals: dict[Instance, ChipPeripheral]


class Runtime(_Model):
    """Where MicroPython lies: `code` and `data` name regions of the chip; `stack` and `heap` in bytes."""

    code: str
    data: str
    stack: Size
    heap: Size


class Console(_Model):
    """The UART of the prompt; `baud` in bits per second."""

    peripheral: str
    baud: Annotated[int, Field(ge=1)]


class Filesystem(_Model):
    """A file system in memory; `size` and `block` in bytes."""

    memory: str
    size: Size
    block: Size


class Pin(_Model):
    """One bit of a peripheral's output."""

    peripheral: str
    bit: Annotated[int, Field(ge=0, le=31)]


class Emulator(_Model):
    """How to run the board without the board; `uarts` in the order of the emulator's serial ports."""

    type: Literal["qemu"]
    machine: Annotated[str, _like(r"[a-z0-9][a-z0-9_-]*", "a machine's name, as `-machine help` lists it")]
    min_version: Annotated[str, _like(r"[0-9]+(\.[0-9]+){1,2}", 'a version such as "7.2"')]
    uarts: Annotated[tuple[str, ...], Field(strict=False)]


class Board(_Named):
    """What boards/<name>.toml says, its chip included."""

    chip: Annotated[Chip, BeforeValidator(_find_chip)]
    clock_hz: Annotated[int, Field(ge=1)]
    tier: Annotated[int, Field(ge=1, le=3)]
    runtime: Runtime
    console: Console
    filesystem: Filesystem | None = None
    peripherals: dict[Instance, str] = {}
    pins: dict[Instance, Pin] = {}
    emulator: Emulator | None = None
    capabilities: dict[str, Annotated[bool | str, PlainValidator(_capability)]] = {}
    excluded: dict[str, Text] = {}

    @property
    def mpy_arch(self) -> str:
        """The name that `mpy-cross -march` gives the native code of the board's core."""
        return self.chip.core.mpy_arch

    @property
    def console_peripheral(self) -> ChipPeripheral:
        """The chip's peripheral that carries the prompt."""
        return self.chip.peripherals[self.console.peripheral]

    @property
    def console_rx_irq(self) -> int:
        """The number of the interrupt that a byte received at the prompt raises."""
        irq = self.console_peripheral.irq
        return irq["rx"] if "rx" in irq else irq["usart"]

    def runtime_bytes(self, memory: str) -> int:
        """The bytes of a region that the runtime may use: all but a file system at its end."""
        taken = self.filesystem.size if self.filesystem and self.filesystem.memory == memory else 0
        return self.chip.memory[memory].size - taken

    @property
    def filesystem_base(self) -> int:
        """The file system's address: its region's start, or in a region of the runtime's the end of that."""
        if self.filesystem is None:
            raise ValueError(f"{self.name} has no file system")
        region = self.chip.memory[self.filesystem.memory]
        shared = self.filesystem.memory in (self.runtime.code, self.runtime.data)
        return region.end - self.filesystem.size if shared else region.base


def board_names(directory: Path | None = None) -> list[str]:
    """The boards of a folder (default: those that come with Corten), sorted."""
    return sorted(path.stem for path in (directory or paths.boards_dir()).glob("*.toml"))


def load_board(name: str, directory: Path | None = None) -> Board:
    """Read and check one board and its chip; raises BoardError if either is wrong or there is no such board."""
    directory = directory or paths.boards_dir()
    names = board_names(directory)
    if name not in names:
        near = difflib.get_close_matches(name, names)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        fix = f"name one of them, or add {_shown(directory / 'NAME.toml')}"
        raise BoardError(f'no board is called "{name}"{hint}\n  boards: {", ".join(names) or "none"}', fix)
    return _load(directory / f"{name}.toml", Board, _check_board, directory)


def load_chip(name: str, directory: Path | None = None) -> Chip:
    """Read and check one chip of a boards folder; raises BoardError if it is wrong."""
    directory = directory or paths.boards_dir()
    return _load(directory / "chips" / f"{name}.toml", Chip, _check_chip, directory)


def load_all(directory: Path | None = None) -> list[Board]:
    """Read and check every board and chip of a folder; raises one BoardError with the problems of all of them."""
    directory = directory or paths.boards_dir()
    boards, wrong = [], []
    for path in sorted(directory.glob("chips/*.toml")):
        try:
            load_chip(path.stem, directory)
        except BoardError as error:
            wrong.append(error.message)
    for name in board_names(directory):
        try:
            boards.append(load_board(name, directory))
        except BoardError as error:
            wrong.append(error.message)
    if wrong:
        raise BoardError("\n".join(dict.fromkeys(wrong)), _FIX)
    return boards


_M = TypeVar("_M", bound=_Named)


class _Problem(NamedTuple):
    """`path` leads to a field, `expected` is what it has to be, `got` its value, None where there is none."""

    path: KeyPath
    expected: str
    got: object


class _Problems(list[_Problem]):
    """What several values of a file have to be together and are not."""

    def expect(self, good: bool, path: KeyPath, expected: str, got: object) -> None:
        if not good:
            self.append(_Problem(path, expected, got))

    def known(self, names: Collection[str], path: KeyPath, name: str) -> bool:
        self.expect(name in names, path, _one_of(names), name)
        return name in names


def _check_chip(chip: Chip, found: _Problems) -> None:
    regions = sorted(chip.memory.items(), key=lambda item: item[1].base)
    for (below, lower), (name, region) in pairwise(regions):
        expected = f"at least {lower.end:#010x}, where memory.{below} ends"
        found.expect(region.base >= lower.end, ("memory", name, "base"), expected, region.base)
    for name, region in regions:
        room = _ADDRESS_SPACE - region.base
        found.expect(region.size <= room, ("memory", name, "size"), f"at most {room} at this base", region.size)
    owners: dict[int, str] = {}
    count = chip.core.irq_count
    for name, peripheral in chip.peripherals.items():
        owner = owners.setdefault(peripheral.base, name)
        expected = f"an address other than that of {owner}"
        found.expect(owner == name, ("peripherals", name, "base"), expected, peripheral.base)
        for line, number in peripheral.irq.items():
            path = ("peripherals", name, "irq", line)
            found.expect(number < count, path, f"less than core.irq_count, {count}", number)


def _check_board(board: Board, found: _Problems) -> None:
    _check_runtime(board, found)
    _check_console(board, found)
    _check_filesystem(board, found)
    _check_offers(board, found)
    _check_capabilities(board, found)


def _check_runtime(board: Board, found: _Problems) -> None:
    runtime, memory = board.runtime, board.chip.memory
    if found.known(memory, ("runtime", "code"), runtime.code):
        access = memory[runtime.code].access
        found.expect("x" in access, ("runtime", "code"), "a region with access x", runtime.code)
    if found.known(memory, ("runtime", "data"), runtime.data):
        region, need = memory[runtime.data], runtime.stack + runtime.heap
        found.expect("w" in region.access, ("runtime", "data"), "a region with access w", runtime.data)
        room = f"at most {region.size}, all of memory.{runtime.data}, together with the stack"
        found.expect(need <= region.size, ("runtime", "heap"), room, need)
    found.expect(runtime.code != runtime.data, ("runtime", "data"), "a region other than runtime.code", runtime.data)


def _check_console(board: Board, found: _Problems) -> None:
    name, path, known = (board.console.peripheral, ("console", "peripheral"), board.chip.peripherals)
    if found.known(known, path, name):
        has_irq = bool(known[name].irq.keys() & {"rx", "usart"})
        found.expect(has_irq, path, "a peripheral with an irq called rx or usart", name)
    if board.emulator is not None:
        for index, uart in enumerate(board.emulator.uarts):
            found.known(known, ("emulator", "uarts", index), uart)
        uarts = board.emulator.uarts
        found.expect(name in uarts, ("emulator", "uarts"), f"the console's {name} among others", uarts)


def _check_filesystem(board: Board, found: _Problems) -> None:
    filesystem, runtime, memory = board.filesystem, board.runtime, board.chip.memory
    if filesystem is None:
        return
    size, block, name = filesystem.size, filesystem.block, filesystem.memory
    found.expect(size % block == 0, ("filesystem", "size"), f"a multiple of filesystem.block, {block}", size)
    if found.known(memory, ("filesystem", "memory"), name):
        found.expect("w" in memory[name].access, ("filesystem", "memory"), "a region with access w", name)
        used = runtime.stack + runtime.heap if name == runtime.data else 0
        free = max(0, memory[name].size - used)
        found.expect(size <= free, ("filesystem", "size"), f"at most {free}, what is free in memory.{name}", size)


def _check_offers(board: Board, found: _Problems) -> None:
    owners: dict[object, str] = {board.console.peripheral: "the console"}
    for name, instance in board.peripherals.items():
        found.known(board.chip.peripherals, ("peripherals", name), instance)
        owner = owners.setdefault(instance, name)
        found.expect(owner == name, ("peripherals", name), f"a peripheral that {owner} does not have", instance)
        found.expect(name not in MODULE_NAMES, ("peripherals", name), _OTHER_NAME, name)
    for name, pin in board.pins.items():
        found.known(board.chip.peripherals, ("pins", name, "peripheral"), pin.peripheral)
        owner = owners.setdefault((pin.peripheral, pin.bit), name)
        found.expect(owner == name, ("pins", name, "bit"), f"a bit that {owner} does not have", pin.bit)
        taken = name in MODULE_NAMES or name in board.peripherals
        found.expect(not taken, ("pins", name), _OTHER_NAME, name)


def _check_capabilities(board: Board, found: _Problems) -> None:
    given, excluded = board.capabilities, board.excluded
    for path in [("capabilities", name) for name in given] + [("excluded", name) for name in excluded]:
        found.known(CAPABILITIES, path, path[-1])
    for name in CAPABILITIES:
        stated = name in given or name in excluded
        found.expect(stated, ("capabilities", name), f"a value, or why not as excluded.{name}", None)
        twice = name in given and name in excluded
        found.expect(not twice, ("excluded", name), f"nothing beside capabilities.{name}", excluded.get(name))
    for name, value in given.items():
        if isinstance(value, str):
            found.known(sorted(board.peripherals | board.pins), ("capabilities", name), value)
    stored = "filesystem" not in given or board.filesystem is not None
    found.expect(stored, ("capabilities", "filesystem"), "a [filesystem] section with it", None)
    core = board.chip.core.type
    found.expect("fpu" not in given or core.endswith("f"), ("capabilities", "fpu"), "a core with an FPU", core)


def _load(path: Path, kind: type[_M], check: Callable[[_M, _Problems], None], directory: Path) -> _M:
    text = _read(path)
    problems = _Problems()
    try:
        model = kind.model_validate(_parse(path, text), context={"directory": directory})
    except ValidationError as error:
        raise _board_error(path, text, map(_as_problem, error.errors())) from error
    problems.expect(model.name == path.stem, ("name",), f'"{path.stem}", as the file is called', model.name)
    check(model, problems)
    if problems:
        raise _board_error(path, text, problems)
    return model


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode().replace("\r\n", "\n")
    except OSError as error:
        raise BoardError(f"{_shown(path)}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BoardError(f"{_shown(path)}:{line}: expected UTF-8 text", _FIX) from error


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        cause, _, place = str(error).rpartition(" (at ")
        found = re.match(r"line ([0-9]+)", place)
        line = int(found[1]) if found else max(1, len(text.splitlines()))
        raise BoardError(f"{_shown(path)}:{line}: not TOML: {cause}", _FIX) from error


def _as_problem(error: ErrorDetails) -> _Problem:
    path = tuple(key for key in error["loc"] if key != "[key]")
    expected = _EXPECTED.get(error["type"], error["msg"]).format(**error.get("ctx", {}))
    return _Problem(path, expected, None if error["type"] == "missing" else error["input"])


def _board_error(path: Path, text: str, problems: Iterable[_Problem]) -> BoardError:
    lines = TomlLines(text)
    rows = sorted(
        (lines.of(field), _dotted(field), expected, _spelled(field, got)) for field, expected, got in problems
    )
    file = _shown(path)
    message = "\n".join(f"{file}:{line}: {field}: expected {what} (got {got})" for line, field, what, got in rows)
    return BoardError(message, _FIX)


def _shown(path: Path) -> str:
    """The path as a person would type it: relative to the current folder where it lies below."""
    path = path.absolute()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _dotted(path: KeyPath) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")


def _spelled(path: KeyPath, value: object) -> str:
    """A value as TOML spells it, an address in hexadecimal."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a table"
    if path[-1] == "base" and type(value) is int and value >= 0:
        return f"{value:#010x}"
    return json.dumps(value, ensure_ascii=False, default=str)


_TOKEN = re.compile(
    r"""(?P<blank>[ \t]+|\#[^\n]*)
    | \n | [\[\]{}=,.]
    | \"{3} (?:\\.|[^\\])*? \"{3,5} | '{3} .*? '{3,5} | \"(?:\\.|[^"\\])*\" | '[^']*'
    | [^\s\[\]{}=,.\#"']+""",
    re.VERBOSE | re.DOTALL,
)


class TomlLines:
    """Where the keys of a TOML text stand."""

    def __init__(self, text: str) -> None:
        """`text` must be one that tomllib can parse."""
        self._lines: dict[KeyPath, int] = {(): 1}
        self._tokens: list[tuple[str, int]] = []
        line = 1
        for match in _TOKEN.finditer(text):
            if not match["blank"]:
                self._tokens.append((match[0], line))
            line += match[0].count("\n")
        self._tokens.reverse()
        self._document()

    def of(self, path: KeyPath) -> int:
        """The line of a key, or of the nearest table around it when the text does not have the key."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _document(self) -> None:
        table: KeyPath = ()
        while self._tokens:
            if self._accept("["):
                self._accept("[")
                table = self._key(())
                self._accept("]")
                self._accept("]")
            elif not self._accept("\n"):
                self._pair(table)

    def _pair(self, table: KeyPath) -> None:
        path = self._key(table)
        self._accept("=")
        self._value(path)

    def _key(self, path: KeyPath) -> KeyPath:
        while True:
            word, line = self._tokens.pop()
            path += (tomllib.loads(f"key = {word}")["key"] if word[0] in "\"'" else word,)
            self._lines.setdefault(path, line)
            if not self._accept("."):
                return path

    def _value(self, path: KeyPath) -> None:
        self._lines.setdefault(path, self._tokens[-1][1])
        if self._accept("{"):
            while not self._accept("}"):
                if not self._accept(",", "\n"):
                    self._pair(path)
        elif self._accept("["):
            index = 0
            while not self._accept("]"):
                if not self._accept(",", "\n"):
                    self._value((*path, index))
                    index += 1
        else:
            while self._tokens and self._tokens[-1][0] not in (",", "\n", "]", "}"):
                self._tokens.pop()

    def _accept(self, *tokens: str) -> bool:
        found = bool(self._tokens) and self._tokens[-1][0] in tokens
        if found:
            self._tokens.pop()
        return found
