"""The parts of a deployment that need no board."""

import ast
import os
from pathlib import Path

import pytest

from host_tools import paths
from host_tools.deploy.blocks import PAYLOAD, Chunks, Sender, chunks
from host_tools.deploy.changes import changes
from host_tools.deploy.compiled import named_main
from host_tools.deploy.inventory import Facts, read_inventory
from host_tools.deploy.payload import payload
from host_tools.deploy.reach import reached
from host_tools.deploy.shrink import shrink
from host_tools.errors import TargetError, UsageError
from tests.host_tools.deploying import write_app


def test_changes_reuse_what_both_slots_have() -> None:
    wanted = {"main.mpy": "1", "a/x.mpy": "2", "a/b/y.mpy": "3", "c": "4"}
    running = {"main.mpy": "0", "a/x.mpy": "2", "c": "4"}
    other = {"main.mpy": "9", "a/x.mpy": "2", "old/deep/z.mpy": "5", "old/q": "6", "a/gone": "7"}
    todo = changes(wanted, running, other)
    assert todo.remove == ("a/gone", "main.mpy", "old")
    assert todo.folders == ("a", "a/b")
    assert todo.copy == ("c",)
    assert todo.send == ("a/b/y.mpy", "main.mpy")


def test_a_file_takes_the_place_of_a_folder_and_the_other_way_round() -> None:
    assert changes({"a": "1"}, {}, {"a/b": "2"}).remove == ("a",)
    todo = changes({"a/b": "2"}, {}, {"a": "1"})
    assert (todo.remove, todo.folders) == (("a",), ("a",))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('"""Says."""\nx = 1\n', 0),
        ("# comment\nx = 1\n", 0),
        ("import a\nx = 1\n", 0),
        ("\ndef f():\n    pass\n", 0),
        ("@f\ndef g():\n    pass\n", 1),
        ("if x:\n    pass\n", 1),
        ("", 0),
        ("x = (\n", 0),
    ],
)
def test_main_gets_its_name_and_keeps_its_lines(text: str, lines: int) -> None:
    named = named_main(text)
    assert named.count("\n") == text.count("\n") + lines
    if text and "(" not in text.partition("\n")[0]:
        first = ast.parse(named).body[0]
        assert ast.unparse(first) == "__name__ = '__main__'"


def test_reached_modules() -> None:
    texts = {
        "main.py": "from parts import one\ndef later():\n    import corten.irq as i\n",
        "parts/__init__.py": "",
        "parts/one.py": "from . import two\n",
        "parts/two.py": "import board\n",
        "parts/three.py": "",
        "corten/__init__.py": "",
        "corten/irq.py": "from .native import x\n",
        "corten/native.py": "",
        "corten/pin.py": "",
        "board.py": "LED = Pin('LED', 'gpio_rp2040')",
        "corten/drivers/__init__.py": "",
        "corten/drivers/gpio_rp2040.py": "import corten.pin",
        "corten/drivers/fpgaio.py": "",
    }
    assert texts.keys() - reached(texts, ["main.py"]) == {"parts/three.py", "corten/drivers/fpgaio.py"}


def test_inventory_is_read() -> None:
    told = (
        "mpy 6918\nfree 5000\nversion 1.25.0\nboard mps2_an385\nslot a\nfile 00ff /main.py\n"
        "file 11 /.deploy/a/b c.txt\nempty - /.deploy/a/d\nmodules\n__main__          corten/__init__   board\nmain\n"
        "Plus any modules on the filesystem\n"
    )
    found = read_inventory(told, deflate=True)
    assert found.facts == Facts(
        "1.25.0",
        (6, 3),
        "armv7em",
        True,
        5000,
        frozenset({"__main__", "corten/__init__", "board", "main"}),
        "mps2_an385",
    )
    assert found.files == {"/main.py": "00ff", "/.deploy/a/b c.txt": "11", "/.deploy/a/d": "-"}
    assert found.facts.loads("armv6m")
    assert not found.facts.loads("armv7emsp")
    assert not found.facts.loads("xtensa")
    with pytest.raises(TargetError, match="told something else"):
        read_inventory("Traceback", deflate=True)


