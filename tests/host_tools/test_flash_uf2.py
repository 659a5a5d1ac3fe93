"""Flashing by UF2: the volume, what is written to it, and that the board runs what was copied."""

import json
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from serial.tools import list_ports as comports

from host_tools import uf2
from host_tools.boards import load_board
from host_tools.build import Image, build
from host_tools.errors import TargetError
from host_tools.flash_models import Uf2
from host_tools.flashers import uf2 as flash_by_uf2
from host_tools.flashers import volume
from host_tools.flashers.base import Job, Refused
from host_tools.flashers.image_file import ImageFile
from host_tools.link import Link
from host_tools.paths import root
from host_tools.raw_repl import RawRepl
from host_tools.targets.serial import open_link
from tests.host_tools.boot_volume import FAMILY, Desk, PicoDesk, QemuDesk
from tests.host_tools.commands import Corten, end, eventually

BOARD = "mps2_an385"
TABLE = """
[flash.uf2]
board_id = "CORTEN-AN385"
boot_loader = "0d28:0204"
"""


@pytest.fixture
def flash(corten: Corten) -> Corten:
    """A project with a board of its own, which takes UF2 files; no volume of the machine's is there to be found."""
    corten.write("corten.toml", f'board = "{BOARD}"\n')
    board = (root() / f"boards/{BOARD}.toml").read_text(encoding="utf-8")
    corten.write(f"boards/{BOARD}.toml", board + TABLE)
    chip = (root() / "boards/chips/an385.toml").read_text(encoding="utf-8")
    corten.write("boards/chips/an385.toml", chip.replace("\n[core]", f"\nuf2_family = {FAMILY:#x}\n\n[core]", 1))
    corten.env["CORTEN_SYSROOT"] = str(corten.folder / "machine")
    return corten


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with QemuDesk(tmp_path) as found:
        yield found


def mount(flash: Corten, folder: Path, device: str = "/dev/sdz1") -> None:
    """Lets the machine have `folder` mounted."""
    flash.write(f"machine{device}", "")
    flash.write("machine/proc/mounts", f"{device} {str(folder).replace(' ', chr(92) + '040')} vfat rw 0 0\n")


def test_flashes_confirms_and_boots_the_copied_file(flash: Corten, desk: Desk, image: Image) -> None:
    desk.show_volume()
    ended = flash("flash", "--image", image.elf, "--volume", desk.volume, "--port", desk.port, "--json")
    assert ended.status == 0, ended.err
    told = json.loads(ended.out)
    assert told["method"] == "uf2"
    assert told["confirmed"] == told["build"]
    assert told["build"].startswith("corten:mps2_an385:")
    (booted,) = desk.boots
    assert uf2.read(booted.read_bytes()).family == FAMILY


def test_a_running_board_is_sent_into_its_boot_loader(flash: Corten, desk: Desk, image: Image) -> None:
    desk.power_on(image.elf)
    link = open_link_in_time(desk.port)
    repl = RawRepl(link)
    repl.enter()
    # The port has no boot loader to enter: a reset stands for it.
    _, trace = repl.execute(
        "import sys, machine\nclass Entry:\n    bootloader = staticmethod(machine.reset)\n"
        "sys.modules['machine'] = Entry"
    )
    assert not trace
    link.close()
    mount(flash, desk.volume)
    ended = flash("flash", "--image", image.elf, "--port", desk.port)
    assert ended.status == 0, ended.err
    assert "asking the board at socket://" in ended.err
    assert "mps2_an385: flashed by uf2; it answers as corten:mps2_an385:" in ended.out


def open_link_in_time(port: str) -> Link:
    found: list[Link] = []

    def opens() -> bool:
        with suppress(TargetError):  # the emulator is starting
            found.append(open_link(port))
        return bool(found)

    eventually(opens, "the emulator's console can be opened")
    return found[0]


def test_the_volume_is_found_among_mounted_ones(flash: Corten, desk: Desk, image: Image, tmp_path: Path) -> None:
    folder = tmp_path / "MY BOARD"
    folder.mkdir()
    desk.show_volume()
    shutil.copy(desk.volume / "INFO_UF2.TXT", folder)
    mount(flash, folder)
    ended = flash("flash", "--image", image.elf, "--dry-run", "--json")
    (method,) = json.loads(ended.out)["methods"]
    assert method["refused"] is None
    assert f"to {folder}: " in method["steps"][0]
    assert not list(folder.glob("*.uf2")), "a dry run writes nothing"


