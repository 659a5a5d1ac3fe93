"""The boot loader in an STM32's ROM, on a UART: ST AN3155 and AN2606, spoken by the package stm32loader."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

from host_tools import packages
from host_tools.errors import CortenError, FailedError
from host_tools.flash_models import Stm32Uart
from host_tools.flashers.base import Job, Plan, Refused
from host_tools.flashers.image_file import ImageFile
from host_tools.link import Link
from host_tools.targets.serial import open_link

RECOVERY = "the boot loader is in ROM and cannot be lost: hold BOOT0 high, reset the board, and repeat"
ENTER = "hold BOOT0 high and reset the board, then repeat"
LOADER = "0.7.1"
PSEUDO_TERMINALS = "/dev/pts"
EVEN = 3  # of Setting.PARITY
ANSWER_TIMEOUT_S = 2.0
ERASED_AT_ONCE = 64


def check(job: Job, table: Stm32Uart) -> None:
    if job.port is None:
        raise Refused("no port is named, at which a boot loader could answer", "--port PORT", is_absent=True)
    if "://" in job.port and not job.port.startswith("rfc2217://"):
        raise Refused(
            f"{job.port} has no parity, which the boot loader asks for", "a device path or rfc2217://HOST:PORT"
        )


def plan(job: Job, table: Stm32Uart) -> Plan:
    image = job.image

    def write() -> None:
        assert job.port
        loader = _loader(job.say)
        with _connection(job.port) as connection:
            boot = _synchronised(loader, connection, table.chip_id)
            try:
                _write(boot, loader, image, table.page, job.say)
            except (loader.Stm32LoaderError, IndexError) as error:  # it takes a byte that did not come for one that did
                raise FailedError(f"the boot loader at {job.port}: {_said(error)}") from error

    port = job.port or "PORT"
    steps = (
        f"open {port} with even parity, and ask for the chip's id: {table.chip_id:#05x} or nothing is written",
        f"erase {'all of the flash' if table.page is None else f'{len(_pages(image, table.page))} pages'}",
        f"write {image.size} bytes from {image.start:#010x} on, and read them back",
        f"start at {image.start:#010x}",
    )
    return Plan(steps, write, lambda: job.port)


def _write(boot: Any, loader: Any, image: ImageFile, page: int | None, say: Callable[[str], None]) -> None:
    say("erasing")
    with redirect_stderr(StringIO()):  # stm32loader says on it how long this may take
        for pages in _batches(_pages(image, page)) if page else (None,):
            boot.erase_memory(pages)
    for address, data in image.chunks:
        say(f"writing {len(data)} bytes to {address:#010x}")
        boot.write_memory_data(address, data)
    for address, data in image.chunks:
        say(f"reading {len(data)} bytes back")
        if bytes(boot.read_memory_data(address, len(data))) != data:
            raise loader.DataMismatchError(f"what was written to {address:#010x} reads back as something else")
    boot.go(image.start)


def _pages(image: ImageFile, size: int) -> list[int]:
    """The numbers of the pages that an image lies in, counted from its beginning: that of the flash."""
    found: set[int] = set()
    for address, data in image.chunks:
        first = address - image.start
        found.update(range(first // size, (first + len(data) - 1) // size + 1))
    return sorted(found)


def _batches(pages: list[int]) -> Iterator[list[int]]:
    """The pages in as many commands as it takes for each to end well within stm32loader's 30 s."""
    for at in range(0, len(pages), ERASED_AT_ONCE):
        yield pages[at : at + ERASED_AT_ONCE]


def _synchronised(loader: Any, connection: "_Connection", chip_id: int) -> Any:
    """A session with the boot loader of the chip that is to be there. Refused for another, or when none answers."""
    boot = loader.Stm32Bootloader(connection, verbosity=0)
    try:
        boot.reset_from_system_memory()
        boot.get()
        found = boot.get_id()
    except (loader.Stm32LoaderError, IndexError, CortenError) as error:
        raise Refused(f"no boot loader answers: {_said(error)}", ENTER, is_absent=True) from error
    if found != chip_id:
        name = loader.CHIP_IDS.get(found, "unknown here")
        reason = f"the chip's id is {found:#05x} ({name}), the board's chip has {chip_id:#05x}"
        raise Refused(reason, "choose the board that is connected with --board")
    return boot


def _said(error: Exception) -> str:
    return "it stopped answering" if isinstance(error, IndexError) else str(error)


def _loader(say: Callable[[str], None]) -> Any:
    folder = str(packages.fetch("stm32loader", LOADER, say))
    if folder not in sys.path:
        sys.path.append(folder)
    from stm32loader import bootloader  # type: ignore[import-not-found]

    return bootloader


class _Connection:
    """A link with the face that stm32loader expects of a port: reads that return what came until `timeout`."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.timeout = ANSWER_TIMEOUT_S

    def read(self, size: int = 1) -> bytes:
        deadline = time.monotonic() + self.timeout
        data = b""
        while len(data) < size and (left := deadline - time.monotonic()) > 0:
            data += self._link.read(size - len(data), left)
        return data

    def write(self, data: bytes) -> None:
        self._link.write(bytes(data))


@contextmanager
def _connection(port: str) -> Iterator[_Connection]:
    from host_tools.link import Setting

    with ExitStack() as stack:
        try:
            link = open_link(port)
            stack.callback(link.close)
            if (
                not Path(port).resolve().is_relative_to(PSEUDO_TERMINALS)
            ):  # they pass bytes, and refuse to have a parity
                link.configure(Setting.PARITY, EVEN)  # type: ignore[attr-defined]  # `check` has let lines through only
        except CortenError as error:
            raise Refused(error.message, error.fix or "plug the board in", is_absent=True) from error
        yield _Connection(link)
