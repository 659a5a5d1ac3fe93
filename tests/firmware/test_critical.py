"""Critical sections on a model of PRIMASK: each leaves it as it was found."""

import random

import pytest
from models import Processor

from corten.critical import critical


@pytest.fixture(autouse=True)
def unmasked():
    Processor.primask = 0
    yield
    assert Processor.primask == 0


def test_masks_inside_only():
    with critical:
        assert Processor.primask == 1


def test_leaves_masked_what_was_masked():
    Processor.primask = 1
    with critical:
        pass
    assert Processor.primask == 1
    Processor.primask = 0


def test_restores_each_level_when_someone_unmasks_between():
    with critical:
        Processor.primask = 0
        with critical:
            assert Processor.primask == 1
        assert Processor.primask == 0


def nest(depth, rng):
    found = Processor.primask
    try:
        with critical:
            assert Processor.primask == 1
            if depth and rng.random() < 0.8:
                nest(depth - 1, rng)
            if rng.random() < 0.3:
                raise KeyError
    except KeyError:
        pass
    assert Processor.primask == found


@pytest.mark.parametrize("seed", range(50))
def test_any_nesting_with_exceptions(seed):
    nest(25, random.Random(seed))


def test_leaving_too_often_changes_nothing():
    with critical:
        pass
    critical.__exit__(None, None, None)
    assert Processor.primask == 0
    with critical:
        assert Processor.primask == 1
