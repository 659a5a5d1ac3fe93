"""The image that the tests of lowering lower: a peripheral, the board's module, and a main.py of each test's own."""

from collections.abc import Iterable

from host_tools.lower import Lowered, Note, lower

GPIO = """
from corten.register import BIT_BAND, READ_ACTS, RO, RW, W0C, W1C, WO, Array, Block, Cluster, Field, Reg

class Mode:
    OUTPUT = 1
    ANALOG = 3

class Channel(Block):
    CCR = Reg(0x00, EN=Field(0), PL=Field(4, 2))

class Gpio(Block):
    ATOMIC = BIT_BAND
    SET_RESET = {"ODR": "BSRR"}
    MODER = Reg(0x00, reset=0xABFF_FFFF, MODE=Field(0, 2, count=16, values=Mode))
    IDR = Reg(0x10, RO, ID=Field(0, count=16))
    ODR = Reg(0x14, OD=Field(0, count=16))
    BSRR = Reg(0x18, WO, BS=Field(0, count=16), BR=Field(16, count=16))
    AFR = Array(Reg(0x20), 2, 4)
    AFRH = Reg(0x24, AFSEL=Field(0, 4, count=8, first=8))
    DATA = Reg(0x30, RW | READ_ACTS, width=8, LOW=Field(0, 4), HIGH=Field(4, 4))
    HALF = Reg(0x32, width=16, TOP=Field(12, 4), LOW=Field(0, 4))
    FLAGS = Reg(0x34, A=Field(0, access=W1C), B=Field(1, access=W0C), ON=Field(8), W=Field(16, 8), TOP=Field(31))
    STATUS = Reg(0x38, RO, RXNE=Field(5), CLEAR=Field(6, access=W1C))
    WORD = Reg(0x3C, ALL=Field(0, 32))
    CH = Array(Cluster(Channel, 0x40), 7, 20)
    COMMON = Cluster(Channel, 0x100)

GPIOA = Gpio(0x4002_0000)
"""

ALIASED = """
from corten.register import ALIASES, Block, Field, Reg

class Pads(Block):
    ATOMIC = ALIASES
    CTRL = Reg(0x04, EN=Field(0))

class Sio(Block):
    SET_CLEAR = {"OUT": ("OUT_SET", "OUT_CLR", "OUT_XOR"), "OE": ("OUT_SET", "OUT_CLR", None)}
    OUT = Reg(0x10)
    OUT_SET = Reg(0x14)
    OUT_CLR = Reg(0x18)
    OUT_XOR = Reg(0x1C)
    OE = Reg(0x20)

PADS = Pads(0x4001_C000)
SIO = Sio(0x4003_0000)
"""

BOARD = """
from corten.peripheral import Peripheral
UART1 = Peripheral("UART1", "uart_cmsdk", 0x4000_5000, 25_000_000, {"rx": 2})
"""

IMPORTS = """\
import board
import stm32.gpioa
from corten.atomic import atomic
from stm32.gpioa import GPIOA, Channel, Gpio, Mode
from stm32.pads import PADS, SIO
"""

FILES = {"stm32/gpioa.py": GPIO, "stm32/pads.py": ALIASED, "board.py": BOARD}


def lowered(main: str, **others: str) -> Lowered:
    """What a main.py is lowered to; others: modules by name."""
    files = {f"{name}.py": text for name, text in others.items()}
    return lower({**FILES, **files, "main.py": main}, {"main.py": "/app/main.py"})["main.py"]


def line(statement: str, parameters: Iterable[str] = ("v", "w", "i", "o"), setup: str = "pass") -> str:
    """What one statement in a function is lowered to."""
    main = f'"""An app."""\n{IMPORTS}\ndef f({", ".join(parameters)}):\n    {setup}\n    {statement}\n'
    return lowered(main).text.splitlines()[-1].strip()


def reasons(main: str, **others: str) -> list[str]:
    """Why accesses in a main.py were kept."""
    return [note.reason for note in notes(main, **others) if note.reason]


def notes(main: str, **others: str) -> list[Note]:
    """What was noted of a main.py."""
    return list(lowered(main, **others).notes)
