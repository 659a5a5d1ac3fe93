"""pyOCD, as a library: programs, verifies and resets through a debug probe that it knows."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from host_tools import packages
from host_tools.errors import FailedError
from host_tools.flash_models import PyOcd
from host_tools.flashers.base import Job, Plan, Refused
from host_tools.flashers.tool import require_device, write_file

RECOVERY = "repeat; a core that no longer answers is reached with its reset held: press the reset button meanwhile"
VERSION = "0.46.0"


def check(job: Job, table: PyOcd) -> None:
    require_device(table.usb, "debug probe", "connect one")
    _import(job.say)
    if not _probes():
        raise Refused(
            "pyOCD finds no debug probe", "connect one; Linux asks for udev rules: see pyOCD's README", is_absent=True
        )


def plan(job: Job, table: PyOcd) -> Plan:
    path = write_file(job.folder, f"{job.image.path.stem}.bin", job.image.flat())
    options = options_of(table)

    def write() -> None:
        _import(job.say)
        from pyocd.core.helpers import ConnectHelper  # type: ignore[import-not-found]
        from pyocd.flash.file_programmer import FileProgrammer  # type: ignore[import-not-found]

        with told():
            session = ConnectHelper.session_with_chosen_probe(blocking=False, return_first=True, options=options)
            if session is None:
                raise Refused("pyOCD finds no debug probe", "connect one", is_absent=True)
            job.say(f"writing {job.image.size} bytes with pyOCD")
            with session:
                FileProgrammer(session, no_reset=False).program(str(path), base_address=job.image.start)
                session.target.reset()

    words = ", ".join(f"{name}={value}" for name, value in options.items())
    steps = (
        f"pyocd: a session with the first probe: {words}",
        f"pyocd: program {path} at {job.image.start:#010x}, reset",
    )
    return Plan(steps, write, lambda: job.port)


def options_of(table: PyOcd) -> dict[str, str | int]:
    """The options of pyOCD's session."""
    return {"target_override": table.target, "frequency": 1_000_000}


def _import(say: Callable[[str], None]) -> None:
    """Lets `pyocd` be imported: the environment's own where it has one. Refused where it cannot be fetched."""
    if importlib.util.find_spec("pyocd"):
        return
    try:
        sys.path.append(str(packages.fetch("pyocd", VERSION, say, dependencies=True)))
    except FailedError as error:
        raise Refused(error.message, error.fix or "repeat") from error


def _probes() -> list[Any]:
    from pyocd.core.helpers import ConnectHelper

    return list(ConnectHelper.get_all_connected_probes(blocking=False))


@contextmanager
def told() -> Iterator[None]:
    """pyOCD's errors, and those of USB below it, as ours; its progress on standard error, where ours is."""
    from pyocd.core.exceptions import Error  # type: ignore[import-not-found]

    try:
        with redirect_stdout(sys.stderr):
            yield
    except (Error, OSError) as error:
        raise FailedError(f"pyOCD: {error}") from error
