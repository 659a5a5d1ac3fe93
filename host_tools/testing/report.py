"""Test results for machines."""

import pytest


class JsonReport:
    """A pytest plugin that keeps each test's outcome."""

    def __init__(self) -> None:
        self._tests: dict[str, dict[str, object]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.outcome == "passed":
            return
        seconds = round(report.duration, 3)
        row: dict[str, object] = {"test": report.nodeid, "outcome": report.outcome, "seconds": seconds}
        if report.failed:
            row["message"] = report.longreprtext
        elif report.skipped and isinstance(report.longrepr, tuple):
            row["message"] = report.longrepr[2]
        self._tests[report.nodeid] = row

    def data(self) -> dict[str, object]:
        """Counts by outcome, and the tests."""
        rows = list(self._tests.values())
        counts = {name: sum(row["outcome"] == name for row in rows) for name in ("passed", "failed", "skipped")}
        return {**counts, "tests": rows}
