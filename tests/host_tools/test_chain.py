"""The whole chain, no hand on it: build, flash onto a boot volume, boot the copied file, deploy, reset, power cuts."""

import json
from pathlib import Path

from host_tools.bench.power_cuts import NEW, OLD, PowerCuts
from host_tools.link import read_until
from host_tools.targets.serial import SerialTarget
from tests.host_tools.boot_volume import PicoDesk
from tests.host_tools.commands import Corten
from tests.host_tools.deploying import ANSWER_TIMEOUT_S, write_app

BOARD = "rpi_pico"
ANSWER = "the deployed app answers: 42"
EVERY = 8
"""Of the flash operations of a deployment every so many are cut, and the last two; `corten bench deploy/power-cuts`
cuts all."""


def test_from_the_build_to_a_power_cut(corten: Corten, tmp_path: Path) -> None:
    app = write_app(tmp_path / "app", {"main.py": "import part\nprint('the deployed app answers:', part.x())\n"})
    (app / "part.py").write_text("import micropython\n@micropython.viper\ndef x() -> int:\n    return 40 + 2\n")
    corten.env["CORTEN_SYSROOT"] = str(corten.folder / "machine")

    ended = corten("build", "--board", BOARD, "--json")
    assert ended.status == 0, ended.err
    built = Path(json.loads(ended.out)["uf2"])

    with PicoDesk(tmp_path) as desk:
        desk.show_volume()  # somebody plugged it in with BOOTSEL held
        arguments = ("--board", BOARD, "--port", desk.port)
        ended = corten("flash", "--image", built, *arguments, "--volume", desk.volume, "--json")
        assert ended.status == 0, ended.err
        assert json.loads(ended.out)["confirmed"], "what answers over USB is what was built"
        (copied,) = desk.boots
        assert copied.read_bytes() == built.read_bytes()

        ended = corten("deploy", app, *arguments, "--json")
        assert ended.status == 0, ended.err
        assert json.loads(ended.out)["sent"] == ["main.mpy", "part.mpy"]

        with SerialTarget(desk.port) as target:
            target.console.write(b"\r")  # the prompt may have come before this connection
            read_until(target.console, b">>> ", ANSWER_TIMEOUT_S)
            target.console.write(b"import machine; machine.reset()\r")
            assert ANSWER in read_until(target.console, ANSWER.encode(), ANSWER_TIMEOUT_S).decode()

    cuts = PowerCuts(tmp_path / "cuts", copied, print)
    count = cuts.operations()
    tried = sorted({*range(1, count + 1, EVERY), count - 1, count})
    left = {operation: cuts.trial(operation) for operation in tried}
    assert left[1] == OLD
    switched = [operation for operation in tried if left[operation] == NEW]
    assert switched in ([], [operation for operation in tried if switched and operation >= switched[0]])
