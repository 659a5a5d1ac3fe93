"""The table of docs/concurrency.md names what can be imported."""

import re
from pathlib import Path

from host_tools.paths import firmware_dir

TEXT = (Path(__file__).parents[2] / "docs" / "concurrency.md").read_text(encoding="utf-8")
TAKEN = re.findall(r"^\| [^|]+ \| ([^|]+) \| [^|]+ \|$", TEXT.split("## Which one")[1].split("\n## ")[0], re.MULTILINE)


def test_every_primitive_of_the_table_has_its_file() -> None:
    names = {word for cell in TAKEN for word in re.findall(r"`(?:with )?(?:corten\.)?(\w+)", cell)}
    files = {path.stem for path in (firmware_dir() / "corten").glob("*.py")}
    known = {name for name in names if name.lower() in files}
    assert known >= {"critical", "ceiling", "Shared", "Channel", "Signal", "soft", "hard", "native", "Spinlock"}
    assert known >= {"Mutex", "Watchdog", "masked"}
