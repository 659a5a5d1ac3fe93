"""`corten boards`: the boards there are."""

import json

from tests.host_tools.commands import Corten


def test_fields_of_a_board(corten: Corten) -> None:
    ended = corten("boards", "--json", "--board", "mps2_an385")
    assert ended.status == 0
    assert json.loads(ended.out) == [
        {
            "name": "mps2_an385",
            "title": "Arm MPS2 with AN385",
            "core": "cortex-m3",
            "emulator": "QEMU >= 7.2",
            "capabilities": ["armv7m", "bit_band", "button", "clock", "filesystem", "led", "mpu", "timer", "uart"],
            "not_emulated": {},
            "excluded": {
                "fpu": "the Cortex-M3 has no floating-point unit",
                "pin": "the emulator has no GPIO for this image beside LEDs and buttons",
            },
            "flash": [],
        }
    ]


def test_all_are_listed(corten: Corten) -> None:
    ended = corten("boards", "--json")
    names = [row["name"] for row in json.loads(ended.out)]
    assert names == ["b_l475e_iot01a", "mps2_an385", "musca_b1", "netduinoplus2", "nucleo_l476rg", "rpi_pico"]


def test_table_for_a_person(corten: Corten) -> None:
    ended = corten("boards", env={"COLUMNS": "200"})
    assert ended.status == 0
    assert "fpu: the Cortex-M3 has no floating-point unit" in ended.out
    assert "filesystem, emulated: the emulator's flash cannot be written" in ended.out
