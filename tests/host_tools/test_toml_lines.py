"""The line of a key in a TOML text."""

import pytest

from host_tools.toml_lines import TomlLines

LINES = """\
# [no.table]
top = "a # b"           # c = 1

[table.inner]
"quoted.key" = 1
a.b.c = 2
text = \'\'\'
fake = 3
[fake]\'\'\'
inline = { x = 1, y.z = [ { deep = 1 }, { deep = 2 } ], when = 1979-05-27 07:32:00 }
list = [
    1.5,  # ]
    "]",
]

[[array]]
last = true
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("table",), 4),
        (("table", "inner"), 4),
        (("table", "inner", "quoted.key"), 5),
        (("table", "inner", "a", "b", "c"), 6),
        (("table", "inner", "text"), 7),
        (("table", "inner", "fake"), 4),
        (("table", "inner", "inline", "y", "z", 1, "deep"), 10),
        (("table", "inner", "inline", "when"), 10),
        (("table", "inner", "list", 0), 12),
        (("table", "inner", "list", 1), 13),
        (("array",), 16),
        (("array", "last"), 17),
        (("table", "absent", "field"), 4),
        (("absent",), 1),
    ],
)
def test_line_of_a_key(path: tuple[str | int, ...], line: int) -> None:
    assert TomlLines(LINES).of(path) == line
