"""Each end belongs to the first context that uses it; others get WrongSide and change nothing; handlers cannot wait."""

import board
from corten.channel import Channel, WrongSide
from corten.hard import hard
from corten.irq import Interrupt
from corten.waiting import WrongContext


def refused(kind, action, *arguments):
    try:
        action(*arguments)
    except kind:
        return
    raise AssertionError("not refused")


def handler():
    actions[0]()


def put():
    assert channel.put(3)


def get():
    channel.get()


def put_within_1_ms():
    channel.put(1, timeout_ms=1)


line, other = Interrupt(board.IRQ_COUNT - 1), Interrupt(board.IRQ_COUNT - 2)
runs, runs_other = hard(handler), hard(handler)
line.bind(runs)
other.bind(runs_other)
line.enable()
other.enable()
channel = Channel.words(2)
actions = [put]
line.pend()
assert runs.errors == 0, runs.error_type
refused(WrongSide, channel.put, 1)
refused(WrongSide, channel.native_producer)
assert channel.get() == 3 and channel.waiting == 0
other.pend()
assert runs_other.errors == 1 and runs_other.error_type is WrongSide and channel.waiting == 0
actions[0] = get
line.pend()
assert runs.errors == 1 and runs.error_type is WrongSide
actions[0] = put_within_1_ms
for _ in range(2):
    line.pend()
assert runs.errors == 1
line.pend()
assert runs.errors == 2 and runs.error_type is WrongContext
assert channel.refused == 0 and channel.waiting == 2
channel.hand_over()
assert not channel.put(1) and channel.refused == 1
assert channel.get() == 1 and channel.put(2)
line.pend()
assert runs.errors == 3 and runs.error_type is WrongSide

for native in (Channel.words(2), Channel.bytes(2), Channel.records(2, 1)):
    address = native.native_producer()
    assert address == native.native_producer() == native.address
    refused(WrongSide, native.put, b"1" if native._largest is None else 1)
    native.native_consumer()
    refused(WrongSide, native.get)
    refused(WrongSide, native.take)
    assert native.waiting == native.refused == 0
for bound in (line, other):
    bound.unbind()
