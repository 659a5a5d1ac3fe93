"""MicroPython's own firmware with an app frozen in: what is in the image, and what is made again when."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from host_tools import elf, paths, source, uf2
from host_tools.boards import Board, load_board
from host_tools.build import Image, build
from host_tools.errors import FailedError, UsageError
from host_tools.link import read_until
from host_tools.runtime import too_large
from host_tools.stock import manifest
from host_tools.stock.firmware import stock_firmware
from host_tools.stock.ports import PORTS
from host_tools.stock.submodules import with_submodules
from host_tools.targets import emulated
from tests.host_tools.commands import Corten

APP = "print('from the image')\n"


@pytest.fixture(scope="module")
def pico() -> Board:
    return load_board("rpi_pico")


@pytest.fixture(autouse=True)
def _shared_build(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORTEN_BUILD", str(built))


@pytest.fixture
def app(tmp_path: Path) -> Path:
    path = tmp_path / "stock_app.py"
    path.write_text(APP, encoding="utf-8")
    return path


@pytest.fixture
def made(pico: Board, app: Path) -> Image:
    return build(pico, str(app), print)


def listed(file: Path) -> dict[str, tuple[int, int]]:
    """Each symbol that a file defines, its address and its size in bytes."""
    output = subprocess.run(
        ["arm-none-eabi-nm", "--defined-only", "--print-size", file], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in output.splitlines()]
    return {row[-1]: (int(row[0], 16), int(row[1], 16)) for row in rows if len(row) == 4}


def frozen_names(image: Image) -> list[str]:
    """The names of what is frozen in, as the port reads them."""
    assert image.uf2
    file = uf2.read(image.uf2.read_bytes())
    address, size = listed(image.elf)["mp_frozen_names"]
    start = address - file.start
    return file.memory(file.start, file.end - file.start)[start : start + size].rstrip(b"\0").decode().split("\0")


def test_frozen_are_the_ports_own_modules_ours_and_the_app(made: Image) -> None:
    names = frozen_names(made)
    assert {"_boot.py", "rp2.py", "asyncio/core.py"} <= set(names)
    assert {"corten/__init__.py", "corten/irq.py", "board.py", "main.py"} <= set(names)
    assert len(names) == len(set(names))


def test_uf2_file_writes_what_the_elf_file_loads(made: Image, pico: Board) -> None:
    assert made.uf2
    read = uf2.read(made.uf2.read_bytes())
    assert read.family == pico.chip.uf2_family == 0xE48BFF56
    flat = made.elf.with_suffix(".bin")
    subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", made.elf, flat], check=True)
    expected = flat.read_bytes()
    assert read.start == 0x1000_0000
    assert read.memory(read.start, read.end - read.start).rstrip(b"\0") == expected.rstrip(b"\0")
    assert read.end - read.start - len(expected) < 256


def test_image_ends_before_the_file_system(made: Image, pico: Board) -> None:
    assert made.uf2
    assert uf2.read(made.uf2.read_bytes()).end < pico.filesystem_base == 0x100A_0000


def test_app_runs_at_boot(made: Image) -> None:
    with emulated.start(made) as target:
        assert b"from the image\r\n" in read_until(target.console, b">>> ", 20)


def test_app_that_is_not_started_waits_to_be_imported(pico: Board, app: Path) -> None:
    image = build(pico, str(app), print, start=False)
    names = frozen_names(image)
    assert "main/__init__.py" in names
    assert "main.py" not in names
    with emulated.start(image) as target:
        assert b"from the image" not in read_until(target.console, b">>> ", 20)
        target.console.write(b"import main\r")
        assert b"from the image\r\n" in read_until(target.console, b">>> ", 20)


def test_two_ways_to_start_do_not_share_a_folder(pico: Board, app: Path) -> None:
    started, waiting = build(pico, str(app), print), build(pico, str(app), print, start=False)
    said: list[str] = []
    build(pico, str(app), said.append)
    assert started.elf != waiting.elf
    assert said == []


def test_changed_app_is_linked_to_the_same_objects(pico: Board, app: Path) -> None:
    build(pico, str(app), print)
    folder = stock_firmware(pico, print).folder
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    app.write_text(APP + "print('again')\n", encoding="utf-8")
    said: list[str] = []
    image = build(pico, str(app), said.append)
    assert said == ["building stock_app for rpi_pico"]
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert b"again" in b"".join(data for _, data in elf.loaded(image.elf))


def test_what_is_linked_does_not_depend_on_the_app(made: Image, pico: Board) -> None:
    bare = build(pico, None, print)
    frozen = {name for each in (made, bare) for name in listed(each.elf.with_name("frozen_content.o"))}
    own = [{name: size for name, (_, size) in listed(each.elf).items() if name not in frozen} for each in (made, bare)]
    assert own[0] == own[1]
    assert len(own[0]) > 1000


def test_image_that_is_too_large_names_the_flash(pico: Board, tmp_path: Path) -> None:
    large = tmp_path / "large.py"
    large.write_text(f"DATA = {os.urandom(300_000)!r}\n", encoding="utf-8")
    with pytest.raises(FailedError, match=r"bytes too large for the flash of rpi_pico, less its file system") as caught:
        build(pico, str(large), print)
    assert caught.value.fix == "put less into the app"


@pytest.mark.parametrize(("region", "named"), [("RAM", "RAM"), ("SCRATCH_Y", "RAM"), ("FLASH", "flash")])
def test_linkers_regions_have_names_for_people(pico: Board, region: str, named: str) -> None:
    error = FailedError(f"cannot link: region `{region}' overflowed by 8 bytes")
    assert (
        too_large(error, pico, PORTS["rp2"].regions).message
        == f"the image is 8 bytes too large for the {named} of rpi_pico"
    )


def test_board_that_the_port_does_not_have(pico: Board) -> None:
    assert pico.firmware
    other = pico.model_copy(update={"firmware": pico.firmware.model_copy(update={"board": "NO_SUCH_BOARD"})})
    with pytest.raises(UsageError, match=r"rpi_pico: MicroPython \S+ has no board NO_SUCH_BOARD in /"):
        stock_firmware(other, print)


def test_command_tells_where_both_files_are(corten: Corten, built: Path) -> None:
    ended = corten("build", "--board", "rpi_pico", "--json")
    found = json.loads(ended.out)
    folder = built / "rpi_pico" / "repl"
    assert (ended.status, found["elf"], found["uf2"]) == (0, f"{folder}/firmware.elf", f"{folder}/firmware.uf2")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout: the packaged source's files, less what is in its submodules."""
    packaged = source.find(print).path
    tree = tmp_path / "checkout"
    (tree / "lib").mkdir(parents=True)
    for path in (*packaged.glob("*"), *packaged.glob("lib/*")):
        place = tree / path.relative_to(packaged)
        submodule = place.relative_to(tree).as_posix() in (*PORTS["rp2"].submodules, "lib/micropython-lib")
        if path.name == "lib":
            continue
        if submodule:
            place.mkdir()
        else:
            place.symlink_to(path)
    monkeypatch.setenv("CORTEN_MICROPYTHON", str(tree))
    return tree


