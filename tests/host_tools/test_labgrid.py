"""labgrid places as ports, with labgrid's own coordinator and exporter on loopback, in front of emulated boards."""

import json
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

STOP_TIMEOUT_S = 20.0
SER2NET = ("ser2net", "libgensio4", "libyaml-0-2", "libsctp1", "libwrap0")


class Desk:
    """A coordinator, an exporter with a place of every kind, and an emulated board behind all of them."""

    def __init__(self, stack: ExitStack, folder: Path, image: Image) -> None:
        self._stack, self._folder = stack, folder
        package = packages.fetch("labgrid", labgrid.VERSION, print, dependencies=True)
        self.environment = {"PYTHONPATH": str(package), "LG_USERNAME": "corten", "LG_HOSTNAME": "desk"}
        coordinator = self._start("labgrid.remote.coordinator", "-l", "127.0.0.1:0")
        told = read_until(coordinator, b"\n").decode()
        self.environment["LG_COORDINATOR"] = "127.0.0.1:" + re.findall(r":(\d+)$", told.strip())[0]
        board = stack.enter_context(PtyEmulator(image)).port
        served, raw = self._serve(board), self._serve(board, "--raw")
        self._export(
            {
                "bench": network_port(served),
                "plain": network_port(raw),
                "several": network_port(served, "console") + network_port("socket://127.0.0.1:1", "other"),
                "rack": f"  RawSerialPort:\n    port: {board}\n    speed: 115200\n",
            }
        )

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

    def _serve(self, board: str, *options: str) -> str:
        process = self._start("host_tools.cli", "serve", "--listen", "127.0.0.1:0", "--json", "--port", board, *options)
        return str(json.loads(read_until(process, b"}\n"))["url"])

    def _export(self, groups: dict[str, str]) -> None:
        """Each group of resources is a place of the same name."""
        config = self._folder / "exporter.yaml"
        config.write_text("".join(f"{name}:\n{text}" for name, text in groups.items()), encoding="utf-8")
        program("ser2net", SER2NET, self._folder)
        words = ("--name", "room", "--hostname", "127.0.0.1", "-c", self.environment["LG_COORDINATOR"], str(config))
        path = f"{self._folder}:{os.environ['PATH']}"
        self._start("labgrid.remote.exporter", *words, PATH=path, GENSIO_LIBRARY_PATH=ser2net_parts())
        for name in groups:
            self.client("-p", name, "create")
            self.client("-p", name, "add-match", f"room/{name}/*")
        eventually(lambda: "room/rack/" in self.client("resources"), "the exporter is there")

    def _start(self, module: str, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        python_path = os.pathsep.join([self.environment["PYTHONPATH"], str(Path.cwd())])
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", module, *words],
            env={**os.environ, **self.environment, "PYTHONPATH": python_path, **environment},
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


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, image: Image) -> Iterator[Desk]:
    with ExitStack() as stack:
        yield Desk(stack, tmp_path_factory.mktemp("desk"), image)


def network_port(url: str, name: str = "") -> str:
    host, number = url.partition("://")[2].split(":")
    protocol = "raw" if url.startswith("socket") else "rfc2217"
    settings = f"    host: {host}\n    port: {number}\n    speed: 115200\n    protocol: {protocol}\n"
    return f"  {name}:\n    cls: NetworkSerialPort\n{settings}" if name else f"  NetworkSerialPort:\n{settings}"


@pytest.mark.parametrize("place", ["bench", "plain", "several#console", "rack"])
def test_a_place_is_acquired_used_and_released(corten: Corten, desk: Desk, place: str) -> None:
    """At `rack` in labgrid's usual way: the exporter starts ser2net for the time that the place is acquired."""
    ended = corten("exec", "print(6 * 7)", "--port", f"labgrid:{place}", env=desk.environment)
    assert (ended.status, ended.out) == (0, "42\r\n"), ended.err
    assert desk.who_has(place.partition("#")[0]) == ""


def test_a_place_that_one_has_acquired_stays_acquired(corten: Corten, desk: Desk) -> None:
    desk.client("-p", "bench", "acquire")
    assert corten("exec", "print(1)", "--port", "labgrid:bench", env=desk.environment).out == "1\r\n"
    assert desk.who_has("bench") == "desk/corten"
    desk.client("-p", "bench", "release")


def test_a_place_that_somebody_else_has_is_not_taken(corten: Corten, desk: Desk) -> None:
    desk.client("-p", "bench", "acquire", user="somebody")
    ended = corten("exec", "print(1)", "--port", "labgrid:bench", env=desk.environment)
    assert ended.status == 3
    assert ended.error.startswith("corten: labgrid:bench: ")
    assert "acquired by somebody" in ended.error
    assert desk.who_has("bench") == "desk/somebody"
    desk.client("-p", "bench", "release", user="somebody")


def test_a_killed_command_gives_the_place_back(corten: Corten, desk: Desk) -> None:
    program_text = "print('started')\nwhile True: pass"
    process = corten.start("exec", program_text, "--port", "labgrid:bench", env=desk.environment)
    read_until(process, b"started")
    assert desk.who_has("bench") == "desk/corten"
    process.kill()
    eventually(lambda: desk.who_has("bench") == "", "the place is free")


@pytest.mark.parametrize(
    ("place", "cause"),
    [
        ("several", "the place has several serial ports: console, other"),
        ("several#none", "the place has no serial port none; it has: console, other"),
    ],
)
def test_several_serial_ports_have_names(corten: Corten, desk: Desk, place: str, cause: str) -> None:
    ended = corten("exec", "print(1)", "--port", f"labgrid:{place}", env=desk.environment)
    assert ended.status == 3
    assert cause in ended.error
    assert desk.who_has("several") == ""


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
