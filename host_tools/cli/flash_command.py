"""corten flash: an image onto a real board."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from host_tools import project
from host_tools.cli import options
from host_tools.errors import FailedError, UsageError

if TYPE_CHECKING:
    from host_tools.flashers import Offer
    from host_tools.flashers.base import Job


@click.command("flash")
@click.argument("app", required=False)
@options.board
@options.port
@options.as_json
@click.option("--method", metavar="NAME", help="Only by this method of the board's; see --dry-run.")
@click.option(
    "--image", "file", type=click.Path(path_type=Path), metavar="FILE", help="Flash this file: built nowhere."
)
@click.option(
    "--volume", type=click.Path(path_type=Path), metavar="PATH", help="Where the board's USB volume is mounted."
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, by each method, and do nothing.")
def command(
    app: str | None,
    board: str | None,
    port: str | None,
    as_json: bool,
    method: str | None,
    file: Path | None,
    volume: Path | None,
    dry_run: bool,
) -> None:
    """Flash the image of APP, or FILE, onto a real board, and confirm that it runs.

    The board's file says by which methods; the first that can be used is. An image that is not for the board is never
    written.
    FILE is a .uf2, .bin, .hex, .elf or .dfu, MicroPython's own or anybody's.
    """
    from host_tools import flashers

    if app and file:
        raise UsageError("an APP and an --image were given", fix="give one of them")
    job = _job(app or (None if file else project.settings().app), file, board, port, volume)
    if dry_run:
        _show_offers(list(flashers.offers(job, method)), job, as_json)
        return
    used, refused = flashers.flash(job, method)
    for each in refused:
        options.say(f"{each.name}: {each.refused}")
    build = _confirm(job, used)
    data = _data(job) | {"method": used.name, "confirmed": build}
    told = f"it answers as {build}" if build else "nobody told where its console is: --port PORT confirms it"
    options.show(as_json, data, lambda: click.echo(f"{job.board.name}: flashed by {used.name}; {told}"))


def _job(app: str | None, file: Path | None, board: str | None, port: str | None, volume: Path | None) -> "Job":
    from host_tools import paths
    from host_tools.boards import load_board
    from host_tools.flashers import checks
    from host_tools.flashers.base import Job
    from host_tools.flashers.image_file import read

    model = load_board(options.board_name(board))
    if volume and not volume.is_dir():
        raise UsageError(f"{volume} is no folder", fix="name the folder where the board's volume is mounted")
    if file is None:
        from host_tools.build import build

        made = build(model, app, options.say)
        file = made.uf2 or made.elf
    image = read(file, checks.flash_of(model)[0])
    checks.check(model, image)
    folder = paths.build_dir() / model.name / "flash"
    return Job(model, image, options.port_name(port, board), volume, folder, options.say)


def _confirm(job: "Job", used: "Offer") -> str | None:
    """What runs on the board now, by its own word; None when nobody knows where to ask. FailedError for another."""
    from host_tools.flashers import reboot

    assert used.plan
    port = used.plan.console()
    if port is None:
        return None
    options.say(f"waiting for the board at {port}")
    build = reboot.await_build(port)
    if not any(build.encode() in data for _, data in job.image.chunks):
        message = f"{used.name} went well, but the board at {port} runs {build}, which is not in {job.image.path}"
        raise FailedError(message, fix="check that the port is that of the board that was flashed, and repeat")
    return build


def _data(job: "Job") -> dict[str, Any]:
    from host_tools.flashers import checks

    image = job.image
    return {
        "board": job.board.name,
        "image": str(image.path),
        "build": checks.build_of(image),
        "start": image.start,
        "bytes": image.size,
    }


def _show_offers(offers: "list[Offer]", job: "Job", as_json: bool) -> None:
    rows = [
        {
            "method": each.name,
            "refused": each.refused and each.refused.reason,
            "fix": each.refused and each.refused.fix,
            "steps": list(each.plan.steps) if each.plan else [],
        }
        for each in offers
    ]
    options.show(as_json, _data(job) | {"methods": rows}, lambda: _table(offers, job))


def _table(offers: "list[Offer]", job: "Job") -> None:
    click.echo(f"{job.image.path}: {job.image.size} bytes from {job.image.start:#010x} on, for {job.board.name}")
    chosen = next((each.name for each in offers if not each.refused), None)
    for each in offers:
        state = (
            f"refused: {each.refused}" if each.refused else "would be used" if each.name == chosen else "could be used"
        )
        click.echo(f"{each.name}: {state}")
        if each.refused:
            click.echo(f"    fix: {each.refused.fix}")
        for number, step in enumerate(each.plan.steps if each.plan else (), 1):
            click.echo(f"    {number}. {step}")
