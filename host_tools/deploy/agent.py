"""The programs of firmware/deploy on a board, called over its raw REPL."""

import base64
from collections.abc import Callable, Iterable, Sequence

from host_tools import paths
from host_tools.deploy import blocks
from host_tools.deploy.inventory import STATE, Facts, Inventory, read_files, read_inventory
from host_tools.deploy.shrink import shrunk
from host_tools.errors import FailedError, TargetError
from host_tools.link import Link
from host_tools.raw_repl import RawRepl

CALL_TIMEOUT_S = 30.0
"""Of a call that is silent: the digests of a file, its copy; a file system may have to tidy up."""
PACKED_WINDOW = 10
"""Bits of the window that a packed program needs."""
FULL = "28"
"""ENOSPC, as MicroPython's OSError tells it."""
NEEDS = "it needs a file system at / that can be written, the modules hashlib, io and select, and names that it takes"


class Agent:
    """The board at the other end of `link`, whose raw REPL is at its prompt."""

    def __init__(self, link: Link, repl: RawRepl) -> None:
        self._link = link
        self._repl = repl
        self._inflates = False

    def inventory(self) -> Inventory:
        """What the board has; to be called first."""
        program = f"{_program('inventory')}\ninventory()"
        output, trace = self._repl.execute(_packed(program), CALL_TIMEOUT_S)
        self._inflates = b"ImportError" not in trace
        told = self._run(program) if trace else _text(output)
        return read_inventory(told, self._inflates)

    def get_ready(self) -> None:
        """Puts the program that changes files onto the board."""
        program = _program("receiver")
        self._run(_packed(program) if self._inflates else program)

    def files(self, slot: str) -> dict[str, str]:
        """The files of a slot, by their names in it, with the digests of what the board reads from them now."""
        folder = f"{STATE}/{slot}"
        found = read_files(self._run(f"tell({folder!r})").splitlines())
        return {path.removeprefix(f"{folder}/"): digest for path, digest in found.items() if path != folder}

    def remove(self, path: str) -> None:
        """Removes a file, or a folder with all that is in it."""
        self._run(f"remove({path!r})")

    def make_folders(self, paths_: Iterable[str]) -> None:
        """Makes folders that may be there already."""
        self._run(f"make_folders({list(paths_)!r})")

    def copy(self, source: str, target: str) -> None:
        """Copies a file on the board."""
        self._run(f"copy({source!r},{target!r})")

    def keep(self, path: str, kept: str) -> None:
        """Copies a file on the board, and overwrites none: the name gets a number where it is taken."""
        self._run(f"keep({path!r},{kept!r})")

    def replace(self, path: str, text: str) -> None:
        """Gives a file new contents in one step."""
        self._run(f"replace({path!r},{text!r})")

    def send(
        self, folder: str, files: Sequence[tuple[str, bytes]], facts: Facts, moved: Callable[[int, int], None]
    ) -> int:
        """Sends files; `moved` is told how many bytes of how many are there. Returns the number of bytes moved."""
        if not files:
            return 0
        data = blocks.chunks(b"".join(content for _, content in files), facts.deflate, facts.free)
        sizes = [(name, len(content)) for name, content in files]
        call = f"receive({folder!r},{sizes!r},{[len(part) for part in data.parts]!r},{data.window})"
        self._run(call, blocks.Sender(self._link, data, moved))
        return data.size

    def _run(self, source: str, on_output: Callable[[bytes], None] | None = None) -> str:
        output, trace = self._repl.execute(source, CALL_TIMEOUT_S, on_output=on_output)
        if trace:
            raise _explain(trace.decode(errors="replace"))
        return _text(output)


def _text(output: bytes) -> str:
    return output.decode(errors="replace").replace("\r\n", "\n")


def _packed(program: str) -> str:
    """A program that inflates and runs another one; ImportError on a board that does not inflate."""
    packed = base64.b64encode(blocks.deflated(program.encode(), PACKED_WINDOW)).decode()
    inflate = f"deflate.DeflateIO(io.BytesIO(binascii.a2b_base64('{packed}')),deflate.RAW,{PACKED_WINDOW})"
    return f"import binascii,deflate,io\nexec({inflate}.read())"


def _program(name: str) -> str:
    return shrunk(paths.firmware_dir() / "deploy" / f"{name}.py")


def _explain(trace: str) -> FailedError | TargetError:
    last = trace.strip().splitlines()[-1]
    if "ENOSPC" in last or f"OSError: {FULL}" in last:
        return FailedError("the board's file system is full", fix="remove what the app does not need, here or there")
    if "MemoryError" in last:
        return FailedError(
            f"the board has too little memory for this: {last}",
            fix="leave out what its boot.py does; split large files",
        )
    return TargetError(f"the board could not do it: {last}", fix=NEEDS)
