"""Debian's packages, through an apt that is private to Corten."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from host_tools import apt
from host_tools.errors import FailedError, MissingToolError

pytestmark = pytest.mark.skipif(apt.release() is None, reason="this machine has no apt")


@pytest.fixture
def os_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "os-release"
    monkeypatch.setattr(apt, "OS_RELEASE", path)
    return path


@pytest.mark.parametrize(
    ("text", "release", "backports"),
    [
        ("ID=debian\nVERSION_CODENAME=bookworm\n", ("debian", "bookworm"), "bookworm-backports"),
        ('ID="debian"\nVERSION_CODENAME="trixie"\n', ("debian", "trixie"), None),
        ("ID=ubuntu\nVERSION_CODENAME=noble\n# a comment\n\n", ("ubuntu", "noble"), None),
        ("ID=arch\n", ("arch", ""), None),
    ],
)
def test_release(os_release: Path, text: str, release: tuple[str, str], backports: str | None) -> None:
    os_release.write_text(text, encoding="utf-8")
    found = apt.release()
    assert found
    assert ((found.family, found.codename), found.backports) == (release, backports)


def test_machine_without_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/no/such/folder")
    assert apt.release() is None


def test_release_that_apt_has_no_source_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORTEN_CACHE", str(tmp_path))
    private = apt.Apt(apt.Release("debian", "potato"), print)
    with pytest.raises(MissingToolError, match="apt has no source for potato"):
        private.download_source("micropython", "trixie", tmp_path / "source")


def test_mirror_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORTEN_CACHE", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    machine = apt.release()
    assert machine
    with pytest.raises(FailedError, match="cannot fetch Debian's package lists") as error:
        apt.Apt(machine, print).download_source("micropython", "trixie", tmp_path / "source")
    assert error.value.fix == "check the network, and apt's sources and proxy in /etc/apt"
    names = {path.name for path in (tmp_path / "apt").iterdir()}
    assert names == {"sources.list", "lists", "cache"}


INSTALL_AS_NOBODY = """
import os
from host_tools import apt

private = apt.Apt(apt.release(), print)
if os.geteuid() == 0:
    os.setuid(65534)
private.install(["make"])
"""


def test_install_without_root_and_without_sudo(tmp_path: Path) -> None:
    (tmp_path / "apt-get").symlink_to(str(shutil.which("apt-get")))
    command = [sys.executable, "-c", INSTALL_AS_NOBODY]
    environment = {**os.environ, "PATH": str(tmp_path), "CORTEN_CACHE": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr.splitlines()[-2:] == [
        "host_tools.errors.MissingToolError: cannot install make: this needs root, and there is no sudo",
        "  fix: run it as root",
    ]
