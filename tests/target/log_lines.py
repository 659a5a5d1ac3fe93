"""Levels, the filter, and what a line is made of."""

from corten import log as logs
from corten.log import DEBUG, ERROR, INFO, LEVELS, TRACE, Log, log_filter

log = Log("uart")
other = Log("modbus")
assert log is Log("uart")

lines: list = []
logs.print = lines.append  # type: ignore[attr-defined]


def said():
    """Return what was printed since, without the times."""
    found = [line.split("] ", 1)[1] for line in lines]
    assert all(line[0] == "[" and line[6] == "." and line[10] == "]" for line in lines), lines
    lines.clear()
    return found


def all_levels(to):
    for name in LEVELS[1:]:
        getattr(to, name)("%s of %d", name, 5)


assert log.level == INFO
all_levels(log)
assert said() == ["error uart: error of 5", "warning uart: warning of 5", "info uart: info of 5"]

log_filter("error, uart=debug")
assert (log.level, other.level, Log("later").level) == (DEBUG, ERROR, ERROR)
log_filter("off,uart=trace")
assert (log.level, other.level) == (TRACE, 0)
all_levels(log)
all_levels(other)
assert len(said()) == 5

for wrong in ("", "loud", "uart=loud", "info,", "uart="):
    try:
        log_filter(wrong)
    except ValueError as error:
        assert "info,uart=debug" in str(error)
    else:
        raise AssertionError(wrong)
assert (log.level, other.level) == (TRACE, 0)

log.info("100 %")
log.info("%d %s %.1f %r", 1, "two", 3.0, b"four")
log.info("no number: %d", "x")
assert said() == ["info uart: 100 %", "info uart: 1 two 3.0 b'four'", "info uart: no number: %d ['x']"]
