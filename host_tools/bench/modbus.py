"""modbus: the node's answers and silence, compared with an oracle, and how long an answer takes.

valid, mutated: requests of hypothesis and pymodbus to the node on the emulated board; host_tools/modbus/trial.py says
how. answer: from the interrupt in which the timer finds a frame's end to the answer's first byte in the transmitter, in
instructions, while the main context collects garbage without a pause. AN385's clock has 40 instructions a count.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from host_tools import paths
from host_tools.bench.app_output import output_to_end
from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board
from host_tools.build import build
from host_tools.errors import FailedError
from host_tools.link import Link, LinkClosedError, read_until
from host_tools.modbus import requests
from host_tools.modbus.layout import APP, BOOT_TIMEOUT_S, FLAGS, OWN
from host_tools.modbus.node import ADDRESS, SETTINGS, running_trial
from host_tools.targets.qemu import EXACT_ALONE, QemuTarget

EVERY_BOARD = False
BOARD = "mps2_an385"
FRAMES = 100_000
STOPWATCH = "modbus_answer"
REPEATS = 20
ANSWER_TIMEOUT_S = 3.0
QUIET_S = 0.05
ATTEMPTS = 5
WORST = 120_000
PICO_HEAP = 180_000
"""Less than what MicroPython's own firmware leaves of a Pico's RAM to the heap."""
INSTRUCTIONS_A_SECOND = 1_000_000_000
"""Of the emulator's clock, with EXACT_ALONE."""


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Both long runs, then the times of answers."""
    board = load_board(BOARD)
    yield from compared(board, FRAMES, say)
    yield from times(board, say)


def compared(board: Board, count: int, say: Callable[[str], None], app: str = APP) -> Iterator[Row]:
    """So many valid and so many mutated frames. FailedError at the first wrong answer, or one that must not be."""
    makers = {"valid": requests.valid, "mutated": requests.mutated}
    for name, make in makers.items():
        with running_trial(board, say, app) as trial:
            outcome = trial.run(make(SETTINGS, ADDRESS), count, say)
            trial.settle()
        say(f"{name}: {outcome}")
        row = f"modbus/{name}"
        yield Row(board.name, row, outcome.frames, "frames", at_least=count)
        yield Row(board.name, f"{row}/answered", outcome.answered, "frames")
        yield Row(board.name, f"{row}/silent", outcome.silent, "frames")
        yield Row(board.name, f"{row}/wrong", 0, "frames", at_most=0)
        yield Row(board.name, f"{row}/sent-again", outcome.split, "frames")
        yield Row(board.name, f"{row}/rate", outcome.frames / outcome.seconds, "frames/s")


def questions() -> dict[str, bytes]:
    """What is asked while the time is taken: from the smallest request to the largest of each kind."""
    from pymodbus.pdu import bit_message, register_message

    def holding(count: int) -> bytes:
        return requests.frame_of(register_message.ReadHoldingRegistersRequest(address=OWN, count=count, dev_id=ADDRESS))

    return {
        "read-1-register": holding(1),
        "read-10-registers": holding(10),
        "read-125-registers": holding(125),
        "read-256-coils": requests.frame_of(bit_message.ReadCoilsRequest(address=OWN, count=FLAGS, dev_id=ADDRESS)),
        "read-counters": requests.probe(ADDRESS),
        "write-coil": requests.frame_of(bit_message.WriteSingleCoilRequest(address=0, bits=[True], dev_id=ADDRESS)),
        "write-123-registers": requests.frame_of(
            register_message.WriteMultipleRegistersRequest(address=OWN, registers=[7] * 123, dev_id=ADDRESS)
        ),
        "exchange-121-and-125-registers": requests.frame_of(
            register_message.ReadWriteMultipleRegistersRequest(
                read_address=OWN, read_count=125, write_address=OWN, write_registers=[9] * 121, dev_id=ADDRESS
            )
        ),
        "exception": holding(1)[:1] + requests.with_crc(bytes([ADDRESS, 99]))[1:],
    }


def times(board: Board, say: Callable[[str], None], repeats: int = REPEATS) -> Iterator[Row]:
    """What each kind of answer takes, usually and at worst."""
    asked = questions()
    with tempfile.TemporaryDirectory() as folder:
        image = build(board, str(_stopwatch(Path(folder))), say)
        with QemuTarget(image, arguments=["run"], icount=EXACT_ALONE) as target:
            read_until(target.console, b"? ", BOOT_TIMEOUT_S)
            target.console.write(f"{len(asked) * repeats}\r".encode())
            read_until(target.console, b"ready", BOOT_TIMEOUT_S)
            link = target.uart(board.instance_of("uart"))
            for _ in range(repeats):
                for frame in asked.values():
                    _ask(link, frame)
            text = output_to_end(target, STOPWATCH, BOOT_TIMEOUT_S)
    found = json.loads(text.splitlines()[-1])
    if found["errors"]:
        raise FailedError(f"the node's task raised {found['errors']} exceptions")
    a_count = INSTRUCTIONS_A_SECOND / found["hz"]
    worst = 0.0
    for number, name in enumerate(asked):
        counts = sorted(found["counts"][number :: len(asked)])
        worst = max(worst, (counts[-1] + 1) * a_count)
        yield Row(board.name, f"modbus/answer/{name}", counts[len(counts) // 2] * a_count, "instructions")
    yield Row(board.name, "modbus/answer/worst", worst, "instructions", at_most=WORST)
    yield Row(board.name, "modbus/memory", found["memory"], "bytes", at_most=PICO_HEAP)


def _ask(link: Link, frame: bytes) -> None:
    """Until there is an answer: a busy host may cut a frame in two, which the node drops."""
    for _ in range(ATTEMPTS):
        link.write(frame)
        if not link.read(512, ANSWER_TIMEOUT_S):
            continue
        try:
            while link.read(512, QUIET_S):
                pass
        except LinkClosedError:  # it was the last one
            pass
        return
    raise FailedError(f"{frame.hex()} was not answered")


def _stopwatch(folder: Path) -> Path:
    """The program that takes the time, beside the node's modules."""
    app = folder / STOPWATCH
    shutil.copytree(paths.firmware_dir() / "apps" / APP, app)
    (app / "main.py").rename(app / "node.py")
    shutil.copy(paths.firmware_dir() / "bench" / STOPWATCH / "main.py", app / "main.py")
    return app
