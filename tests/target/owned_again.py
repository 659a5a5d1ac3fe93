# needs: led
"""A handle, a scope and a peripheral give back what they have, and not what the next one took; all comes back, and
taking again and again leaves nothing behind.
"""

import gc

import board
from corten.owned import Handle, Resource, taken
from corten.peripheral import Peripheral
from corten.scope import Scope

# A handle that is closed late.
resource = Resource("THING")
first = resource._take("the first", lambda: Handle(resource))
first.close()
second = resource._take("the second", lambda: Handle(resource))
first.close()
assert resource.owner == "the second"

# A scope that ends late, or that a Ctrl-C meets at its end.
scope = Scope()
scope.own(second)
second.close()
third = resource._take("the third", lambda: Handle(resource))
scope.close()
assert resource.owner == "the third"
third.close()


class Stopped(Handle):
    """One that Ctrl-C meets while it closes."""

    def close(self):
        raise KeyboardInterrupt


other = Resource("OTHER")
scope = Scope()
scope.own(resource._take("the scope", lambda: Handle(resource)))
scope.own(other._take("the scope", lambda: Stopped(other)))
try:
    scope.close()
except KeyboardInterrupt:
    pass
else:
    raise AssertionError("Ctrl-C was lost")
assert taken() == [], taken()

# A peripheral whose pin was released from outside, and taken by someone else.
led = board.CAPABILITIES["led"]
peripheral = Peripheral("UNIT", "none", 0, 1)
peripheral.owner = "its user"
led.take("UNIT")
peripheral._taken_pins.append((led, led.claim))
led.release()
led.into_output("the program")
peripheral._put_back()
assert led.owner == "the program"
led.release()

# Taking and releasing, when nothing else is taken.
gc.collect()
before = gc.mem_alloc()
for _ in range(100):
    resource._take("one of many", lambda: None)
    resource.release()
gc.collect()
assert gc.mem_alloc() - before < 500, gc.mem_alloc() - before
