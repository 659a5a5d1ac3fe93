"""Scheduled callbacks run later, once each, in order; a full queue refuses and loses nothing that it took."""

import time

import micropython

ran = []
taken = 0
refused = False


def fill(_):
    # Runs as a callback itself: the others wait meanwhile.
    global taken, refused
    for number in range(1000):
        try:
            micropython.schedule(ran.append, number)
        except RuntimeError:
            refused = True
            return
        taken += 1


for _ in range(3):
    taken = 0
    refused = False
    ran.clear()
    micropython.schedule(fill, None)
    for _ in range(50):
        time.sleep_ms(1)
        if taken and len(ran) == taken:
            break
    assert refused, "1000 callbacks fitted"
    assert taken >= 4 and ran == list(range(taken)), (taken, ran)
