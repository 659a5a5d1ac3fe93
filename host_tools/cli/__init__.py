"""The command line: one command a file, loaded when it is called, so that each starts as fast as it can."""

import errno
import importlib
import sys

import click

from host_tools import __version__
from host_tools.errors import CortenError, UsageError

COMMANDS = ("doctor", "boards", "build", "run", "repl", "exec", "stop", "test", "bench")


class LazyGroup(click.Group):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"host_tools.cli.{cmd_name}_command").command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="corten")
def cli() -> None:
    """Bare-metal MicroPython on Cortex-M: build, run and test firmware in an emulator and on a board.

    Exit status: 0 good, 1 what was asked for failed, 2 wrong usage or a missing tool, 3 the target did not answer.
    """


def main() -> None:
    """The `corten` program."""
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """Runs a command line and returns its exit status; errors end in one message on standard error."""
    try:
        status = cli.main(arguments, prog_name="corten", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        error.show()
        return UsageError.exit_status
    except (KeyboardInterrupt, click.Abort):
        click.echo("corten: interrupted", err=True)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except CortenError as error:
        click.echo(f"corten: {error}", err=True)
        return error.exit_status
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        place = error.filename or "the disk"
        click.echo(f"corten: {place}: no space left\n  fix: free some, or point CORTEN_CACHE elsewhere", err=True)
        return 1
