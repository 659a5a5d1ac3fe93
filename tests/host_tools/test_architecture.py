"""The direction of imports: apps -> drivers, services -> core; the host imports nothing of the firmware but `wire`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_tools import paths

FIRMWARE = paths.firmware_dir()
HOST = Path(paths.__file__).parent
LARGEST_FILE = 500


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def names_of(path: Path) -> str:
    return str(path.relative_to(paths.root()))


@pytest.mark.parametrize("path", sorted((FIRMWARE / "corten").glob("*.py")), ids=names_of)
def test_core_and_services_never_import_a_driver_or_an_app(path: Path) -> None:
    assert not [name for name in imported(path) if name.startswith(("corten.drivers", "apps"))]


@pytest.mark.parametrize("path", files(FIRMWARE / "corten" / "drivers"), ids=names_of)
def test_driver_imports_neither_another_driver_nor_the_board(path: Path) -> None:
    assert not [name for name in imported(path) if name.startswith(("corten.drivers", "board", "apps"))]


@pytest.mark.parametrize("path", [*files(FIRMWARE / "apps"), *files(FIRMWARE / "bench")], ids=names_of)
def test_app_asks_neither_for_a_board_nor_for_a_platform(path: Path) -> None:
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)]
    used = {(getattr(node.value, "id", ""), node.attr) for node in nodes}
    assert not used & {("sys", "platform"), ("board", "NAME")}


@pytest.mark.parametrize("path", files(HOST), ids=names_of)
def test_host_tools_import_only_wire_of_the_firmware(path: Path) -> None:
    firmware = [name for name in imported(path) if name.split(".")[0] == "corten"]
    assert not [name for name in firmware if not name.startswith("corten.wire")]


@pytest.mark.parametrize("path", [*files(FIRMWARE), *files(HOST)], ids=names_of)
def test_file_is_small_enough_to_be_about_one_thing(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LARGEST_FILE
