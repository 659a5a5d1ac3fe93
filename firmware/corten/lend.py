"""Buffers that can be lent: while one is with a driver, nobody changes it.

    buffer = Buffer(256)
    buffer[:5] = b"hello"
    transfer = uart.start_write(buffer, 5)      # lent until the transfer is done
    buffer[0]                                   # reading shares
    buffer[0] = 1                               # raises Borrowed, and names who has it

As references in Rust: any number of loans that read, or one that writes. A shared loan keeps the buffer from being
written, resized and lent for writing; an exclusive one keeps it from being read as well.

Callers: the main context, its soft handlers and tasks; a loan can be given back by any of them. Lending allocates the
loan, reading a slice its bytes.
"""

import micropython
import uctypes


class Borrowed(Exception):
    """The buffer is with someone; the message names them."""


class Buffer:
    """size: bytes, 0 or more, all of them 0 at first."""

    def __init__(self, size):
        self._bytes = bytearray(size)
        self._loans: list = []

    def __len__(self):
        return len(self._bytes)

    def __getitem__(self, index):
        """Return a byte, or the bytes of a slice. Raises Borrowed while it is lent for writing."""
        self._check(1)
        found = self._bytes[index]
        return found if isinstance(found, int) else bytes(found)

    @micropython.native
    def __setitem__(self, index, value):
        """Change a byte, or as many bytes as a slice has. Raises Borrowed while it is lent, ValueError for others."""
        self._check(0)
        if isinstance(index, slice):
            memoryview(self._bytes)[index] = value
        else:
            self._bytes[index] = value

    def resize(self, size):
        """Have `size` bytes from now on: the first ones stay, new ones are 0. Raises Borrowed while it is lent."""
        self._check(0)
        kept = self._bytes[:size]
        self._bytes = bytearray(size)
        self._bytes[: len(kept)] = kept

    def lend_shared(self, to):
        """Return a `Loan` to read. to: who gets it, for messages. Raises Borrowed while it is lent for writing."""
        return self._lend(to, False)

    def lend_exclusive(self, to):
        """Return a `Loan` to write. to: who gets it, for messages. Raises Borrowed while it is lent at all."""
        return self._lend(to, True)

    @micropython.native
    def _lend(self, to, writes):
        # Native code: no callback comes between the check and the change.
        self._check(0 if writes else 1)
        loan = Loan(self, to, writes)
        self._loans.append(loan)
        return loan

    @micropython.native
    def _check(self, most):
        # Whether a loan is in the way: of any kind (0), or of a writer only (1). Native code, as above.
        for loan in self._loans:
            if loan.writes or not most:
                verb = "writing" if loan.writes else "reading"
                raise Borrowed("the buffer is lent to %s for %s; wait until it comes back" % (loan.to, verb))


class Loan:
    """A buffer's bytes while they are lent. to: who has them. writes: whether they may change them.

    address, size: of the bytes, for machine code. view: a memoryview of them, not to be used after `give_back`.
    """

    def __init__(self, buffer, to, writes):
        self.to = to
        self.writes = writes
        self.size = len(buffer)
        self.address = uctypes.addressof(buffer._bytes)
        self.view: memoryview | None = memoryview(buffer._bytes)
        self._buffer = buffer

    @micropython.native
    def give_back(self):
        """End the loan. Harmless when repeated."""
        buffer = self._buffer
        if buffer is not None:
            self._buffer = None
            self.view = None
            buffer._loans.remove(self)

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, traceback):
        self.give_back()
