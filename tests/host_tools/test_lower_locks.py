"""Locks in ordinary code: what they become, in which lines, and what is refused."""

import ast
from pathlib import Path

import pytest

from host_tools.errors import UsageError
from host_tools.lower import Core, Lowered, lower

HEAD = '''"""Locks."""
from corten.app import App
from corten.ceiling import ceiling
from corten.critical import critical
from corten.shared import Shared, SharedWord
app = App()
LOW = ceiling(1)
count = Shared(0)
word = SharedWord(0, ceiling=2)
own = Shared(None, 3)
lonely = Shared(0)

@app.task(binds="TIMER0", priority=2, shares=(count,))
def tick():
    pass

@app.task(priority=1, shares=[count])
def tock():
    pass

'''
LINES = HEAD.count("\n")
CORE = Core(priority_bits=3)


def lowered(source: str, core: Core = CORE, **others: str) -> Lowered:
    files = {f"{name}.py": text for name, text in others.items()}
    return lower({**files, "main.py": HEAD + source}, core=core)["main.py"]


def body(source: str, core: Core = CORE) -> str:
    """What is behind the head, without blank lines at the end."""
    made = lowered(source, core).text
    assert made.count("\n") == (HEAD + source).count("\n")
    return "\n".join(made.splitlines()[LINES:]).rstrip()


def reasons(source: str, core: Core = CORE) -> list[str]:
    return [note.reason for note in lowered(source, core).notes if note.reason]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (  # a free line behind
            "def f():\n    with critical:\n        a()\n        b()\n\n\nc()\n",
            "def f():\n    try:\n        _corten_found = _corten_mask(); a()\n        b()\n"
            "    finally: _corten_restore(_corten_found)\n\nc()",
        ),
        (  # the last statement goes up
            "with critical:\n    a()\n    b()  # why\nc()\n",
            "try:\n    _corten_found = _corten_mask(); a(); b()\nfinally: _corten_restore(_corten_found)\nc()",
        ),
        (  # into the line of a comment
            "with critical:\n    a()\n    # why\n    b(\n        1)\nc()\n",
            "try:\n    _corten_found = _corten_mask(); a()\n    b(\n        1)\n"
            "finally: _corten_restore(_corten_found)\nc()",
        ),
        (  # behind a colon
            "with critical:\n    a()\n    for i in x:  # all\n        b(i)\nc()\n",
            "try:\n    _corten_found = _corten_mask(); a()\n    for i in x: b(i)\n"
            "finally: _corten_restore(_corten_found)\nc()",
        ),
        (  # one statement
            "with critical:\n    a()\nc()\n",
            "try: _corten_found = _corten_mask(); a()\nfinally: _corten_restore(_corten_found)\nc()",
        ),
        (  # one line
            "with critical: a(); b()\n\nc()\n",
            "try: _corten_found = _corten_mask(); a(); b()\nfinally: _corten_restore(_corten_found)\nc()",
        ),
        (  # masked in the line before
            "d()\nwith critical:\n    if x:\n        a()\n\nc()\n",
            "d(); _corten_found = _corten_mask()\ntry:\n    if x:\n        a()\n"
            "finally: _corten_restore(_corten_found)\nc()",
        ),
        (  # masked in a comment's line
            "with critical:\n    # why\n    if x:\n        a()\n\nc()\n",
            "try:\n    _corten_found = _corten_mask()\n    if x:\n        a()\n"
            "finally: _corten_restore(_corten_found)\nc()",
        ),
        (  # masked in a test
            "def f():\n    with critical:\n        if x and y:\n            a()\n\n",
            "def f():\n    try:\n        if (_corten_found := _corten_mask()) is None or (x and y):\n            a()\n"
            "    finally: _corten_restore(_corten_found)",
        ),
        (
            "with ceiling(1):\n    a()\n\n",
            "try:\n    _corten_found = _corten_limit_224(); a()\nfinally: _corten_unlimit(_corten_found)",
        ),
        (
            "with LOW:\n    a()\n\n",
            "try:\n    _corten_found = _corten_limit_224(); a()\nfinally: _corten_unlimit(_corten_found)",
        ),
        (
            "with ceiling(8):\n    a()\n\n",
            "try:\n    _corten_found = _corten_mask(); a()\nfinally: _corten_restore(_corten_found)",
        ),
        ("with ceiling(0):\n    a()\n", "if True:\n    a()"),
        (
            "with count.lock() as c:\n    c.value += 1\n\n",
            "try:\n    _corten_found = _corten_limit_192(); count._cell[0] += 1\n"
            "finally: _corten_unlimit(_corten_found)",
        ),
        (
            "with word.lock() as w:\n    w.value = w.value + 1\n\n",
            "try:\n    _corten_found = _corten_limit_192(); word._words[0] = word._words[0] + 1\n"
            "finally: _corten_unlimit(_corten_found)",
        ),
        (
            "with own.lock() as o:\n    o.value.tick(o.value)\n\n",
            "try:\n    _corten_found = _corten_limit_160(); own._cell[0].tick(own._cell[0])\n"
            "finally: _corten_unlimit(_corten_found)",
        ),
        (  # nested
            "def f():\n    with critical:\n        with LOW:\n            return a()\n\n\n",
            "def f():\n    try:\n        try:\n            _corten_found = _corten_mask(); "
            "_corten_found2 = _corten_limit_224(); return a()\n"
            "        finally: _corten_unlimit(_corten_found2)\n    finally: _corten_restore(_corten_found)",
        ),
        (
            "def f():\n    with critical:\n        b()\n        with LOW:\n            a()\n\n\n",
            "def f():\n    try:\n        _corten_found = _corten_mask(); b()\n        try:\n"
            "            _corten_found2 = _corten_limit_224(); a()\n"
            "        finally: _corten_unlimit(_corten_found2)\n    finally: _corten_restore(_corten_found)",
        ),
    ],
)
def test_lock(source: str, expected: str) -> None:
    assert body(source) == expected


