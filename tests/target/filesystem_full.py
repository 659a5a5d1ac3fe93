# needs: filesystem
"""A full file system refuses with ENOSPC, keeps what it held, and takes new files once there is room."""

import os

ENOSPC = 28

with open("/first", "w") as file:
    file.write("kept")
block = bytes(range(256)) * 4
written = 0
try:
    with open("/big", "wb") as file:
        while True:
            file.write(block)
            file.flush()
            written += 1
except OSError as error:
    assert error.errno == ENOSPC, error
assert written > 4
os.remove("/big")
with open("/second", "wb") as file:
    file.write(block)
with open("/first") as file:
    assert file.read() == "kept"
with open("/second", "rb") as file:
    assert file.read() == block
