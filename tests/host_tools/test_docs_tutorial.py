"""docs/tutorial.md is true as written: its files are made, its commands run, and they print what the page says."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.host_tools.mbpoll import mbpoll

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
TIMEOUT_S = 400.0  # of a command, on a machine that is busy with other things
PROGRESS = re.compile(r"^corten: (building|compiling|fetching|waiting for) .*\n", re.MULTILINE)
DEVICE = "/dev/pts/5"
"""What the page calls the UART's serial device."""


@dataclass(frozen=True)
class Step:
    """A command, and what it prints: `…` is anything, within a line or, alone in one, of any number of lines.

    tool: what the block needs that comes from elsewhere.
    """

    line: int
    command: str
    printed: str
    tool: str


@dataclass(frozen=True)
class File:
    """A file that the page shows."""

    name: str
    text: str


@dataclass
class Reader:
    """Somebody who types what the page says, in a folder."""

    folder: Path
    environment: dict[str, str]
    device: str = DEVICE
    not_there: list[str] = field(default_factory=list)

    def follow(self, step: Step | File) -> None:
        if isinstance(step, File):
            path = self.folder / step.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8")
        elif step.tool and shutil.which(step.tool, path=self.environment["PATH"]) is None:
            self.not_there.append(step.tool)
        elif step.command.startswith("cd "):
            self.folder /= step.command.removeprefix("cd ")
        else:
            self.run(step)

    def run(self, step: Step) -> None:
        command = step.command.replace(DEVICE, self.device)
        ended = subprocess.run(
            ["sh", "-c", command], cwd=self.folder, env=self.environment, timeout=TIMEOUT_S, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        output = PROGRESS.sub("", ended.stdout.replace("\r\n", "\n"))
        if DEVICE in step.printed and (found := re.search(r"/dev/pts/\d+", output)):
            self.device = found[0]
        assert ended.returncode == 0, f"line {step.line}: {command}\n{output}"
        expected = pattern(step.printed.replace(DEVICE, self.device))
        assert expected.fullmatch(output), f"line {step.line}: {command}\n{output}\nis not\n{step.printed}"


def pattern(printed: str) -> re.Pattern[str]:
    parts = [
        r"(?s:.*?)" if line == "…\n" else re.escape(line).replace("…", "[^\n]*") for line in printed.splitlines(True)
    ]
    return re.compile("".join(parts))


def steps(page: str) -> Iterator[Step | File]:
    """What the page has its reader do, in its order."""
    for block in re.finditer(r"^```(\w+) ?(\S*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        kind, word, text = block.groups()
        line = page[: block.start()].count("\n") + 2
        if kind == "python":
            yield File(word, text)
            continue
        assert kind == "console", f"line {line}: a block that nobody runs"
        for found in re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
            yield Step(line + text[: found.start()].count("\n"), found[1], found[2], word)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    runtime = tempfile.mkdtemp(prefix="corten-test-", dir="/tmp")  # a socket's path must be short
    tools = tmp_path / "tools"
    tools.mkdir()
    with contextlib.suppress(pytest.skip.Exception):
        mbpoll(tools)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}:{tools}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CORTEN_B", "PYTEST_"))}
    made = Reader(tmp_path, environment | {"PATH": path, "XDG_RUNTIME_DIR": runtime, "COLUMNS": "80"})
    yield made
    subprocess.run(["corten", "stop"], env=made.environment, cwd=tmp_path, capture_output=True, check=False)
    shutil.rmtree(runtime)


def test_what_the_page_says_happens(reader: Reader) -> None:
    for step in steps(PAGE.read_text(encoding="utf-8")):
        reader.follow(step)
    assert ruff(reader.folder) == ""
    if reader.not_there:
        pytest.skip(f"all but the commands of {', '.join(sorted(set(reader.not_there)))}, which is not installed")


def ruff(folder: Path) -> str:
    """What lint says of the project in the end, empty if nothing."""
    ended = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "."], cwd=folder, capture_output=True, text=True, check=False
    )
    return "" if ended.returncode == 0 else ended.stdout


def test_the_page_shows_files_and_commands() -> None:
    found = list(steps(PAGE.read_text(encoding="utf-8")))
    assert len([step for step in found if isinstance(step, File)]) >= 8
    assert len([step for step in found if isinstance(step, Step)]) >= 12


def test_dots_stand_for_anything_and_nothing_else_does() -> None:
    assert pattern("a …b\n…\nend\n").fullmatch("a xyz b\n1\n2\nend\n")
    assert pattern("a\n…\n").fullmatch("a\n")
    assert not pattern("a\n").fullmatch("a\nb\n")
    assert not pattern("a.b\n").fullmatch("axb\n")
