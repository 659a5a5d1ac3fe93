"""Pins in functions marked @hot: what their operations become, and when they stay as they are."""

import subprocess
from pathlib import Path

import pytest

from host_tools import mpy_cross
from host_tools.errors import UsageError
from host_tools.lower import Lowered, lower

BOARD = """
from corten.peripheral import Peripheral, Pin
LED = Pin("LED", "gpio_set_reset", 0x4800_0000, 5)
BUTTON = Pin("BUTTON", "gpio_set_reset", 0x4800_0800, 13)
LAMP = Pin("LAMP", "gpio_bit_band", 0x4002_8000, 1)
SWITCH = Pin("SWITCH", "gpio_bit_band", 0x4002_8000, 2)
RP = Pin("RP", "gpio_set_clear_toggle", 0xD000_0000, 25)
NRF = Pin("NRF", "gpio_set_clear", 0x5000_0000, 3)
ALIASED = Pin("ALIASED", "gpio_aliases", 0x4001_4000, 3)
PORTS = (("PA", 16, "gpio_set_reset", 0x4800_0000, {"edges": 0x4001_0400}, ((0x4002_1000, 0),)),)
SILENT = Pin("SILENT", "gpio_that_says_nothing", 0x4001_4000, 3)
"""

PORTS = {
    "gpio_set_reset": """
class Gpio(Block):
    SET_RESET = {"ODR": "BSRR"}
    OUTPUT = "ODR"
    INPUT = "IDR"
    IDR = Reg(0x10, RO)
    ODR = Reg(0x14)
    BSRR = Reg(0x18, WO)
""",
    "gpio_bit_band": """
class Gpio(Block):
    ATOMIC = BIT_BAND
    OUTPUT = "LED"
    INPUT = "BUTTON"
    INPUT_FIRST = 2
    LED = Reg(0x00)
    BUTTON = Reg(0x08, RO)
""",
    "gpio_set_clear_toggle": """
class Gpio(Block):
    SET_CLEAR = {"OUT": ("OUT_SET", "OUT_CLR", "OUT_XOR"), "OE": ("OE_SET", "OE_CLR", "OE_XOR")}
    OUTPUT = "OUT"
    OPEN_DRAIN = "OE"
    INPUT = "IN"
    IN = Reg(0x04, RO)
    OUT = Reg(0x10)
    OUT_SET = Reg(0x14, WO)
    OUT_CLR = Reg(0x18, WO)
    OUT_XOR = Reg(0x1C, WO)
    OE = Reg(0x20)
    OE_SET = Reg(0x24, WO)
    OE_CLR = Reg(0x28, WO)
    OE_XOR = Reg(0x2C, WO)
""",
    "gpio_set_clear": """
class Gpio(Block):
    SET_CLEAR = {"OUT": ("OUTSET", "OUTCLR", None)}
    OUTPUT = "OUT"
    INPUT = "IN"
    OUT = Reg(0x504)
    OUTSET = Reg(0x508)
    OUTCLR = Reg(0x50C)
    IN = Reg(0x510, RO)
""",
    "gpio_aliases": """
class Gpio(Block):
    ATOMIC = ALIASES
    OUTPUT = "OUT"
    OUT = Reg(0x04)
""",
}

HEAD = '''"""An app."""
import board
from corten.hot import hot
led = board.LED.into_output(owner="the test")
button = board.BUTTON.into_input("up")
lamp = board.LAMP.into_output()
switch = board.SWITCH.into_input()
rp = board.RP.into_output()
nrf = board.NRF.into_output()
aliased = board.ALIASED.into_output()
silent = board.SILENT.into_output()
'''


def image(main: str, **others: str) -> dict[str, Lowered]:
    imports = "from corten.register import ALIASES, BIT_BAND, RO, WO, Block, Reg\n"
    files = {
        f"corten/drivers/{name}.py": f"{imports}{text}\nPORT = Gpio\n" if name in PORTS else ""
        for name, text in {**PORTS, "gpio_that_says_nothing": ""}.items()
    }
    modules = {f"{name}.py": text for name, text in others.items()}
    return lower({**files, **modules, "board.py": BOARD, "main.py": main})


def function(body: str, name: str = "f") -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"@hot\ndef {name}(v: int, o):\n{lines}\n\n\n"


