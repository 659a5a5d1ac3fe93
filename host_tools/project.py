"""corten.toml, the one file of a user's project. Flags override it, it overrides the defaults."""

from dataclasses import dataclass, fields
from pathlib import Path

from host_tools.errors import UsageError
from host_tools.paths import PROJECT_FILE as FILE


@dataclass(frozen=True)
class Settings:
    """What a project sets; each has a default.

    `micropython` names the folder of a source tree to build the runtime from.
    """

    app: str | None = None
    board: str = "mps2_an385"
    port: str | None = None
    micropython: str | None = None


def exists() -> bool:
    """Whether the current folder is a project's."""
    return Path(FILE).is_file()


def settings(folder: Path | None = None) -> Settings:
    """The settings in `folder` (the current one when None). UsageError for a file that is wrong."""
    path = (folder or Path()) / FILE
    if not path.is_file():
        return Settings()
    import tomllib

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{FILE}: {error}", _fix()) from error
    for name, value in table.items():
        if name not in _names():
            raise UsageError(f"{FILE}: {name}: unknown; expected one of {', '.join(_names())}", _fix())
        if not isinstance(value, str):
            raise UsageError(f"{FILE}: {name}: expected a string, got {value!r}", _fix())
    return Settings(**table)


def _names() -> list[str]:
    return [field.name for field in fields(Settings)]


def _fix() -> str:
    return f"correct {FILE}; it may set {', '.join(_names())}"
