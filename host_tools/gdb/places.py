"""Where a Python function, or a line of one, is in an image: what a debugger can stop at."""

from dataclasses import dataclass

from host_tools.apps import app_modules
from host_tools.asm.find import find, innermost, scope_of
from host_tools.asm.mpy_file import Function, MpyTool
from host_tools.base import Base
from host_tools.build import Image, compile_module, image_modules, written
from host_tools.elf_symbols import Elf, read_elf
from host_tools.errors import UsageError
from host_tools.python_scopes import MODULE
from host_tools.size.frozen import owners
from host_tools.size.report import FROZEN

_NATIVE_HEADER = 4  # bytes ahead of native code


@dataclass(frozen=True)
class Code:
    """Code of a function that is frozen in: `symbol` at `address`, `kind` as `corten asm` has it."""

    symbol: str
    address: int
    file: str
    function: str
    kind: str


class Places:
    """The frozen functions of an image."""

    def __init__(self, image: Image, app: str | None, base: Base) -> None:
        """`image` was built of `app`."""
        self._image = image
        self._base = base
        modules = image_modules(image.board, app, lambda _: None)
        self._modules = written(image.board, modules, image.elf.parent / "lowered")
        self._own = {module.name for module in app_modules(app)[1]} if app else set()
        texts = {module.name: (module.lowered or module.path).read_text("utf-8", "replace") for module in self._modules}
        content = image.elf.with_name(f"{FROZEN}.c")
        self._owners = owners(content, texts) if content.exists() else {}
        self._elf: Elf = read_elf(image.elf)

    def code(self) -> list[Code]:
        """All of it."""
        found = []
        for symbol in self._elf.symbols:
            owner = self._owners.get(symbol.name)
            if owner and symbol.name.startswith("fun_data_"):
                found.append(Code(symbol.name, symbol.address, owner.file, owner.function, owner.what))
        return found

    def stop(self, wanted: str) -> str:
        """gdb's command that stops at a Python function or line, or else at a symbol of C: what is no Python is C's.

        An instruction of bytecode is data that the interpreter reads: a watchpoint stops there.
        """
        try:
            ((module, what),) = find(wanted, self._modules, self._own)
        except UsageError:
            if any(symbol.name == wanted and symbol.is_function for symbol in self._elf.symbols):
                return f"break {wanted}"
            raise
        scope = scope_of(module)
        line = what if isinstance(what, int) else None
        name = next(iter(what)) if isinstance(what, set) else MODULE
        if line is not None and scope is not None:
            name = innermost(scope, line).path
        code = [each for each in self.code() if (each.file, each.function) == (module.name, name)]
        if not code:
            raise UsageError(f"{wanted}: its code is not in the image", fix="corten asm shows what is")
        base = self._base
        tool = MpyTool(base.source.path)
        mpy = compile_module(base.source.version, base.mpy_cross, self._image.board.mpy_arch, module)
        function = _named(tool.read(mpy, scope), name)
        if function is None or function.kind != "bytecode":
            header = _NATIVE_HEADER if function and function.kind == "native" else 0
            return f"hbreak *{code[0].address + header:#x}"
        instructions = tool.instructions(function)
        at = next((each.offset for each in instructions if line is None or each.line == line), None)
        if at is None:
            raise UsageError(
                f"{wanted}: there is no code of this line", fix=f"corten asm {module.name} shows the lines"
            )
        return f"rwatch *(char *){code[0].address + function.raw.offset_opcodes + at:#x}"


def _named(function: Function, name: str) -> Function | None:
    if function.name == name:
        return function
    return next((found for child in function.children if (found := _named(child, name))), None)
