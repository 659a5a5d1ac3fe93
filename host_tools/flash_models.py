"""What a board file may say of how the board is flashed: one model for each method, by the method's name."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def _usb_id(value: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{4}:[0-9a-f]{4}", value):
        raise ValueError('a vendor and a product such as "2e8a:0003"')
    return value


def _word(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_./-]*", value):
        raise ValueError("a name without blanks")
    return value


UsbId = Annotated[str, AfterValidator(_usb_id)]
Word = Annotated[str, AfterValidator(_word)]
UsbIds = Annotated[tuple[UsbId, ...], Field(strict=False)]
Words = Annotated[tuple[Word, ...], Field(strict=False, min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Uf2(_Table):
    """A boot loader's USB volume that takes UF2 files.

    board_id: what its INFO_UF2.TXT says. boot_loader, console: the USB device while the boot loader, and while the
    firmware runs.
    """

    board_id: Word
    boot_loader: UsbId
    console: UsbId | None = None


class Volume(_Table):
    """A debug probe's USB volume that takes .bin files; label: the volume's name."""

    label: Word


class Dfu(_Table):
    """A boot loader that speaks DfuSe over USB; alternate: the number of the setting that is the flash."""

    usb: UsbId
    alternate: Annotated[int, Field(ge=0, le=255)] = 0


class Stm32Uart(_Table):
    """The boot loader in an STM32's ROM, on a UART.

    chip_id: what its Get ID says; page: bytes of the flash's pages, None where they differ: all of it is erased then.
    """

    chip_id: Annotated[int, Field(ge=0, le=0xFFF)]
    page: Annotated[int, Field(ge=1)] | None = None


class PyOcd(_Table):
    """A debug probe that pyOCD knows; target: pyOCD's name of the chip; usb: the probes."""

    target: Word
    usb: UsbIds


class OpenOcd(_Table):
    """A debug probe that OpenOCD drives; config: its configuration files; usb: the probes that they are for."""

    config: Words
    usb: UsbIds


class Picotool(_Table):
    """Raspberry Pi's picotool; usb: the boot loader, and what picotool can send there."""

    usb: UsbIds


class StFlash(_Table):
    """st-flash of the open ST-LINK tools; usb: the probes."""

    usb: UsbIds


class Flash(_Table):
    """The tables [flash.METHOD] of a board; `order` is that of the file, in which methods are tried."""

    order: Annotated[tuple[str, ...], Field(strict=False)] = ()
    uf2: Uf2 | None = None
    volume: Volume | None = None
    dfu: Dfu | None = None
    stm32_uart: Stm32Uart | None = None
    pyocd: PyOcd | None = None
    openocd: OpenOcd | None = None
    picotool: Picotool | None = None
    st_flash: StFlash | None = None


def _in_order(value: Any) -> Any:
    return {**value, "order": tuple(value)} if isinstance(value, dict) else value


FlashTables = Annotated[Flash, BeforeValidator(_in_order)]
