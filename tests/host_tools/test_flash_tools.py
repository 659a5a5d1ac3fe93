"""The command lines for other people's programs, put to the programs themselves: they take them, and miss a device."""

import os
import subprocess
from pathlib import Path

import pytest

from host_tools import flashers
from host_tools.errors import FailedError, TargetError, UsageError
from host_tools.flashers import Offer, dfu, openocd, pyocd, st_flash
from host_tools.flashers.base import Job
from host_tools.flashers.tool import Tool
from tests.host_tools.debian_tool import program
from tests.host_tools.flashing import BASE, image_bytes, job

PACKAGES = {
    "dfu-util": ("dfu-util", "libusb-1.0-0"),
    "dfu-suffix": ("dfu-util", "libusb-1.0-0"),
    "st-flash": ("stlink-tools", "libstlink1", "libusb-1.0-0"),
    "openocd": (
        "openocd", "libcapstone4", "libftdi1-2", "libgpiod2", "libhidapi-hidraw0", "libjaylink0", "libjim0.81",
        "libusb-1.0-0",
    ),
}  # fmt: skip


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH for programs that are fetched."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose USB ports have what the test puts there."""
    root = tmp_path / "machine"
    root.mkdir()
    monkeypatch.setenv("CORTEN_SYSROOT", str(root))
    return root


def plug_in(machine: Path, usb: str, place: str = "1-1") -> Path:
    """A USB device, as Linux lists it."""
    folder = machine / "sys/bus/usb/devices" / place
    folder.mkdir(parents=True)
    vendor, product = usb.split(":")
    (folder / "idVendor").write_text(f"{vendor}\n")
    (folder / "idProduct").write_text(f"{product}\n")
    return folder


def only(job: Job, method: str) -> Offer:
    (offer,) = flashers.offers(job, method)
    return offer


def reason(job: Job, method: str) -> str:
    refused = only(job, method).refused
    assert refused
    return refused.reason


def failure(job: Job, method: str) -> str:
    """What is told when a method that does not refuse fails."""
    with pytest.raises(FailedError) as caught:
        flashers.flash(job, method)
    assert "the board may be without firmware now" in caught.value.message
    return caught.value.message


def made(folder: Path, name: str) -> Path:
    """The one file of that name which a method made."""
    (found,) = (folder / "flash").rglob(name)
    return found


def test_another_image_is_in_another_file(tmp_path: Path, tools: Path, machine: Path) -> None:
    """Two boards of a kind are flashed at once, each by a process of its own."""
    images = [image_bytes(), image_bytes(reset=BASE + 0x201)]
    for data in images:
        assert only(job(tmp_path, data=data), "openocd").plan
    assert sorted(path.read_bytes() for path in (tmp_path / "flash").rglob("app.bin")) == sorted(images)


