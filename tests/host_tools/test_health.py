"""MicroPython's own tests as a health check: a small part of them, and how it reports."""

from pathlib import Path

import pytest

from host_tools import health, source
from host_tools.boards import load_board
from host_tools.build import Image, build
from host_tools.errors import FailedError, TargetError
from host_tools.health import Counts
from host_tools.source import Source
from host_tools.targets.pty import PtyEmulator

OUTPUT = """\
platform=corten arch=armv7em inlineasm=thumb
pass  basics/0prelim.py\x20
skip  basics/fun_code.py
FAIL  float/math_fun.py\x20
pass  inlineasm/thumb/asmsum.py\x20
3 tests performed (9 individual testcases)
2 tests passed
"""


@pytest.fixture(scope="module")
def tree() -> Source:
    return source.find(print)


@pytest.fixture(scope="module")
def image() -> Image:
    return build(load_board("mps2_an385"), None, print)


def test_inline_assembler_passes_as_on_micropythons_own_port(image: Image, tree: Source) -> None:
    found = health.check(image, tree, ["inlineasm/thumb"])
    assert found.failures == {}
    assert found.counts == {"inlineasm/thumb": Counts(passed=13)}


def test_board_with_an_fpu_runs_the_tests_of_it(tree: Source) -> None:
    board = load_board("netduinoplus2")
    found = health.check(build(board, None, print), tree, ["inlineasm/thumb"])
    assert found.counts == {"inlineasm/thumb": Counts(passed=18)}


def test_failing_test_is_named_with_its_output(image: Image, tree: Source, tmp_path: Path) -> None:
    test = tmp_path / "wrong.py"
    test.write_text("print('what the board says')\n", encoding="utf-8")
    test.with_suffix(".py.exp").write_text("what was expected\n", encoding="utf-8")
    found = health.check(image, tree, [str(test)])
    assert found.counts == {str(tmp_path): Counts(failed=1)}
    assert found.failures == {str(test): "what the board says"}


def test_test_that_does_not_end_is_bounded(image: Image, tree: Source, tmp_path: Path) -> None:
    test = tmp_path / "hang.py"
    test.write_text("while True: pass\n", encoding="utf-8")
    test.with_suffix(".py.exp").touch()
    with pytest.raises(FailedError, match="did not end within 3 s"):
        health.check(image, tree, [str(test)], timeout_s=3)


def test_results_are_counted_by_folder(tmp_path: Path) -> None:
    (tmp_path / "float_math_fun.py.out").write_text("2.0\n", encoding="utf-8")
    found = health.read_results(OUTPUT, 1.5, tmp_path)
    assert found.counts == {
        "basics": Counts(passed=1, skipped=1),
        "float": Counts(failed=1),
        "inlineasm/thumb": Counts(passed=1),
    }
    assert found.failures == {"float/math_fun.py": "2.0"}
    assert found.passed == 2


def test_run_without_an_end_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match=r"did not run to their end:\npass  basics/0prelim\.py"):
        health.read_results("pass  basics/0prelim.py\nTraceback …", 1.5, tmp_path)


def test_old_runner_is_refused(image: Image, tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "run-tests.py").write_text("# takes --target and --device\n", encoding="utf-8")
    with pytest.raises(Exception, match=r"1\.24\.1's run-tests\.py takes no port"):
        health.check(image, Source(tmp_path, "1.24.1", "old", is_packaged=False))


def test_emulator_without_a_prompt_is_an_error_and_leaves_no_process(image: Image, tmp_path: Path) -> None:
    broken = tmp_path / "broken.elf"
    broken.write_bytes(b"no image")
    with pytest.raises(TargetError, match=r"could not load|did not"):
        PtyEmulator(Image(image.board, "broken", broken, image.micropython))
