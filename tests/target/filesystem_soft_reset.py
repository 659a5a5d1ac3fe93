# needs: filesystem
# soft_reset: 3
"""Files survive a soft reset, and are there after a write, a rename and a removal."""

import os

if RUN == 0:
    os.mkdir("/kept")
else:
    with open("/kept/new") as file:
        assert file.read() == str(RUN - 1) * 1000
    assert os.listdir("/kept") == ["new"]
with open("/kept/old", "w") as file:
    file.write(str(RUN) * 1000)
os.rename("/kept/old", "/kept/new")
with open("/kept/gone", "w") as file:
    file.write("x")
os.remove("/kept/gone")
