"""What the chip refuses and where its atomic words are: the rules that ordinary and `@hot` code are lowered by.

The chip's own are in `corten.register` and `corten.atomic`.
"""

from host_tools.lower.meanings import Place, RegisterAt
from host_tools.lower.members import missing_field
from host_tools.lower.notes import Kept, Mistaken
from host_tools.registers.model import Access, Field, Register

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


def set_clear_twin(found: RegisterAt, method: str) -> Register | None:
    """The register whose bits set, clear or toggle those of this one, None where its block has none for it at all.

    Mistaken where it has none for the method.
    """
    others = dict(found.block.set_clear).get(found.register.name)
    if others is None:
        return None
    name = dict(zip(("set", "clear", "toggle"), others, strict=True))[method]
    if name is None:
        raise no_toggle(found)
    twin = found.block.find(name)
    assert isinstance(twin, Register)
    if twin.count is not None:
        raise Kept(f"{name} is an array of registers")
    return twin


def beside(found: RegisterAt, other: Register) -> RegisterAt:
    """Another register of the same block."""
    place = found.place
    source = place.source.rpartition(".")[0] + f".{other.name}" if place.source else ""
    address = None if place.address is None else place.address - found.register.offset + other.offset
    return RegisterAt(found.block, other, Place(address, source, place.index))


def no_toggle(found: RegisterAt) -> Mistaken:
    """A register's bits cannot be toggled by one access."""
    return Mistaken(f"{found.label} has no atomic toggle", "use set and clear, or hold `critical`")


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