def test_checkout_without_its_submodules_is_refused(tree: Path, pico: Board) -> None:
    with pytest.raises(UsageError, match=r"has nothing in lib/pico-sdk, which this board's firmware") as caught:
        stock_firmware(pico, print)
    assert caught.value.fix == f"git -C {tree} submodule update --init lib/pico-sdk"


def test_checkouts_own_submodules_are_used(tree: Path) -> None:
    for name in PORTS["rp2"].submodules:
        (tree / name / "file.c").write_text("int first;\n", encoding="utf-8")
    found = source.find(print)
    before = with_submodules(found, PORTS["rp2"].submodules, print)
    assert before.path == tree
    (tree / "lib" / "tinyusb" / "file.c").write_text("int second_;\n", encoding="utf-8")
    assert with_submodules(found, PORTS["rp2"].submodules, print).identity != before.identity


def test_packaged_source_has_its_submodules(pico: Board) -> None:
    tree = stock_firmware(pico, print).source
    assert tree.path.is_relative_to(paths.cache_dir())
    wanted = ("lib/pico-sdk/pico_sdk_init.cmake", "lib/tinyusb/src/tusb.c", "lib/mbedtls/library/aes.c")
    assert [name for name in wanted if not (tree.path / name).is_file()] == []


def test_manifest_tells_what_the_source_lacks(tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = tree / "lib" / "micropython-lib" / "micropython" / "drivers" / "led" / "neopixel"
    library.mkdir(parents=True)
    (library / "manifest.py").write_text('metadata(version="0.1.0")\nmodule("neopixel.py")\n', encoding="utf-8")
    (library / "neopixel.py").write_text("class NeoPixel: pass\n", encoding="utf-8")
    port = tree / "ports" / "rp2"
    manifest.main(tree, port, port / "boards" / "RPI_PICO", tmp_path / "tagged")
    found = json.loads(capsys.readouterr().out)
    assert found["missing"] == ["onewire", "ds18x20", "dht"]
    path = next(Path(path) for name, path, _ in found["modules"] if name == "neopixel.py")
    assert path.read_text(encoding="utf-8") == "class NeoPixel: pass\n\n\n__version__ = '0.1.0'\n"
    levels = {name: level for name, _, level in found["modules"]}
    assert (levels["asyncio/core.py"], levels["rp2.py"]) == (3, None)
