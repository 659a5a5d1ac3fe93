"""deploy/power-cuts: the power fails in the middle of each flash operation of a deployment, on an emulated RP2040.

An operation is one erased sector or one programmed page, of which half is done. The board then boots from what its
flash has: the app of before or the new one must answer, and the next deployment must work. The id of a trial that fails
is the operation's number, counted from 1; PowerCuts.trial repeats it.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board
from host_tools.build import build
from host_tools.deploy.agent import Agent
from host_tools.deploy.payload import payload
from host_tools.deploy.switch import Deployment
from host_tools.errors import FailedError, TargetError
from host_tools.link import Link, read_until
from host_tools.raw_repl import RawRepl
from host_tools.targets.rp2040 import Rp2040Target

EVERY_BOARD = False
BOARD = "rpi_pico"
PROMPT = b">>> "
BOOT_TIMEOUT_S = 60.0
OLDEST, OLD, NEW = (f"the {age} app answers" for age in ("oldest", "old", "new"))
DATA_BYTES = 3000


class PowerCuts:
    """A board with an app, whose power fails while it gets another one; all files are below `folder`."""

    def __init__(self, folder: Path, uf2: Path, say: Callable[[str], None]) -> None:
        """Makes the board's flash from a firmware, with the old app in one slot and what it replaced in the other."""
        self._folder = folder
        self._board = load_board(BOARD)
        folder.mkdir(exist_ok=True)
        self._flash = folder / "flash.bin"
        with Rp2040Target(self._board, uf2, flash=self._flash, say=say) as target:
            read_until(target.console, PROMPT, BOOT_TIMEOUT_S)
            for text in (OLDEST, OLD):
                _deploy(target.console, self._app(text))

    def operations(self) -> int:
        """How many flash operations the deployment takes that is cut."""
        with self._boot(self._copy()) as target:
            read_until(target.console, PROMPT, BOOT_TIMEOUT_S)
            before = target.control.flash_operations()
            _deploy(target.console, self._app(NEW))
            return target.control.flash_operations() - before

    def trial(self, operation: int) -> str:
        """Cuts the power in the middle of an operation and returns which app runs then, OLD or NEW.

        FailedError when neither does, when both do, or when the next deployment does not work.
        """
        flash = self._copy()
        with self._boot(flash) as target:
            read_until(target.console, PROMPT, BOOT_TIMEOUT_S)
            target.control.cut_power_after(operation)
            try:
                _deploy(target.console, self._app(NEW))
            except TargetError:
                pass
            else:
                raise FailedError(f"the deployment has no operation {operation}")
        with self._boot(flash) as target:
            said = read_until(target.console, PROMPT, BOOT_TIMEOUT_S).decode(errors="replace")
            runs = [text for text in (OLD, NEW) if text in said]
            if len(runs) != 1:
                raise FailedError(f"power cut {operation}: after it the board says {said[-400:]!r}")
            _deploy(target.console, self._app(NEW))
        with self._boot(flash) as target:
            said = read_until(target.console, PROMPT, BOOT_TIMEOUT_S).decode(errors="replace")
            if NEW not in said:
                raise FailedError(f"power cut {operation}: after the next deployment the board says {said[-400:]!r}")
        return runs[0]

    def _boot(self, flash: Path) -> Rp2040Target:
        return Rp2040Target(self._board, None, flash=flash)

    def _copy(self) -> Path:
        return Path(shutil.copy(self._flash, self._folder / "trial.bin"))

    def _app(self, text: str) -> Path:
        """An app with files that are new, files that the running slot has, and files that are too many."""
        age = text.split()[1]
        folder = self._folder / age
        (folder / age).mkdir(parents=True, exist_ok=True)
        contents = {
            "main.py": f"import {age}.word\nprint('the', {age}.word.WORD, open('words.txt').read())\n".encode(),
            "words.txt": b"app answers",
            f"{age}/word.py": f"WORD = {age!r}\n".encode(),
            f"{age}/own.bin": Random(age).randbytes(DATA_BYTES),
        }
        if text != OLDEST:
            contents["shared.bin"] = Random("shared").randbytes(DATA_BYTES)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
        return folder


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Every operation; the value is how many of them left neither app, or a board that takes no deployment."""
    failed = []
    with TemporaryDirectory(prefix="corten-") as folder:
        uf2 = build(load_board(BOARD), None, say).uf2
        assert uf2
        cuts = PowerCuts(Path(folder), uf2, say)
        count = cuts.operations()
        for operation in range(1, count + 1):
            try:
                cuts.trial(operation)
            except (FailedError, TargetError) as error:
                say(str(error))
                failed.append(operation)
    yield Row(BOARD, "deploy/power-cuts/operations", count, "cuts")
    yield Row(BOARD, "deploy/power-cuts", len(failed), "broken", at_most=0)


def _deploy(link: Link, app: Path) -> None:
    repl = RawRepl(link)
    repl.enter()
    repl.soft_reset()
    deployment = Deployment(Agent(link, repl), lambda done, total: None)
    deployment.bring(payload(str(app), deployment.found.facts, BOARD, False, lambda message: None))
    repl.leave()
    read_until(link, PROMPT, BOOT_TIMEOUT_S)
