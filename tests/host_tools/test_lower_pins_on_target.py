"""Pins in @hot functions on the emulated boards: the bus sees what it sees of the handles' own methods."""

from pathlib import Path

import pytest

from host_tools.bench.app_output import output_to_end
from host_tools.boards import Board, load_board
from host_tools.build import build
from host_tools.equivalence.traces import Access, Trace
from host_tools.targets.qemu import EXACT_ALONE, QemuTarget
from tests.host_tools.test_lower_pins import image

APP = '''"""Operates pins in every way."""

import board
from corten.hot import hot
from corten.pin import UseAfterMove

led = board.LED.into_output(initial=1)
button = board.BUTTON.into_input()
moved = board.LED2.into_output()


@hot
def constant():
    led.on()
    led.off()
    led.toggle()
    led.write(1)
    led.value(0)
    led(1)
    led.toggle()


@hot
def variable(v: int, o):
    led.write(v)
    led.value(o)
    led(v & 2)




@hot
def level() -> int:
    found = led.value() << 3 | led.read() << 2 | led() << 1
    if button.value():
        found = found | 1
    return found | button.read() << 4 | button() << 5


@hot
def late():
    moved.on()


constant()
print(level())
for value in (0, 1, 2, 3, -1, 1 << 29):
    variable(value, [value] if value & 1 else [])
    print(level(), led.value())
late()
moved.into_input() if board.PORTS else moved.close()
try:
    late()
except UseAfterMove as error:
    print(error)
'''


def run(board: Board, folder: Path, lower: bool) -> tuple[str, list[Access]]:
    """What the app prints, and its accesses to the ports of its pins, also by the bit-band alias."""
    path = folder / "app.py"
    path.write_text(APP, encoding="utf-8")
    trace = Trace(folder / "trace")
    made = build(board, str(path), print, lower=lower)
    with QemuTarget(made, arguments=["run"], icount=EXACT_ALONE, options=trace.options()) as target:
        output = output_to_end(target, "app", 30.0)
    ports = {board.chip.peripherals[pin.peripheral].base for pin in board.pins.values()}
    ranges = [range(base, base + 0x400) for base in ports]
    ranges += [
        range(0x4200_0000 + (base & 0xF_FFFF) * 32, 0x4200_0000 + (base & 0xF_FFFF) * 32 + 0x400) for base in ports
    ]
    found = [each for each in trace.more() if any(each.address in one for one in ranges)]
    trace.close()
    return output, found


@pytest.mark.parametrize("board_name", ["mps2_an385", "b_l475e_iot01a"])
def test_lowered_and_unlowered_pins_make_the_same_accesses(board_name: str, tmp_path: Path) -> None:
    board = load_board(board_name)
    folders = [tmp_path / name for name in ("plain", "lowered")]
    for folder in folders:
        folder.mkdir()
    (plain, expected), (lowered, accesses) = (run(board, folder, folder.name == "lowered") for folder in folders)
    assert lowered == plain
    assert len(expected) > 50
    assert accesses == expected
    assert lowered.splitlines()[-1].startswith("LED2")


def test_all_but_the_moved_one_is_lowered() -> None:
    """Otherwise the test above would compare the same thing twice."""
    notes = image(APP.replace("board.LED2", "board.LAMP"))["main.py"].notes
    kept = [note.reason for note in notes if note.result is None]
    assert kept == [f"moved may be moved or closed by into_input in main.py:{_line('moved.into_input')}"]
    assert len(notes) - len(kept) == 16


def _line(text: str) -> int:
    return next(number for number, line in enumerate(APP.splitlines(), 1) if text in line)