def results(body: str, more: str = "", **others: str) -> list[str]:
    """What each operation in a hot function's body became."""
    found = image(f"{HEAD}{more}{function(body)}", **others)["main.py"].notes
    return [note.result or f"kept: {note.reason}" for note in found]


MASK, UNMASK = "_c0 = 721420289", "_c0 ^ 721420290"
OPERATIONS = [
    ("led.on()", "_p0[0] = 32"),
    ("led.off()", "_p0[0] = 2097152"),
    ("led.toggle()", f"{MASK}; _p0[1] = 32 << ((_p0[0] >> 5 & 1) << 4); {UNMASK}"),
    ("led.write(1)", "_p0[0] = 32"),
    ("led.value(False)", "_p0[0] = 2097152"),
    ("led(v)", "if v: _p0[0] = 32 else: _p0[0] = 2097152"),
    ("led.write(o)", "if o: _p0[0] = 32 else: _p0[0] = 2097152"),
    ("led.write(v & 1)", "if v & 1: _p0[0] = 32 else: _p0[0] = 2097152"),
    ("return led.value()", "_p0[0] >> 5 & 1"),
    ("while button.read():\n    pass", "_p0[0] & 8192"),
    ("return button()", "_p0[0] >> 13 & 1"),
    ("button.value()", "_p0[0] >> 13 & 1"),
    ("lamp.on()", "_p0[0] = 1"),
    ("lamp.off()", "_p0[0] = 0"),
    ("lamp.toggle()", f"{MASK}; _p0[0] = _p1[0] >> 1 & 1 ^ 1; {UNMASK}"),
    ("return lamp.value()", "_p0[0] >> 1 & 1"),
    ("return switch.value()", "_p0[0] & 1"),
    ("rp.on()", "_p0[0] = 33554432"),
    ("rp.off()", "_p0[0] = 33554432"),
    ("rp.toggle()", "_p0[0] = 33554432"),
    ("nrf.off()", "_p0[0] = 8"),
    ("nrf.toggle()", f"{MASK}; if _p0[0] & 8: _p0[2] = 8 else: _p0[1] = 8; {UNMASK}"),
    ("aliased.toggle()", "_p0[0] = 8"),
    ("return aliased.value()", "_p0[0] >> 3 & 1"),
]


@pytest.mark.parametrize(("body", "expected"), OPERATIONS)
def test_operation(body: str, expected: str) -> None:
    assert results(body) == [expected]


def test_each_store_goes_to_the_register_that_the_form_has() -> None:
    """SET, CLR and XOR of one port lie behind each other."""
    assert results("rp.on()\nrp.off()\nrp.toggle()") == [
        "_p0[0] = 33554432",
        "_p0[1] = 33554432",
        "_p0[2] = 33554432",
    ]
    assert "_p0 = ptr32(-805306348)" in image(HEAD + function("rp.on()\nrp.off()\nrp.toggle()"))["main.py"].text


def test_handle_that_an_object_keeps() -> None:
    source = (
        "class Blinker:\n    def __init__(self):\n        self._led = board.LED.into_output()\n\n"
        "    @hot\n    def blink(self):\n        self._led.on()\n\n\n"
    )
    assert [note.result for note in image(HEAD + source)["main.py"].notes] == ["_p0[0] = 32"]


def test_handle_of_another_module() -> None:
    pins = "import board\nlamp2 = board.LED.into_output()\n"
    assert results("lamp2.on()", "from pins import lamp2\n", pins=pins) == ["_p0[0] = 32"]
    assert results("pins.lamp2.on()", "import pins\n", pins=pins) == ["_p0[0] = 32"]


@pytest.mark.parametrize(
    "how",
    [
        'board.take("LED").into_output()',
        'board.take("PA5", "the test").into_output(open_drain=True)',
        "board.LED.take().into_output()",
    ],
)
def test_pin_that_is_taken_by_its_name(how: str) -> None:
    assert results("mine.on()", f"mine = {how}\n") == ["_p0[0] = 32"]


@pytest.mark.parametrize(
    ("options", "result"),
    [
        ("open_drain=False", "_p0[0] = 33554432"),
        ("initial=1, open_drain=True", "_p0[4] = 33554432"),
        ("open_drain=bool(board)", "kept: whether it is an open drain is no constant"),
        ("**{}", "kept: whether it is an open drain is no constant"),
    ],
)
def test_open_drain_that_has_a_register_of_its_own(options: str, result: str) -> None:
    found = results("rp.on()\nmine.on()", f"mine = board.RP.into_output({options})\n")
    assert sorted(found) == sorted(["_p0[0] = 33554432", result])


