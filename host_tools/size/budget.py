"""The budget of corten.toml: an image that takes more ends the build, and what grew is told."""

import json
from pathlib import Path

from host_tools.errors import FailedError, UsageError
from host_tools.files import write_whole
from host_tools.project import Budget
from host_tools.size.change import growth
from host_tools.size.report import Report, read

KEPT = "size.json"
"""The report of the last image that was within its budget, beside the image."""


def is_checked(elf: Path, budget: Budget) -> bool:
    """Whether an image is known to be within its budget, so that it need not be measured."""
    kept = elf.with_name(KEPT)
    if not kept.exists() or kept.stat().st_mtime_ns < elf.stat().st_mtime_ns:
        return False
    try:
        known = read(kept)
    except UsageError:
        return False
    limits = (("flash", budget.flash), ("ram", budget.ram))
    return all(limit is None or getattr(known, kind) <= limit for kind, limit in limits)


def check(report: Report, budget: Budget, folder: Path) -> None:
    """FailedError for an image over its budget; the report of one within it is kept in `folder`."""
    kept = folder / KEPT
    over = []
    for kind, limit in (("flash", budget.flash), ("ram", budget.ram)):
        taken = getattr(report, kind)
        if limit is not None and taken > limit:
            over.append(
                f"{taken} bytes of {kind}, {taken - limit} over its budget of {limit}{_grown(report, kept, kind)}"
            )
    if over:
        raise FailedError(
            f"{report.app} for {report.board} takes " + "\n  and ".join(over),
            fix="corten size shows what takes it; or raise [budget] in corten.toml",
        )
    write_whole(kept, json.dumps(report.data()))


def _grown(report: Report, kept: Path, kind: str) -> str:
    if not kept.exists():
        return ""
    try:
        grown = growth(read(kept), report, kind)
    except UsageError:
        return ""
    return f"\n  what grew since it was within: {grown}" if grown else ""
