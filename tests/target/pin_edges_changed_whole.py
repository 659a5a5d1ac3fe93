# needs: pin
"""What a handler reads of its pins is changed at once: no callback, and no Ctrl-C, comes while it is masked."""

import machine
import micropython

import board

edges = board.CAPABILITIES["pin"].into_input(pull="down").edges(falling=True)
masked = []


def look(_):
    state = machine.disable_irq()
    machine.enable_irq(state)
    masked.append(bool(state))


@micropython.native
def change(server):
    micropython.schedule(look, None)
    server._link()


change(edges._server)
for _ in range(10):
    pass  # the interpreter runs callbacks that wait
assert masked == [False], masked
edges.stop()
