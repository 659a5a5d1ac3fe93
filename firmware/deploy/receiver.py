"""Files from the host into the board's file system: over the console, in blocks. Sent by `corten deploy`.

The host sends up to PAYLOAD bytes of data and their CRC-32, little-endian, in a block. READY asks for a chunk, of which
it then sends two blocks, and after each block for the one after the next: as many bytes are under way as MicroPython's
raw paste mode allows. Nothing is under way while a chunk is written: flash is written with interrupts masked.

Ctrl-C is data meanwhile. A host that is silent for SILENCE_MS in the middle of a block is gone: the board resets, and
runs the app that it had. With a wrong checksum nothing more is written, and the program ends in an OSError.
"""

import binascii
import io
import os
import select
import sys
import time

import machine
import micropython

PAYLOAD = 124
READY = b"\x06"
SILENCE_MS = 4000
QUIET_MS = 200
PIECE = 1024
IS_FOLDER = 0x4000
CTRL_C = 3
EIO = 5
EEXIST = 17

_console = sys.stdin.buffer
_poll = select.poll()
_poll.register(sys.stdin, select.POLLIN)
_byte = bytearray(1)
_check = bytearray(4)


def _take(view):
    until = time.ticks_add(time.ticks_ms(), SILENCE_MS)
    wait, read, byte = _poll.poll, _console.readinto, _byte
    left = SILENCE_MS
    for at in range(len(view)):
        if not at & 15:
            left = max(time.ticks_diff(until, time.ticks_ms()), 0)
        if not wait(left):
            machine.reset()
        read(byte)
        view[at] = byte[0]


def _fill(chunk):
    for at in range(0, len(chunk), PAYLOAD):
        sys.stdout.buffer.write(READY)
        block = chunk[at : at + PAYLOAD]
        _take(block)
        _take(_check)
        if binascii.crc32(block) != int.from_bytes(_check, "little"):
            while _poll.poll(QUIET_MS):
                _console.readinto(_byte)
            raise OSError(EIO)


def receive(folder, files, chunks, window):
    """Receive files into `folder`, whose own folders are there.

    files: names and sizes. chunks: sizes of what is received, deflated with `window` bits, 0 if as it is.
    """
    memory = memoryview(bytearray(max(chunks, default=0)))
    source = io.BytesIO(b"")
    waiting = list(chunks)
    piece = bytearray(PIECE)
    view = memoryview(piece)
    micropython.kbd_intr(-1)
    try:
        for name, size in files:
            left = size
            with open(folder + "/" + name, "wb") as file:
                while left:
                    count = source.readinto(view[: min(left, PIECE)])
                    if count:
                        file.write(view[:count])
                        left -= count
                    else:
                        source = None  # its memory is needed for the next one
                        source = _next(memory[: waiting.pop(0)], window)
    finally:
        micropython.kbd_intr(CTRL_C)


def _next(chunk, window):
    _fill(chunk)
    source = io.BytesIO(chunk)
    if window:
        import deflate

        return deflate.DeflateIO(source, deflate.RAW, window)
    return source


def make_folders(paths):
    """Make folders that may be there already, each after the one that it is in."""
    for path in paths:
        try:
            os.mkdir(path)
        except OSError as error:
            if error.errno != EEXIST:
                raise


def copy(source, target):
    """Copy a file on the board."""
    piece = bytearray(PIECE)
    view = memoryview(piece)
    with open(source, "rb") as old, open(target, "wb") as new:
        while True:
            count = old.readinto(piece)
            if not count:
                return
            new.write(view[:count])


def keep(path, kept):
    """Copy a file to `kept`, or where that is there already to the first free one of `kept`1, `kept`2, and so on.

    The copy is there whole or not at all.
    """
    name, number = kept, 0
    while _is_there(name):
        number += 1
        name = kept + str(number)
    copy(path, kept + ".new")
    os.rename(kept + ".new", name)


def _is_there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def remove(path):
    """Remove a file, or a folder and all that is in it."""
    if os.stat(path)[0] & IS_FOLDER:
        for entry in list(os.ilistdir(path)):
            remove(path + "/" + entry[0])
        os.rmdir(path)
    else:
        os.remove(path)


def replace(path, text):
    """Give a file new contents: the old ones or the new ones are there, where the file system renames in one step."""
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)
