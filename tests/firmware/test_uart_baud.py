"""The UART's divider: the nearest one, between 16 and 2**20 - 1, at most 2.5 % off."""

import pytest

from corten.drivers.uart_cmsdk import _divider


@pytest.mark.parametrize(
    ("clock_hz", "baud", "divider"),
    [(25_000_000, 115_200, 217), (25_000_000, 9600, 2604), (25_000_000, 1_562_500, 16), (1_000_000, 38_400, 26)],
)
def test_divider(clock_hz, baud, divider):
    assert _divider(clock_hz, baud) == divider


@pytest.mark.parametrize(
    ("clock_hz", "baud"),
    [(25_000_000, 0), (25_000_000, -1), (25_000_000, 23), (25_000_000, 2_000_000), (1_000_000, 65_000)],
)
def test_refused(clock_hz, baud):
    with pytest.raises(ValueError, match=str(baud)):
        _divider(clock_hz, baud)


def test_refused_where_the_error_is_too_large():
    with pytest.raises(ValueError, match="nearest"):
        _divider(1_000_000, 57_000)
