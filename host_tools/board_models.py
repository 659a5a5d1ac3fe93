"""What a board file and a chip file may say, as models; each states what one value must be."""

import re
from collections.abc import Callable, Collection
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic import ValidationInfo as Info

from host_tools.flash_models import FlashTables

CAPABILITIES = {
    "timer": "a hardware timer that counts and interrupts",
    "clock": "a counter that runs freely upwards, for time stamps",
    "uart": "a UART beside the console",
    "led": "a light that an output pin drives",
    "button": "a button that an input pin reads",
    "pin": "a pin for any use, with pulls and interrupts, and three after it in its port",
    "filesystem": "storage that outlives a reset",
    "armv7m": "the instructions and the system registers of Armv7-M, BASEPRI among them",
    "fpu": "floating-point arithmetic in hardware",
    "mpu": "memory protection that stops a stray access",
    "bit_band": "a word of its own for each bit of SRAM and of the peripherals",
}
"""All that a board can offer to a test or an app. Each board has every one of them or says why not."""

MODULE_NAMES = (
    "NAME",
    "TITLE",
    "CLOCK_HZ",
    "IRQ_COUNT",
    "PRIORITY_BITS",
    "PRIORITIES",
    "BASEPRI",
    "INTERRUPTS",
    "DISPATCHERS",
    "CLOCK",
    "FILESYSTEM",
    "FILESYSTEM_CONTROLLER",
    "CAPABILITIES",
    "PORTS",
    "BUILD",
)
"""What the generated module `board` always defines: no peripheral or pin can be called so."""

_GCC_FLAGS = {
    "cortex-m0+": "-mthumb -mcpu=cortex-m0plus -mfloat-abi=soft",
    "cortex-m3": "-mthumb -mcpu=cortex-m3 -mfloat-abi=soft",
    "cortex-m4f": "-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard",
    "cortex-m33f": "-mthumb -mcpu=cortex-m33 -mfpu=fpv5-sp-d16 -mfloat-abi=hard",
}
_MPY_ARCH = {"cortex-m0+": "armv6m", "cortex-m3": "armv7m", "cortex-m4f": "armv7emsp", "cortex-m33f": "armv7emsp"}
CONSOLE_LINES = ("rx", "usart", "uart", "usb")
"""What the interrupt line of a received byte may be called: `rx` where it has its own, else the block's only one."""

ADDRESS_SPACE = 1 << 32  # bytes


def _like(pattern: str, what: str) -> AfterValidator:
    """The validator of a string that matches all of `pattern`; a ValueError's text is what was expected."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(what)
        return value

    return AfterValidator(check)


def _size(value: object) -> int:
    match = re.fullmatch(r"([1-9][0-9]*)([KM]?)", str(value)) if type(value) in (int, str) else None
    if not match:
        raise ValueError('a size in bytes, such as 512, "256K" or "4M"')
    return int(match[1]) * {"": 1, "K": 1 << 10, "M": 1 << 20}[match[2]]


def _capability(value: object) -> bool | str:
    if value is True or isinstance(value, str):
        return value
    raise ValueError("true, or the name of one of the board's peripherals or pins")


def one_of(names: Collection[str]) -> str:
    """What was expected where a name had to be one of `names`."""
    return f"one of {', '.join(names)}" if names else "one of none: there is nothing to name"


def _find_chip(name: object, info: Info) -> "Chip":
    chips: dict[str, Callable[[], Chip]] = info.context["chips"]  # type: ignore[index]  # load_board gives it
    if not isinstance(name, str) or name not in chips:
        raise ValueError(one_of(chips))
    return chips[name]()


Name = Annotated[str, _like(r"[a-z][a-z0-9_]*", "a name of a-z, 0-9 and _")]
Instance = Annotated[str, _like(r"[A-Z][A-Z0-9_]*", "a name of A-Z, 0-9 and _")]
Text = Annotated[str, _like(r'[^"\\\x00-\x1f\x7f-\U0010ffff]+', 'a line of ASCII text without " and \\')]
Size = Annotated[int, BeforeValidator(_size)]
Hertz = Annotated[int, Field(ge=1)]
Line = Annotated[int, Field(ge=0)]
Address = Annotated[int, Field(ge=0, le=ADDRESS_SPACE - 1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Named(_Model):
    """What a whole file says: its name has to be the file's."""

    name: Name
    title: Text


class Core(_Model):
    """The processor and its interrupt controller."""

    type: Literal["cortex-m0+", "cortex-m3", "cortex-m4f", "cortex-m33f"]
    irq_count: Annotated[int, Field(ge=1, le=240)]
    priority_bits: Annotated[int, Field(ge=2, le=8)]

    @property
    def priorities(self) -> int:
        """How many priorities an interrupt can have."""
        return 1 << self.priority_bits

    @property
    def has_basepri(self) -> bool:
        """Whether interrupts can be masked up to a priority: Armv7-M has that, Armv6-M has not."""
        return self.type != "cortex-m0+"

    @property
    def gcc_flags(self) -> str:
        """The compiler's flags that select this core."""
        return _GCC_FLAGS[self.type]

    @property
    def mpy_arch(self) -> str:
        """The name that `mpy-cross -march` gives this core's native code."""
        return _MPY_ARCH[self.type]


