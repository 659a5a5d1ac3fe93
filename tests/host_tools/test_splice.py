"""Machine code in place of placeholders: for each architecture, what mpy-cross makes of them is found and replaced."""

from pathlib import Path

import pytest

from host_tools import mpy_cross
from host_tools.errors import FailedError
from host_tools.lower import Core, Lowered, Placeholder, lower
from host_tools.lower.placeholders import Kind
from host_tools.splice import splice

SOURCE = """\
import micropython
from corten.ceiling import ceiling
from corten.critical import critical
from corten.hot import hot
from corten.shared import SharedWord
word = SharedWord(0, ceiling=2)

@hot
def in_a_register():
    with critical:
        pass
    with ceiling(1):
        pass

@hot
def on_the_stack(a: int, b: int, c: int):
    for i in range(a):
        with critical:
            b = b + i
        with ceiling(3):
            c = c + b
    return c

@hot
def raises(f, n: int):
    while n > 0:
        with critical:
            with ceiling(2):
                f(n)
        if n == 3:
            with critical:
                return 1
        n -= 1



@hot
def shares(n: int):
    for _ in range(n):
        with word.lock() as w:
            w.value += 1

"""
ARCHITECTURES = ("armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp")


def lowered() -> Lowered:
    return lower({"main.py": SOURCE}, core=Core(priority_bits=3))["main.py"]


def compiled(folder: Path, arch: str, text: str, placeholders: tuple[Placeholder, ...]) -> bytes:
    path, output = folder / "main.py", folder / "main.mpy"
    path.write_text(text, encoding="utf-8")
    binary = mpy_cross.find("1.25.0", lambda _: None)
    mpy_cross.compile_file(binary, path, "main.py", output, arch, path, placeholders)
    return output.read_bytes()


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_all_placeholders_are_replaced(tmp_path: Path, arch: str) -> None:
    made = lowered()
    assert len(made.placeholders) == 16
    before = compiled(tmp_path, arch, made.text, ())
    after = compiled(tmp_path, arch, made.text, made.placeholders)
    assert len(before) == len(after)
    assert after.count(b"\x72\xb6") - before.count(b"\x72\xb6") == 4  # cpsid i
    assert after.count(b"\xbf\xf3\x6f\x8f") - before.count(b"\xbf\xf3\x6f\x8f") == 8  # isb
    assert after.count(b"\x83\xf3\x12\x88") == 4  # msr BASEPRI_MAX, r3
    for each in made.placeholders:
        assert before.count((each.number & 0xFFFF).to_bytes(2, "little")) >= (arch == "armv6m")


def test_the_instructions_are_those_of_the_manual(tmp_path: Path) -> None:
    text = (
        "import micropython\n@micropython.viper\ndef f(a: int):\n    for i in range(a):\n"
        "        c = 721420289\n        c ^ 721420290\n        c = ptr32(721420291)[0]\n        c ^ 721420292\n"
    )
    placeholders = (
        Placeholder(Kind.MASK, 721420289, 0, 5),
        Placeholder(Kind.UNMASK, 721420290, 0, 6),
        Placeholder(Kind.RAISE, 721420291, 0x40, 7),
        Placeholder(Kind.LOWER, 721420292, 0, 8),
    )
    found = compiled(tmp_path, "armv7m", text, placeholders)
    mask = "eff31080 72b6 00bf"  # mrs r0, PRIMASK; cpsid i; nop
    unmask = "80f31088 bff36f8f aff30080"  # msr PRIMASK, r0; isb; nop.w
    raised = "eff31180 4023 83f31288"  # mrs r0, BASEPRI; movs r3, #64; msr BASEPRI_MAX, r3
    back = "80f31188 bff36f8f aff30080"  # msr BASEPRI, r0; isb; nop.w
    places = [found.find(bytes.fromhex(each)) for each in (mask, unmask, raised, back)]
    assert -1 not in places
    assert places == sorted(places)


def test_a_placeholder_that_is_not_there_fails_the_build(tmp_path: Path) -> None:
    made = lowered()
    code = compiled(tmp_path, "armv7m", "pass\n", ())
    with pytest.raises(FailedError, match=r"main\.py:10: .* is there 0 times"):
        splice(code, made.placeholders, "armv7m", Path("main.py"))


def test_a_placeholder_that_is_there_twice_fails_the_build(tmp_path: Path) -> None:
    made = lowered()
    code = compiled(tmp_path, "armv7m", made.text, ())
    with pytest.raises(FailedError, match="is there 2 times"):
        splice(code + code, made.placeholders, "armv7m", Path("main.py"))


def test_other_code_behind_a_placeholder_fails_the_build(tmp_path: Path) -> None:
    made = lowered()
    text = made.text.replace("^ ", "| ")
    with pytest.raises(FailedError, match="is not followed by the operation that is expected") as failed:
        compiled(tmp_path, "armv7m", text, made.placeholders)
    assert failed.value.fix


CHANNELS = """\
import micropython
from corten.channel import Channel
from corten.hot import hot
words = Channel.words(4)
others = Channel.words(4)

@hot
def in_registers():
    found = words.take()
    return found


@hot
def put(item: uint):
    words.put(item)
    others.put(3)



@hot
def on_the_stack(a: int, b: int, f):
    total = uint(a)
    for i in range(b):
        try:
            total += words.take()
            others.take()
            words.put(uint(a))
        except ValueError:
            f(i)


    return total

"""


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_a_take_fits_into_its_room(tmp_path: Path, arch: str) -> None:
    made = lower({"main.py": CHANNELS}, core=Core(priority_bits=3))["main.py"]
    assert [each.kind for each in made.placeholders].count(Kind.TAKE) == 3
    before = compiled(tmp_path, arch, made.text, ())
    after = compiled(tmp_path, arch, made.text, made.placeholders)
    assert len(before) == len(after)
    assert after.count(b"\x0e\xc8\x89\x1a") == 3  # ldm r0!, {r1, r2, r3}; subs r1, r1, r2
    assert after.count(b"\xef\xf3\x05\x82") == 3  # mrs r2, IPSR
    assert after.count(b"\x0e\xc8\x8a\x1a") == 3  # ldm r0!, {r1, r2, r3}; subs r2, r1, r2


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_lines_are_disabled_where_there_is_no_basepri(tmp_path: Path, arch: str) -> None:
    task = "from corten.app import App\napp = App()\n@app.task(binds=3, priority=1)\ndef task():\n    pass\n"
    made = lower({"main.py": task + SOURCE}, core=Core(2, basepri=False))["main.py"]
    kinds = [each.kind for each in made.placeholders]
    assert kinds.count(Kind.SOURCES_OFF) == kinds.count(Kind.SOURCES_ON) == 4
    after = compiled(tmp_path, arch, made.text, made.placeholders)
    assert len(after) == len(compiled(tmp_path, arch, made.text, ()))
    assert after.count(b"\xbf\xf3\x4f\x8f\xbf\xf3\x6f\x8f") == 4  # dsb; isb
