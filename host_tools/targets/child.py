"""Emulators as child processes of ours."""

import shutil
from functools import cache


@cache
def dies_with_us() -> tuple[str, ...]:
    """A prefix that ends the emulator when the thread that starts it ends, in whatever way; empty without setpriv."""
    return ("setpriv", "--pdeathsig", "KILL", "--") if shutil.which("setpriv") else ()
