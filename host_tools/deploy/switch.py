"""A deployment: what is in the slot that does not run becomes the app, is verified, and is then the one that runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from host_tools.deploy.agent import Agent
from host_tools.deploy.changes import Changes, changes
from host_tools.deploy.inventory import LAUNCHER, SLOTS, STATE, Inventory
from host_tools.deploy.payload import File
from host_tools.deploy.shrink import shrunk
from host_tools.errors import FailedError, TargetError, UsageError
from host_tools.paths import firmware_dir

BEFORE = "/main.py.before"
"""Where a main.py is kept that is not the launcher; what is kept there already is never overwritten."""
POINTER = f"{STATE}/slot"

Files = Mapping[str, File]


@dataclass(frozen=True)
class Report:
    """What was done. `slot` runs now, of `files` files; names of those sent, those copied on the board; bytes moved."""

    slot: str
    files: int
    is_changed: bool
    sent: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    moved: int = 0


class Deployment:
    """What is done to one board. The app that it has is left as it is until the new one is there and verified."""

    def __init__(self, agent: Agent, moved: Callable[[int, int], None]) -> None:
        """Looks what the board has; `moved` is told how many bytes of how many were sent.

        UsageError for a board that would not run what is deployed.
        """
        self._agent = agent
        self._moved = moved
        self.found = agent.inventory()
        _check(self.found)

    def bring(self, files: Files) -> Report:
        """Brings the files of an app; what an earlier deployment left half done is used or removed.

        FailedError when the board has no room, TargetError when it does not have what was sent: the old app is intact.
        """
        found, agent = self.found, self._agent
        wanted = {name: file.digest for name, file in files.items()}
        running = _below(f"{STATE}/{found.slot}/", found.files) if found.slot else {}
        launcher = File(shrunk(firmware_dir() / "deploy" / "launcher.py").encode())
        started = found.files.get(LAUNCHER)
        if running == wanted and started == launcher.digest:
            return Report(found.slot, len(files), is_changed=False)
        agent.get_ready()
        report = Report(found.slot, len(files), is_changed=True)
        if running != wanted:
            report = self._fill(running, files, wanted)
            agent.replace(POINTER, report.slot)
        if started != launcher.digest:
            if started and started != found.files.get(BEFORE):
                agent.keep(LAUNCHER, BEFORE)
            agent.replace(LAUNCHER, launcher.content.decode())
        return report

    def _fill(self, running: Mapping[str, str], files: Files, wanted: Mapping[str, str]) -> Report:
        slot = next(name for name in SLOTS if name != self.found.slot)
        todo = changes(wanted, running, self._agent.files(slot))
        try:
            size = self._apply(slot, todo, files)
        except FailedError:
            self._agent.remove(f"{STATE}/{slot}")
            raise
        if (there := self._agent.files(slot)) != wanted:
            wrong = sorted(name for name in {*there, *wanted} if there.get(name) != wanted.get(name))
            raise TargetError(
                f"the board does not have what was sent: {', '.join(wrong)}; the app that it had is intact",
                fix="repeat; if it stays so, its flash memory is worn out",
            )
        return Report(slot, len(files), True, todo.send, todo.copy, size)

    def _apply(self, slot: str, todo: Changes, files: Files) -> int:
        agent, folder = self._agent, f"{STATE}/{slot}"
        for name in todo.remove:
            agent.remove(f"{folder}/{name}")
        agent.make_folders([STATE, folder, *(f"{folder}/{name}" for name in todo.folders)])
        for name in todo.copy:
            agent.copy(f"{STATE}/{self.found.slot}/{name}", f"{folder}/{name}")
        contents = [(name, files[name].content) for name in todo.send]
        return agent.send(folder, contents, self.found.facts, self._moved)


def _check(found: Inventory) -> None:
    if "main" in found.facts.frozen:
        raise UsageError(
            "the board's firmware has an app frozen in, which would run in place of this one",
            fix="flash a firmware without an app: `corten build` without APP makes one",
        )


def _below(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    return {path.removeprefix(folder): digest for path, digest in files.items() if path.startswith(folder)}
