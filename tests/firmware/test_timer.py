"""Periods in counts: the nearest one, or a refusal."""

import random

import pytest

from corten.timer import check_error, counts_of


@pytest.mark.parametrize(
    ("period_us", "clock_hz", "counts"),
    [
        (1, 25_000_000, 25),
        (500_000, 25_000_000, 12_500_000),
        (1, 84_000_000, 84),
        (1000, 32_768, 33),
        (3, 1_000_000, 3),
    ],
)
def test_counts(period_us, clock_hz, counts):
    assert counts_of(period_us, clock_hz) == counts


def test_always_within_one_percent():
    rng = random.Random(5)
    for _ in range(2000):
        period_us, clock_hz = rng.randrange(1, 10**7), rng.randrange(1, 2 * 10**8)
        try:
            counts = counts_of(period_us, clock_hz)
        except ValueError:
            continue
        assert abs(counts * 1e6 / clock_hz - period_us) <= 0.0101 * period_us


@pytest.mark.parametrize(("period_us", "clock_hz"), [(0, 10**6), (-1, 10**6), (1, 32_768), (40, 32_768)])
def test_refused(period_us, clock_hz):
    with pytest.raises(ValueError, match=str(period_us)):
        counts_of(period_us, clock_hz)


def test_an_error_of_one_percent_passes():
    check_error(100, 101, 1_000_000)
    with pytest.raises(ValueError, match="1 %"):
        check_error(100, 102, 1_000_000)
