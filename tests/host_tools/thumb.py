"""Runs asm_thumb functions of the firmware, as they are written, one shared memory access at a time."""

import ast
import operator
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path

WORD = 0xFFFF_FFFF
SIGN = 1 << 31
PARAMETERS = 0x100
"""Where a native template finds its words."""

Operand = int | str | tuple[str, int]
"""A number, a register or a label, or a register with an offset in brackets."""


@dataclass(frozen=True)
class Instruction:
    """One instruction; `data(2, …)` is decoded."""

    name: str
    operands: tuple[Operand, ...]

    def __str__(self) -> str:
        return f"{self.name}{self.operands}"


@dataclass(frozen=True)
class Code:
    """A function: instructions, and where each label points."""

    instructions: tuple[Instruction, ...]
    labels: dict[str, int]

    def reordered(self, *order: int) -> "Code":
        """The instructions from the smallest to the largest index of `order` in that order; some may come twice."""
        first, last = min(order), max(order) + 1
        assert not [label for label, at in self.labels.items() if first < at < last], "a label would move"
        middle = tuple(self.instructions[at] for at in order)
        grown = len(middle) - (last - first)
        labels = {label: at + grown if at >= last else at for label, at in self.labels.items()}
        return Code((*self.instructions[:first], *middle, *self.instructions[last:]), labels)

    def replaced(self, at: int, name: str, *operands: Operand) -> "Code":
        """Another instruction in place of the one at `at`."""
        changed = list(self.instructions)
        changed[at] = Instruction(name, operands)
        return Code(tuple(changed), self.labels)


