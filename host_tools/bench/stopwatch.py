"""A pytest plugin that says how long the tests took, from the start of the first to the end of the last."""

import pytest

_spans: list[tuple[float, float]] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keeps a test's own time, without its set-up and tear-down."""
    if report.when == "call":
        _spans.append((report.start, report.stop))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Adds a line to pytest's summary."""
    if _spans:
        seconds = max(stop for _, stop in _spans) - min(start for start, _ in _spans)
        terminalreporter.write_line(f"stopwatch: {len(_spans)} tests in {seconds:.3f} s")
