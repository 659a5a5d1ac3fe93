"""The divider of a UART: the nearest one, within what the block takes, at most 2.5 % off, and its error is told."""

import pytest

from corten.baud import divide

CMSDK = (16, (1 << 20) - 1)
USART = (16, 0xFFFF)
PL011 = (64, 0xFFFF * 64 + 63)  # of a clock four times as fast


@pytest.mark.parametrize(
    ("clock_hz", "baud", "limits", "divider"),
    [
        (25_000_000, 115_200, CMSDK, 217),
        (25_000_000, 9600, CMSDK, 2604),
        (25_000_000, 1_562_500, CMSDK, 16),
        (42_000_000, 1_000_000, USART, 42),
        (42_000_000, 115_200, USART, 365),  # 22.8125: RM0090, table 136
        (84_000_000, 9600, USART, 8750),  # 546.875: the same
        (4_000_000, 115_200, USART, 35),
        (4 * 125_000_000, 115_200, PL011, 67 * 64 + 52),  # RP2040 datasheet, section 4.2.7.1
    ],
)
def test_divider(clock_hz, baud, limits, divider):
    found, made, error = divide(clock_hz, baud, *limits)
    assert found == divider
    assert made == round(clock_hz / divider)
    assert error == pytest.approx(clock_hz / divider / baud - 1)


@pytest.mark.parametrize(
    ("clock_hz", "baud"),
    [(25_000_000, 0), (25_000_000, -1), (25_000_000, 23), (25_000_000, 2_000_000), (1_000_000, 65_000)],
)
def test_refused(clock_hz, baud):
    with pytest.raises(ValueError, match=str(baud)):
        divide(clock_hz, baud, *CMSDK)


def test_refused_where_the_error_is_too_large():
    with pytest.raises(ValueError, match="nearest"):
        divide(1_000_000, 57_000, *CMSDK)


@pytest.mark.parametrize("percent", [-2.6, -2.4, 2.4, 2.6])
def test_limit_is_2_5_percent(percent):
    # A divider of 16 that is asked for a rate this much away; 17 is further.
    baud = round(1_000_000 / (1 + percent / 100))
    if abs(percent) < 2.5:
        assert divide(16_000_000, baud, 16, 0xFFFF)[:2] == (16, 1_000_000)
    else:
        with pytest.raises(ValueError, match=str(baud)):
            divide(16_000_000, baud, 16, 0xFFFF)


def test_a_rate_is_a_whole_number():
    with pytest.raises(ValueError, match=r"9600\.5"):
        divide(1_000_000, 9600.5, *CMSDK)
