"""`corten mount` on an emulated board: the app runs from the files that are here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from host_tools.build import Image
from host_tools.targets.pty import PtyEmulator
from host_tools.targets.serial import SerialTarget
from tests.host_tools.commands import Corten
from tests.host_tools.deploying import ask, write_app


@pytest.fixture
def port(image: Image) -> Iterator[str]:
    with PtyEmulator(image) as emulator:
        yield emulator.port


def test_app_runs_from_the_files_that_are_here(corten: Corten, port: str, tmp_path: Path) -> None:
    program = "import greeting\nwith open('made.txt', 'w') as file:\n    file.write(greeting.TEXT)\nprint('ran')\n"
    app = write_app(tmp_path / "app", {"main.py": program, "greeting.py": "TEXT = 'hello'\n"})
    ended = corten("mount", app, "--port", port)
    assert (ended.status, ended.out.strip()) == (0, "ran"), ended.err
    assert (app / "made.txt").read_text(encoding="utf-8") == "hello"
    with SerialTarget(port) as target:
        assert ask(target.console, "__import__('os').listdir('/')") == "[]"


def test_one_file(corten: Corten, port: str, tmp_path: Path) -> None:
    program = corten.write("a-program.py", "if __name__ == '__main__':\n    print('ran')\n    raise ValueError\n")
    ended = corten("mount", program, "--port", port)
    assert (ended.status, ended.out.strip()) == (1, "ran"), ended.err
    assert 'File "a-program.py", line 3' in ended.err


def test_it_tells_of_an_exception(corten: Corten, port: str, tmp_path: Path) -> None:
    app = write_app(tmp_path / "app", {"main.py": "print('before')\nraise ValueError('wrong')\n"})
    ended = corten("mount", app, "--port", port)
    assert ended.status == 1
    assert ended.out.strip() == "before"
    assert "ValueError: wrong" in ended.err
