"""The folder of a new project, made of a template: files below `firmware/templates/NAME`, copied as they are.

In a file whose name ends in `.template` `$name` and `$board` are filled in; in the app's files what has a capability
gets the board's name for it, such as `board.LED`. `template.toml` says what the template is about and which
capabilities it needs of a board.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from string import Template as Text

from host_tools import paths
from host_tools.boards import Board
from host_tools.errors import UsageError
from host_tools.files import write_whole

DEFAULT = "app"
_DESCRIPTION = "template.toml"
_FILLED_IN = ".template"
_APP = "app"


@dataclass(frozen=True)
class Template:
    """What a project can start as. `needs`: capabilities of the board."""

    name: str
    folder: Path
    about: str
    needs: tuple[str, ...]


def templates() -> dict[str, Template]:
    """All that there are, by name."""
    found = {}
    for path in sorted((paths.firmware_dir() / "templates").glob(f"*/{_DESCRIPTION}")):
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        found[path.parent.name] = Template(path.parent.name, path.parent, said["about"], tuple(said["needs"]))
    return found


def make(folder: Path, template: Template, board: Board) -> list[Path]:
    """Makes a project's folder and returns the files in it, relative to it.

    Raises UsageError, and makes nothing, for a folder with something in it, and for a board that cannot do what the
    template needs.
    """
    _check_board(template, board)
    _check_folder(folder)
    name = folder.resolve().name
    made = []
    for path in sorted(template.folder.rglob("*")):
        if not path.is_file() or path.name == _DESCRIPTION or path.suffix == ".pyc":
            continue
        text = path.read_text(encoding="utf-8")
        place = path.relative_to(template.folder)
        if path.suffix == _FILLED_IN:
            place = place.with_suffix("")
            text = Text(text).substitute(name=name, board=board.name)
        if place.parts[0] == _APP:
            text = _named(text, board)
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, text)
        made.append(place)
    return made


def _named(text: str, board: Board) -> str:
    for capability, offer in board.capabilities.items():
        text = text.replace(f'board.CAPABILITIES["{capability}"]', f"board.{offer}")
    return text


def _check_board(template: Template, board: Board) -> None:
    missing = [name for name in template.needs if name not in board.capabilities]
    if missing:
        reasons = "; ".join(f"{name}: {board.excluded[name]}" for name in missing)
        others = [each.name for each in templates().values() if set(each.needs) <= set(board.capabilities)]
        fix = f"take another board, or --template {' or '.join(others)}" if others else "take another board"
        raise UsageError(f"the template {template.name} needs what {board.name} cannot do: {reasons}", fix)


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", fix="give the project another name")
    if folder.is_dir() and (found := sorted(each.name for each in folder.iterdir())):
        some = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")  # noqa: PLR2004 - enough to recognise it
        raise UsageError(f"{folder} is not empty: it has {some}", fix="give the project another name, or empty it")