def test_a_desktops_folder_is_looked_into_as_well(flash: Corten, image: Image) -> None:
    info = flash.write("machine/media/BOARD/INFO_UF2.TXT", "UF2 Bootloader\nBoard-ID: CORTEN-AN385\n")
    ended = flash("flash", "--image", image.elf, "--dry-run")
    assert f"to {info.parent}: " in ended.out


def test_the_volume_of_another_board_is_refused(flash: Corten, image: Image, tmp_path: Path) -> None:
    with QemuDesk(tmp_path, board_id="RPI-RP2") as desk:
        desk.show_volume()
        ended = flash("flash", "--image", image.elf, "--volume", desk.volume)
        assert ended.status == 2
        assert f"uf2: {desk.volume} is no boot volume of this board: its Board-ID is RPI-RP2" in ended.error
        assert not desk.boots


def test_one_of_two_boards_has_to_be_named(flash: Corten, image: Image) -> None:
    infos = [flash.write(f"machine/media/{name}/INFO_UF2.TXT", "Board-ID: CORTEN-AN385\n") for name in ("A", "B")]
    ended = flash("flash", "--image", image.elf)
    assert ended.status == 2
    assert f"2 volumes have the Board-ID CORTEN-AN385: {infos[0].parent}, {infos[1].parent}" in ended.error
    assert "fix: name one of them with --volume" in ended.error
    assert not list(flash.folder.rglob("*.uf2")), "neither was written to"


def test_nothing_was_written_when_the_port_is_none(flash: Corten, image: Image) -> None:
    ended = flash("flash", "--image", image.elf, "--port", "/dev/null")
    assert ended.status == 3
    assert "this is no serial port" in ended.error
    assert "may be without firmware" not in ended.error


def test_nothing_was_written_when_the_file_cannot_be_made(flash: Corten, image: Image) -> None:
    flash.write("volume/INFO_UF2.TXT", "Board-ID: CORTEN-AN385\n")
    (flash.folder / "volume/firmware.uf2").mkdir()
    ended = flash("flash", "--image", image.elf, "--volume", flash.folder / "volume")
    assert ended.status == 2
    assert "cannot be written: Is a directory" in ended.error
    assert "may be without firmware" not in ended.error


def test_the_board_that_was_flashed_is_asked_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Uf2(board_id="RPI-RP2", boot_loader="2e8a:0003", console="2e8a:0005")
    ports = ["/dev/ttyACM0"]
    monkeypatch.setattr(comports, "comports", lambda: [SimpleNamespace(device=d, vid=0x2E8A, pid=5) for d in ports])
    (tmp_path / "INFO_UF2.TXT").write_text("Board-ID: RPI-RP2\n")
    board = load_board("rpi_pico")
    found = ImageFile(tmp_path / "app.bin", "bin", ((board.chip.memory["flash"].base, bytes(256)),))
    made = flash_by_uf2.plan(Job(board, found, None, tmp_path, tmp_path, print), table)
    ports.append("/dev/ttyACM1")
    assert made.console() == "/dev/ttyACM1"


def test_a_file_of_another_family_is_never_written(flash: Corten, desk: Desk) -> None:
    desk.show_volume()
    other = flash.folder / "pico.uf2"
    other.write_bytes(uf2.write([(0, bytes(1000))], 0xE48B_FF56))
    ended = flash("flash", "--image", other, "--volume", desk.volume)
    assert ended.status == 2
    assert "its UF2 blocks have family 0xe48bff56, the chip's is 0x0a1b2c3d" in ended.error
    assert not desk.boots
    assert not list(desk.volume.glob("*.uf2"))


def test_nothing_is_connected(flash: Corten, image: Image) -> None:
    ended = flash("flash", "--image", image.elf)
    assert ended.status == 3
    assert "no mounted volume has the Board-ID CORTEN-AN385, and no board is at a port" in ended.error
    assert "hold BOOTSEL while plugging the board in, or name its port with --port" in ended.error


