"""Test results for machines."""

import pytest

from host_tools.testing.plugin import excluded


class JsonReport:
    """A pytest plugin that keeps each test's outcome, and what was excluded."""

    def __init__(self) -> None:
        self._tests: dict[str, dict[str, object]] = {}
        self._excluded: list[dict[str, str]] = []

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self._excluded = [
            {"test": str(case.path.relative_to(session.config.rootpath)), "board": board.name, "reason": reason}
            for case, board, reason in excluded(session.config)
        ]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._tests[report.nodeid] = {
                "test": report.nodeid, "outcome": "failed", "seconds": 0.0, "message": report.longreprtext,
            }  # fmt: skip

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.outcome == "passed":
            return
        seconds = round(report.duration, 3)
        row: dict[str, object] = {"test": report.nodeid, "outcome": report.outcome, "seconds": seconds}
        if port := dict(report.user_properties).get("port"):
            row["port"] = port
        if report.failed:
            row["message"] = report.longreprtext
        elif report.skipped and isinstance(report.longrepr, tuple):
            row["message"] = report.longrepr[2]
        self._tests[report.nodeid] = row

    def data(self) -> dict[str, object]:
        """Counts by outcome, the tests, and what was excluded."""
        rows = list(self._tests.values())
        counts = {name: sum(row["outcome"] == name for row in rows) for name in ("passed", "failed", "skipped")}
        return {**counts, "excluded": len(self._excluded), "tests": rows, "exclusions": self._excluded}
