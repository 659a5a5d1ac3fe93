"""Register tables read from the source of firmware modules."""

from pathlib import Path

import pytest

from host_tools.errors import UsageError
from host_tools.registers.expressions import Symbol
from host_tools.registers.model import Access, Block, Cluster, Field, Instance, Register, Values, placed
from host_tools.registers.source import Library, Module, read_module

FIRMWARE = Path(__file__).parents[2] / "firmware"
IMPORTS = "from corten.register import BIT_BAND, RO, WO, RW, READ_ACTS, Array, Block, Cluster, Field, Reg\n"
LINE = IMPORTS.count("\n") + 1  # of what follows them


def read(text: str) -> Module:
    return read_module(IMPORTS + text, "gpio.py")


def register(definition: str) -> Register:
    """The register that a definition makes."""
    item = read(f"class Gpio(Block):\n    MODER = {definition}\n").blocks["Gpio"].items[0]
    assert isinstance(item, Register)
    return item


GPIO = '''
class Mode:
    """Of a pin."""

    INPUT = 0
    OUTPUT = 1


class Channel(Block):
    CCR = Reg(0x00, EN=Field(0))
    CNDTR = Reg(0x04, NDT=Field(0, 16))


class Gpio(Block):
    """Pins."""

    SIZE = 0x400
    ATOMIC = BIT_BAND
    SET_RESET = {"ODR": "BSRR"}

    MODER = Reg(0x00, reset=0xABFF_FFFF, MODE=Field(0, 2, count=16, values=Mode))
    ODR = Reg(0x14, OD=Field(0, count=16))
    BSRR = Reg(0x18, WO, BS=Field(0, count=16), BR=Field(16, count=16))
    AFRH = Reg(0x24, AFSEL=Field(0, 4, count=8, first=8))
    DATA = Reg(0x30, RW | READ_ACTS, width=8)
    AFR = Array(Reg(0x20), count=2, stride=4)
    CH = Array(Cluster(Channel, 0x108), count=7, stride=20)
    COMMON = Cluster(Channel, 0x200)


GPIOA = Gpio(0x4800_0000)
'''


def test_a_block() -> None:
    module = read(GPIO)
    mode = Values("Mode", (("INPUT", 0), ("OUTPUT", 1)))
    channel = Block("Channel", (Register("CCR", 0, fields=(Field("EN", 0),)), module.blocks["Channel"].items[1]))
    assert module.blocks["Channel"] == channel
    assert module.blocks["Gpio"] == Block(
        "Gpio",
        (
            Register("MODER", 0, reset=0xABFF_FFFF, fields=(Field("MODE", 0, 2, count=16, stride=2, values=mode),)),
            Register("ODR", 0x14, fields=(Field("OD", 0, count=16, stride=1),)),
            Register(
                "BSRR",
                0x18,
                Access.WO,
                fields=(Field("BS", 0, count=16, stride=1), Field("BR", 16, count=16, stride=1)),
            ),
            Register("AFRH", 0x24, fields=(Field("AFSEL", 0, 4, count=8, stride=4, first=8),)),
            Register("DATA", 0x30, reading_acts=True, width=8),
            Register("AFR", 0x20, count=2, stride=4),
            Cluster("CH", channel, 0x108, count=7, stride=20),
            Cluster("COMMON", channel, 0x200),
        ),
        size=0x400,
        atomic="BIT_BAND",
        set_reset=(("ODR", "BSRR"),),
    )
    assert module.blocks["Gpio"].text == "Pins."
    assert module.values == {"Mode": mode}
    assert module.instances == {"GPIOA": Instance("GPIOA", module.blocks["Gpio"], 0x4800_0000)}
    assert module.lines == {"Channel": LINE + 8, "Gpio": LINE + 13}
    assert module.unreadable == {}


def test_what_a_port_says_of_its_pins() -> None:
    block = read(
        'class Sio(Block):\n    SET_CLEAR = {"OUT": ("SET", "CLR", None)}\n    OUTPUT = "OUT"\n    INPUT = "IN"\n'
        "    INPUT_FIRST = 2\n    IN = Reg(0)\n    OUT = Reg(4)\n    SET = Reg(8)\n    CLR = Reg(12)\n"
    ).blocks["Sio"]
    assert block.set_clear == (("OUT", ("SET", "CLR", None)),)
    assert (block.output, block.input, block.input_first) == ("OUT", "IN", 2)


def test_addresses_of_arrays_and_clusters() -> None:
    gpioa = read(GPIO).instances["GPIOA"]
    addresses = {each.path: each.address for each in placed(gpioa.block, gpioa.base)}
    assert addresses["AFR[1]"] == 0x4800_0024
    assert addresses["CH[2].CNDTR"] == 0x4800_0134
    assert addresses["COMMON.CCR"] == 0x4800_0200


