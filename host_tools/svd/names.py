"""A vendor's names as identifiers of Python, MicroPython and `corten.register`."""

import keyword
import re
from collections.abc import Collection

from host_tools.registers.expressions import ACCESS_NAMES

PARAMETERS = {"offset", "access", "width", "reset"}
"""Of `Reg`, whose fields are keyword arguments as well."""

METHODS = {
    "read",
    "write",
    "modify",
    "encode",
    "set",
    "clear",
    "toggle",
    "address",
    "mask",
    "width",
    "bus",
    "base",
    "get",
}
"""Of live registers, blocks and fields."""

BLOCK = {"SIZE", "ATOMIC", "SET_RESET", "SET_CLEAR", "OUTPUT", "OPEN_DRAIN", "INPUT", "INPUT_FIRST"}
"""What a block's class says of itself."""

RESERVED = frozenset(PARAMETERS | METHODS | BLOCK | set(keyword.kwlist))
IMPORTED = frozenset((*ACCESS_NAMES, "ALIASES", "BIT_BAND", "Array", "Block", "Cluster", "Field", "Reg"))
"""Of `corten.register`."""

_DIGIT_FIRST = re.compile(r"(?=\d)")
_NOT_A_LETTER = re.compile(r"[^0-9A-Za-z_]+")


def identifier(name: str, taken: Collection[str] = ()) -> str:
    """A vendor's name as an identifier. A trailing underscore keeps it from what is reserved or `taken`."""
    plain = _NOT_A_LETTER.sub("_", name.strip())
    if plain.strip("_") == "":
        plain = "unnamed"
    # Two leading underscores would be mangled in a class.
    plain = _DIGIT_FIRST.sub("_", plain, count=1) if plain[0].isdigit() else re.sub("^__+", "_", plain)
    while plain in RESERVED or plain in taken:
        plain += "_"
    return plain


def class_name(name: str, taken: Collection[str] = ()) -> str:
    """A class's name made of a vendor's: `GPIOA` -> `Gpioa`, `SYS_CTRL` -> `SysCtrl`, `TxControl` as it is."""
    parts = identifier(name).strip("_").split("_")
    joined = "".join(part[:1].upper() + (part[1:].lower() if part.isupper() else part[1:]) for part in parts)
    return identifier(joined, {*taken, *IMPORTED})
