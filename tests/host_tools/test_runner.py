"""How a target test that goes wrong is reported: each way, on the emulated board."""

from collections.abc import Callable
from pathlib import Path

import pytest

from host_tools.boards import load_board
from host_tools.build import Image, build
from host_tools.testing.case import read_case
from host_tools.testing.runner import Failure, run_emulated

Run = Callable[[str], Failure | None]


@pytest.fixture(scope="module")
def image() -> Image:
    return build(load_board("mps2_an385"), None, print)


@pytest.fixture
def run(image: Image, tmp_path: Path) -> Run:
    def run_source(source: str) -> Failure | None:
        path = tmp_path / "case.py"
        path.write_text(source, encoding="utf-8")
        return run_emulated(read_case(path), image)

    return run_source


def failure(found: Failure | None) -> Failure:
    assert found is not None, "the test passed"
    return found


def test_good_one_passes(run: Run) -> None:
    assert run("assert 1 + 1 == 2") is None


def test_exception_is_reported_with_its_line_and_the_console(run: Run) -> None:
    found = failure(run("print('before')\n\nraise ValueError('odd')\n"))
    assert found.kind == "exception"
    assert "ValueError: odd" in found.detail
    assert 'File "<stdin>", line 3' in found.detail
    assert "before" in found.console


def test_hang(run: Run) -> None:
    found = failure(run("# timeout: 1\nprint('round and round')\nwhile True: pass\n"))
    assert (found.kind, found.detail) == ("hang", "no end within 1 s")
    assert "round and round" in found.console


def test_talkative_hang(run: Run) -> None:
    assert failure(run("# timeout: 1\nwhile True: print('.')\n")).kind == "hang"


def test_hard_fault_gives_the_registers(run: Run) -> None:
    found = failure(run("import machine\nmachine.mem32[0xF000_0000]"))
    assert found.kind == "hard fault"
    assert found.detail.startswith("FAULT BusFault exception=5 pc=0x")
    assert "bfar=0xf0000000" in found.detail


def test_reboot(run: Run) -> None:
    assert failure(run("import machine\nmachine.reset()")).kind == "reboot"


def test_memory_error(run: Run) -> None:
    assert failure(run("bytearray(1 << 24)")).kind == "MemoryError"


def test_garbled_console(run: Run) -> None:
    """The program ends its own output early, so that the protocol's own marks come at the wrong place."""
    found = failure(run("import sys\nsys.stdout.buffer.write(b'\\xff\\x04\\x04')"))
    assert found.kind == "garbled console"
    assert "\\xff" in found.console


def test_soft_reset_runs_it_again_with_the_count(run: Run) -> None:
    found = failure(run("# soft_reset: 3\nprint('run', RUN)\nassert RUN < 2"))
    assert found.kind == "exception"
    assert [f"run {number}" in found.console for number in range(3)] == [True, True, True]


def test_host_side_failure_is_reported(image: Image, tmp_path: Path) -> None:
    path = tmp_path / "case.py"
    path.write_text("# link: uart\nprint('board is fine')\n", encoding="utf-8")
    path.with_name("case_host.py").write_text("def host(uart):\n    raise EOFError('nothing came')\n", encoding="utf-8")
    found = failure(run_emulated(read_case(path), image))
    assert (found.kind, found.detail) == ("host side", "EOFError: nothing came")