@pytest.mark.parametrize(
    "name", ["corten.irq", *(f"corten.drivers.{each.stem}" for each in FIRMWARE.rglob("drivers/*.py"))]
)
def test_our_own_modules_can_be_read(name: str) -> None:
    module = Library(FIRMWARE)(name)
    assert module is not None
    assert module.unreadable == {}


def test_a_driver() -> None:
    module = Library(FIRMWARE)("corten.drivers.timer_stm32_v1")
    assert module is not None
    timer = module.blocks["Stm32Timer"]
    status = timer.find("SR")
    assert isinstance(status, Register)
    assert (status.offset, status.access, status.find("UIF")) == (0x10, Access.RW, Field("UIF", 0, access=Access.W0C))


@pytest.mark.parametrize(
    ("text", "constants"),
    [
        ("_BASE = 0x4800_0000\n_NEXT = _BASE + 2 * 0x400\n", {"_BASE": 0x4800_0000, "_NEXT": 0x4800_0800}),
        ("from micropython import const\n_A = const(1 << 5)\n_B = ~_A & 0xFF\n", {"_A": 32, "_B": 0xDF}),
        ("_A: int = -1\n_B = _C = 7 // 2 % 2 ** 2\n", {"_A": -1, "_B": 3, "_C": 3}),
        ("_A = 1\n_A = 2\n_B = _A\n", {}),
        ("_A = 1\ndef change():\n    global _A\n    _A = 2\n", {}),
        ("_A = 1\nif _A:\n    _A = 2\n", {}),
        ("_A = 1\n_A += 1\n", {}),
        ("_A = len('x')\n_B = True\n_C = 1.5\n_D = 'x'\n_E = 1 // 0\n_F = 1 << 10 ** 9\n", {}),
    ],
)
def test_constants(text: str, constants: dict[str, int]) -> None:
    assert read_module(text, "x.py").constants == constants


@pytest.mark.parametrize(
    "text",
    [
        "import corten.register\nclass A(corten.register.Block):\n    X = corten.register.Reg(4, corten.register.RO)\n",
        "from corten import register\nclass A(register.Block):\n    X = register.Reg(4, register.RO)\n",
        "import corten.register as r\nclass A(r.Block):\n    X = r.Reg(4, access=r.RO)\n",
        "from corten.register import Block as B, Reg as R, RO as READ\nclass A(B):\n    X = R(offset=4, access=READ)\n",
    ],
)
def test_ways_to_import(text: str) -> None:
    assert read_module(text, "x.py").blocks["A"] == Block("A", (Register("X", 4, Access.RO),))


def test_inheritance() -> None:
    module = read(
        "class A(Block):\n    SIZE = 16\n    X = Reg(0)\n    Y = Reg(4)\n"
        "class B(A):\n    Y = Reg(8, RO)\n    Z = Reg(0xC)\n"
    )
    assert module.blocks["B"] == Block("B", (Register("X", 0), Register("Y", 8, Access.RO), Register("Z", 12)), 16)


def test_bases_that_share_a_base() -> None:
    text = "class A(Block):\n    X = Reg(0)\nclass B(A):\n    Y = Reg(4)\nclass C(A):\n    Z = Reg(8)\n"
    text += "class D(B, C):\n    pass\n"
    assert [item.name for item in read(text).blocks["D"].items] == ["X", "Y", "Z"]


def test_methods_and_constants_of_a_class() -> None:
    block = read(
        'class A(Block):\n    """Of one."""\n    FIRST = 4\n    NAME = "one"\n    X = Reg(FIRST + 4)\n'
        "    def start(self):\n        self.X.write(1)\n"
    ).blocks["A"]
    assert block == Block("A", (Register("X", 8),))


def write(folder: Path, files: dict[str, str]) -> Library:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Library(folder)


@pytest.mark.parametrize(
    ("use", "name"),
    [
        ("from chip.gpio import GPIOA", "GPIOA"),
        ("from chip.gpio import GPIOA as PORT", "PORT"),
        ("from .gpio import GPIOA", "GPIOA"),
        ("from . import gpio\nPORT = gpio.GPIOA", "PORT"),
        ("import chip.gpio\nPORT = chip.gpio.GPIOA", "PORT"),
        ("import chip.gpio as g\nPORT = g.GPIOA", "PORT"),
        ("from chip.gpio import Gpio, BASE\nPORT = Gpio(BASE)", "PORT"),
        ("from chip import GPIOA", "GPIOA"),
    ],
)
def test_imported_instances(tmp_path: Path, use: str, name: str) -> None:
    library = write(
        tmp_path,
        {
            "chip/__init__.py": "from .gpio import GPIOA\n",
            "chip/gpio.py": f"{IMPORTS}BASE = 0x4800_0000\nclass Gpio(Block):\n    X = Reg(0)\nGPIOA = Gpio(BASE)\n",
            "chip/use.py": use + "\n",
        },
    )
    module = library("chip.use")
    assert module is not None
    found = module.names[name]
    assert isinstance(found, Instance)
    assert (found.block.name, found.base) == ("Gpio", 0x4800_0000)


