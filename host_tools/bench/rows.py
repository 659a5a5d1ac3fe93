"""A measured figure, and build/bench.json, the list of them."""

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from host_tools import paths
from host_tools.files import write_whole

FILE = "bench.json"
SIGNIFICANT_DIGITS = 4


@dataclass(frozen=True)
class Spread:
    """How repeated measurements of one thing lie."""

    min: float
    median: float
    p95: float
    max: float
    runs: int

    @classmethod
    def of(cls, samples: Sequence[float]) -> "Spread":
        """The spread of at least one sample; p95 is the smallest sample that 95 % of all do not exceed."""
        ordered = sorted(samples)
        p95 = ordered[-(-len(ordered) * 95 // 100) - 1]
        low, middle, high, top = map(round_to_digits, (ordered[0], statistics.median(ordered), p95, ordered[-1]))
        return cls(low, middle, high, top, len(ordered))


@dataclass(frozen=True)
class Row:
    """One figure on one board. `against` says what the baseline is, `at_most` and `at_least` what was asked for."""

    board: str
    name: str
    value: float
    unit: str
    baseline: float | None = None
    against: str | None = None
    at_most: float | None = None
    at_least: float | None = None
    spread: Spread | None = None

    @property
    def ratio(self) -> float | None:
        """value / baseline, None where there is no baseline or it is 0."""
        return round_to_digits(self.value / self.baseline) if self.baseline else None

    @property
    def missed(self) -> bool:
        """Whether the value is not what was asked for."""
        too_much = self.at_most is not None and self.value > self.at_most
        too_little = self.at_least is not None and self.value < self.at_least
        return too_much or too_little

    def data(self) -> dict[str, Any]:
        """The row as bench.json has it: the six keys that every row has, and of the others those that say something."""
        fields = {key: value for key, value in asdict(self).items() if value is not None}
        always = {"baseline": self.baseline, "ratio": self.ratio}
        return {**always, **fields, "value": round_to_digits(self.value)}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Row":
        """The row that `data` describes."""
        fields = {key: value for key, value in data.items() if key != "ratio"}
        if "spread" in fields:
            fields["spread"] = Spread(**fields["spread"])
        return cls(**fields)


def median_row(board: str, name: str, unit: str, samples: Sequence[float], **more: Any) -> Row:
    """A row whose value is the samples' median, with their spread."""
    spread = Spread.of(samples)
    return Row(board, name, spread.median, unit, spread=spread, **more)


def round_to_digits(value: float) -> float:
    """`value` with as many digits as a measurement is good for; whole numbers stay as they are."""
    return value if float(value).is_integer() else float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def write(rows: Iterable[Row]) -> Path:
    """Makes bench.json of `rows` and returns its path."""
    path = paths.build_dir() / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps([row.data() for row in rows], indent=2) + "\n")
    return path


def merge(rows: Iterable[Row]) -> Path:
    """Replaces the rows of the same board and name in bench.json and keeps the others."""
    path = paths.build_dir() / FILE
    known = [Row.from_data(data) for data in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []
    merged = {(row.board, row.name): row for row in (*known, *rows)}
    return write(merged.values())
