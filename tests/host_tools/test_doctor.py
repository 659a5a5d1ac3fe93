"""`corten doctor`: what is there, what is missing, what does not do."""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.host_tools.commands import Corten, Ended

NEEDS = ["python", "make", "arm-none-eabi-gcc", "cmake", "qemu-system-arm", "node", "rp2040js", "micropython"]


def needs(ended: Ended) -> dict[str, dict[str, object]]:
    return {need["name"]: need for need in json.loads(ended.out)}


def with_program(folder: Path, name: str, script: str) -> dict[str, str]:
    """The PATH with a program of this name in front."""
    folder.mkdir()
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def without(folder: Path, name: str) -> dict[str, str]:
    """The PATH without a program of this name: links to all others."""
    folder.mkdir()
    for place in reversed(os.environ["PATH"].split(":")):
        for program in Path(place).glob("*"):
            if program.name != name:
                (folder / program.name).unlink(missing_ok=True)
                (folder / program.name).symlink_to(program)
    return {"PATH": str(folder)}


def test_good_machine(corten: Corten) -> None:
    ended = corten("doctor", "--json")
    assert ended.status == 0
    found = needs(ended)
    assert list(found) == NEEDS
    assert all(need["found"] for need in found.values())


def test_fields_of_a_need(corten: Corten) -> None:
    make = needs(corten("doctor", "--json"))["make"]
    assert make.pop("how")
    assert make == {
        "name": "make",
        "purpose": "compile MicroPython",
        "wanted": "any",
        "found": shutil.which("make"),
        "packages": ["make"],
    }


def test_table_for_a_person(corten: Corten) -> None:
    ended = corten("doctor", env={"COLUMNS": "200"})
    assert ended.status == 0
    assert [name for name in NEEDS if name not in ended.out] == []


def test_quiet_on_a_good_machine(corten: Corten) -> None:
    ended = corten("doctor", "--quiet", "--fix")
    assert (ended.status, ended.out, ended.err) == (0, "", "")


@pytest.mark.parametrize("name", ["make", "arm-none-eabi-gcc", "cmake", "qemu-system-arm"])
def test_missing_program(corten: Corten, tmp_path: Path, name: str) -> None:
    ended = corten("doctor", "--json", env=without(tmp_path / "bin", name))
    assert ended.status == 2
    missing = [need for need in needs(ended).values() if need["found"] is None]
    assert [need["name"] for need in missing] == [name]
    assert missing[0]["how"]


def test_compiler_without_headers(corten: Corten, tmp_path: Path) -> None:
    script = "echo 'fatal error: alloca.h: No such file or directory' >&2; exit 1"
    ended = corten("doctor", "--json", env=with_program(tmp_path / "bin", "arm-none-eabi-gcc", script))
    assert ended.status == 2
    assert needs(ended)["arm-none-eabi-gcc"]["found"] is None


def test_emulator_that_is_too_old(corten: Corten, tmp_path: Path) -> None:
    env = with_program(tmp_path / "bin", "qemu-system-arm", "echo 'QEMU emulator version 7.2.17'")
    ended = corten("doctor", "--json", env=env)
    emulator = needs(ended)["qemu-system-arm"]
    assert (ended.status, emulator["wanted"], emulator["found"]) == (2, ">= 9.1", None)
    assert str(emulator["how"]).startswith("7.2.17 is too old: ")


def test_emulator_that_is_new_enough_for_the_board(corten: Corten, tmp_path: Path) -> None:
    env = with_program(tmp_path / "bin", "qemu-system-arm", "echo 'QEMU emulator version 7.2.17'")
    ended = corten("doctor", "--json", "--board", "mps2_an385", env=env)
    assert (ended.status, needs(ended)["qemu-system-arm"]["found"]) == (0, "7.2.17")


def test_cmake_that_is_too_old(corten: Corten, tmp_path: Path) -> None:
    ended = corten("doctor", "--json", env=with_program(tmp_path / "bin", "cmake", "echo 'cmake version 3.13.4'"))
    cmake = needs(ended)["cmake"]
    assert (ended.status, cmake["wanted"], cmake["found"]) == (2, ">= 3.20", None)
    assert str(cmake["how"]).startswith("3.13.4 is too old: ")


def test_board_is_asked_only_for_what_it_needs(corten: Corten) -> None:
    assert "cmake" not in needs(corten("doctor", "--json", "--board", "mps2_an385"))
    assert "qemu-system-arm" not in needs(corten("doctor", "--json", "--board", "rpi_pico"))


def test_emulator_that_does_not_start(corten: Corten, tmp_path: Path) -> None:
    ended = corten("doctor", "--json", env=with_program(tmp_path / "bin", "qemu-system-arm", "exit 127"))
    assert (ended.status, needs(ended)["qemu-system-arm"]["found"]) == (2, None)


def test_checkout_that_is_none(corten: Corten, tmp_path: Path) -> None:
    ended = corten("doctor", "--json", env={"CORTEN_MICROPYTHON": str(tmp_path)})
    source = needs(ended)["micropython"]
    assert (ended.status, source["found"]) == (2, None)
    assert str(source["how"]).startswith(f"{tmp_path} is not MicroPython's source")


def test_source_that_is_not_fetched_yet(corten: Corten, tmp_path: Path) -> None:
    ended = corten("doctor", "--json", env={"CORTEN_CACHE": str(tmp_path / "cache")})
    assert (ended.status, needs(ended)["micropython"]["found"]) == (0, "fetched from Debian trixie by the first build")
    assert not (tmp_path / "cache").exists()


def test_missing_program_without_apt_is_named(corten: Corten, tmp_path: Path) -> None:
    env = without(tmp_path / "bin", "make")
    (tmp_path / "bin" / "apt-get").unlink()
    ended = corten("doctor", "--fix", env=env)
    assert ended.status == 2
    assert ended.error == ("corten: missing: make any\n  fix: install them by hand; on Debian: apt-get install make")
