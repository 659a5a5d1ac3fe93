"""Debian's mbpoll, a Modbus master that nobody here wrote."""

from pathlib import Path

from tests.host_tools.debian_tool import program


def mbpoll(folder: Path) -> Path:
    """The program, as `debian_tool.program` finds or makes it."""
    return program("mbpoll", ("mbpoll", "libmodbus5"), folder)
