"""One owner at a time; a failed opening leaves no owner."""

import sys
import types

import pytest

from corten.peripheral import AlreadyTaken, Peripheral


class Handle:
    closed = 0

    def __init__(self, peripheral):
        self.peripheral = peripheral

    def close(self):
        self.closed += 1
        if self.closed == 1:
            self.peripheral.release()


@pytest.fixture(autouse=True)
def driver(monkeypatch):
    module = types.ModuleType("corten.drivers.thing_v1")

    def open_thing(peripheral, fail=False):
        if fail:
            raise ValueError("no such rate")
        return Handle(peripheral)

    module.open = open_thing
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.fixture
def thing():
    return Peripheral("THING1", "thing_v1", 0x4000_0000, 1_000_000, {"thing": 3})


def test_a_second_owner_is_refused_by_name(thing):
    thing.open(owner="the first")
    with pytest.raises(AlreadyTaken, match="THING1 is already taken by the first"):
        thing.open(owner="the second")


def test_closing_gives_it_back(thing):
    handle = thing.open()
    handle.close()
    assert thing.open() is not handle


def test_releasing_closes_the_handle(thing):
    handle = thing.open()
    thing.release()
    assert handle.closed
    thing.open()


def test_a_failed_opening_leaves_it_free(thing):
    with pytest.raises(ValueError, match="no such rate"):
        thing.open(fail=True)
    assert thing.owner is None
    thing.open()


def test_no_driver():
    with pytest.raises(ImportError, match="block of_nothing"):
        Peripheral("X", "of_nothing", 0, 1).open()
