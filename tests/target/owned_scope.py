# needs: timer, uart
"""What a scope owns is free after it, however it ended; `board.take` finds things by their name."""

import board
from corten.owned import taken
from corten.peripheral import AlreadyTaken
from corten.scope import Scope

timer, uart = board.CAPABILITIES["timer"], board.CAPABILITIES["uart"]
try:
    with Scope() as scope:
        scope.own(timer.open(owner="first"))
        reserved = scope.own(board.take(uart.name, owner="second"))
        try:
            uart.open()
        except AlreadyTaken as error:
            assert "second" in str(error)
        else:
            raise AssertionError("a reserved peripheral was opened by another one")
        opened = reserved.open(9600)
        opened.write(b"x")
        assert (uart.name, "second") in taken()
        raise KeyError
except KeyError:
    pass
assert taken() == []
for call in (reserved.open, lambda: opened.write(b"x")):
    try:
        call()
    except (AlreadyTaken, OSError):
        pass
    else:
        raise AssertionError("a released handle works")
with timer.open():
    assert len(taken()) == 1
assert taken() == []
try:
    board.take("NOTHING")
except ValueError as error:
    assert "NOTHING" in str(error) and uart.name in str(error)
else:
    raise AssertionError("it took what there is not")
