"""RFC 2217, a serial port over Telnet: what its client and its server say to each other, section 3."""

from enum import IntEnum

from host_tools import telnet
from host_tools.link import Setting

ANSWER = 100
"""A server's commands are the client's plus this."""


class Command(IntEnum):
    """The first byte of what is said for the option COM-PORT."""

    SIGNATURE = 0
    SET_BAUD = 1
    SET_BITS = 2
    SET_PARITY = 3
    SET_STOP = 4
    SET_CONTROL = 5
    NOTIFY_LINE_STATE = 6
    NOTIFY_MODEM_STATE = 7
    SUSPEND = 8
    RESUME = 9
    SET_LINE_STATE_MASK = 10
    SET_MODEM_STATE_MASK = 11
    PURGE = 12


COMMANDS = {
    Setting.BAUD: Command.SET_BAUD,
    Setting.BITS: Command.SET_BITS,
    Setting.PARITY: Command.SET_PARITY,
    Setting.STOP: Command.SET_STOP,
}
"""Settings with a command of their own, whose value 0 asks what is in force."""

CONTROLS = {Setting.BREAK: 4, Setting.DTR: 7, Setting.RTS: 10}
"""The others are values of SET_CONTROL: this one asks, the next one is on, the one after it off."""

INBOUND = 13
"""Values of SET_CONTROL from here on are about flow control towards the client; the first one asks."""

NO_FLOW_CONTROL, NO_FLOW_CONTROL_INBOUND = 1, 14


def set_request(setting: Setting, value: int) -> bytes:
    """The bytes with which a client changes a setting."""
    if setting in CONTROLS:
        return said(Command.SET_CONTROL, bytes([CONTROLS[setting] + (1 if value else 2)]))
    size = 4 if setting is Setting.BAUD else 1
    return said(COMMANDS[setting], value.to_bytes(size, "big"))


def said(command: int, value: bytes) -> bytes:
    """The bytes that say a command, or a server's answer to it."""
    return telnet.subnegotiation(telnet.COM_PORT, bytes([command]) + value)


def control_of(value: int) -> tuple[Setting, int | None] | None:
    """What a value of SET_CONTROL is about: the setting, and 1 or 0, None when it asks. None for flow control."""
    for setting, first in CONTROLS.items():
        if first <= value <= first + 2:
            return setting, (None, 1, 0)[value - first]
    return None


def answered(value: bytes, setting: Setting) -> int | None:
    """The value of `setting` that a server's words tell, None when they tell something else."""
    if setting in CONTROLS:
        if value[:1] != bytes([Command.SET_CONTROL + ANSWER]) or len(value) < 2:  # noqa: PLR2004
            return None
        found = control_of(value[1])
        return found[1] if found and found[0] is setting else None
    return int.from_bytes(value[1:], "big") if value[:1] == bytes([COMMANDS[setting] + ANSWER]) else None
