"""A callback that lends a buffer, or gives a loan back, comes before a change by the main context or after it."""

import micropython

from corten.lend import Buffer

buffer = Buffer(4)
lent: list = []


def lend(_):
    loan = buffer.lend_exclusive("a callback")
    lent.append((loan, bytes(loan.view)))


# Between these calls the interpreter runs no callback: it runs in the first one that lets it.
micropython.schedule(lend, None)
buffer[1:2] = b"x"
for _ in range(3):
    pass
loan, seen = lent.pop()
assert bytes(loan.view) == seen, "written while it was lent"

micropython.schedule(lambda _: loan.give_back(), None)
loan.give_back()
for _ in range(3):
    pass
buffer[0] = 1
