"""Echoes what comes over the UART, and says at the end what was counted. The host says how many bytes that is."""

import gc
import json

import board

CHUNK = 4096
LONGEST_SILENCE_MS = 60_000

total = int(input("how many? "))
uart = board.CAPABILITIES["uart"].open(owner="the soak", rx_size=CHUNK, tx_size=CHUNK, hold_when_full=True)
chunk = bytearray(CHUNK)
view = memoryview(chunk)
echoed = turns = 0
while echoed < total:
    count = uart.readinto(chunk, LONGEST_SILENCE_MS)
    if not count or uart.write(view[:count], LONGEST_SILENCE_MS) != count:
        break
    echoed += count
    turns += 1
    if turns % 64 == 0:
        gc.collect()
uart.flush(LONGEST_SILENCE_MS)
print(
    json.dumps(
        {
            "received": uart.received,
            "dropped": uart.dropped,
            "overruns": uart.overruns,
            "written": uart.written,
            "sent": uart.sent,
            "echoed": echoed,
        }
    )
)
