"""The boards at ports that target tests run on."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from host_tools.errors import UsageError

_WITH_BOARD = re.compile(r"([a-z0-9_]+)=(.+)")


@dataclass(frozen=True)
class Port:
    """A board's name, and where it is: what `--port` takes elsewhere."""

    board: str
    address: str


def read_ports(given: Sequence[str], boards: Sequence[str]) -> list[Port]:
    """The ports that were given, as ADDRESS or BOARD=ADDRESS; `boards` names the board of those without one.

    UsageError when a board is missing, or an address is there twice: a port is used by one test at a time.
    """
    ports = []
    for text in given:
        found = _WITH_BOARD.fullmatch(text)
        if not found and len(boards) != 1:
            raise UsageError(
                f"which board is at {text}? It decides what is tested",
                fix=f"--port BOARD={text}, or one --board for all ports; corten boards lists them",
            )
        ports.append(Port(found[1], found[2]) if found else Port(boards[0], text))
    ((address, count),) = Counter(port.address for port in ports).most_common(1)
    if count > 1:
        raise UsageError(f"{address} is given {count} times", fix="give each port once")
    return ports
