"""labgrid places as ports, with labgrid's own coordinator and exporter on loopback, in front of emulated boards."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from host_tools import packages, paths
from host_tools.build import Image
from host_tools.errors import UsageError
from host_tools.targets import labgrid
from host_tools.targets.pty import PtyEmulator
from tests.host_tools.commands import Corten, eventually, read_until
from tests.host_tools.debian_tool import program
from tests.host_tools.test_serve import Serve, serve

__all__ = ["serve"]  # a fixture

STOP_TIMEOUT_S = 20.0
SER2NET = ("ser2net", "libgensio4", "libyaml-0-2", "libsctp1", "libwrap0")


class Desk:
    """A coordinator, and exporters with places."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack, self._folder = stack, folder
        package = packages.fetch("labgrid", labgrid.VERSION, print, dependencies=True)
        self.environment = {"PYTHONPATH": str(package), "LG_USERNAME": "corten", "LG_HOSTNAME": "desk"}
        coordinator = self._start("coordinator", "-l", "127.0.0.1:0")
        told = read_until(coordinator, b"\n").decode()
        self.environment["LG_COORDINATOR"] = "127.0.0.1:" + re.findall(r":(\d+)$", told.strip())[0]

    def export(self, group: str, resources: str, path: str = "") -> None:
        """Starts an exporter whose group of resources is a place of the same name."""
        config = self._folder / f"{group}.yaml"
        config.write_text(f"{group}:\n{resources}", encoding="utf-8")
        extra = {"PATH": f"{path}:{os.environ['PATH']}", "GENSIO_LIBRARY_PATH": ser2net_parts()} if path else {}
        words = ("--name", group, "--hostname", "127.0.0.1", "-c", self.environment["LG_COORDINATOR"], str(config))
        self._start("exporter", *words, **extra)
        self.client("-p", group, "create")
        self.client("-p", group, "add-match", f"{group}/{group}/*")
        eventually(lambda: f"{group}/{group}/" in self.client("resources"), "the exporter is there")

    def client(self, *words: str, user: str = "corten") -> str:
        """What labgrid-client prints."""
        return subprocess.run(
            [sys.executable, "-m", "labgrid.remote.client", *words],
            env={**os.environ, **self.environment, "LG_USERNAME": user},
            check=True, capture_output=True, text=True, timeout=60,
        ).stdout  # fmt: skip

    def who_has(self, place: str) -> str:
        """Who has acquired a place, empty when nobody has."""
        return re.findall(r"acquired: (\S*)", self.client("-p", place, "show"))[0].replace("None", "")

    def _start(self, module: str, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", f"labgrid.remote.{module}", *words],
            env={**os.environ, **self.environment, **environment},
            cwd=self._folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._stack.callback(_end, process)
        return process


def ser2net_parts() -> str:
    """Where a ser2net that is not installed finds what it loads while it runs."""
    return ":".join(map(str, (paths.cache_dir() / "ser2net").glob("usr/libexec/*/gensio/*")))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.communicate(timeout=STOP_TIMEOUT_S)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with ExitStack() as stack:
        yield Desk(stack, tmp_path)


@pytest.fixture
def board(image: Image) -> Iterator[str]:
    with PtyEmulator(image) as emulator:
        yield emulator.port


def network_port(url: str, name: str = "") -> str:
    host, number = url.partition("://")[2].split(":")
    protocol = "raw" if url.startswith("socket") else "rfc2217"
    settings = f"    host: {host}\n    port: {number}\n    speed: 115200\n    protocol: {protocol}\n"
    return f"  {name}:\n    cls: NetworkSerialPort\n{settings}" if name else f"  NetworkSerialPort:\n{settings}"


@pytest.mark.parametrize("options", [(), ("--raw",)])
def test_a_place_is_acquired_used_and_released(
    corten: Corten, desk: Desk, serve: Serve, board: str, options: tuple[str, ...]
) -> None:
    url, _ = serve("--port", board, *options)
    desk.export("bench", network_port(url))
    ended = corten("exec", "print(6 * 7)", "--port", "labgrid:bench", env=desk.environment)
    assert (ended.status, ended.out) == (0, "42\r\n"), ended.err
    assert desk.who_has("bench") == ""


def test_a_place_that_one_has_acquired_stays_acquired(corten: Corten, desk: Desk, serve: Serve, board: str) -> None:
    url, _ = serve("--port", board)
    desk.export("bench", network_port(url))
    desk.client("-p", "bench", "acquire")
    assert corten("exec", "print(1)", "--port", "labgrid:bench", env=desk.environment).out == "1\r\n"
    assert desk.who_has("bench") == "desk/corten"


def test_a_place_that_somebody_else_has_is_not_taken(corten: Corten, desk: Desk, serve: Serve, board: str) -> None:
    url, _ = serve("--port", board)
    desk.export("bench", network_port(url))
    desk.client("-p", "bench", "acquire", user="somebody")
    ended = corten("exec", "print(1)", "--port", "labgrid:bench", env=desk.environment)
    assert ended.status == 3
    assert ended.error.startswith("corten: labgrid:bench: ")
    assert "acquired by somebody" in ended.error
    assert desk.who_has("bench") == "desk/somebody"


def test_a_killed_command_gives_the_place_back(corten: Corten, desk: Desk, serve: Serve, board: str) -> None:
    url, _ = serve("--port", board)
    desk.export("bench", network_port(url))
    process = corten.start(
        "exec", "print('started')\nwhile True: pass", "--port", "labgrid:bench", env=desk.environment
    )
    read_until(process, b"started")
    assert desk.who_has("bench") == "desk/corten"
    process.kill()
    eventually(lambda: desk.who_has("bench") == "", "the place is free")


def test_several_serial_ports_have_names(corten: Corten, desk: Desk, serve: Serve, board: str) -> None:
    url, _ = serve("--port", board)
    desk.export("bench", network_port(url, "console") + network_port("socket://127.0.0.1:1", "other"))
    ended = corten("exec", "print(1)", "--port", "labgrid:bench", env=desk.environment)
    assert ended.status == 3
    assert "the place has several serial ports: console, other" in ended.error
    ended = corten("exec", "print(1)", "--port", "labgrid:bench#none", env=desk.environment)
    assert "the place has no serial port none; it has: console, other" in ended.error
    assert corten("exec", "print(1)", "--port", "labgrid:bench#console", env=desk.environment).out == "1\r\n"
    assert desk.who_has("bench") == ""


def test_a_device_that_the_exporter_serves_with_ser2net(corten: Corten, desk: Desk, board: str, tmp_path: Path) -> None:
    """labgrid's usual way: the exporter starts Debian's ser2net for the time that the place is acquired."""
    program("ser2net", SER2NET, tmp_path)
    desk.export("rack", f"  RawSerialPort:\n    port: {board}\n    speed: 115200\n", path=str(tmp_path))
    for _ in range(2):
        ended = corten("exec", "print(6 * 7)", "--port", "labgrid:rack", env=desk.environment)
        assert (ended.status, ended.out) == (0, "42\r\n"), ended.err


def test_a_place_that_is_not_there(corten: Corten, desk: Desk) -> None:
    ended = corten("exec", "1", "--port", "labgrid:nowhere", env=desk.environment)
    assert ended.status == 3
    assert ended.error.startswith(
        "corten: labgrid:nowhere: place pattern nowhere matches nothing\n  fix: see `labgrid-client"
    )


def test_a_coordinator_that_is_not_there(corten: Corten) -> None:
    ended = corten("exec", "1", "--port", "labgrid:bench", env={"LG_COORDINATOR": "127.0.0.1:1"})
    assert ended.status == 3
    assert "Could not connect to coordinator" in ended.error
    assert "the coordinator is 127.0.0.1:1" in ended.error


def test_no_place_is_named() -> None:
    with pytest.raises(UsageError, match="no place is named"):
        labgrid.Place("labgrid:")
