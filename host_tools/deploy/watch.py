"""An app's files while somebody works on them: whether they have changed, between two looks at the console."""

from collections.abc import Callable
from pathlib import Path

from host_tools.deploy.payload import app_files
from host_tools.errors import UsageError
from host_tools.link import CHUNK, Link

TURN_S = 0.2
"""How often the files are looked at; when they have not changed for this long, an editor has written all of them."""

Look = dict[Path, tuple[int, int]]


def follow_until_changed(link: Link, app: str, seen: Look, show: Callable[[bytes], None]) -> Look:
    """Shows what the console says until the files are no longer as they were `seen`; returns what they are then."""
    before = seen
    while True:
        if data := link.read(CHUNK, TURN_S):
            show(data)
        now = look(app)
        if now != seen and now == before:
            return now
        before = now


def look(app: str) -> Look:
    """Sizes and times of an app's files; none while there is no app."""
    try:
        found = app_files(app).values()
        return {path: (status.st_size, status.st_mtime_ns) for path in found if (status := path.stat())}
    except (UsageError, FileNotFoundError):
        return {}
