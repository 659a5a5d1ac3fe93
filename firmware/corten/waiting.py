"""Waiting, in the main context and in asyncio's tasks, for a word that an interrupt handler changes.

    wait_for_change(address, value, timeout_ms)     # the core sleeps
    await changed(address, value)                   # other tasks run meanwhile; with none that is due, the core sleeps

What waits is told by a word's address and the value that it is to lose, so a change that comes before the wait is seen
as well. A word that changes 2**32 times meanwhile, and has the same value again, is not.

Callers: the main context.
"""

import time

from micropython import const

from corten import context
from corten.critical import wait_while, word_is

_LONGEST_SLEEP_MS = const(100)  # until Ctrl-C and scheduled callbacks get their turn, on any port


class WrongContext(RuntimeError):
    """An interrupt handler cannot wait."""


_NO_WAITING = WrongContext("an interrupt handler cannot wait")  # made once: raising it allocates nothing


def check_context():
    """Raise WrongContext in a handler. Any context; allocates nothing."""
    if context.exception() != context.MAIN:
        raise _NO_WAITING


def wait_for_change(address, value, timeout_ms):
    """Sleep while the word at `address` is `value`; return whether it changed within `timeout_ms`, None for any time.

    A handler gets WrongContext. Allocates where a number is 2**30 or more.
    """
    check_context()
    start = time.ticks_ms()
    while word_is(address, value):
        left = _LONGEST_SLEEP_MS
        if timeout_ms is not None:
            left = timeout_ms - time.ticks_diff(time.ticks_ms(), start)
            if left <= 0:
                return False
        wait_while(address, value, min(left, _LONGEST_SLEEP_MS))
    return True


_park = _wake = None


def park(address, value):
    """Make the running asyncio task, which yields next, go on once the word at `address` is not `value`. Allocates.

    A cancellation ends it, as it ends any wait. `corten.wake_queue` says how it works.
    """
    global _park, _wake
    if _park is None:
        from corten import wake_queue

        _park, _wake = wake_queue.park, wake_queue.wake
    _park(address, value)


def wake(address):
    """Let the asyncio tasks go on that wait for the word at `address`, though it has not changed.

    For what ends without a change of its word, a cancellation for example: who waits for it looks again. Allocates.
    """
    if _wake is not None:
        _wake(address)


def changed(address, value):
    """Let other asyncio tasks run until the word at `address` is not `value`: `await changed(address, value)`."""
    if word_is(address, value):
        park(address, value)
        yield