class MemoryRegion(_Model):
    """A range of addresses; `size` in bytes."""

    base: Address
    size: Size
    access: Literal["r", "rx", "rw", "rwx"]

    @property
    def end(self) -> int:
        """The first address behind the region."""
        return self.base + self.size


class Bit(_Model):
    """One bit of a register, by the register's address."""

    address: Address = Field(alias="register")
    bit: Annotated[int, Field(ge=0, le=31)]


class ResetLine(Bit):
    """A bit that holds a block in reset while it is 1; `done`: the register in which it says that the reset is over."""

    done: Address | None = None


class PinBank(_Model):
    """A port's pins: PA0 to PA15 are prefix "PA" and count 16."""

    prefix: Annotated[str, _like(r"[A-Z][A-Z0-9_]*", "a name of A-Z, 0-9 and _")]
    count: Annotated[int, Field(ge=1, le=32)]


class ChipPeripheral(_Model):
    """One instance of an IP block; `irq` gives the number of each of its interrupt lines.

    `uses` names the other peripherals that its driver touches, by what they are to it; `gate` lets its clock through.
    """

    block: Name
    base: Address
    irq: dict[Name, Line] = {}
    uses: dict[Name, str] = {}
    gate: Bit | None = None
    reset: ResetLine | None = None
    pins: PinBank | None = None


class Chip(Named):
    """What boards/chips/<name>.toml says; `interrupts` are lines of peripherals that it does not describe.

    `uf2_family` is the number that its boot loader takes UF2 files by; `vectors` the bytes in flash before the vector
    table.
    """

    core: Core
    uf2_family: Address | None = None
    vectors: Annotated[int, Field(ge=0)] = 0
    memory: dict[Name, MemoryRegion]
    peripherals: dict[Instance, ChipPeripheral]
    interrupts: dict[Instance, Line] = {}

    @property
    def lines(self) -> dict[str, int]:
        """The numbers of all interrupt lines that have a name: `TIM2`, or `UART1.rx` where a peripheral has several."""
        named = dict(self.interrupts)
        for name, peripheral in self.peripherals.items():
            several = len(peripheral.irq) > 1
            named |= {f"{name}.{line}" if several else name: number for line, number in peripheral.irq.items()}
        return named


class Runtime(_Model):
    """Where MicroPython lies: `code` and `data` name regions of the chip; `stack` and `heap` in bytes.

    `more_heap`: another region, which the heap has as well, all of it.
    """

    code: str
    data: str
    stack: Size
    heap: Size
    more_heap: str | None = None


class Firmware(_Model):
    """A port of MicroPython's own, built as it is: `port` and `board` by the names in its source; `flash` in bytes.

    The flash begins where the chip's region `memory` does; `filesystem` lies at its end.
    """

    port: Literal["rp2"]
    board: Annotated[str, _like(r"[A-Z][A-Z0-9_]*", "the name of a folder in the port's boards")]
    memory: str
    flash: Size


Roles = dict[Name, Annotated[tuple[str, Annotated[int, Field(ge=0)]], Field(strict=False)]]
"""The pins of a peripheral: role -> the pin's name and the number of its alternate function."""


class Console(_Model):
    """The UART of the prompt, or USB; `baud` in bits per second. `pins`: those that the port connects to it at boot."""

    peripheral: str
    baud: Annotated[int, Field(ge=1)] = 115_200
    pins: Roles = {}


class Filesystem(_Model):
    """A file system in memory; `size` and `block` in bytes.

    `controller`: the peripheral of the chip that erases and programs the memory, None for RAM.
    """

    memory: str
    size: Size
    block: Size
    controller: str | None = None


class Pin(_Model):
    """One bit of a peripheral's output."""

    peripheral: str
    bit: Annotated[int, Field(ge=0, le=31)]


class Offer(_Model):
    """A peripheral that apps are offered: which of the chip's, and its pins with their alternate functions."""

    instance: str
    pins: Roles = {}


def _offer(value: object) -> object:
    return {"instance": value} if isinstance(value, str) else value


class _Emulator(_Model):
    """How to run the board without the board; `uarts` are those that the host reaches, the console among them.

    `clocks` gives, in Hz, the clock of each peripheral that the emulator does not clock as the silicon does.
    """

    uarts: Annotated[tuple[str, ...], Field(strict=False)]
    clocks: dict[str, Hertz] = {}
    patience: ClassVar[float] = 1.0
    """How much longer than in QEMU anything may take here."""


class QemuEmulator(_Emulator):
    """A machine of QEMU's; `uarts` in the order of its serial ports.

    `nvic`: the emulator's object whose inputs are the interrupt lines.
    """

    type: Literal["qemu"]
    machine: Annotated[str, _like(r"[a-z0-9][a-z0-9_-]*", "a machine's name, as `-machine help` lists it")]
    min_version: Annotated[str, _like(r"[0-9]+(\.[0-9]+){1,2}", 'a version such as "7.2"')]
    nvic: Annotated[str, _like(r"(/[a-z0-9_-]+)+", "a path in QEMU's object tree")] | None = None

    @property
    def wanted(self) -> str:
        """What has to be there to run it."""
        return f"QEMU >= {self.min_version}"


