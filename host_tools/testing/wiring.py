"""Jumpers between pins of a board: `wiring/<board>.toml` beside the folder of target tests describes them.

On a real board somebody has put them there. On an emulated one a thread watches the output at one end and drives the
input at the other.
"""

import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from host_tools.boards import Board, Rp2040jsEmulator
from host_tools.errors import TargetError, UsageError
from host_tools.targets.qtest import Qtest

FOLDER = "wiring"
_POLL_S = 0.001


@dataclass(frozen=True)
class Jumper:
    """Connects two pins of the board, of which the first is the one that drives.

    output, input: in QEMU, the device's path and the number of its output or input; None where nothing there plays it.
    rp2040js plays every jumper itself.
    """

    pins: tuple[str, str]
    output: tuple[str, int] | None = None
    input: tuple[str, int] | None = None

    def is_played_on(self, board: Board) -> bool:
        """Whether the emulator of `board` connects the pins."""
        return self.output is not None or isinstance(board.emulator, Rp2040jsEmulator)

    def numbers(self, board: Board) -> tuple[int, int]:
        """The pins by their numbers in the port. UsageError for a name that is no pin of `board`."""
        pins = [board.pins.get(name) or board.chip_pin(name) for name in self.pins]
        for name, pin in zip(self.pins, pins, strict=True):
            if pin is None:
                raise UsageError(f"{board.name} has no pin {name}", fix="correct the jumper in the wiring's file")
        one, other = (pin.bit for pin in pins if pin)
        return one, other


def jumper(folder: Path, board: str, name: str) -> Jumper | None:
    """The jumper of this name that the wiring beside a folder of tests has for a board, None if there is none."""
    found = wiring(folder.parent / FOLDER / f"{board}.toml").get("jumpers", {}).get(name)
    if found is None:
        return None
    ends = {end: tuple(found["emulated"][end]) for end in ("output", "input")} if "emulated" in found else {}
    return Jumper(tuple(found["pins"]), **ends)


def wiring(path: Path) -> dict[str, Any]:
    """What a board's file says, nothing where there is none. UsageError if it is not TOML."""
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not TOML: {error}") from error


class Wire:
    """Plays a jumper on an emulated board, from now until `stop`."""

    def __init__(self, played: Jumper, qtest: Qtest) -> None:
        assert played.output
        assert played.input
        self._output, self._input = played.output, played.input
        self._qtest = qtest
        self._ended = threading.Event()
        qtest.watch_outputs(self._output[0])
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends it; call it before the emulator ends."""
        self._ended.set()
        self._thread.join()

    def _follow(self) -> None:
        try:
            while not self._ended.wait(_POLL_S):
                for number, level in self._qtest.take_changes():
                    if number == self._output[1]:
                        self._qtest.set_level(*self._input, level)
        except TargetError:
            pass  # the emulator has ended: the test says how
