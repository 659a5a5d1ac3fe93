"""The report of an app's image, built if need be."""

from collections.abc import Callable

from host_tools.boards import Board
from host_tools.build import Image, build, image_modules
from host_tools.size.report import Report, measure


def report_of(board: Board, app: str | None, say: Callable[[str], None]) -> Report:
    """Builds the image of `app`, or the one without an app, and measures it. Raises as `build`."""
    return measured(build(board, app, say), app, say)


def measured(image: Image, app: str | None, say: Callable[[str], None]) -> Report:
    """The report of an image that was built of `app`."""
    sources = {}
    for module in image_modules(image.board, app, say):
        sources[module.name] = (module.lowered or module.path).read_text(encoding="utf-8", errors="replace")
    return measure(image.board.name, image.app, image.elf, sources)