def test_what_pyocd_prints_is_no_result(machine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    only(job(tmp_path), "pyocd")
    plug_in(machine, "0483:374b")
    only(job(tmp_path), "pyocd")

    def unplugged() -> None:
        with pyocd.told():
            print("[====] 100%")
            raise OSError("the probe is gone")

    with pytest.raises(FailedError, match="pyOCD: the probe is gone"):
        unplugged()
    assert capsys.readouterr().out == ""


def test_dfu_util_takes_the_command_and_the_file(tmp_path: Path, tools: Path, machine: Path) -> None:
    program("dfu-util", PACKAGES["dfu-util"], tools)
    wanted = job(tmp_path)
    assert reason(wanted, "dfu") == "no boot loader in DFU mode is at a USB port (0483:df11)"
    plug_in(machine, "0483:df11")
    assert "No DFU capable USB device available" in failure(wanted, "dfu")


def test_dfu_suffix_finds_our_file_good(tmp_path: Path, tools: Path, machine: Path) -> None:
    suffix = program("dfu-suffix", PACKAGES["dfu-suffix"], tools)
    assert only(job(tmp_path), "dfu").plan
    said = subprocess.run([suffix, "-c", made(tmp_path, "app.dfu")], capture_output=True, text=True, check=True).stdout
    assert "BCD DFU:\t0x011A" in said
    assert "Vendor ID:\t0x0483" in said


def test_openocd_reads_its_configuration_and_reaches_for_the_probe(tmp_path: Path, tools: Path, machine: Path) -> None:
    program("openocd", PACKAGES["openocd"], tools)
    plug_in(machine, "0483:374b")
    said = failure(job(tmp_path), "openocd")
    assert "OpenOCD init failed" in said
    assert "invalid command" not in said


def test_openocd_programs_in_the_order_of_the_command(tmp_path: Path, tools: Path, machine: Path) -> None:
    """`program` of OpenOCD's own, with stand-ins for what it calls on the chip: the arguments mean what they are to."""
    openocd_program = program("openocd", PACKAGES["openocd"], tools)
    offer = only(job(tmp_path), "openocd")
    assert offer.plan
    called = "\n".join(
        f"proc {name} {{args}} {{ echo [list {name} {{*}}$args] }}"
        for name in ("init", "reset", "flash", "verify_image", "targets", "poll")
    )
    command = ["-c", "adapter driver dummy", "-c", called, "-c", offer.plan.steps[0].rpartition(" -c '")[2][:-1]]
    said = subprocess.run([openocd_program, *command], capture_output=True, text=True, timeout=60, check=False).stderr
    path = str(made(tmp_path, "app.bin"))
    wanted = [
        "reset init",
        f"flash write_image erase {path} 0x08000000",
        f"verify_image {path} 0x08000000",
        "reset run",
    ]
    places = [said.find(words) for words in wanted]
    assert -1 not in places, said
    assert places == sorted(places)


def test_st_flash_takes_the_command(tmp_path: Path, tools: Path, machine: Path) -> None:
    program("st-flash", PACKAGES["st-flash"], tools)
    plug_in(machine, "0483:374b")
    assert "Couldn't find any ST-Link devices" in failure(job(tmp_path), "st_flash")


def test_pyocd_has_the_options_and_the_target(tmp_path: Path, machine: Path) -> None:
    wanted = job(tmp_path)
    assert reason(wanted, "pyocd") == "no debug probe is at a USB port (0483:374b, 0483:3752)"
    plug_in(machine, "0483:374b")
    assert reason(wanted, "pyocd") == "pyOCD finds no debug probe"
    from pyocd.core.options import OPTIONS_INFO  # type: ignore[import-not-found]
    from pyocd.core.session import Session  # type: ignore[import-not-found]
    from pyocd.target.builtin import BUILTIN_TARGETS  # type: ignore[import-not-found]

    table = wanted.board.flash.pyocd  # type: ignore[union-attr]
    assert table
    options = pyocd.options_of(table)
    assert set(options) <= set(OPTIONS_INFO)
    assert table.target in BUILTIN_TARGETS
    assert Session(None, options=options, no_config=True).options.get("target_override") == table.target


def test_tool_that_is_missing_says_how_to_get_it(
    tmp_path: Path, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UsageError) as caught:
        flashers.flash(job(tmp_path), "openocd")
    assert caught.value.message.endswith("openocd: openocd is not on PATH\n    fix: apt install openocd")
    assert [tool.name for tool in (dfu.TOOL, openocd.TOOL, st_flash.TOOL)] == ["dfu-util", "openocd", "st-flash"]
    assert all(isinstance(tool, Tool) and tool.fix for tool in (dfu.TOOL, openocd.TOOL, st_flash.TOOL))


def test_all_methods_say_why(tmp_path: Path, machine: Path) -> None:
    with pytest.raises(TargetError) as caught:
        flashers.flash(job(tmp_path), None)
    for name in flashers.names(job(tmp_path).board):
        assert f"\n  {name}: " in caught.value.message


def test_no_such_method(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"not flashed by uf2\n  fix: --method is one of openocd, st_flash, pyocd"):
        flashers.flash(job(tmp_path), "uf2")
