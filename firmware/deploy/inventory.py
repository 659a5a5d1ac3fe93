"""What a board has: its interpreter, its frozen modules and the digests of its files. Sent by `corten deploy`.

Runs in the raw REPL of any MicroPython with a file system; prints lines of words, which host_tools/deploy/inventory.py
reads.
"""

import binascii
import gc
import hashlib
import os
import sys

IS_FOLDER = 0x4000
PIECE = 1024
STATE = "/.deploy/"


def digest(path):
    """Return the SHA-256 of what the file at `path` holds now, in hexadecimal. Raises OSError."""
    total, piece = hashlib.sha256(), bytearray(PIECE)
    view = memoryview(piece)
    with open(path, "rb") as file:
        while True:
            count = file.readinto(piece)
            if not count:
                return binascii.hexlify(total.digest()).decode()
            total.update(view[:count])


def tell(folder):
    """Print the digest and the path of each file below `folder`, and of each empty folder a line as well."""
    try:
        entries = list(os.ilistdir(folder))
    except OSError:
        return
    for entry in entries:
        path = folder + "/" + entry[0]
        if entry[1] == IS_FOLDER:
            tell(path)
        else:
            print("file", digest(path), path)
    if not entries:
        print("empty", "-", folder)


def tell_file(path):
    """Print the digest and the path of one file, if it is there."""
    try:
        print("file", digest(path), path)
    except OSError:
        pass


def slot():
    """Return the name of the folder that the launcher starts, empty if there is none.

    What a power cut on FAT has left in `slot.new` alone becomes `slot`: the next deployment writes `slot.new`.
    """
    for name in ("slot", "slot.new"):
        try:
            with open(STATE + name) as file:
                found = file.read()
        except OSError:
            continue
        if name != "slot" and found:
            os.rename(STATE + name, STATE + "slot")
        return found
    return ""


def inventory():
    """Print all of it: facts, frozen modules, the running slot's files."""
    system = sys.implementation
    print("mpy", getattr(system, "_mpy", 0))
    gc.collect()
    print("free", gc.mem_free())
    print("version", ".".join(str(number) for number in system.version[:3]))
    try:
        import board

        print("board", board.NAME)
    except (ImportError, AttributeError):
        pass
    print("slot", slot())
    tell_file("/main.py")
    tell_file("/main.py.before")
    if slot():
        tell(STATE + slot())
    print("modules")
    help("modules")
