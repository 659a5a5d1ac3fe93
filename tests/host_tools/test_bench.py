"""The benchmarks' bookkeeping: rows, bench.json, the tables, the exit status. No figure is tested here."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from host_tools import bench
from host_tools.bench import register_costs, report, rows
from host_tools.bench.clock import process_ms, take_turns
from host_tools.bench.idle import cpu_seconds
from host_tools.bench.rows import Row, Spread, median_row
from host_tools.boards import load_board
from host_tools.cli import run
from host_tools.errors import FailedError
from host_tools.link import read_until
from host_tools.targets.qemu import EXACT, QemuTarget

Benchmark = Callable[..., Iterator[Row]]
Install = Callable[[Benchmark], None]


@pytest.fixture(autouse=True)
def build_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CORTEN_BUILD", str(tmp_path))
    return tmp_path


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Makes a function the only benchmark there is, under the name `fake/one`."""

    def install_one(measure: Benchmark) -> None:
        monkeypatch.setattr(bench, "BENCHMARKS", {"fake/one": "fake"})
        monkeypatch.setitem(sys.modules, "host_tools.bench.fake", SimpleNamespace(EVERY_BOARD=False, measure=measure))

    return install_one


def exit_status(*arguments: str) -> object:
    with pytest.raises(SystemExit) as end:
        sys.exit(run(["bench", *arguments]))
    return end.value.code


def written(folder: Path) -> list[dict[str, object]]:
    data = json.loads((folder / "bench.json").read_text(encoding="utf-8"))
    assert isinstance(data, list)
    return data


@pytest.mark.parametrize(
    ("value", "asked", "missed"),
    [
        (75.0, {"at_most": 75.0}, False),
        (75.1, {"at_most": 75.0}, True),
        (12.0, {"at_least": 12.0}, False),
        (11.9, {"at_least": 12.0}, True),
        (0.0, {"at_most": 0}, False),
        (99.0, {}, False),
    ],
)
def test_a_row_misses_what_is_beyond_its_bound(value: float, asked: dict[str, float], missed: bool) -> None:
    assert Row("b", "n", value, "ms", **asked).missed == missed  # type: ignore[arg-type]


def test_ratio_is_value_over_baseline() -> None:
    assert Row("b", "n", 50.0, "ms", baseline=200.0).ratio == 0.25
    assert Row("b", "n", 50.0, "ms").ratio is None
    assert Row("b", "n", 50.0, "tests", baseline=0).ratio is None


def test_spread_of_a_hundred_samples() -> None:
    assert Spread.of([float(number) for number in range(100, 0, -1)]) == Spread(1, 50.5, 95, 100, 100)


def test_spread_of_one_sample() -> None:
    assert Spread.of([3.0]) == Spread(3, 3, 3, 3, 1)


def test_every_row_has_the_six_keys_and_says_the_rest_only_where_known() -> None:
    assert Row("b", "a/n", 1.23456, "ms").data() == {
        "board": "b", "name": "a/n", "value": 1.235, "unit": "ms", "baseline": None, "ratio": None,
    }  # fmt: skip


def test_a_row_survives_the_file() -> None:
    row = median_row("b", "n", "ms", [1.0, 2.0, 4.0], baseline=8.0, against="a peer", at_most=3.0)
    assert Row.from_data(json.loads(json.dumps(row.data()))) == row


def test_merge_replaces_rows_of_the_same_board_and_name(build_dir: Path) -> None:
    rows.write([Row("b", "one", 1, "ms"), Row("b", "two", 2, "ms")])
    rows.merge([Row("b", "two", 3, "ms"), Row("c", "two", 4, "ms")])
    assert [(row["board"], row["name"], row["value"]) for row in written(build_dir)] == [
        ("b", "one", 1),
        ("b", "two", 3),
        ("c", "two", 4),
    ]


def test_candidates_take_turns_after_a_warm_up() -> None:
    calls = []

    def candidate(name: str) -> Callable[[], float]:
        def measure() -> float:
            calls.append(name)
            return float(len(calls))

        return measure

    samples = take_turns(2, {"a": candidate("a"), "b": candidate("b")})
    assert calls == ["a", "b", "a", "b", "a", "b"]
    assert samples == {"a": [3.0, 5.0], "b": [4.0, 6.0]}


def test_a_process_that_prints_something_else_is_no_measurement() -> None:
    assert process_ms([sys.executable, "-c", "print(1)"], b"1") > 0
    with pytest.raises(FailedError, match="in place of b'2'"):
        process_ms([sys.executable, "-c", "print(1)"], b"2")


def test_processor_time_of_this_process_is_what_the_system_says() -> None:
    before = sum(os.times()[:2])
    assert before - 0.02 <= cpu_seconds(os.getpid()) <= sum(os.times()[:2]) + 0.02


def test_document_gets_the_table_between_its_marks(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
    assert report.document([Row("b", "n", 80, "ms", baseline=40, at_most=75)], "a machine", path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{report.BEGIN}\na machine\n")
    assert "| n | b | 80 ms |  | 40 | 2.00 | <= 75 | missed |" in text
    assert text.endswith(f"{report.END}\nafter\n")
    assert "old" not in text


def test_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("no marks\n", encoding="utf-8")
    assert not report.document([], "a machine", path)
    assert not report.document([], "a machine", tmp_path / "absent.md")
    assert path.read_text(encoding="utf-8") == "no marks\n"


def test_missed_figure_is_exit_status_1_after_all_rows_are_written(install: Install, build_dir: Path) -> None:
    def measure(board: object, say: object) -> Iterator[Row]:
        yield Row("b", "fake/one", 2, "ms", at_most=1)
        yield Row("b", "fake/one/more", 2, "ms")

    install(measure)
    assert exit_status("fake") == 1
    assert [row["name"] for row in written(build_dir)] == ["fake/one", "fake/one/more"]


def test_good_figures_are_exit_status_0(install: Install, build_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(lambda board, say: iter([Row("b", "fake/one", 1, "ms", at_most=1)]))
    assert exit_status("fake/one", "--json") == 0
    assert json.loads(capsys.readouterr().out) == written(build_dir)


def test_what_could_not_be_measured_is_said_and_the_rest_is_kept(
    install: Install, build_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(board: object, say: object) -> Iterator[Row]:
        yield Row("b", "fake/one", 1, "ms")
        raise FailedError("the second one broke")

    install(measure)
    assert exit_status("fake") == 1
    assert [row["name"] for row in written(build_dir)] == ["fake/one"]
    assert "the second one broke" in capsys.readouterr().err


def test_unknown_benchmark_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status("bood") == 2
    text = capsys.readouterr().err
    assert "there is no benchmark 'bood'" in text
    assert "boot, " in text


def test_a_board_boots_from_the_disk_that_another_one_wrote(tmp_path: Path) -> None:
    from host_tools.bench import boot, demo
    from host_tools.build import build

    image = build(load_board("mps2_an385"), None, print)
    options = boot.disk_with_main(image, tmp_path)
    with QemuTarget(image, icount=EXACT, options=options) as target:
        assert demo.FIRST_LINE in read_until(target.console, demo.FIRST_LINE, 10)


def test_lowered_accesses_cost_what_hand_written_ones_do() -> None:
    """Counted in instructions, which do not depend on the machine that this runs on."""
    rows = [row for row in register_costs.costs(print) if not row.name.endswith("/unlowered")]
    assert len(rows) == 15
    assert [row.name for row in rows if row.missed] == []
