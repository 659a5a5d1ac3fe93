"""corten svd: a vendor's register description, as modules or on the screen."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from host_tools.cli import options

if TYPE_CHECKING:
    from host_tools.svd.read import Chip
    from host_tools.svd.show import Shown

ATOMIC = {"none": "", "aliases": "ALIASES", "bit-band": "BIT_BAND"}

patch = click.option(
    "--patch",
    "patches",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="svdtools YAML; repeats.",
)
svd = click.argument("svd", type=click.Path(path_type=Path), metavar="CHIP.svd")


@click.group("svd")
def command() -> None:
    """A vendor's registers: CMSIS-SVD in, modules for `corten.register` out."""


@command.command("generate")
@svd
@click.option("--peripheral", "-p", "names", multiple=True, metavar="NAME", help="Only this one; repeats.")
@patch
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path), metavar="DIR", help="The package.")
@click.option("--atomic", type=click.Choice(list(ATOMIC)), help="How writes can be atomic; what is known if not given.")
@click.option("--force", is_flag=True, help="Overwrite files that are not generated.")
@options.as_json
def generate(
    svd: Path,
    names: tuple[str, ...],
    patches: tuple[Path, ...],
    output: Path,
    atomic: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write one readable module a peripheral, and the package's __init__.py."""
    from host_tools.svd import generate

    chip = _chip(svd, patches)
    made = generate.modules(chip, names, None if atomic is None else ATOMIC[atomic])
    for warning in chip.warnings:
        options.say(f"warning: {warning}")
    generate.write(made, output, force=force)
    data = {"device": chip.name, "folder": str(output), "modules": sorted(made), "warnings": chip.warnings}
    options.show(as_json, data, lambda: click.echo(f"{chip.name}: {len(made)} modules in {output}"))


@command.command("show")
@svd
@click.argument("place", required=False, metavar="[PERIPHERAL[.REGISTER[.FIELD]]]")
@patch
@options.as_json
def show(svd: Path, place: str | None, patches: tuple[Path, ...], as_json: bool) -> None:
    """Print the peripherals, the registers of one, or the fields of a register."""
    from host_tools.svd.show import find

    chip = _chip(svd, patches)
    if place is None:
        options.show(as_json, _peripherals(chip), lambda: _table(_peripherals(chip)))
        return
    shown = find(chip, place)
    if shown.register is None:
        options.show(as_json, shown.registers(), lambda: _table(shown.registers()))
    else:
        options.show(as_json, shown.data(), lambda: _fields(shown))


def _chip(svd: Path, patches: tuple[Path, ...]) -> "Chip":
    from host_tools.svd.parser import load
    from host_tools.svd.read import Chip

    tree = load(svd)
    for each in patches:
        from host_tools.svd.patch import apply

        apply(tree, each, options.say)
    return Chip(tree, svd.name)


def _peripherals(chip: "Chip") -> list[dict[str, Any]]:
    return [
        {"name": each.name, "address": f"{each.base:#010x}", "as": each.parent, "description": each.text}
        for each in chip.peripherals.values()
    ]


def _table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(*(rows[0] if rows else ("nothing",)))
    for row in rows:
        table.add_row(*("" if value is None else escape(str(value)) for value in row.values()))
    Console().print(table)


def _fields(shown: "Shown") -> None:
    data = shown.data()
    click.echo(f"{data['name']} at {data['address']}: {data['access']}, {data['width']} bits, reset {data['reset']}")
    if data["description"]:
        click.echo(data["description"])
    rows = [
        {**field, "values": "\n".join(f"{value} {name}" for name, value in field["values"].items())}
        for field in data["fields"]
    ]
    if rows:
        _table(rows)
