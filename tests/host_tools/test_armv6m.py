"""The firmware's machine code is Armv6-M's: what is built for a Cortex-M0+ has no instruction that it lacks.

Armv6-M: DDI 0419E, sections A5.2 and A5.3. Disassembled by objdump, and judged by the assembler for that core.
"""

from pathlib import Path

import pytest

from host_tools import mpy_cross, paths, source
from host_tools.boards import load_board, load_chip
from host_tools.build import build
from host_tools.lower import Core, lower
from tests.host_tools.machine_code import assembly, frozen_code, not_in_armv6m, viper
from tests.host_tools.test_splice import CHANNELS, SOURCE

CORTEN = paths.firmware_dir() / "corten"
CHIPS = [load_chip(path.stem) for path in sorted(paths.boards_dirs()[-1].glob("chips/*.toml"))]
BLOCKS = {each.block for chip in CHIPS for each in chip.peripherals.values()}
BLOCKS_OF_ARMV6M = {
    each.block for chip in CHIPS if chip.core.type == "cortex-m0+" for each in chip.peripherals.values()
}
MODULES = [path for path in sorted(CORTEN.rglob("*.py")) if path.stem not in BLOCKS or path.stem in BLOCKS_OF_ARMV6M]
"""All but the drivers of blocks that only chips with other cores have."""

WITH_BASEPRI = {"ceiling": 4, "masking": 2}
"""Functions of a module that nothing calls where `board.BASEPRI` is False."""


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_assembly(module: Path, tmp_path: Path) -> None:
    lacking = {name: not_in_armv6m(code, tmp_path) for name, code in assembly(module, tmp_path).items()}
    for_basepri = [name for name, found in lacking.items() if any("BASEPRI" in each for each in found)]
    assert len(for_basepri) == WITH_BASEPRI.get(module.stem, 0)
    others = [each for found in lacking.values() for each in found if "BASEPRI" not in each]
    assert others == []


def test_what_it_lacks_is_found(tmp_path: Path) -> None:
    later = bytes.fromhex("08bf 40f20000 18b1 50e8001f eff31180")  # it; movw; cbz; ldrex; mrs BASEPRI
    early = bytes.fromhex("00b5 fee7 bff34f8f eff31080 80f31088 00f000f8 00bd")
    assert len(not_in_armv6m(later, tmp_path)) == 5
    assert not_in_armv6m(early, tmp_path) == []


def test_lowered_code(tmp_path: Path) -> None:
    task = "from corten.app import App\napp = App()\n@app.task(binds=3, priority=1)\ndef task():\n    pass\n"
    cross = mpy_cross.find(source.find(print).version, print)
    for name, text in (("locks", task + SOURCE), ("channels", CHANNELS)):
        made = lower({"main.py": text}, core=Core(2, basepri=False))["main.py"]
        path, output = tmp_path / f"{name}.py", tmp_path / f"{name}.mpy"
        path.write_text(made.text, encoding="utf-8")
        mpy_cross.compile_file(cross, path, "main.py", output, "armv6m", path, made.placeholders)
        functions = viper(output)
        assert len(functions) > 1
        for function, code in functions.items():
            assert not_in_armv6m(code, tmp_path) == [], (name, function)


def test_frozen_code_is_at_multiples_of_four(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORTEN_BUILD", str(built))
    places = frozen_code(build(load_board("rpi_pico"), None, print).elf)
    assert len(places) > 100
    assert [name for name, address in places.items() if address % 4] == []
