"""What the chip refuses and where its atomic words are: the rules that ordinary and `@hot` code are lowered by.

The chip's own are in `corten.register` and `corten.atomic`.
"""

from host_tools.lower.meanings import RegisterAt
from host_tools.lower.members import missing_field
from host_tools.lower.notes import Mistaken
from host_tools.registers.model import Access, Field

ALIASES = {"toggle": 0x1000, "set": 0x2000, "clear": 0x3000}  # bytes: RP2040 datasheet, section 2.1.2
HALF = 0xFFFF  # the bits of a register that a set and reset register reaches

_BANDS = (0x2000_0000, 0x4000_0000)  # DDI 0403E, table B3-1
_BAND = 1 << 20  # bytes
_BAND_ALIAS = 0x200_0000


def bit_band_word(found: RegisterAt, address: int, mask: int) -> int:
    """The address of a bit's word in the bit-band alias. Mistaken where there is none, or for more than one bit."""
    band = address // _BAND * _BAND
    if band not in _BANDS:
        raise Mistaken(f"{found.label} has no atomic form", "hold `critical` and use modify")
    if mask.bit_count() != 1:
        raise Mistaken(f"{found.label}: a bit-band access changes one bit, not {mask}", "change one bit at a time")
    return band + _BAND_ALIAS + (address - band) * 32 + (mask.bit_length() - 1) * 4


def check_writable(label: str, access: Access) -> None:
    """Mistaken for what cannot be written."""
    if not access.writable:
        raise Mistaken(f"{label} is read-only", "write another field, or correct its access")


def check_register_writable(found: RegisterAt) -> None:
    """Mistaken for a register of which nothing can be written."""
    if not found.register.writable:
        raise Mistaken(f"{found.label} is read-only", "write another register, or correct its access")


def check_changeable(found: RegisterAt) -> None:
    """Mistaken for a register that cannot be read and written back."""
    if not found.register.readable:
        raise Mistaken(f"{found.label} is write-only", "use write")
    check_register_writable(found)


def written_field(found: RegisterAt, name: str) -> Field:
    """The field that a keyword of a write names. Mistaken if there is none, or it cannot be written."""
    field = found.register.find(name)
    if field is None or field.count > 1:
        wrong = missing_field(found, name)
        raise Mistaken(wrong.message, wrong.fix)
    check_writable(f"{found.label}.{field.name}", found.register.access_of(field))
    return field
