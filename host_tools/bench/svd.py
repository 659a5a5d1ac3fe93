"""registers/svd-generate: every vendor's SVD file that is at hand, each generated whole in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from host_tools.bench.rows import Row
from host_tools.boards import Board
from host_tools.errors import FailedError
from host_tools.svd.vendors import svd_files

EVERY_BOARD = False
HOST = "host"
FILES = 84
NAMED = "STM32L4x5"
NAMED_S = 5.0
SLOWEST_S = 30.0
LARGEST_MIB = 1024.0


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Seconds of the whole process, and MiB at its peak; what fails is said and not counted."""
    figures = {}
    for path in svd_files(say):
        try:
            figures[path.stem] = _generate(path)
        except FailedError as error:
            say(f"{path.name}: {error.message}")
    slowest = max(figures, key=lambda name: figures[name][0])
    largest = max(figures, key=lambda name: figures[name][1])
    say(f"slowest: {slowest}, largest: {largest}")
    yield Row(HOST, f"registers/svd-generate/{NAMED.lower()}", figures[NAMED][0], "s", at_most=NAMED_S)
    yield Row(HOST, "registers/svd-generate/slowest", figures[slowest][0], "s", at_most=SLOWEST_S)
    yield Row(HOST, "registers/svd-generate/largest", figures[largest][1], "MiB", at_most=LARGEST_MIB)
    yield Row(HOST, "registers/svd-generate/files", len(figures), "files", at_least=FILES)


def _generate(path: Path) -> tuple[float, float]:
    corten = str(Path(sys.executable).parent / "corten")
    with TemporaryDirectory() as folder:
        started = time.perf_counter()
        process = subprocess.Popen([corten, "svd", "generate", path, "-o", folder], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise FailedError(f"corten svd generate ended with status {process.returncode}")
    return time.perf_counter() - started, used.ru_maxrss / 1024
