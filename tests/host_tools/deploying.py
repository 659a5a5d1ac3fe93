"""What the tests of `corten deploy` share: apps, and boards that are asked what they run."""

from collections.abc import Callable
from pathlib import Path

from host_tools.deploy.agent import Agent
from host_tools.deploy.payload import payload
from host_tools.deploy.switch import Deployment, Report
from host_tools.link import Link, read_until
from host_tools.raw_repl import RawRepl

ANSWER_TIMEOUT_S = 30.0
PROMPT = b">>> "


def write_app(folder: Path, files: dict[str, str]) -> Path:
    """An app of these files, in place of what the folder had."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def ignore(done: int, total: int) -> None:
    """For whoever does not want to know how far it is."""


def bring(
    link: Link, app: Path, moved: Callable[[int, int], None] = ignore, board: str | None = None, start: bool = True
) -> Report:
    """Deploys as the command does."""
    repl = RawRepl(link)
    repl.enter()
    repl.soft_reset()
    deployment = Deployment(Agent(link, repl), moved)
    facts = deployment.found.facts
    report = deployment.bring(payload(str(app), facts, facts.board or board, False, print))
    repl.leave()
    if start:
        link.write(b"\x04")
    return report


def restart(link: Link, ending: bytes = PROMPT) -> str:
    """What a board at its prompt says from a soft reset on."""
    link.write(b"\r\x03\r\x02")
    read_until(link, PROMPT, ANSWER_TIMEOUT_S)
    while link.read(1000, 0.3):
        pass
    link.write(b"\x04")
    return read_until(link, ending, ANSWER_TIMEOUT_S).decode(errors="replace")


def ask(link: Link, expression: str) -> str:
    """What an expression is on a board."""
    return do(link, f"print({expression})")


def put(link: Link, path: str, text: str) -> None:
    """Writes a file of a board."""
    do(link, f"with open({path!r}, 'w') as file:\n file.write({text!r})")


def do(link: Link, program: str) -> str:
    """What a program prints on a board."""
    repl = RawRepl(link)
    repl.enter()
    output, trace = repl.execute(program, ANSWER_TIMEOUT_S)
    assert not trace, trace.decode()
    repl.leave()
    return output.decode().strip()
