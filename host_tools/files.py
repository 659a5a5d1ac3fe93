"""Files that several processes make and use: each is whole or not there, and one process at a time makes it."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from host_tools.errors import FailedError

LOCK_TIMEOUT_S = 900.0
"""As long as the longest work that is done under a lock."""


def write_whole(path: Path, data: bytes | str) -> None:
    """Writes a file that other processes may read meanwhile: they find the old one or all of the new one."""
    write_all({path: data})


def write_all(contents: Mapping[Path, bytes | str]) -> None:
    """Writes files as `write_whole` does, and changes none of them before there is room for all."""
    partials = {path.with_name(f"{path.name}.{os.getpid()}"): path for path in contents}
    try:
        for partial, path in partials.items():
            data = contents[path]
            partial.write_bytes(data.encode() if isinstance(data, str) else data)
        for partial, path in partials.items():
            partial.replace(path)
    except BaseException:
        for partial in partials:
            partial.unlink(missing_ok=True)
        raise


_held: set[int] = set()


def held_locks() -> tuple[int, ...]:
    """The file descriptors of the locks that this process holds: a child that keeps them open holds them as well."""
    return tuple(_held)


@contextmanager
def exclusive(folder: Path, say: Callable[[str], None], timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Holds off every other process that makes `folder`; FailedError when one still does after `timeout_s`.

    The lock ends with the process that holds it and the children that it ran, however they end: a compiler that
    outlives a killed parent does not write into what the next one makes.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_name(f"{folder.name}.lock"), "w", encoding="utf-8") as lock:
        _acquire(lock.fileno(), folder, say, time.monotonic() + timeout_s)
        _held.add(lock.fileno())
        try:
            yield
        finally:
            _held.remove(lock.fileno())


def _acquire(lock: int, folder: Path, say: Callable[[str], None], deadline: float) -> None:
    told = False
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise FailedError(
                    f"another process has been making {folder} all this time", fix=f"`fuser {folder}.lock` names it"
                ) from None
            if not told:
                say(f"waiting for another process that makes {folder}")
                told = True
            time.sleep(0.05)
        else:
            return
