"""Log lines in a build: what goes leaves no byte, what stays is looked at where its level is on, texts stay here."""

from pathlib import Path

import pytest

from host_tools import mpy_cross
from host_tools.errors import UsageError
from host_tools.logs import Logs
from host_tools.lower import Lowered, lower
from tests.host_tools.commands import Corten

HEAD = 'from corten.log import Log\nlog = Log("uart")\n'
MARKS = ("", "@micropython.native\n", "@micropython.viper\n")


def lowered(source: str, level: str = "info", framed: bool = False, **others: str) -> Lowered:
    files = {f"{name}.py": text for name, text in others.items()}
    return lower({**files, "main.py": HEAD + source}, logs=Logs(level, framed))["main.py"]


def body(source: str, level: str = "info", framed: bool = False) -> str:
    made = lowered(source, level, framed).text
    assert made.count("\n") == (HEAD + source).count("\n")
    return made.removeprefix(HEAD)


def compiled(text: str, folder: Path) -> bytes:
    path, output = folder / "main.py", folder / "main.mpy"
    path.write_text(text, encoding="utf-8")
    mpy_cross.compile_file(mpy_cross.find("1.25.0", print), path, "main.py", output, "armv7m", path)
    return output.read_bytes()


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    ("with_log", "without"),
    [
        (
            'def f(n: int) -> int:\n    log.debug("rx %d", n + 1)\n    return n\n',
            "def f(n: int) -> int:\n    # rx\n    return n\n",
        ),
        (
            "def f(n: int) -> int:\n    n = 1; log.trace('x')  # why\n    return n\n",
            "def f(n: int) -> int:\n    n = 1\n    return n\n",
        ),
        (
            'def f(n: int) -> int:\n    return n\n    log.debug("never")\n',
            "def f(n: int) -> int:\n    return n\n    # never\n",
        ),
        (
            "def f(n: int) -> int:\n    if n:\n"
            "        log.debug(\n            'rx %d',\n            n,\n        )\n    return n\n",
            "def f(n: int) -> int:\n    if n:\n        pass\n\n\n\n    return n\n",
        ),
        (
            "def f(n: int) -> int:\n    while n:\n"
            "        log.debug('a')\n        log.debug('b')\n        n -= 1\n    return n\n",
            "def f(n: int) -> int:\n    while n:\n\n\n        n -= 1\n    return n\n",
        ),
    ],
)
def test_line_that_goes_costs_no_byte(with_log: str, without: str, mark: str, tmp_path: Path) -> None:
    removed = compiled(lowered(mark + with_log).text, tmp_path)
    assert removed == compiled(HEAD + mark + without, tmp_path)
    assert removed != compiled(HEAD + mark + with_log, tmp_path)


def test_line_that_stays_evaluates_nothing_where_its_level_is_off() -> None:
    assert body('log.info("rx %d", f())\n') == 'log.level >= 3 and log.info("rx %d", f())\n'
    head = "class A:\n    def __init__(self):\n        self.log = Log('a')\n"
    made = body(head + "    def f(self):\n        self.log.error('x')\n")
    assert made.splitlines()[-1] == "        self.log.level >= 1 and self.log.error('x')"


def test_framed_line_is_a_number_and_its_text_is_in_the_table() -> None:
    made = lowered('log.info(\n    "rx"\n    " %d", 1)\nlog.error("bad")\n', framed=True)
    first, second = made.formats
    assert made.text.removeprefix(HEAD) == (
        f"log.level >= 3 and log.send(\n    {first.number:#06x}\n, 1)\n"
        f"log.level >= 1 and log.send({second.number:#06x})\n"
    )
    assert (first.level, first.name, first.text, first.file, first.line) == ("info", "uart", "rx %d", "main.py", 3)
    assert first.number != second.number


def test_numbers_differ_among_modules_and_calls() -> None:
    text = HEAD + 'log.info("x"); log.info("x")\n' * 200
    made = lower({"main.py": text, "other.py": text}, logs=Logs(framed=True))
    numbers = [each.number for file in made.values() for each in file.formats]
    assert len(set(numbers)) == len(numbers) == 800


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(log):\n    log.debug('x')\n", "log is a parameter"),
        ("log = 5\nlog.debug('x')\n", "log is bound more than once"),
        ("log.debug('x')  # corten: keep\n", "its line ends in '# corten: keep'"),
        ("def f(*a):\n    log.debug('x', *a)\n", "its arguments are known on the chip only"),
        ("@micropython.viper\ndef f():\n    log.info('x')\n", "its function is machine code, in which its level is "),
        ("Log('x').info('x')\n", "its log has no name"),
    ],
)
def test_line_that_is_kept(source: str, reason: str) -> None:
    made = lowered(source)
    assert made.text == HEAD + source
    assert [note.reason[: len(reason)] for note in made.notes if note.reason] == [reason]


def test_what_is_no_log_is_left_alone() -> None:
    source = "import sys\nclass Parser:\n    def error(self, text): pass\n"
    source += "parser = Parser()\nparser.error('x')\nsys.info('x')\n"
    assert lowered(source).text == HEAD + source


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('log.debug("%d %d", 1)', "the text has 2 places for 1 arguments"),
        ('log.debug("100 %%", 1)', "the text has 0 places for 1 arguments"),
        ('log.debug("%d %d %d %d %d", 1, 2, 3, 4, 5)', "a log line has 4 arguments at most"),
        ('log.debug("%(a)s", {})', "a log line has plain places, as %d or %s"),
    ],
)
def test_line_that_cannot_be_put_together_ends_the_build(call: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        lowered(f"def f():\n    {call}\n")
    assert error.value.message == f"main.py:4: {message}"
    assert error.value.fix


def test_run_lets_through_what_is_asked_for(corten: Corten, tmp_path: Path) -> None:
    app = tmp_path / "main.py"
    app.write_text(HEAD + 'log.info("info")\nlog.debug("debug")\nLog("else").debug("else")\n', encoding="utf-8")
    assert "debug" not in corten("run", str(app)).out
    said = corten("run", "--log", "info,uart=debug", str(app)).out
    assert [line.partition("] ")[2] for line in said.splitlines()] == ["info uart: info", "debug uart: debug"]
    wrong = corten("run", "--log", "loud", str(app))
    assert wrong.status == 2
    assert "'loud' is no filter of log lines" in wrong.error
