"""Child processes: what is said when they fail, take too long, or are not there."""

import errno
import os
from pathlib import Path

import pytest

from host_tools.errors import FailedError, MissingToolError
from host_tools.process import plain_environment, run, run_for_bytes
from tests.host_tools.commands import eventually, is_running


def test_output_is_returned() -> None:
    assert run(["echo", "hello"], what="greet") == "hello\n"


def test_warnings_do_not_mix_with_the_output() -> None:
    assert run_for_bytes(["sh", "-c", "printf data; echo warning >&2"], what="work") == b"data"


def test_failure_has_the_commands_own_words() -> None:
    with pytest.raises(FailedError) as error:
        run(["sh", "-c", "echo out; echo no such sensor >&2; exit 4"], what="measure")
    assert error.value.message == (
        "cannot measure: sh -c echo out; echo no such sensor >&2; exit 4 ended with status 4\nno such sensor"
    )


def test_failure_without_words_of_its_own_shows_the_end_of_the_output() -> None:
    with pytest.raises(FailedError) as error:
        run(["sh", "-c", "seq 100; exit 1"], what="count")
    assert error.value.message.splitlines()[1:] == [str(number) for number in range(81, 101)]


def test_command_that_is_not_there() -> None:
    with pytest.raises(MissingToolError, match="cannot measure: no-such-tool is not installed"):
        run(["no-such-tool"], what="measure")


def test_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    script = f"echo $$ > {tmp_path}/pid; sleep 60"
    with pytest.raises(FailedError, match=r"cannot wait: no end after 0\.5 s: sh -c echo"):
        run_for_bytes(["sh", "-c", script], what="wait", timeout_s=0.5)
    pid = int((tmp_path / "pid").read_text(encoding="utf-8"))
    eventually(lambda: not is_running(pid), "the command is gone")


def test_full_disk_is_told_apart() -> None:
    with pytest.raises(OSError, match="No space left") as error:
        run(["sh", "-c", "cat /etc/os-release > /dev/full"], what="write")
    assert error.value.errno == errno.ENOSPC


def test_words_are_not_translated() -> None:
    assert run(["sh", "-c", "echo $LC_ALL"], what="ask") == "C\n"


def test_plain_environment_has_nothing_that_changes_a_build(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CFLAGS", "MAKEFLAGS", "CPATH"):
        monkeypatch.setenv(name, "x")
    assert plain_environment().keys() <= {"PATH", "HOME", "TMPDIR"}
    assert plain_environment()["PATH"] == os.environ["PATH"]
