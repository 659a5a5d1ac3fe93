"""Debian's packages through an apt of our own: its sources, lists and cache are in Corten's cache folder.

/etc/apt is read for the mirror and its keys, and never written. Signatures are checked by apt itself against Debian's
archive keyring.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from host_tools import paths
from host_tools.errors import FailedError, MissingToolError
from host_tools.files import exclusive
from host_tools.process import run

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
OS_RELEASE = Path("/etc/os-release")
TOO_OLD_QEMU = ("bookworm",)
"""Debian's releases whose own QEMU is too old for some boards: theirs comes from backports."""


@dataclass(frozen=True)
class Release:
    """Which distribution this machine runs, from /etc/os-release: for example `debian`, `bookworm`."""

    family: str
    codename: str

    @property
    def backports(self) -> str | None:
        """The suite that has a newer QEMU, where the release's own is too old."""
        return f"{self.codename}-backports" if self.family == "debian" and self.codename in TOO_OLD_QEMU else None


def release() -> Release | None:
    """The machine's distribution, or None where there is no apt."""
    if not shutil.which("apt-get") or not OS_RELEASE.is_file():
        return None
    words = dict(line.split("=", 1) for line in OS_RELEASE.read_text(encoding="utf-8").splitlines() if "=" in line)
    return Release(words.get("ID", "").strip('"'), words.get("VERSION_CODENAME", "").strip('"'))


class Apt:
    """apt-get with private sources. One process at a time uses them: the others wait."""

    def __init__(self, machine: Release, say: Callable[[str], None]) -> None:
        self.machine = machine
        self._say = say
        self._folder = paths.cache_dir() / "apt"

    def download_source(self, package: str, suite: str, folder: Path) -> Path:
        """Downloads a source package of `suite` into `folder` and returns its .dsc, its signatures verified by apt."""
        words = ["source", "--download-only", package]
        return self._download("deb-src", suite, words, f"the source of {package}", folder, f"{package}_*.dsc")

    def download_package(self, package: str, suite: str, folder: Path) -> Path:
        """Downloads a binary package of `suite` into `folder` and returns its .deb, its signature verified by apt."""
        return self._download("deb", suite, ["download", package], package, folder, f"{package}_*.deb")

    def _download(self, kind: str, suite: str, words: list[str], what: str, folder: Path, pattern: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        with exclusive(self._folder, self._say):
            self._update([f"{kind} {self._key}{self._archive} {suite} main"])
            self._apt_get(*words, what=f"download {what}", cwd=folder)
        (found,) = folder.glob(pattern)
        return found

    def install(self, packages: list[str]) -> None:
        """Installs packages on the machine, as root or through sudo; MissingToolError where this is neither."""
        as_root = _as_root(f"install {' '.join(packages)}")
        sources = [f"deb {self._key}{uri} {suite} {component}" for uri, suite, component in self._configured]
        options = []
        if self.machine.backports:
            sources.append(f"deb {self._key}{self._archive} {self.machine.backports} main")
            options = ["-t", self.machine.backports]
        with exclusive(self._folder, self._say):
            self._update(sources)
            words = ["install", "-y", "--no-install-recommends", *options, *packages]
            self._apt_get(*words, what=f"install {' '.join(packages)}", prefix=as_root)

    def _update(self, sources: list[str]) -> None:
        """Fetches the package lists. Needs the network."""
        for name in ("lists/partial", "cache/archives/partial"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        (self._folder / "sources.list").write_text("\n".join(sources) + "\n", encoding="utf-8")
        try:
            self._apt_get("update", "--error-on=any", what="fetch Debian's package lists")
        except FailedError as error:
            raise FailedError(
                error.message, fix="check the network, and apt's sources and proxy in /etc/apt"
            ) from error

    def _apt_get(self, *arguments: str, what: str, cwd: Path | None = None, prefix: Sequence[str] = ()) -> None:
        options = {
            "Dir::Etc::sourcelist": self._folder / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::lists": self._folder / "lists",
            "Dir::Cache": self._folder / "cache",
            "APT::Sandbox::User": "root",
            "Acquire::Retries": 1,
            "Acquire::http::Timeout": 20,
            "Acquire::https::Timeout": 20,
        }
        command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
        for name, value in options.items():
            command += ["-o", f"{name}={value}"]
        run([*command, *arguments], what=what, cwd=cwd)

    @property
    def _key(self) -> str:
        return f"[signed-by={KEYRING}] " if self.machine.family == "debian" and KEYRING.exists() else ""

    @property
    def _archive(self) -> str:
        """The mirror that this machine's apt is set up with."""
        found = next((uri for uri, suite, _ in self._configured if suite == self.machine.codename), None)
        if found is None:
            raise MissingToolError(
                f"apt has no source for {self.machine.codename}", fix="add the distribution's archive to /etc/apt"
            )
        return found

    @cached_property
    def _configured(self) -> list[tuple[str, str, str]]:
        """(archive, suite, component) of each source in /etc/apt that belongs to the distribution itself."""
        listing = run(
            ["apt-get", "indextargets", "--format", "$(REPO_URI)|$(RELEASE)|$(COMPONENT)", "Created-By: Packages"],
            what="read apt's sources",
        )
        own = {self.machine.codename + suffix for suffix in ("", "-updates", "-security")}
        rows = {(uri, suite, component) for uri, suite, component in (line.split("|") for line in listing.split())}
        return sorted(row for row in rows if row[1] in own)


def _as_root(what: str) -> list[str]:
    """The words to put before a command that only root may run."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        raise MissingToolError(f"cannot {what}: this needs root, and there is no sudo", fix="run it as root")
    return ["sudo"]
