"""Files that several processes make and use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from host_tools.errors import FailedError
from host_tools.files import exclusive, write_all, write_whole
from tests.host_tools.commands import eventually

HOLDER = """
import sys
from pathlib import Path
from host_tools.files import exclusive

with exclusive(Path(sys.argv[1]), print):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(folder: Path) -> "subprocess.Popen[str]":
    """Another process that holds a folder's lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_file_is_written(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", "text")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "text"


def test_file_is_replaced(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", b"old")
    write_whole(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path / "file", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_of_several_files_none_is_changed_when_one_cannot_be_written(tmp_path: Path) -> None:
    write_whole(tmp_path / "first", "old")
    with pytest.raises(FileNotFoundError):
        write_all({tmp_path / "first": "new", tmp_path / "no folder" / "second": "new"})
    assert [path.name for path in tmp_path.iterdir()] == ["first"]
    assert (tmp_path / "first").read_text(encoding="utf-8") == "old"


def test_lock_holds_off_another_process(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    holder = hold(folder)
    said: list[str] = []
    with pytest.raises(FailedError, match="another process has been making"), exclusive(folder, said.append, 0.1):
        pass
    holder.communicate(timeout=30)
    assert said == [f"waiting for another process that makes {folder}"]


def test_lock_is_free_again_when_its_holder_is_killed(tmp_path: Path) -> None:
    holder = hold(tmp_path / "made")
    holder.kill()
    holder.wait(30)
    with exclusive(tmp_path / "made", print, 30):
        pass


def test_lock_is_waited_for(tmp_path: Path) -> None:
    holder = hold(tmp_path / "made")
    with exclusive(tmp_path / "made", lambda _: holder.communicate(timeout=30), 30):
        assert holder.returncode == 0


def test_folders_have_locks_of_their_own(tmp_path: Path) -> None:
    with exclusive(tmp_path / "one", print, 0), exclusive(tmp_path / "two", print, 0):
        pass


def test_lock_is_held_by_a_child_that_outlives_its_parent(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from host_tools.files import exclusive
from host_tools.process import run

with exclusive(Path(sys.argv[1]), print):
    run(["sh", "-c", f"touch {sys.argv[1]}.started; read line < {sys.argv[1]}.fifo"], what="outlive")
"""
    folder = tmp_path / "made"
    fifo = tmp_path / "made.fifo"
    os.mkfifo(fifo)
    parent = subprocess.Popen([sys.executable, "-c", script, str(folder)])
    eventually((tmp_path / "made.started").exists, "the child has started")
    parent.kill()
    parent.wait(30)
    with pytest.raises(FailedError), exclusive(folder, lambda _: None, 0.1):
        pass
    fifo.write_text("end\n", encoding="utf-8")
    with exclusive(folder, lambda _: None, 30):
        pass
