"""A treemap of an image as one HTML file that needs nothing else, made of page.html, page.css, page.js and the data."""

import json
from importlib.resources import files

from host_tools.size.report import Report

_PARTS = files("host_tools.size")


def page(report: Report) -> str:
    """The file's text."""
    text = _part("page.html")
    data = json.dumps(report.data(), separators=(",", ":")).replace("<", "\\u003c")
    title = f"{report.app} on {report.board}".replace("&", "&amp;").replace("<", "&lt;")
    for mark, content in (
        ("{{title}}", title),
        ("/*{{style}}*/", _part("page.css")),
        ("/*{{program}}*/", _part("page.js")),
        ("/*{{data}}*/", data),
    ):
        text = text.replace(mark, content, 1)
    return text


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")
