# needs: pin
"""What fails or is interrupted in the middle leaves a pin as it was, and nothing taken."""

import machine

import board
from corten.irq import owners
from corten.owned import taken
from corten.pin import UseAfterMove
from corten.pin_edges import _servers

resource = board.CAPABILITIES["pin"]


def refused(kind, call):
    try:
        call()
    except kind:
        return
    raise AssertionError("%s was not raised" % kind.__name__)


# A flexible pin keeps its mode when the pull is refused.
pin = resource.take().into_flexible()
port, bit = pin._port, resource.bit
pin.init(pull=pin.PULL_UP)
pulled_up = port.found(bit)
refused(ValueError, lambda: pin.init(pin.OUT, 7))
pin.init(pull=pin.PULL_UP)
assert port.found(bit) == pulled_up, "it became an output"
pin.close()

# machine.Pin of this project's port, which has no `board`, frees a pin that it could not make.
if hasattr(machine, "Pin") and not hasattr(machine.Pin, "board"):
    refused(ValueError, lambda: machine.Pin(resource.name, 99))
    assert resource.owner is None

# irq with a priority that there is not leaves no interrupt.
pin = resource.into_input()
refused(ValueError, lambda: pin.irq(lambda it: None, priority=99))
assert not _servers and not owners()

# A Ctrl-C in the middle of a move.
port = pin._port
configure = port._set


def stop_half_way(*arguments):
    configure(*arguments)
    port._set = configure
    raise KeyboardInterrupt


before = port.found(bit)
port._set = stop_half_way
refused(KeyboardInterrupt, lambda: pin.into_output(initial=1, open_drain=True))
assert port.found(bit) == before
assert pin.read() in (0, 1)


# A callback that moves the same handle in the middle of a move: one of the two wins.
def move_twice(*arguments):
    port._set = configure
    refused(UseAfterMove, pin.into_output)
    configure(*arguments)


port._set = move_twice
pin = pin.into_input(pull="up")
assert resource._handle is pin
pin.close()
assert taken() == []

# What was found as an alternate function has its level back as well.
if resource.block == "gpio_stm32_v2":
    for level in (0, 1):
        pin = resource.take()
        configure(bit, 2, 0, 0, 0, 3, level)
        pin._found = found = port.found(bit)
        assert found >> 11 == level
        pin.into_output(initial=not level).close()
        assert port.found(bit) == found
    resource.take().into_analog().resource.release()
