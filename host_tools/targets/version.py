"""Which QEMU is at hand; apart from the rest, so that asking costs no heavy import."""

import re

from host_tools.errors import MissingToolError
from host_tools.process import run

PROGRAM = "qemu-system-arm"


def installed() -> str:
    """QEMU's version, for example `10.0.2`. MissingToolError when it is not there or does not tell."""
    found = re.search(r"version (\d+(?:\.\d+)+)", run([PROGRAM, "--version"], what="emulate a board"))
    if not found:
        raise MissingToolError(f"{PROGRAM} does not tell its version", fix="corten doctor --fix")
    return found[1]


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers, which compare as versions do."""
    return tuple(int(part) for part in version.split("."))