def test_modules_that_import_each_other(tmp_path: Path) -> None:
    library = write(
        tmp_path,
        {
            "a.py": f"{IMPORTS}from b import B\nclass A(Block):\n    X = Reg(0)\n",
            "b.py": f"{IMPORTS}from a import A\nclass B(Block):\n    X = Reg(4)\n",
        },
    )
    first, second = library("a"), library("b")
    assert first is not None
    assert second is not None
    assert first.names["B"] == second.blocks["B"] == Block("B", (Register("X", 4),))


def test_names_that_are_not_read() -> None:
    assert read_module("from corten.hot import hot\n", "x.py").names["hot"] == Symbol("corten.hot.hot")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("def f(): pass\nclass A(Block):\n    X = Reg(f())\n", 2, "f() is known only at run time"),
        ("class A(Block):\n    X = Reg(0, **FIELDS)\n", 1, "Reg(0, **FIELDS) takes its arguments at run time"),
        ("class A(Block):\n    for i in range(3):\n        pass\n", 1, "its class runs more than definitions"),
        ("class A(Block):\n    X = Reg(0)\n    Y = X\n", 2, "X is known only at run time"),
        ("import z\n@z.z\nclass A(Block):\n    X = Reg(0)\n", 2, "it has a decorator or a metaclass"),
        (
            "class X(Block):\n    R = Reg(0)\nclass Y(Block):\n    R = Reg(4)\nclass A(X, Y):\n    pass\n",
            4,
            "two of its bases define R",
        ),
        ("if 1:\n    class A(Block):\n        X = Reg(0)\n", 1, "it is defined inside another statement"),
        ("N = 1\nN = 2\nclass A(Block):\n    X = Reg(N)\n", 3, "N is bound more than once"),
        ("class A(Block):\n    X = Reg(0)\nA = 1\n", 0, "A is bound more than once"),
    ],
)
def test_block_made_at_run_time(text: str, line: int, reason: str) -> None:
    module = read(text)
    assert module.unreadable == {"A": (LINE + line, reason)}
    assert "A" not in module.blocks


def test_what_inherits_from_a_block_made_at_run_time(tmp_path: Path) -> None:
    library = write(
        tmp_path,
        {
            "a.py": f"{IMPORTS}class A(Block):\n    X = Reg(len('ab') * 4)\n",
            "b.py": "from a import A\nclass B(A):\n    pass\n",
        },
    )
    module = library("b")
    assert module is not None
    assert module.unreadable == {"B": (2, "A is made at run time: len('ab') is known only at run time")}


@pytest.mark.parametrize(
    "text",
    ["class A:\n    X = 1\n    Y = len('x')\n", "class A:\n    def f(self): pass\n", "class A(list):\n    X = 1\n"],
)
def test_classes_that_are_no_values(text: str) -> None:
    module = read(text)
    assert (module.values, module.blocks, module.unreadable) == ({}, {}, {})


def test_values_that_cannot_be_read_are_left_out() -> None:
    field = register("Reg(0, MODE=Field(0, values=print))").fields[0]
    assert field == Field("MODE", 0)


