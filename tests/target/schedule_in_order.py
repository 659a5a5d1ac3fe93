"""Scheduled callbacks run later, once each, in order; a full queue refuses and loses nothing that it took."""

import micropython
import time

ran = []
taken = 0
machine_lock = micropython.heap_lock
refused = False


def fill():
    global taken, refused
    for number in range(100):
        try:
            micropython.schedule(ran.append, number)
        except RuntimeError:
            refused = True
            return
        taken += 1


fill()
time.sleep_ms(2)
assert ran == list(range(taken)), (taken, ran)
