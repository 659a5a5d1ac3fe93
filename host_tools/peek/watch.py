"""Reads again and again: a table that stays in place in a terminal, lines of what has changed without one."""

import time
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.live import Live

from host_tools.peek.reading import Reading, decode
from host_tools.peek.table import Changes, changes, hexadecimal, shown_value, table

Read = Callable[[], list[Reading]]


def watch(title: str, read: Read, interval_s: float, console: Console) -> None:
    """Shows what `read` returns every `interval_s` seconds until Ctrl-C, which is the way to end it.

    What `read` raises is raised here.
    """
    try:
        if console.is_terminal:
            _redraw(title, read, interval_s, console)
        else:
            _print_lines(title, read, interval_s, console)
    except KeyboardInterrupt:
        return


def _redraw(title: str, read: Read, interval_s: float, console: Console) -> None:
    before = read()
    title = f"{title}, every {interval_s:g} s; Ctrl-C ends"
    with Live(table(title, before, {}), console=console, auto_refresh=False, vertical_overflow="ellipsis") as live:
        while True:
            time.sleep(interval_s)
            now = read()
            live.update(table(title, now, changes(before, now)), refresh=True)
            before = now


def _print_lines(title: str, read: Read, interval_s: float, console: Console) -> None:
    before = read()
    start = time.monotonic()
    _say(console, title)
    for each in before:
        _say(console, f"{each.placed.path} {f'skipped: {each.skipped}' if each.skipped else hexadecimal(each)}")
    while True:
        time.sleep(interval_s)
        now = read()
        for line in changed_lines(now, before, changes(before, now)):
            _say(console, f"{time.monotonic() - start:8.3f} s  {line}")
        before = now


def changed_lines(now: Sequence[Reading], before: Sequence[Reading], changed: Changes) -> list[str]:
    """One line for each register that has changed, with the fields that have."""
    lines = []
    for new, old in zip(now, before, strict=True):
        mask = changed.get(new.placed.path, 0)
        if mask:
            pairs = zip(decode(old), decode(new), strict=True)
            fields = [f"{b.field.name} {shown_value(a)} -> {shown_value(b)}" for a, b in pairs if b.field.mask & mask]
            line = f"{new.placed.path} {hexadecimal(old)} -> {hexadecimal(new)}"
            lines.append(f"{line}  {', '.join(fields)}".rstrip())
    return lines


def _say(console: Console, line: str) -> None:
    console.print(line, soft_wrap=True, markup=False, highlight=False)
    console.file.flush()
