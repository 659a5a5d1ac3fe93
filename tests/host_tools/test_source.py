"""Where MicroPython's source comes from."""

from pathlib import Path

import pytest

from host_tools import paths, source
from host_tools.errors import UsageError
from tests.host_tools.commands import Corten


def header(folder: Path, text: str) -> Path:
    (folder / "py").mkdir()
    (folder / "py" / "mpconfig.h").write_text(text, encoding="utf-8")
    return folder


def versions(major: int, minor: int, micro: int) -> str:
    return (
        f"#define MICROPY_VERSION_MAJOR {major}\n#define MICROPY_VERSION_MINOR {minor}\n"
        f"#define MICROPY_VERSION_MICRO {micro}\n#define MICROPY_VERSION_PRERELEASE 0\n"
    )


@pytest.mark.parametrize("minor", range(24, 30))
def test_supported_version(tmp_path: Path, minor: int) -> None:
    assert source.version_of(header(tmp_path, versions(1, minor, 1))) == f"1.{minor}.1"


@pytest.mark.parametrize(("major", "minor"), [(1, 23), (1, 30), (2, 0), (0, 25)])
def test_unsupported_version(tmp_path: Path, major: int, minor: int) -> None:
    with pytest.raises(UsageError, match=rf"is MicroPython {major}\.{minor}\.0; .* 1\.24 to 1\.29"):
        source.version_of(header(tmp_path, versions(major, minor, 0)))


def test_header_without_a_version(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is MicroPython 0\.0\.0"):
        source.version_of(header(tmp_path, ""))


def test_checkout_without_its_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORTEN_MICROPYTHON", str(header(tmp_path, versions(1, 25, 0))))
    with pytest.raises(UsageError, match=r"has no lib/littlefs/lfs2\.c"):
        source.find(print)


def test_identity_changes_with_a_file_that_is_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = header(tmp_path, versions(1, 25, 0))
    (tree / "lib" / "littlefs").mkdir(parents=True)
    (tree / "lib" / "littlefs" / "lfs2.c").touch()
    monkeypatch.setenv("CORTEN_MICROPYTHON", str(tree))
    before = source.find(print).identity
    assert source.find(print).identity == before
    (tree / "docs").mkdir()
    (tree / "docs" / "index.rst").write_text("new", encoding="utf-8")
    assert source.find(print).identity == before
    (tree / "py" / "vm.c").write_text("new", encoding="utf-8")
    assert source.find(print).identity != before


def test_packaged_source_is_whole_and_supported() -> None:
    found = source.find(print)
    assert found.path.is_relative_to(paths.cache_dir())
    assert source.fetched()
    assert (found.path / "extmod" / "asyncio" / "core.py").is_file()


def test_checkout_is_used_in_place_of_the_packaged_source(corten: Corten, tmp_path: Path) -> None:
    (tmp_path / "checkout").symlink_to(source.find(print).path)
    env = {"CORTEN_MICROPYTHON": str(tmp_path / "checkout"), "CORTEN_BUILD": str(tmp_path / "build")}
    ended = corten("exec", "import sys; print(sys.implementation.name)", env=env)
    assert (ended.status, ended.out) == (0, "micropython\r\n"), ended.err


def test_project_names_the_checkout(corten: Corten) -> None:
    corten.write("corten.toml", 'micropython = "mp"\n')
    ended = corten("build")
    assert ended.status == 2
    assert ended.error == (
        f"corten: {corten.folder / 'mp'} is not MicroPython's source: it has no py/mpconfig.h\n"
        "  fix: name the top of a checkout with CORTEN_MICROPYTHON, or `micropython` in corten.toml, "
        "or none to use Debian's source package"
    )