def load(path: Path) -> dict[str, Code]:
    """The asm_thumb functions of a file, by name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants: dict[str, int] = {}
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            if getattr(node.value.func, "id", "") == "const":
                constants[node.targets[0].id] = _number(node.value.args[0], constants)
        elif isinstance(node, ast.FunctionDef) and any(
            "asm_thumb" in ast.unparse(mark) for mark in node.decorator_list
        ):
            found[node.name] = _assemble(node, constants)
    return found


def _number(node: ast.expr, names: dict[str, int]) -> int:
    value = eval(compile(ast.Expression(node), "<operand>", "eval"), {}, names)
    assert isinstance(value, int)
    return value


def _assemble(function: ast.FunctionDef, constants: dict[str, int]) -> Code:
    instructions: list[Instruction] = []
    labels: dict[str, int] = {}
    for statement in function.body:
        assert isinstance(statement, ast.Expr)
        call = statement.value
        if not isinstance(call, ast.Call):
            continue
        name = ast.unparse(call.func)
        operands = tuple(_operand(node, constants) for node in call.args)
        if name == "label":
            labels[str(operands[0])] = len(instructions)
        elif name == "data" and operands[0] == 2:
            instructions.append(_decode(tuple(each for each in operands[1:] if isinstance(each, int))))
        elif name not in ("align", "data"):
            instructions.append(Instruction(name, operands))
    return Code(tuple(instructions), labels)


def _operand(node: ast.expr, constants: dict[str, int]) -> Operand:
    if isinstance(node, ast.List):
        register, offset = node.elts
        assert isinstance(register, ast.Name)
        return register.id, _number(offset, constants)
    if isinstance(node, ast.Name) and node.id not in constants:
        return node.id
    return _number(node, constants)


def _decode(halfwords: tuple[int, ...]) -> Instruction:
    # DDI 0403E: A7.7.41 LDM; A7.7.161 STR, A7.7.45 LDR, A7.7.163 STRB and A7.7.48 LDRB by register; A7.7.33 DSB; B5.2.2
    # MRS.
    first = halfwords[0]
    if halfwords == (0xF3BF, 0x8F4F):
        return Instruction("nop", ())
    if first == 0xF3EF and halfwords[1] & 0xFF == 5:
        return Instruction("mrs", (f"r{halfwords[1] >> 8 & 15}", "IPSR"))
    low, middle, high = (f"r{first >> shift & 7}" for shift in (0, 3, 6))
    if first >> 11 == 0b11001:
        registers = tuple(f"r{number}" for number in range(8) if first >> number & 1)
        return Instruction("ldm", (f"r{first >> 8 & 7}", *registers))
    names = {0b0101000: "str", 0b0101010: "strb", 0b0101100: "ldr", 0b0101110: "ldrb"}
    return Instruction(names[first >> 9] + "_by_register", (low, middle, high))


class Thread:
    """Code that runs in small steps, each up to and with one access to shared memory; what touches none is merged.

    What it does in between is seen by nobody else, so no interleaving is lost. An LDM is one access for each word: an
    interrupt may come in between. Reads and writes of `private` addresses are its own.
    """

    def __init__(self, exception: int, is_shared: Callable[[int], bool]) -> None:
        self._exception = exception
        self._is_shared = is_shared
        self.code = Code((), {})
        self.registers: dict[str, int] = {}
        self.private: dict[int, int] = {}
        self._at = self._loaded = self._left = self._right = 0

    def copy(self) -> "Thread":
        """An independent one in the same state."""
        other = Thread(self._exception, self._is_shared)
        other.__dict__.update(self.__dict__, registers=dict(self.registers), private=dict(self.private))
        return other

    def key(self) -> Hashable:
        """What tells two states apart."""
        own = frozenset(self.registers.items()), frozenset(self.private.items())
        return own, self._at, self._loaded, self._left, self._right

    def call(self, code: Code, *arguments: int) -> None:
        """Begin to run `code`."""
        self.code = code
        self.registers = {f"r{number}": value for number, value in enumerate(arguments)}
        self._loaded = self._left = self._right = 0
        self._at = code.labels["BODY"] if code.instructions[0].operands == ("BODY",) else 0

    def step(self, memory: dict[int, int]) -> bool:
        """Run up to and with the next access to shared memory; whether the code ended before one."""
        while self._at < len(self.code.instructions):
            if self._execute(memory):
                return False
        self.registers = {}
        return True

    def _execute(self, memory: dict[int, int]) -> bool:
        # One instruction, or one word of LDM; whether it touched shared memory.
        name, operands = self.code.instructions[self._at].name, self.code.instructions[self._at].operands
        self._at += 1
        if name in BRANCHES:
            if self._is_taken(name):
                self._at = self.code.labels[_name(operands[0])]
        elif name == "cmp":
            self._left, self._right = self._value(operands[0]), self._value(operands[1])
        elif name == "ldm":
            return self._load_next(memory, operands)
        elif name == "nop":
            return False
        elif name[:3] in ("ldr", "str"):
            return self._transfer(memory, name, operands)
        else:
            result = self._compute(name, operands)
            first = self._value(operands[-2]) if name == "sub" else result
            self._left, self._right = first, self._value(operands[-1]) if name == "sub" else 0
            self.registers[_name(operands[0])] = result
        return False

    def _value(self, operand: Operand) -> int:
        if isinstance(operand, tuple):
            return self.registers[operand[0]] + operand[1]
        return operand if isinstance(operand, int) else self.registers.get(operand, 0)

    def _transfer(self, memory: dict[int, int], name: str, operands: tuple[Operand, ...]) -> bool:
        address = sum(self._value(each) for each in operands[1:]) & WORD
        place = memory if self._is_shared(address) else self.private
        if name.startswith("str"):
            place[address] = self._value(operands[0]) & (0xFF if name.startswith("strb") else WORD)
        else:
            self.registers[_name(operands[0])] = place[address]
        return place is memory

    def _load_next(self, memory: dict[int, int], operands: tuple[Operand, ...]) -> bool:
        base, *targets = (_name(each) for each in operands)
        address = self.registers[base]
        place = memory if self._is_shared(address) else self.private
        self.registers[targets[self._loaded]] = place[address]
        self.registers[base] += 4
        self._loaded = (self._loaded + 1) % len(targets)
        if self._loaded:
            self._at -= 1
        return place is memory

    def _is_taken(self, name: str) -> bool:
        return BRANCHES[name](self._left, self._right)

    def _compute(self, name: str, operands: tuple[Operand, ...]) -> int:
        if operands[-1] == "IPSR":
            return self._exception
        if operands[-1] == "pc":
            subtracted = self.code.instructions[self._at].operands[-1]  # by what follows
            return PARAMETERS + self._value(subtracted)
        last = self._value(operands[-1])
        first = 0 if name in ("mov", "neg") else self._value(operands[-2])
        return OPERATIONS[name](first, last) & WORD


BRANCHES: dict[str, Callable[[int, int], bool]] = {
    "b": lambda left, right: True,
    "beq": operator.eq,
    "bne": operator.ne,
    "bcs": operator.ge,
    "bcc": operator.lt,
    "bmi": lambda left, right: bool(left - right & SIGN),
    "bpl": lambda left, right: not left - right & SIGN,
    "bhi": operator.gt,
    "bls": operator.le,
}

OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "mov": lambda _, value: value,
    "neg": lambda _, value: -value,
    "add": operator.add,
    "sub": operator.sub,
    "and_": operator.and_,
    "bic": lambda value, mask: value & ~mask,
    "lsl": operator.lshift,
    "lsr": operator.rshift,
    "mul": operator.mul,
}


def _name(operand: Operand) -> str:
    assert isinstance(operand, str)
    return operand
