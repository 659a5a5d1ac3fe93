"""A deployment: what is in the slot that does not run becomes the app, is verified, and then runs."""

from collections.abc import Callable
from dataclasses import dataclass

from host_tools.deploy.agent import Agent
from host_tools.deploy.changes import Changes, changes
from host_tools.deploy.inventory import LAUNCHER, SLOTS, STATE, Inventory
from host_tools.deploy.payload import File
from host_tools.deploy.shrink import shrunk
from host_tools.errors import FailedError, TargetError, UsageError
from host_tools.paths import firmware_dir
from host_tools.raw_repl import RawRepl

BEFORE = "/main.py.before"
"""Where a main.py is kept that was there before the first deployment."""


@dataclass(frozen=True)
class Report:
    """What was done: files that the board has now, of which were sent and copied on the board, and bytes moved."""

    slot: str
    files: int
    sent: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    moved: int = 0

    @property
    def is_unchanged(self) -> bool:
        """Whether the board had all of it already."""
        return not (self.sent or self.copied or self.moved)


def deploy(
    repl: RawRepl, make: Callable[[Inventory], dict[str, File]], moved: Callable[[int, int], None]
) -> Report:
    """Brings files to the board at the raw prompt; `make` makes them once it is known what the board is.

    The running app is left as it is until all files are there and verified; what an earlier deployment left half done
    is used or removed. UsageError for a board that would not run the app, FailedError for one that has no room.
    """
    agent = Agent(repl)
    found = agent.inventory()
    if "main" in found.facts.frozen:
        raise UsageError(
            "the board's firmware has an app frozen in, which would run in place of this one",
            fix="flash a firmware without an app",
        )
    files = make(found)
    wanted = {name: file.digest for name, file in files.items()}
    launcher = File(shrunk(firmware_dir() / "deploy" / "launcher.py").encode())
    running = _below(f"{STATE}/{found.slot}/", found.files) if found.slot else {}
    if running == wanted and found.files.get(LAUNCHER) == launcher.digest:
        return Report(found.slot, len(files))
    agent.get_ready()
    slot = found.slot
    report = Report(slot, len(files))
    if running != wanted:
        slot = next(name for name in SLOTS if name != found.slot)
        report = _fill(agent, found, slot, running, files, moved)
        agent.replace(f"{STATE}/slot", slot)
    if found.files.get(LAUNCHER) != launcher.digest:
        if LAUNCHER in found.files:
            agent.copy(LAUNCHER, BEFORE)
        agent.replace(LAUNCHER, launcher.content.decode())
    return report


def _fill(
    agent: Agent, found: Inventory, slot: str, running: dict[str, str], files: dict[str, File], moved: Callable[[int, int], None]
) -> Report:
    folder = f"{STATE}/{slot}"
    wanted = {name: file.digest for name, file in files.items()}
    todo = changes(wanted, running, agent.files(slot))
    try:
        size = _apply(agent, found, folder, todo, files, moved)
    except FailedError:
        agent.remove(folder)
        raise
    if (there := agent.files(slot)) != wanted:
        wrong = sorted(name for name in {*there, *wanted} if there.get(name) != wanted.get(name))
        raise TargetError(
            f"the board does not have what was sent: {', '.join(wrong)}; the app that it had still runs",
            fix="repeat; if it stays so, its flash memory is worn out",
        )
    return Report(slot, len(files), todo.send, todo.copy, size)


def _apply(
    agent: Agent, found: Inventory, folder: str, todo: Changes, files: dict[str, File], moved: Callable[[int, int], None]
) -> int:
    for name in todo.remove:
        agent.remove(f"{folder}/{name}")
    agent.make_folders([STATE, folder, *(f"{folder}/{name}" for name in todo.folders)])
    for name in todo.copy:
        agent.copy(f"{STATE}/{found.slot}/{name}", f"{folder}/{name}")
    return agent.send(folder, [(name, files[name].content) for name in todo.send], found.facts.deflate, moved)


def _below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {path.removeprefix(folder): digest for path, digest in files.items() if path.startswith(folder)}
