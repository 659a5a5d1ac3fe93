"""What MicroPython's source takes from elsewhere: a checkout's own submodules, or Debian's packages in their place."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from host_tools import paths, source
from host_tools.errors import UsageError
from host_tools.files import exclusive, write_whole
from host_tools.process import run


@dataclass(frozen=True)
class Package:
    """A Debian package that holds a submodule: in `inside`, or, where that is empty, as its source package."""

    name: str
    inside: str = ""


PACKAGES = {
    "lib/pico-sdk": Package("pico-sdk-source", "usr/src/pico-sdk"),
    "lib/tinyusb": Package("tinyusb-source", "usr/src/tinyusb"),
    "lib/mbedtls": Package("mbedtls"),
}


def with_submodules(tree: source.Source, names: Sequence[str], say: Callable[[str], None]) -> source.Source:
    """The same source with the files of these submodules in their places, and with an identity that covers them.

    Raises UsageError for a checkout that lacks one: the versions of a checkout and of Debian's packages need not go
    together.
    """
    if tree.is_packaged:
        parts = [_packaged(tree.path / name, PACKAGES[name], say) for name in names]
    else:
        parts = [_checked_out(tree.path, name) for name in names]
    return replace(tree, identity="\n".join([tree.identity, *parts]))


def _checked_out(tree: Path, name: str) -> str:
    if not any((tree / name).glob("*")):
        raise UsageError(
            f"{tree} has nothing in {name}, which this board's firmware is compiled from",
            fix=f"git -C {tree} submodule update --init {name}",
        )
    return source.fingerprint(tree, [name])


def _packaged(place: Path, package: Package, say: Callable[[str], None]) -> str:
    """Links a package's files, fetched when they are not in the cache, to their place; returns what was fetched."""
    folder = paths.cache_dir() / "source" / f"{source.SUITE}-{package.name}"
    if not _is_there(folder, place):
        with exclusive(folder, say):
            if not (folder / "identity").is_file():
                _download(folder, package, say)
            _link(place, folder / "files" / package.inside)
    return (folder / "identity").read_text(encoding="utf-8")


def _is_there(folder: Path, place: Path) -> bool:
    return (folder / "identity").is_file() and place.is_symlink() and place.resolve().is_relative_to(folder.resolve())


def _link(place: Path, files: Path) -> None:
    if place.is_symlink():
        place.unlink()
    elif place.is_dir():
        place.rmdir()  # Debian strips the submodule and leaves its folder
    place.symlink_to(files)


def _download(folder: Path, package: Package, say: Callable[[str], None]) -> None:
    archive = source.debian(say)
    shutil.rmtree(folder, ignore_errors=True)
    say(f"fetching {package.name} from Debian {source.SUITE}")
    if package.inside:
        found = archive.download_package(package.name, source.SUITE, folder)
        tool = "dpkg-deb"
    else:
        found = archive.download_source(package.name, source.SUITE, folder)
        tool = "dpkg-source"
    run([tool, "--extract", found, folder / "files"], what=f"unpack {package.name}")
    write_whole(folder / "identity", found.name)
