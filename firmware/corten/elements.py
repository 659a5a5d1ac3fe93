"""An array of registers or clusters in a live block: `gpio.AFR[1].read()`, `dma.CH[2].CCR.EN.set(1)`.

Callers: as in `corten.register`. The first use of an element allocates it.
"""

from corten.register import _bind


class Elements:
    """Made by a `Block` for what `Array` describes."""

    def __init__(self, definition, block, name, base):
        _, self._item, count, self._stride = definition
        self._block = block
        self._name = name
        self._base = base
        self._bound = [None] * count

    def __len__(self):
        return len(self._bound)

    def __getitem__(self, index):
        count = len(self._bound)
        if not 0 <= index < count:
            label = "%s.%s" % (type(self._block).__name__, self._name)
            raise IndexError("%s has the elements 0 to %d, not %r" % (label, count - 1, index))
        bound = self._bound[index]
        if bound is None:
            name = "%s[%d]" % (self._name, index)
            bound = self._bound[index] = _bind(self._item, self._block, name, self._base + index * self._stride)
        return bound