class Rp2040jsEmulator(_Emulator):
    """npm's rp2040js, in our own harness; `uarts` are the USB port of its console and the two UARTs, in their order."""

    type: Literal["rp2040js"]
    patience: ClassVar[float] = 10.0

    @property
    def wanted(self) -> str:
        """What has to be there to run it."""
        return "rp2040js"


Emulator = QemuEmulator | Rp2040jsEmulator


class Board(Named):
    """What boards/<name>.toml says, its chip included.

    `clock_hz` is the core's clock, `clocks` those of the peripherals that have another; `clock_control` is the
    peripheral that makes it so at boot, None where it is so after a reset. `dispatchers` are interrupt lines that
    nothing on the board uses; `timestamps` the peripheral whose counter runs freely. `not_emulated` are capabilities
    that the board has and its emulator does not model, each with the reason. A board has either a `runtime`, Corten's
    own port, or a `firmware`.
    """

    chip: Annotated[Chip, BeforeValidator(_find_chip)]
    clock_hz: Hertz
    clock_control: str | None = None
    clocks: dict[str, Hertz] = {}
    tier: Annotated[int, Field(ge=1, le=3)]
    runtime: Runtime | None = None
    firmware: Firmware | None = None
    console: Console
    dispatchers: Annotated[tuple[Line, ...], Field(strict=False)] = ()
    timestamps: str | None = None
    filesystem: Filesystem | None = None
    peripherals: dict[Instance, Annotated[Offer, BeforeValidator(_offer)]] = {}
    pins: dict[Instance, Pin] = {}
    emulator: Annotated[Emulator, Field(discriminator="type")] | None = None
    flash: FlashTables | None = None
    capabilities: dict[str, Annotated[bool | str, PlainValidator(_capability)]] = {}
    not_emulated: dict[str, Text] = {}
    excluded: dict[str, Text] = {}

    @property
    def mpy_arch(self) -> str:
        """The name that `mpy-cross -march` gives the native code of the board's core."""
        return self.chip.core.mpy_arch

    @property
    def console_peripheral(self) -> ChipPeripheral:
        """The chip's peripheral that carries the prompt."""
        return self.chip.peripherals[self.console.peripheral]

    @property
    def console_rx_irq(self) -> int:
        """The number of the interrupt that a byte received at the prompt raises."""
        irq = self.console_peripheral.irq
        return next(irq[line] for line in CONSOLE_LINES if line in irq)

    def clock_of(self, instance: str) -> int | None:
        """A peripheral's clock in Hz as this image will see it, None where it is the core's."""
        emulated = self.emulator.clocks if self.emulator else {}
        return emulated.get(instance, self.clocks.get(instance))

    def lacks(self, capability: str, *, emulated: bool) -> str | None:
        """Why the board cannot do something, or its emulator where `emulated`; None where it can."""
        if capability not in self.capabilities:
            return self.excluded[capability]
        return self.not_emulated.get(capability) if emulated else None

    def instance_of(self, capability: str) -> str:
        """The chip's peripheral that offers a capability."""
        return self.peripherals[str(self.capabilities[capability])].instance

    @property
    def own_port(self) -> Runtime:
        """Where Corten's own port lies; ValueError for a board that has another firmware."""
        if self.runtime is None:
            raise ValueError(f"{self.name} does not run Corten's own port")
        return self.runtime

    @property
    def image_memory(self) -> str:
        """The chip's region that an image is flashed to."""
        return self.firmware.memory if self.firmware else self.own_port.code

    def runtime_bytes(self, memory: str) -> int:
        """The bytes of a region that the image may use: all but a file system at its end."""
        taken = self.filesystem.size if self.filesystem and self.filesystem.memory == memory else 0
        return self.memory_bytes(memory) - taken

    def memory_bytes(self, memory: str) -> int:
        """The bytes of a region that the board has: of a window on its flash, those of the flash."""
        if self.firmware and self.firmware.memory == memory:
            return self.firmware.flash
        return self.chip.memory[memory].size

    def chip_pin(self, name: str) -> Pin | None:
        """The pin that the chip's data call so, such as PA5; None if there is none."""
        for instance, peripheral in self.chip.peripherals.items():
            bank = peripheral.pins
            number = name.removeprefix(bank.prefix) if bank else name
            if bank and number != name and number.isdigit() and int(number) < bank.count:
                return Pin(peripheral=instance, bit=int(number))
        return None

    @property
    def filesystem_base(self) -> int:
        """The file system's address: its region's start, or in a region of the runtime's the end of that."""
        if self.filesystem is None:
            raise ValueError(f"{self.name} has no file system")
        memory = self.filesystem.memory
        used = (self.firmware.memory,) if self.firmware else (self.own_port.code, self.own_port.data)
        return self.chip.memory[memory].base + (self.runtime_bytes(memory) if memory in used else 0)
