"""`corten build`: what it makes, when it makes it again, and what it leaves when it cannot go on."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from host_tools import paths, source
from tests.host_tools.commands import Corten, Ended, child_of, end, eventually

HOSTILE = {"CFLAGS": "-DNDEBUG=(", "LDFLAGS": "--no-such-flag", "MAKEFLAGS": "-n", "CPATH": "/no/such/folder"}
"""What a user's shell or an outer make may have in the environment."""

MountTmpfs = Callable[[Path, str], None]


@pytest.fixture
def mount() -> Iterator[MountTmpfs]:
    """Mounts a file system of a given size, or gives it another size; needs root."""
    with ExitStack() as mounted:

        def mount_or_grow(folder: Path, size: str) -> None:
            if folder.is_mount():
                subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)
                return
            folder.mkdir(exist_ok=True)
            done = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                pytest.skip(f"a small file system cannot be mounted here: {done.stderr.strip()}")
            mounted.callback(subprocess.run, ["umount", "--lazy", folder], check=True)

        yield mount_or_grow


def cache_at(folder: Path, *shared: str) -> dict[str, str]:
    """A cache folder of the test's own that shares these parts with the machine's."""
    folder.mkdir(exist_ok=True)
    for name in shared:
        (folder / name).symlink_to(paths.cache_dir() / name)
    return {"CORTEN_CACHE": str(folder)}


def finish(process: "subprocess.Popen[bytes]") -> Ended:
    out, err = process.communicate(timeout=120)
    return Ended(process.returncode, out.decode(), err.decode())


def test_it_tells_where_the_image_is(corten: Corten) -> None:
    corten.write("app.py", "")
    ended = corten("build", "app.py", "--json")
    found = json.loads(ended.out)
    assert ended.status == 0
    assert found["elf"] == f"{corten.env['CORTEN_BUILD']}/mps2_an385/app/firmware.elf"
    assert Path(found["elf"]).read_bytes()[:4] == b"\x7fELF"
    assert (found["board"], found["app"], found["micropython"]) == ("mps2_an385", "app", source.find(print).version)


def test_nothing_is_done_when_it_is_up_to_date(corten: Corten) -> None:
    corten.write("same.py", "print(1)\n")
    assert "building same for mps2_an385" in corten("build", "same.py").err
    assert corten("build", "same.py").err == ""


def test_changed_app_is_built_again(corten: Corten) -> None:
    corten.write("changing.py", "print(1)\n")
    assert corten("run", "changing.py").out == "1\r\n"
    corten.write("changing.py", "print(2)\n")
    assert corten("run", "changing.py").out == "2\r\n"


def test_changed_board_is_built_again(corten: Corten) -> None:
    """What the board is called is in the generated module, not in the compiled runtime."""
    text = (paths.boards_dir() / "mps2_an385.toml").read_text(encoding="utf-8")
    corten.write("corten.toml", "")
    corten.write("names.py", "import board\nprint(hasattr(board, 'LAMP'))\n")
    assert corten("run", "names.py").out == "False\r\n"
    corten.write("boards/mps2_an385.toml", text.replace("LED2 =", "LAMP ="))
    assert corten("run", "names.py").out == "True\r\n"


def test_two_builds_of_one_app_at_the_same_time(corten: Corten) -> None:
    corten.write("twice.py", f"print({os.getpid()})\n")
    both = [corten.start("build", "twice.py") for _ in range(2)]
    assert [finish(process).status for process in both] == [0, 0]
    assert corten("run", "twice.py").out == f"{os.getpid()}\r\n"


def test_full_disk_while_linking(corten: Corten, mount: MountTmpfs, tmp_path: Path) -> None:
    corten.write("app.py", "print('whole')\n")
    disk = tmp_path / "disk"
    mount(disk, "512k")
    ended = corten("build", "app.py", env={"CORTEN_BUILD": str(disk)})
    assert ended.status == 1
    assert ": no space left\n  fix: free some, or point CORTEN_CACHE and CORTEN_BUILD to where there is" in ended.error
    mount(disk, "64m")
    ended = corten("run", "app.py", env={"CORTEN_BUILD": str(disk)})
    assert (ended.status, ended.out) == (0, "whole\r\n"), ended.err


def test_full_disk_while_compiling_the_app(corten: Corten, mount: MountTmpfs, tmp_path: Path) -> None:
    """mpy-cross does not notice that what it writes to a file is cut short."""
    corten.write("app.py", "print('whole')\n")
    mount(tmp_path / "disk", "32k")
    env = cache_at(tmp_path / "disk", "source", "runtime")
    ended = corten("build", "app.py", env=env)
    assert ended.status == 1
    assert ": no space left\n  fix: " in ended.error
    mount(tmp_path / "disk", "64m")
    ended = corten("run", "app.py", env=env)
    assert (ended.status, ended.out) == (0, "whole\r\n"), ended.err


def test_full_disk_while_compiling_micropython(corten: Corten, mount: MountTmpfs, tmp_path: Path) -> None:
    mount(tmp_path / "disk", "1m")
    env = cache_at(tmp_path / "disk", "source")
    ended = corten("build", env=env)
    assert ended.status == 1
    assert ended.error.startswith("corten: the disk: no space left\n  fix: ")
    assert list((tmp_path / "disk").glob("runtime/*/complete")) == []


def test_interrupted_compilation_is_repaired_by_two_at_the_same_time(corten: Corten, tmp_path: Path) -> None:
    """The builds that repair it have an environment that would spoil a compilation that took notice of it."""
    cache = tmp_path / "cache"
    env = {**cache_at(cache, "source"), "CORTEN_BUILD": str(tmp_path / "build")}
    corten.write("app.py", "print('whole')\n")
    killed = corten.start("build", "app.py", env=env)
    eventually(lambda: list(cache.glob("runtime/*/py/*.o")), "the compilation is under way", timeout_s=60)
    make = child_of(killed)
    end(killed, signal.SIGKILL)
    os.kill(make, signal.SIGKILL)
    both = [finish(process) for process in [corten.start("build", "app.py", env={**env, **HOSTILE}) for _ in range(2)]]
    assert [ended.status for ended in both] == [0, 0], both
    assert sum("corten: compiling MicroPython" in ended.err for ended in both) == 1
    ended = corten("run", "app.py", env=env)
    assert (ended.status, ended.out) == (0, "whole\r\n"), ended.err
