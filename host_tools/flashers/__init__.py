"""The methods of flashing a board: a registry whose members say why they cannot be used.

A board's file names its methods in the tables [flash.METHOD], in the order in which they are tried. The module of that
name here does it; see base.py for what a module offers.
"""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from host_tools.boards import Board
from host_tools.errors import CortenError, FailedError, TargetError, UsageError
from host_tools.flashers.base import Job, Method, Plan, Refused

_MODULES = {"volume": "mass_storage"}
"""The modules that are not called as their method."""


@dataclass(frozen=True)
class Offer:
    """A method, what it would do, and why it cannot be used now, where it cannot."""

    name: str
    method: Method
    plan: Plan | None
    refused: Refused | None


def names(board: Board) -> tuple[str, ...]:
    """The board's methods, in the order in which they are tried."""
    return board.flash.order if board.flash else ()


def offers(job: Job, only: str | None) -> Iterator[Offer]:
    """Each of the board's methods, or the one that is called `only`. UsageError when the board has none of them."""
    known = names(job.board)
    if not known:
        fix = f"add [flash.METHOD] to boards/{job.board.name}.toml, or flash a board that has it"
        raise UsageError(f"{job.board.name} cannot be flashed: its file names no method", fix=fix)
    if only and only not in known:
        raise UsageError(f"{job.board.name} is not flashed by {only}", fix=f"--method is one of {', '.join(known)}")
    for name in (only,) if only else known:
        yield _offer(job, name)


def flash(job: Job, only: str | None) -> tuple[Offer, list[Offer]]:
    """Flashes by the first method that does not refuse; returns it, and those that did.

    FailedError when writing failed, with what to do about the board; TargetError or UsageError when all refused.
    """
    refused: list[Offer] = []
    for offer in offers(job, only):
        if offer.plan and not offer.refused:
            try:
                offer.plan.write()
            except Refused as refusal:
                offer = Offer(offer.name, offer.method, offer.plan, refusal)  # noqa: PLW2901
            except CortenError as error:
                raise _interrupted(offer, error) from error
            except BaseException:
                job.say(f"{offer.name} was interrupted, and the board may be without firmware: {offer.method.RECOVERY}")
                raise
            else:
                return offer, refused
        refused.append(offer)
    raise all_refused(job.board, refused)


def all_refused(board: Board, refused: list[Offer]) -> CortenError:
    """Why no method can be used: one line a method, with what to do."""
    reasons = [each.refused for each in refused if each.refused]
    lines = [f"{each.name}: {each.refused}\n    fix: {each.refused.fix}" for each in refused if each.refused]
    text = "\n  ".join([f"{board.name} cannot be flashed now:", *lines])
    return TargetError(text) if any(each.is_absent for each in reasons) else UsageError(text)


def _offer(job: Job, name: str) -> Offer:
    method = cast(Method, importlib.import_module(f"{__name__}.{_MODULES.get(name, name)}"))
    table = getattr(job.board.flash, name)
    plan = refused = None
    try:
        plan = method.plan(job, table)
        method.check(job, table)
    except Refused as refusal:
        refused = refusal
    return Offer(name, method, plan, refused)


def _interrupted(offer: Offer, error: CortenError) -> CortenError:
    kind = TargetError if isinstance(error, TargetError) else FailedError
    said = f"{error.message}\n  {error.fix}" if error.fix else error.message
    return kind(f"{offer.name}: {said}\n  the board may be without firmware now", fix=offer.method.RECOVERY)
