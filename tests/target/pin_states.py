# needs: pin
"""A pin's state is its type: a move ends the handle and what was fetched from it; what a state lacks is not there."""

import board
from corten.peripheral import AlreadyTaken
from corten.pin import Alternate, Analog, Input, Output, Unconfigured, UseAfterMove


def dead(what, call):
    try:
        call()
    except UseAfterMove as error:
        assert what in str(error), error
    else:
        raise AssertionError("a handle that was moved still works")


def can_be(state):
    try:
        port.check(bit, state)
    except ValueError:
        return False
    return True


resource = board.CAPABILITIES["pin"]
pin = resource.take(owner="this test")
assert type(pin) is Unconfigured
try:
    resource.take()
except AlreadyTaken as error:
    assert "this test" in str(error)
else:
    raise AssertionError("it was taken twice")
port, bit = pin._port, resource.bit
found = port.found(bit)
for state, has, lacks in (
    (Unconfigured, (), ("on", "read", "value", "irq", "edges")),
    (Input, ("read", "value", "irq", "edges"), ("on", "off", "write", "toggle")),
    (Output, ("on", "off", "write", "toggle", "read", "value"), ("irq", "edges")),
    (Alternate, (), ("on", "read", "irq")),
    (Analog, (), ("on", "read", "irq")),
):
    assert all(hasattr(state, name) for name in has)
    assert not any(hasattr(state, name) for name in lacks), state

output = pin.into_output(initial=1)
dead("Unconfigured, was moved: it is an Output", pin.into_input)
assert type(output) is Output
assert output.read() == 1
on, value, write, call = output.on, output.value, output.write, output.__call__
toggle, read = output.toggle, output.read
source = output.into_input(pull="down")
assert type(source) is Input
for each in (on, value, read, toggle, output.off, output, call, output.init, output.into_analog):
    dead("Output, was moved: it is an Input", each)
dead("Output", lambda: write(1))
dead("Output", lambda: value(1))
output.close()  # nothing: it was moved
assert source.read() == 0

held = source.into_alternate(3, pull="up")
if can_be("analog"):
    held = held.into_analog()
    assert type(held) is Analog
dead("Input", source.read)
for wrong in (lambda: held.into_input(pull="sideways"), lambda: held.into_output(speed="lightning")):
    try:
        wrong()
    except ValueError:
        pass
    else:
        raise AssertionError("what there is not was accepted")
held.into_input()
dead(type(held).__name__, held.into_input)

resource.release()
assert resource.owner is None
assert port.found(bit) == found
with resource.into_output() as output:
    on = output.on
dead("was released", on)
dead("was released", output.off)
assert port.found(bit) == found
try:
    resource.into_input(pull="sideways")
except ValueError:
    assert resource.owner is None
else:
    raise AssertionError("what there is not was accepted")
