"""One owner at a time: who has taken what, and how it comes back.

    handle = resource.…(owner="node")       AlreadyTaken names the first owner
    handle.close()                          or resource.release(), `with handle:`, a Scope's end, a soft reset

A soft reset releases what is still taken, the last first, and prints what that was: where the port has `sys.atexit`, or
finalisers as `corten.finaliser` wants them.

Callers: the main context. Taking allocates.
"""

import sys

import micropython

_taken: list = []  # in the order of taking
_others = None  # what the program left with sys.atexit
_reserve: list = []  # for what runs there, in a heap that is full
_RESERVE_WORDS = 512


class AlreadyTaken(Exception):
    """The resource has an owner; the message names it."""


class Resource:
    """Something of the hardware that has one owner. name: as people know it. owner: who has it, None while it is free.
    claim: how often it was taken: what an owner remembers tells its own time from the next one's.

    A subclass may put the hardware back in `_put_back`, which runs after the handle was closed.
    """

    def __init__(self, name):
        self.name = name
        self.owner = None
        self.claim = 0
        self._handle = None

    def _take(self, owner, make):
        _release_at_exit()
        self._own(owner or "an owner that gave no name")
        try:
            self._handle = make()
        except BaseException:
            self.release()
            raise
        return self._handle

    def replace(self, handle):
        """Make `handle` what `release` closes, in place of the one that became it. For drivers. Returns it."""
        self._handle = handle
        return handle

    def release(self, claim=None):
        """Give it back: the handle is closed, the hardware put back, and the next one can take it. Harmless if free,
        and if it was taken anew since `claim`. What closing raises is raised when all that is done."""
        if claim is not None and claim != self.claim:
            return
        handle = self._handle
        self._handle = None
        try:
            if handle is not None:
                handle.close()
        finally:
            try:
                if self.owner is not None:
                    self._put_back()
            finally:
                self._free()

    # Native code: no callback, which may take and release as well, comes between the check and the change.
    @micropython.native
    def _own(self, owner):
        if self.owner is not None:
            raise AlreadyTaken("%s is already taken by %s; release it there first" % (self.name, self.owner))
        self.owner = owner
        self.claim += 1
        _taken.append(self)

    @micropython.native
    def _free(self):
        if self.owner is not None:
            self.owner = None
            _taken.remove(self)

    def _put_back(self):
        pass


class Handle:
    """What an owner holds. resource: whose handle it is. A driver's handle overrides `close`, and ends it with this."""

    def __init__(self, resource):
        self.resource = resource
        self._claim = resource.claim

    def close(self):
        """Release the resource. Harmless when repeated, also when someone else has it by then."""
        self.resource.release(self._claim)

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, traceback):
        self.close()


def _release_at_exit():
    global _others
    if _taken:
        return
    if hasattr(sys, "atexit"):
        others = sys.atexit(_at_exit)
        if others is not _at_exit:
            _others = others
        if not _reserve:
            _reserve.extend([None] * _RESERVE_WORDS)
    elif sys.implementation.name == "micropython":
        from corten import finaliser

        try:
            finaliser.at_soft_reset(release_all)
        except finaliser.UnknownRuntime:
            pass  # taking goes on without it


def _at_exit():
    global _others
    _reserve.clear()
    release_all()
    others, _others = _others, None  # it may call this function in its turn
    if others:
        others()


def taken():
    """Return what is taken: a list of (name, owner), in the order of taking."""
    return [(resource.name, resource.owner) for resource in _taken]


def report():
    """Print who has what."""
    for name, owner in taken():
        print("%-12s %s" % (name, owner))


def release_all():
    """Release all that is taken, the last first, and print what that was. One that fails is told and left."""
    if not _taken:
        return
    print("never released:", ", ".join("%s (%s)" % each for each in taken()))
    for resource in reversed(list(_taken)):
        try:
            resource.release()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the others are released too
            print("%s could not be released: %r" % (resource.name, error))
    _taken.clear()
