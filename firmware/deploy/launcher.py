"""Starts the app that `corten deploy` put here; on the board this is /main.py.

The file `slot` says in which of two folders the app is. It is replaced by a rename; on a file system where that is not
one step, a power cut may leave its next contents only, in `slot.new`.
"""

import os

for name in ("slot", "slot.new"):
    try:
        with open("/.deploy/" + name) as file:
            os.chdir("/.deploy/" + file.read())
        break
    except OSError:
        pass

import main  # noqa: E402, F401
