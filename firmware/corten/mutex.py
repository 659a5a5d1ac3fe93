"""A lock between asyncio's tasks, as `asyncio.Lock`: it allocates nothing and makes no generator while nobody waits.

    mutex = Mutex()
    async with mutex:
        …

Tasks get it in the order in which they asked. Callers: asyncio's tasks, in the main context; waiting allocates. It
keeps no handler out: for that see `corten.critical` and `corten.shared`.
"""

try:
    from asyncio import core  # type: ignore[attr-defined]  # the stubs leave it out
except ImportError:
    core = None  # CPython's asyncio has none; there this module can be imported, and no more

_FREE = None


def _nothing():
    return
    yield


# A generator that has ended is what awaits to nothing, and nothing is cheaper.
_DONE = _nothing()
for _ in _DONE:
    pass


class Mutex:
    """Not held. holder: the task that holds it, or None."""

    def __init__(self):
        self.holder = _FREE
        self._waiting = core.TaskQueue()

    def __aenter__(self):
        if self.holder is _FREE:
            self.holder = core.cur_task
            return _DONE
        return self._wait()

    def __aexit__(self, kind, value, traceback):
        self.release()
        return _DONE

    def acquire(self):
        """Let other tasks run until it is free, and hold it: `await mutex.acquire()`."""
        return self.__aenter__()

    def release(self):
        """Give it to the task that waits longest. Raises RuntimeError if the running task does not hold it."""
        if self.holder is not core.cur_task:
            raise RuntimeError("this task does not hold the mutex")
        self._pass_on()

    def _pass_on(self):
        self.holder = _FREE
        if self._waiting.peek():
            self.holder = self._waiting.pop()
            core._task_queue.push(self.holder)

    def _wait(self):
        task = core.cur_task
        self._waiting.push(task)
        task.data = self._waiting  # where a cancellation finds it
        try:
            yield
        except core.CancelledError:
            if self.holder is task:
                self._pass_on()
            raise
