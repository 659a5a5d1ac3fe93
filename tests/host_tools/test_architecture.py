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


WIRE = FIRMWARE / "corten" / "wire"
MARKS = {"hot", "ptr8", "ptr16", "ptr32", "uint"}
"""What wire may take of `corten.hot`: marks, which do nothing on the host."""
OURS = ("corten", "firmware", "host_tools.data")


@pytest.mark.parametrize("path", files(HOST), ids=names_of)
def test_host_tools_import_only_wire_of_the_firmware(path: Path) -> None:
    """In one place, which knows where it is; what the templates of apps import is theirs."""
    firmware = [name for name in imported(path) if name.startswith(OURS)]
    if path == HOST / "wire.py":
        assert firmware
        assert not [name for name in firmware if not name.partition("firmware.")[2].startswith("corten.wire")]
    else:
        assert firmware == []


@pytest.mark.parametrize("path", files(WIRE), ids=names_of)
def test_wire_imports_nothing_of_ours_but_the_mark(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = {each.stem for each in files(WIRE)} | {"array", "struct"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {alias.name for alias in node.names} <= known
        elif isinstance(node, ast.ImportFrom) and node.level == 2:
            assert node.module == "hot"
            assert {alias.name for alias in node.names} <= MARKS
        elif isinstance(node, ast.ImportFrom) and node.level == 1:
            assert (node.module or node.names[0].name) in known
        elif isinstance(node, ast.ImportFrom):
            assert node.module in known


@pytest.mark.parametrize("path", [*files(FIRMWARE), *files(HOST)], ids=names_of)
def test_file_is_small_enough_to_be_about_one_thing(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LARGEST_FILE
