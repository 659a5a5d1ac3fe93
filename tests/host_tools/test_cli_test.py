"""`corten test` in a user's own project."""

import json
import os
import signal
from pathlib import Path

import pytest

from host_tools.boards import load_board
from host_tools.build import Image
from host_tools.targets.pty import PtyEmulator
from tests.host_tools.commands import Corten, eventually

CAPABILITIES = sorted(load_board("mps2_an385").capabilities)
ALL = f"# needs: {', '.join(CAPABILITIES)}\n"
"""What the default board declares: a board's tests need all of it."""

BOARD = ("--board", "mps2_an385", "--jobs", "1")


@pytest.fixture
def project(corten: Corten) -> Corten:
    """A project with one target test, which passes."""
    corten.write("pytest.ini", "[pytest]\ncorten_target_tests = tests/target\ncorten_every_capability = true\n")
    corten.write("tests/target/adds.py", ALL + "assert 1 + 1 == 2\n")
    return corten


def test_good_ones(project: Corten) -> None:
    ended = project("test", *BOARD)
    assert ended.status == 0, ended.out
    assert "target tests: 1 selected, 0 excluded" in ended.out


def test_bad_one_is_shown_with_the_console(project: Corten) -> None:
    project.write("tests/target/divides.py", "print('so far')\n1 / 0\n")
    ended = project("test", *BOARD)
    assert ended.status == 1
    assert "divides.py on mps2_an385: exception: ZeroDivisionError: divide by zero" in ended.out
    assert "--- console ---" in ended.out
    assert "so far" in ended.out


def test_excluded_one_is_counted_with_its_reason(project: Corten) -> None:
    project.write("tests/target/floats.py", "# needs: fpu\n")
    ended = project("test", *BOARD)
    assert ended.status == 0
    assert "target tests: 1 selected, 1 excluded" in ended.out
    assert "excluded: 1 on mps2_an385: fpu: the Cortex-M3 has no floating-point unit" in ended.out


def test_capability_without_a_test_is_a_failure(project: Corten) -> None:
    project.write("tests/target/adds.py", "# needs: timer\n")
    ended = project("test", *BOARD)
    assert ended.status == 1
    others = ", ".join(name for name in CAPABILITIES if name != "timer")
    assert f"mps2_an385 declares {others}, and no test here needs it" in ended.out


def test_host_tests_run_too(project: Corten) -> None:
    project.write("tests/test_host.py", "def test_it():\n    assert False, 'on the host'\n")
    ended = project("test", *BOARD)
    assert ended.status == 1
    assert "on the host" in ended.out


def test_tests_on_the_host_alone_wait_for_no_image(project: Corten, tmp_path: Path) -> None:
    project.write("tests/test_host.py", "def test_it():\n    pass\n")
    ended = Corten(project.folder, project.env | {"CORTEN_BUILD": str(tmp_path / "own")})("test", "tests/test_host.py")
    assert (ended.status, ended.err) == (0, "")


def test_options_go_to_pytest(project: Corten) -> None:
    project.write("tests/test_host.py", "def test_one():\n    pass\n\ndef test_two():\n    assert False\n")
    ended = project("test", *BOARD, "tests/test_host.py", "-k", "one", "-v")
    assert ended.status == 0, ended.out
    assert "test_two" not in ended.out


def test_json_is_all_that_is_on_standard_output(project: Corten) -> None:
    project.write("tests/target/divides.py", "1 / 0\n")
    ended = project("test", *BOARD, "--json")
    report = json.loads(ended.out)
    assert (ended.status, report["passed"], report["failed"], report["skipped"]) == (1, 2, 1, 0)
    (failed,) = [test for test in report["tests"] if test["outcome"] == "failed"]
    assert failed["test"] == "tests/target/divides.py::mps2_an385"
    assert "ZeroDivisionError" in failed["message"]


def test_json_tells_what_is_excluded_and_what_cannot_be_read(project: Corten) -> None:
    project.write("tests/target/multiplies.py", "# needs: fpu\nassert 1.5 * 2 == 3.0\n")
    project.write("tests/test_host.py", "import no_such_module\n")
    ended = project("test", *BOARD, "--json")
    report = json.loads(ended.out)
    assert (ended.status, report["excluded"]) == (1, 1)
    (exclusion,) = report["exclusions"]
    assert exclusion["test"] == "tests/target/multiplies.py"
    assert exclusion["reason"].startswith("fpu: ")
    (unread,) = [test for test in report["tests"] if test["test"] == "tests/test_host.py"]
    assert "No module named 'no_such_module'" in unread["message"]


def test_wrong_header_of_a_test_names_the_line(project: Corten) -> None:
    project.write("tests/target/adds.py", "# A test.\n# needs: wings\n")
    ended = project("test", *BOARD)
    assert ended.status != 0
    assert "adds.py:2: needs: expected of timer, clock, uart" in ended.out


def test_file_that_does_not_import_is_a_failure(project: Corten) -> None:
    project.write("tests/test_host.py", "import no_such_module\n")
    ended = project("test", *BOARD)
    assert ended.status == 1
    assert "No module named 'no_such_module'" in ended.out


def test_folder_without_tests(corten: Corten) -> None:
    ended = corten("test", *BOARD)
    assert ended.status == 2
    assert ended.error == (
        "corten: there is no folder tests here\n  fix: name the tests, or go to the project's folder"
    )


def test_tests_that_are_not_there(project: Corten) -> None:
    ended = project("test", *BOARD, "tests/target/nowhere.py")
    assert ended.status == 2
    assert ended.error == "corten: there is no tests/target/nowhere.py\n  fix: name files or folders with tests"


def test_no_tests_in_what_was_named(project: Corten) -> None:
    project.write("tests/test_host.py", "")
    ended = project("test", *BOARD, "tests/test_host.py")
    assert ended.status == 2
    assert ended.error == "corten: no test was found in what was named\n  fix: name files or folders with tests"


def test_port_needs_a_board(project: Corten) -> None:
    ended = project("test", "--port", "/dev/ttyACM0")
    assert ended.status == 2
    assert ended.error == (
        "corten: which board is at /dev/ttyACM0? It decides what is tested\n"
        "  fix: --port BOARD=/dev/ttyACM0, or one --board for all ports; corten boards lists them"
    )


def test_board_behind_a_port(project: Corten, image: Image) -> None:
    project.write("tests/target/soft_reset.py", "# soft_reset: 2\nassert RUN < 2\n")
    project.write("tests/target/links.py", "# link: uart\n")
    project.write("tests/target/links_host.py", "def host(uart):\n    pass\n")
    with PtyEmulator(image) as emulator:
        ended = project("test", "--board", "mps2_an385", "--port", emulator.port)
    assert ended.status == 0, ended.out
    assert "target tests: 2 selected, 1 excluded" in ended.out
    assert "excluded: 1 on mps2_an385: uart: only the console is connected" in ended.out


def test_port_that_is_absent_fails_the_test(project: Corten) -> None:
    ended = project("test", "--board", "mps2_an385", "--port", "/dev/ttyACM99")
    assert ended.status == 1
    assert "adds.py on mps2_an385 at /dev/ttyACM99: /dev/ttyACM99: there is no such port" in ended.out


def test_ctrl_c_is_an_interruption(project: Corten) -> None:
    source = "import time\n\ndef test_it():\n    open('started', 'w').close()\n    time.sleep(60)\n"
    project.write("tests/test_host.py", source)
    process = project.start("test", *BOARD)
    eventually((project.folder / "started").exists, "the test has started")
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
