"""Channels, signals and asyncio's waits cost no more than was asked for."""

from host_tools.bench import channel_costs

NAMES = {
    "channel/word": 40,
    "signal/to-task-idle": 0.4,
    "signal/to-task-busy": 0.4,
    "asyncio/switch": 1,
    "asyncio/lock": 1,
}


def test_bars_are_met() -> None:
    """Counted in instructions, which do not depend on the machine that this runs on."""
    rows = {row.name: row for row in channel_costs.costs(print)}
    assert [row.name for row in rows.values() if row.missed] == []
    for name, bar in NAMES.items():
        asked = rows[name].at_most
        assert asked is not None
        assert asked == (bar if bar > 1 else bar * (rows[name].baseline or 0))