def test_pin_that_is_taken_and_becomes_something_later() -> None:
    assert results("mine.on()", 'pin = board.take("PA5")\nmine = pin.into_output()\n') == ["_p0[0] = 32"]


def test_handle_that_a_local_name_has() -> None:
    assert results("mine = board.LED.into_output()\nmine.on()") == ["_p0[0] = 32"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (
            "def move():\n    global moved\n    moved = led.into_input()\n",
            "led may be moved or closed by into_input in main.py:14",
        ),
        ("move = led.into_analog\n", "led may be moved or closed by into_analog in main.py:12"),
        ("led.close()\n", "led may be moved or closed by close in main.py:12"),
        ("def f():\n    with led:\n        pass\n", "led is closed by with in main.py:13"),
        ("board.LED.release()\n", "its pin is released in main.py:12"),
        (
            "other = led\nother.into_input()\n",
            "led has another name too (main.py:12), by which it may be moved in main.py:13",
        ),
        (
            "def move(pin):\n    pin.into_input()\nmove(led)\n",
            "led has another name too (main.py:14), by which it may be moved in main.py:13",
        ),
        (
            "from corten.bus import OutputBus\nbus = OutputBus(led)\n",
            "led has another name too (main.py:13), by which it may be moved in main.py:13",
        ),
        (
            "def own(scope):\n    scope.own(led)\n",
            "led has another name too (main.py:13), by which it may be moved in main.py:13",
        ),
        (
            "other = led\nother.close()\n",
            "led has another name too (main.py:12), by which it may be moved in main.py:13",
        ),
        (
            "other = led\nwith other:\n    pass\n",
            "led has another name too (main.py:12), by which it may be moved in main.py:13",
        ),
        ('board.CAPABILITIES["led"].release()\n', "its pin is released in main.py:12"),
        ("from corten.owned import release_all\nrelease_all()\n", "its pin is released in main.py:13"),
        ("led = board.LED.into_output()\n", "led is bound more than once"),
        ("if led:\n    del led\n", "led is bound more than once"),
    ],
)
def test_handle_that_may_be_moved_is_not_lowered(more: str, reason: str) -> None:
    assert results("led.on()", more) == [f"kept: {reason}"]


def test_handle_that_another_module_moves() -> None:
    assert results("led.on()", other="import main\nmain.led.into_input()\n") == [
        "kept: led may be moved or closed by into_input in other.py:2"
    ]


def test_handle_that_is_only_handed_on_is_lowered() -> None:
    assert results("led.on()", "class Blink:\n    pass\nx = Blink(led)\n") == ["_p0[0] = 32"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("silent.on()", "the driver gpio_that_says_nothing does not tell its registers from its source"),
        ("o.on()", "o is a parameter"),
        ("board.LED.into_output().on()", "the handle has no name; bind it once, at the module's level"),
        ("led.on(1)", "it is called in a way that is not known"),
        ("led.write(value=1)", "it is called in a way that is not known"),
    ],
)
def test_kept(body: str, reason: str) -> None:
    assert results(body) == [f"kept: {reason}"]


def test_driving_an_input_is_refused() -> None:
    with pytest.raises(UsageError, match=r"main\.py:14: button is an input, which drives nothing"):
        results("button.on()")


def test_mark_is_recognised_by_its_relative_name() -> None:
    """Modules of corten that the host imports as well name what they share by relative imports."""
    text = '"""Wire."""\nfrom ..hot import hot\n\n\n@hot\ndef f(v: int) -> int:\n    return v + 1\n'
    made = lower({"corten/wire/__init__.py": "", "corten/wire/crc.py": text})["corten/wire/crc.py"].text
    assert "@micropython.viper" in made


def test_everything_compiles(tmp_path: Path) -> None:
    """What is made of all the operations above is what the viper emitter takes."""
    source = "".join(function(body, f"f{number}") for number, (body, _) in enumerate(OPERATIONS))
    path = tmp_path / "main.py"
    path.write_text(image(HEAD + source)["main.py"].text, encoding="utf-8")
    program = mpy_cross.find("1.25.0", lambda _: None)
    ended = subprocess.run(
        [program, "-march=armv6m", "-o", tmp_path / "main.mpy", path], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