@pytest.mark.parametrize(
    ("definition", "what", "message"),
    [
        ("Reg(0, width=24)", "MODER", "a register of 24 bits"),
        ("Reg(2)", "MODER", "a register of 32 bits cannot be at offset 0x2"),
        ("Reg(-4)", "MODER", "a register of 32 bits cannot be at offset -0x4"),
        ("Reg(0, width=8, reset=0x100)", "MODER", "the reset value 0x100 does not fit into 8 bits"),
        ("Reg(0, 'rw')", "MODER", "'rw' is no access"),
        ("Reg(0, RO | WO)", "MODER", "RO | WO is no access"),
        ("Reg(0, READ_ACTS)", "MODER", "READ_ACTS is no access"),
        ("Reg()", "MODER", "no offset"),
        ("Reg(0, RW, 32, 0, 1)", "MODER", "too many arguments"),
        ("Reg(0, offset=4)", "MODER", "offset is given twice"),
        ("Reg(0, A=Field(0), A=Field(1))", "MODER", "A is given twice"),
        ("Reg(0, A=Field(31, 2))", "MODER.A", "bit 32 is outside its register"),
        ("Reg(0, width=8, A=Field(8))", "MODER.A", "bit 8 is outside its register"),
        ("Reg(0, A=Field(0, 2, count=17))", "MODER.A", "bit 33 is outside its register"),
        ("Reg(0, A=Field(-1))", "MODER.A", "no bits: bit -1, width 1"),
        ("Reg(0, A=Field(0, 0))", "MODER.A", "no bits: bit 0, width 0"),
        ("Reg(0, A=Field(0, 2, count=2, stride=1))", "MODER.A", "no fields: count 2, stride 1, first 0"),
        ("Reg(0, A=Field(0, count=0))", "MODER.A", "no fields: count 0, stride 0, first 0"),
        ("Reg(0, A=Field(0, mode=1))", "MODER.A", "a field has no mode"),
        ("Reg(0, A=Field(0, access='w1c'))", "MODER.A", "'w1c' is no access"),
        ("Reg(0, A=Field(0, 4), B=Field(3))", "MODER.B", "overlaps A"),
        ("Reg(0, A=Field(0, 2, count=4), B=Field(5))", "MODER.B", "overlaps A2"),
        ("Reg(0, A=Field(0, count=4), A1=Field(8))", "MODER.A1", "is there twice"),
        ("Array(Reg(0), count=0, stride=4)", "MODER", "no array: count 0, stride 4"),
        ("Array(Reg(0), count=2, stride=2)", "MODER", "no array: count 2, stride 2"),
        ("Array(Reg(0), count=2, stride=6)", "MODER", "no array: count 2, stride 6"),
        ("Array(Reg(0), count=2)", "MODER", "no stride"),
        ("Array(Array(Reg(0), count=2, stride=4), count=2, stride=8)", "MODER", "an array of what is no register"),
        ("Cluster(Inner, 2)", "MODER", "Inner cannot be at offset 0x2"),
    ],
)
def test_mistakes(definition: str, what: str, message: str) -> None:
    inner = "class Inner(Block):\n    X = Reg(0)\n"
    with pytest.raises(UsageError) as error:
        read(f"{inner}class Gpio(Block):\n    MODER = {definition}\n")
    assert error.value.message.startswith(f"gpio.py:{LINE + 3}: Gpio.{what}: {message}")
    assert error.value.fix


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("SIZE = 8\n    X = Reg(8)", "gpio.py:4: Gpio.X: ends at 0xc, outside SIZE 0x8"),
        ("SIZE = 8\n    X = Array(Reg(0), count=3, stride=4)", "gpio.py:4: Gpio.X: ends at 0xc, outside SIZE 0x8"),
        ("X = Reg(0)\n    X = Reg(4)", "gpio.py:4: Gpio.X: is defined twice, first in line 3"),
        ("X = Reg(0)\n    SET_RESET = {'X': 'Y'}", "gpio.py:4: Gpio.SET_RESET: there is no register Y"),
        ("X = Reg(0)\n    SET_RESET = ['X']", "gpio.py:4: Gpio.SET_RESET: no pairs of registers' names"),
        ("X = Reg(0)\n    SET_CLEAR = {'X': ('X', 'Y', None)}", "gpio.py:4: Gpio.SET_CLEAR: there is no register Y"),
        (
            "X = Reg(0)\n    Y = Reg(4, width=8)\n    SET_CLEAR = {'X': ('X', 'Y', None)}",
            "gpio.py:5: Gpio.SET_CLEAR: X and Y are not equally wide",
        ),
        ("X = Reg(0)\n    SET_CLEAR = {'X': ('X', 'X')}", "gpio.py:4: Gpio.SET_CLEAR: no pairs of registers' names"),
        ("X = Reg(0)\n    OUTPUT = 'Y'", "gpio.py:4: Gpio.OUTPUT: there is no register Y"),
        ("X = Reg(0)\n    ATOMIC = RO", "gpio.py:4: Gpio.ATOMIC: RO is no way"),
    ],
)
def test_mistakes_of_a_class(body: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        read(f"class Gpio(Block):\n    {body}\n")
    assert error.value.message == message


@pytest.mark.parametrize("base", ["0x4800_0002", "-4", "1 << 32"])
def test_addresses_where_no_block_can_be(base: str) -> None:
    with pytest.raises(UsageError, match=r"gpio.py:4: GPIOA: no Gpio can be at "):
        read(f"class Gpio(Block):\n    X = Reg(0)\nGPIOA = Gpio({base})\n")


def test_instances_that_are_no_constants() -> None:
    module = read("class A(Block):\n    X = Reg(0)\na = A(0)\na = A(4)\nb = A(len('abcd'))\nc = A(0, bus=None)\n")
    assert module.instances == {}


def test_syntax_error() -> None:
    with pytest.raises(UsageError, match=r"x.py:2: invalid syntax"):
        read_module("A = 1\nclass\n", "x.py")
