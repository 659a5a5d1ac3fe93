"""An emulated AN385 that runs programs and says what they did."""

import mmap
import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

from host_tools.build import Image
from host_tools.equivalence.layouts import END, MARK, SETUP
from host_tools.equivalence.programs import Program
from host_tools.equivalence.traces import Access, Trace
from host_tools.errors import TargetError
from host_tools.raw_repl import RawRepl
from host_tools.targets.qemu import EXACT, QemuTarget

BOARD = "mps2_an385"
_HARNESS = Path(__file__).with_name("harness.py")
_MEMORY = 16 << 20
_BASE = 0xF0_0000  # in the PSRAM, as harness.py has it
_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Run:
    """What a program did: its accesses, each call's behind a write to MARK, and in words what came of each call."""

    accesses: tuple[Access, ...]
    results: tuple[str, ...]


class Session:
    """One emulator; programs run in it one after the other. Its PSRAM is a file, by which programs get there."""

    def __init__(self, image: Image) -> None:
        """Boots the image without an app."""
        self._image = image
        self._boot()

    def run(self, program: Program, lowered: str) -> tuple[Run, Run]:
        """What a program did as it stands, and what it did lowered.

        Raises TargetError if the board did not come through; it is then booted again.
        """
        try:
            return self._run(program, lowered)
        except TargetError as error:
            ended = self._target.ended()
            self.close()
            self._boot()
            raise TargetError(f"{program!r}\n{lowered}\n{ended or error}") from error

    def close(self) -> None:
        """Ends the emulator."""
        self._target.close()
        self._trace.close()
        self._memory.close()
        self._folder.cleanup()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _boot(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="corten-equivalence-")
        folder = Path(self._folder.name)
        memory = folder / "psram"
        memory.touch()
        os.truncate(memory, _MEMORY)
        with memory.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _MEMORY)
        self._trace = Trace(folder / "trace")
        backend = f"memory-backend-file,id=psram,size={_MEMORY},mem-path={memory},share=on"
        options = ["-object", backend, "-machine", "memory-backend=psram", *self._trace.options()]
        self._target = QemuTarget(self._image, icount=EXACT, reboot=False, options=options)
        try:
            self._repl = RawRepl(self._target.console)
            self._repl.enter_after_boot()
            self._execute(_HARNESS.read_text(encoding="utf-8"))
        except BaseException:
            self.close()
            raise

    def _run(self, program: Program, lowered: str) -> tuple[Run, Run]:
        job = repr((program.calls, program.words)).encode()
        texts = job, program.text.encode(), lowered.encode()
        data = struct.pack("<4I", *map(len, texts), 0) + b"".join(texts)
        self._memory[_BASE : _BASE + len(data)] = data
        self._trace.more()
        lines = self._execute("go()").splitlines()
        half = len(program.calls) + 1
        if len(lines) != 2 * half:
            raise TargetError(f"the board printed {lines}")
        plain, changed = _halves(self._trace.more())
        return Run(plain, tuple(lines[:half])), Run(changed, tuple(lines[half:]))

    def _execute(self, source: str) -> str:
        output, trace = self._repl.execute(source, total_s=_TIMEOUT_S)
        if trace:
            raise TargetError(f"the board raised {trace.decode(errors='replace')}")
        return output.decode(errors="replace").replace("\r", "")


def _halves(accesses: list[Access]) -> tuple[tuple[Access, ...], tuple[Access, ...]]:
    """What was done as it stands, and lowered, without what makes things ready for a call."""
    halves: list[list[Access]] = []
    is_setup = False
    for each in accesses:
        if each.address == MARK:
            is_setup = each.value == SETUP
            if each.value == END:
                halves.append([])
        if halves and not is_setup and not (each.address == MARK and each.value == END):
            halves[-1].append(each)
    if len(halves) != 3:  # noqa: PLR2004 - before, between and behind
        raise TargetError(f"the trace has {len(halves)} marks")
    return tuple(halves[0]), tuple(halves[1])