def test_a_boot_loader_that_is_not_mounted_is_told(flash: Corten, image: Image) -> None:
    device = "machine/sys/bus/usb/devices/1-4"
    flash.write(f"{device}/idVendor", "0d28\n")
    flash.write(f"{device}/idProduct", "0204\n")
    flash.write(f"{device}/1-4:1.0/host6/target6:0:0/6:0:0:0/block/sdq/sdq1/partition", "1\n")
    ended = flash("flash", "--image", image.elf)
    assert ended.status == 3
    assert (
        "uf2: the boot loader's volume /dev/sdq1 is not mounted\n    fix: udisksctl mount -b /dev/sdq1" in ended.error
    )


def test_a_volume_that_does_not_leave(
    flash: Corten, image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "INFO_UF2.TXT").write_text("Board-ID: x\n")
    with pytest.raises(Exception, match=r"is still there 0\.1 s after the image was written to it"):
        volume.await_gone(tmp_path, "INFO_UF2.TXT", 0.1)


def test_a_device_that_has_left_leaves_its_files_in_the_cache(
    flash: Corten, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORTEN_SYSROOT", flash.env["CORTEN_SYSROOT"])
    (tmp_path / "INFO_UF2.TXT").write_text("Board-ID: x\n")
    mount(flash, tmp_path)
    with pytest.raises(TargetError):
        volume.await_gone(tmp_path, "INFO_UF2.TXT", 0.1)
    (flash.folder / "machine/dev/sdz1").unlink()
    volume.await_gone(tmp_path, "INFO_UF2.TXT", 0.1)


def test_a_volume_that_takes_no_more_says_how_to_recover(flash: Corten, image: Image) -> None:
    folder = flash.folder / "full"
    folder.mkdir()
    (folder / "INFO_UF2.TXT").write_text("Board-ID: CORTEN-AN385\n")
    (folder / "firmware.uf2").symlink_to("/dev/full")
    ended = flash("flash", "--image", image.elf, "--volume", folder)
    assert ended.status == 1
    assert "after 0 of " in ended.error
    assert "No space left on device\n  the board may be without firmware now" in ended.error
    assert "fix: the boot loader is in ROM and cannot be lost: hold BOOTSEL" in ended.error


def test_a_ctrl_c_says_how_to_recover(flash: Corten, image: Image) -> None:
    flash.write("volume/INFO_UF2.TXT", "Board-ID: CORTEN-AN385\n")
    process = flash.start("flash", "--image", image.elf, "--volume", flash.folder / "volume")
    eventually(lambda: list((flash.folder / "volume").glob("*.uf2")), "the file is being written")
    ended = end(process, signal.SIGINT)
    assert ended.status == 130
    assert "uf2 was interrupted, and the board may be without firmware: the boot loader is in ROM" in ended.err


def test_a_volume_without_room(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="bytes free, the image has"):
        volume.check_room(tmp_path, 1 << 60)


def test_board_without_methods(corten: Corten, image: Image) -> None:
    ended = corten("flash", "--board", BOARD, "--image", image.elf)
    assert ended.status == 2
    assert "mps2_an385 cannot be flashed: its file names no method" in ended.error


def test_app_and_image_are_one_too_many(corten: Corten, image: Image) -> None:
    assert corten("flash", "demo", "--image", image.elf).status == 2


@pytest.fixture(scope="session")
def pico_image(built: Path) -> Image:
    """MicroPython's own firmware for the Pico, without an app."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORTEN_BUILD", str(built))
        return build(load_board("rpi_pico"), None, print)


def test_a_pico_that_runs_is_flashed_and_comes_back(corten: Corten, tmp_path: Path, pico_image: Image) -> None:
    """The very firmware: it enters the boot ROM by itself, and what answers afterwards is what was copied."""
    assert pico_image.uf2
    corten.env["CORTEN_SYSROOT"] = str(corten.folder / "machine")
    with PicoDesk(tmp_path) as desk:
        desk.power_on(pico_image.uf2)
        arguments = ("--board", "rpi_pico", "--port", desk.port, "--volume", desk.volume, "--json")
        ended = corten("flash", "--image", pico_image.uf2, *arguments)
        assert ended.status == 0, ended.err
        told = json.loads(ended.out)
        assert told["confirmed"] == told["build"]
        assert told["build"].startswith("corten:rpi_pico:")
        (booted,) = desk.boots
        assert booted.read_bytes() == pico_image.uf2.read_bytes()
