"""What this project's port gives drivers as `machine.Pin`: pins that have owners.

    from machine import Pin
    led = Pin("PA5", Pin.OUT, value=1)

Callers: the main context; it allocates.
"""

import board
from corten.pin import Pin as _Pin


def pin(id, mode=-1, pull=-1, *, value=None):
    """Return a pin after an `init` with the other arguments.

    id: a pin of `corten.pin`, which is returned, or a name that `board.take` knows: it is taken as a flexible pin,
    whose owner is "machine.Pin". Raises as `board.take`, and as the pin's `init`.
    """
    made = id if isinstance(id, _Pin) else board.take(id, "machine.Pin").into_flexible()
    try:
        if value is None:
            made.init(mode, pull)
        else:
            made.init(mode, pull, value=value)
    except BaseException:
        if made is not id:
            made.close()
        raise
    return made
