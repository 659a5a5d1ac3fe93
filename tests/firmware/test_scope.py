"""What a scope owns is released when it ends, the last first."""

import pytest

from corten.owned import Handle, Resource, report, taken
from corten.scope import Scope


class Thing(Resource):
    def __init__(self, name, log, fails=False):
        super().__init__(name)
        self.log = log
        self.fails = fails

    def take(self, owner=None):
        return self._take(owner, lambda: Handle(self))

    def _put_back(self):
        self.log.append(self.name)
        if self.fails:
            raise OSError("stuck")


def test_the_last_first():
    log, before = [], taken()
    with Scope() as scope:
        for name in ("a", "b", "c"):
            scope.own(Thing(name, log).take(owner="test"))
        assert taken() == [*before, ("a", "test"), ("b", "test"), ("c", "test")]
    assert log == ["c", "b", "a"]
    assert taken() == before


def test_an_exception_ends_it_as_well():
    log = []
    with pytest.raises(KeyError), Scope() as scope:  # noqa: PT012 - the block is what is tested
        scope.own(Thing("a", log).take())
        raise KeyError
    assert log == ["a"]


def test_one_that_fails_does_not_keep_the_others():
    log = []
    scope = Scope()
    for name in ("a", "b", "c"):
        scope.own(Thing(name, log, fails=name == "b").take())
    with pytest.raises(OSError, match="stuck"):
        scope.close()
    assert log == ["c", "b", "a"]
    scope.close()


def test_the_report_names_owners(capsys):
    with Thing("UART1", []).take(owner="node"):
        report()
    assert "UART1        node\n" in capsys.readouterr().out
