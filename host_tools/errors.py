"""The errors that Corten's host tools raise on purpose.

    CortenError
    ├── FailedError                 exit status 1: what was asked for failed (a test, a check, a compile)
    ├── UsageError                  exit status 2: wrong usage, a wrong file
    │   ├── BoardError                  a board or chip file is wrong, or there is no such board
    │   └── MissingToolError            a program or package that is needed is not there
    └── TargetError                 exit status 3: the target did not answer

Any other exception that reaches the command line is a bug in Corten.
"""


class CortenError(Exception):
    """The base of the tree; raise one of its subclasses."""

    exit_status = 1

    def __init__(self, message: str, fix: str | None = None) -> None:
        """`message` says the cause and `fix`, where one is known, what the user can do about it."""
        super().__init__(message, fix)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        """The cause and, on a line of its own, the fix."""
        return f"{self.message}\n  fix: {self.fix}" if self.fix else self.message


class FailedError(CortenError):
    """What was asked for was tried and failed."""

    exit_status = 1


class UsageError(CortenError):
    """It could not be tried: the command, a file or the machine is not as it has to be."""

    exit_status = 2


class BoardError(UsageError):
    """A board or chip file is wrong, or no board has the name that was given."""


class MissingToolError(UsageError):
    """A program or package that the command needs is not on this machine."""


class TargetError(CortenError):
    """The board or emulator did not answer, or answered what cannot be."""

    exit_status = 3
