"""The command line: one command a file, loaded when it is called, so that each starts as fast as it can."""

import errno
import importlib
import os
import signal
import sys

import click

from host_tools import __version__
from host_tools.errors import CortenError, FailedError, UsageError

COMMANDS = (
    *("doctor", "new", "boards"),
    *("build", "run", "repl", "exec"),
    *("flash", "deploy", "mount", "serve", "stop"),
    *("monitor", "peek", "trace", "gdb"),
    *("size", "asm", "svd"),
    *("test", "bench"),
)
INTERRUPTED = 128 + signal.SIGINT
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """Runs a command line and returns its exit status; errors end in one message on standard error."""
    try:
        status = cli.main(arguments, prog_name="corten", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        error.show()
        return UsageError.exit_status
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has left. What is still buffered must not be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FailedError.exit_status
    except CortenError as error:
        return _say(str(error), error.exit_status)
    except OSError as error:
        return _explain(error)


def _explain(error: OSError) -> int:
    """What is wrong with the machine, not with Corten: a full disk, a file that may not be read."""
    place = error.filename or "the disk"
    if error.errno in FULL:
        fix = "free some, or point CORTEN_CACHE and CORTEN_BUILD to where there is space"
        return _say(f"{place}: no space left\n  fix: {fix}", FailedError.exit_status)
    if error.filename is None:
        raise error
    return _say(f"{place}: {error.strerror}", UsageError.exit_status)


def _say(message: str, status: int) -> int:
    click.echo(f"corten: {message}", err=True)
    return status


def _end(number: int, frame: object) -> None:
    """Ends through the cleanup of whatever runs: the emulator, the terminal's mode."""
    sys.exit(128 + number)