def test_names_are_imported_at_the_top() -> None:
    first = lowered("with LOW:\n    a()\n\n").text.splitlines()[0]
    assert first == (
        '"""Locks."""; from corten.masking import limit_to as _corten_limit_to, unlimit as _corten_unlimit; '
        "_corten_limit_224 = _corten_limit_to(224)"
    )


def test_ceiling_of_what_another_module_shares() -> None:
    other = "import main\n@main.app.task(binds='TIMER1', priority=4, shares=(main.count,))\ndef more():\n    pass\n"
    text = lowered("with count.lock() as c:\n    c.value += 1\n\n", other=other).text
    assert "_corten_limit_128()" in text


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("with lonely.lock() as c:\n    c.value += 1\n\n", "no task has lonely in its shares"),
        ("with count.lock() as c:\n    f(c)\n\n", "c is used for something else than its value, at line"),
        ("with count.lock() as c:\n    c.value = 1\n\nc\n", "c is used for something else than its value, at line"),
        ("with count.lock() as c:\n    f(lambda: c.value)\n\n", "c is used in a function inside"),
        ("with count.lock() as c:\n    f(f'{c.value}')\n\n", "c is used in an f-string"),
        ("with critical, LOW:\n    a()\n\n", "it is one of several context managers"),
        ("with critical as c:\n    a()\n\n", "it is bound to a name"),
        ("with ceiling(n):\n    a()\n\n", "its priority is no constant"),
        ("class A:\n    with critical:\n        a = 1\n\n", "it is in the body of a class"),
        ("with critical: a()\nb()\n", "it is one line, and none behind it is free"),
        ("if x:\n    with critical:\n        while y:\n            c()\n\n", "it begins with a compound statement"),
        ("with (\n    critical\n):\n    a()\n\n", "its header takes several lines"),
        ("with critical:  # corten: keep\n    a()\n\n", "its line ends in"),
    ],
)
def test_kept(source: str, reason: str) -> None:
    made = lowered(source)
    found = [note.reason for note in made.notes if note.reason]
    assert [each for each in found if reason in each], found
    assert "_corten" not in made.text


def test_a_declaration_that_cannot_be_read_keeps_what_depends_on_it() -> None:
    for declaration in ('@app.task("TIMER1", 7)', "@app.task(**options)", "@app.task(shares=all_of_them)"):
        source = f"{declaration}\ndef more():\n    pass\n\nwith count.lock() as c:\n    c.value = 1\n\n"
        assert reasons(source)[0].endswith("shares what is known on the chip only"), declaration


def test_without_basepri_ceilings_stay() -> None:
    core = Core(priority_bits=2, basepri=False)
    assert reasons("with LOW:\n    a()\n\nwith critical:\n    b()\n\n", core) == ["this core has no BASEPRI"]


def test_locks_can_be_left_as_they_are() -> None:
    source = (
        HEAD
        + "from corten.hot import hot\nwith critical:\n    a()\n\n@hot\ndef f():\n    with critical:\n        pass\n"
    )
    text = lower({"main.py": source}, core=CORE, locks=False)["main.py"].text
    assert text.count("with critical:") == 2
    assert "@micropython.viper" in text


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("async def f():\n    with critical:\n        await a()\n\n", 2, "await inside a lock"),
        ("def f():\n    with LOW:\n        x = yield 1\n\n", 2, "yield inside a lock"),
        (
            "low = Shared(0, ceiling=1)\n@app.task(priority=2, shares=(low,))\ndef two():\n    pass\n"
            "with low.lock() as c:\n    c.value = 1\n\n",
            5,
            "low has ceiling 1, and the task of priority 2 at main.py",
        ),
        ("with ceiling(9):\n    a()\n\n", 1, "ceiling 9: this chip has priorities 0 to 8"),
        (
            "def f():\n    with count.lock() as c:\n        with count.lock() as d:\n            d.value = 1\n\n\n",
            3,
            "count is locked here already",
        ),
    ],
)
def test_refused(source: str, line: int, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        lowered(source)
    assert refused.value.message.startswith(f"main.py:{LINES + line}: ")
    assert words in refused.value.message
    assert refused.value.fix


def test_a_generator_inside_may_yield() -> None:
    assert "_corten_mask()" in body("with critical:\n    f(x for x in y)\n    def g():\n        yield 1\n\n")


def test_every_module_of_the_firmware_is_lowered_to_one_that_parses() -> None:
    folder = Path(__file__).parents[2] / "firmware"
    sources = {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.glob("corten/**/*.py"))}
    for file, made in lower(sources, core=CORE).items():
        ast.parse(made.text)
        assert made.text.count("\n") == sources[file].count("\n"), file


def test_statements_stay_in_their_lines_where_a_line_is_free() -> None:
    source = (
        "def f(x):\n    with critical:\n        one(x)\n        with LOW:\n            two(x)\n            three(\n"
        "                x)\n\n        if x:\n            four(x)\n\n\n    five(x)\n"
    )
    assert _lines(HEAD + source) == _lines(lowered(source).text)


def _lines(text: str) -> dict[str, int]:
    names = ("one", "two", "three", "four", "five")
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return {call.func.id: call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id in names}