class Written:
    """A link that keeps what is written."""

    def __init__(self) -> None:
        self.data: list[bytes] = []

    def write(self, data: bytes, timeout_s: float = 1.0) -> None:
        self.data.append(data)

    def read(self, size: int, timeout_s: float) -> bytes:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("size", [1, PAYLOAD, PAYLOAD + 1, 2 * PAYLOAD, 5 * PAYLOAD - 1])
def test_no_more_than_two_blocks_are_under_way(size: int) -> None:
    link, blocks = Written(), -(-size // PAYLOAD)
    sender = Sender(link, Chunks((bytes(size), bytes(size)), 0), lambda done, total: None)
    for asked in range(2 * blocks):
        sender(b"\x06")
        sent = sum(map(len, link.data))
        in_chunk = asked % blocks + 1
        before = asked // blocks * (size + 4 * blocks)
        assert sent == before + min(in_chunk + 1, blocks) * 4 + min((in_chunk + 1) * PAYLOAD, size)


def test_compressed_only_for_a_board_that_inflates() -> None:
    assert chunks(bytes(1000), deflate=False, free=0).size == 1000
    assert chunks(bytes(1000), deflate=True, free=0).size < 100


def test_chunks_are_as_large_as_the_board_has_memory_for() -> None:
    data = bytes(100_000)
    assert [len(chunks(data, deflate=False, free=free).parts) for free in (200_000, 100_000, 10_000)] == [4, 7, 25]


@pytest.mark.parametrize("path", sorted((paths.firmware_dir() / "deploy").glob("*.py")), ids=lambda path: path.stem)
def test_shrunk_programs_define_the_same_functions(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    names = [
        [node.name for node in ast.parse(each).body if isinstance(node, ast.FunctionDef)]
        for each in (text, shrink(text))
    ]
    assert names[0] == names[1]
    assert '"""' not in shrink(text)
    assert len(shrink(text)) < len(text)


def test_source_that_needs_what_the_board_lacks(tmp_path: Path) -> None:
    app = write_app(tmp_path / "app", {"main.py": "from corten.irq import Irq\n"})
    bare = Facts("1.25.0", (6, 3), "armv6m", deflate=True)
    with pytest.raises(UsageError, match="imports `corten`, which the board lacks"):
        payload(str(app), bare, None, True, print)


@pytest.mark.parametrize("name", [b"undecodable\xff", b"control\x04", "two\u2028lines".encode()])
def test_names_that_no_board_takes(tmp_path: Path, name: bytes) -> None:
    app = write_app(tmp_path / "app", {"main.py": ""})
    Path(os.fsdecode(os.fsencode(app) + b"/" + name)).touch()
    with pytest.raises(UsageError, match="no name for a file on a board"):
        payload(str(app), Facts("1.25.0", None, "", deflate=True), None, False, print)


def test_log_settings_of_the_project_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "from corten.log import Log\nlog = Log('app')\nlog.debug('a text that is seen')\n"
    app = write_app(tmp_path / "app", {"main.py": program})
    monkeypatch.chdir(tmp_path)

    def made(settings: str, name: str) -> bytes:
        (tmp_path / "corten.toml").write_text(settings, encoding="utf-8")
        return payload(str(app), Facts("1.25.0", (6, 3), "armv6m", True), "rpi_pico", False, print)[name].content

    assert b"a text that is seen" in made('log_format = "framed"\n', "main.mpy"), "no table of a deployed app is kept"
    assert b"a text that is seen" not in made('log_level = "info"\n', "main.mpy")
    assert b"uart=trace" in made('log = "error,uart=trace"\n', "corten/log_filter.mpy")
