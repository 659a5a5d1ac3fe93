"""Debian's packages through an apt of our own: its sources, lists and cache are in Corten's cache folder.

/etc/apt is read for the mirror and its keys, and never written. Signatures are checked by apt itself against Debian's
archive keyring.
"""

import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from host_tools import paths
from host_tools.errors import MissingToolError
from host_tools.process import run

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True)
class Release:
    """Which distribution this machine runs, from /etc/os-release: for example `debian`, `bookworm`."""

    family: str
    codename: str


def release() -> Release | None:
    """The machine's distribution, or None where there is no apt."""
    if not shutil.which("apt-get"):
        return None
    words = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines() if "=" in line
    )
    return Release(words.get("ID", "").strip('"'), words.get("VERSION_CODENAME", "").strip('"'))


class Apt:
    """apt-get with private sources: the machine's own suites, its backports, and the sources of `source_suite`."""

    def __init__(self, machine: Release, source_suite: str) -> None:
        self.machine = machine
        self.source_suite = source_suite
        self.folder = paths.cache_dir() / "apt"

    def update(self) -> None:
        """Fetches the package lists. Needs the network; FailedError says what could not be reached."""
        for name in ("lists/partial", "cache/archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "sources.list").write_text("\n".join(self._sources()) + "\n", encoding="utf-8")
        self._apt_get("update", "--error-on=any", what="fetch Debian's package lists (is the network there?)")

    def download_source(self, package: str, folder: Path) -> Path:
        """Downloads a source package into `folder` and returns its .dsc; apt has verified each file's signature."""
        folder.mkdir(parents=True, exist_ok=True)
        self._apt_get("source", "--download-only", package, what=f"download the source of {package}", cwd=folder)
        (dsc,) = folder.glob(f"{package}_*.dsc")
        return dsc

    def install(self, packages: list[str], suite: str | None = None) -> None:
        """Installs packages on the machine, as root or through sudo, from `suite` when it is given."""
        options = ["-t", suite] if suite else []
        self._apt_get(
            "install", "-y", "--no-install-recommends", *options, *packages,
            what=f"install {' '.join(packages)}", as_root=True,
        )  # fmt: skip

    def _apt_get(self, *arguments: str, what: str, cwd: Path | None = None, as_root: bool = False) -> None:
        options = {
            "Dir::Etc::sourcelist": self.folder / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::lists": self.folder / "lists",
            "Dir::Cache": self.folder / "cache",
            "APT::Sandbox::User": "root",
        }
        command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
        if as_root and os.geteuid() != 0:
            if not shutil.which("sudo"):
                raise MissingToolError(f"{what}: this needs root, and there is no sudo", fix="run it as root")
            command.insert(0, "sudo")
        for name, value in options.items():
            command += ["-o", f"{name}={value}"]
        run([*command, *arguments], what=what, cwd=cwd)

    def _sources(self) -> list[str]:
        key = f"[signed-by={KEYRING}] " if self.machine.family == "debian" and KEYRING.exists() else ""
        binary = [f"deb {key}{uri} {suite} {component}" for uri, suite, component in self._configured]
        archive = next((uri for uri, suite, _ in self._configured if suite == self.machine.codename), None)
        if archive is None:
            raise MissingToolError(
                f"apt has no source for {self.machine.codename}", fix="add the distribution's archive to /etc/apt"
            )
        if self.machine.family == "debian":
            binary.append(f"deb {key}{archive} {self.machine.codename}-backports main")
        return [*binary, f"deb-src {key}{archive} {self.source_suite} main"]

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
