"""Lowered programs do on the bus what their source does."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from host_tools.build import Image
from host_tools.equivalence import campaign
from host_tools.equivalence.board import Session
from host_tools.equivalence.compare import Lowering, MismatchError, lowered
from host_tools.lower import Lowered
from host_tools.registers.model import Register

FIRST = (10_000, 20_000, 30_000, 40_000)
PROGRAMS = 255  # from each of these numbers on
MOSTLY = 0.85
ACCESSES = 20  # of a program, on average

MISTAKES = {
    "width": (r"mem32 as _mem32", "mem16 as _mem32"),
    "mask": (r"~0x", "~0x1"),
    "bits": (r"_p0\[0\] = (\w+)$", r"_p0[0] = \1 ^ 1"),
    "twice": (r"= (_mem32\[\w+\])", r"= (\1, \1)[0]"),
    "order": (r"^( +)(_mem\w+\[.*)\n\1(_mem\w+\[.*)$", r"\1\3\n\1\2"),
    "missing": (r"^( +)_mem32\[\w+\] = 0$", r"\1pass"),
    "unchecked": (r" else None$", " and False else None"),
    "address": (r"ptr32\((\d+)\)", r"ptr32(\1 + 1)"),
}
"""What lowering could get wrong: what it made, and what is put in its place."""


@pytest.fixture(scope="module")
def session(image: Image) -> Iterator[Session]:
    with Session(image) as made:
        yield made


@pytest.mark.parametrize("first", FIRST)
def test_lowered_programs_do_the_same(session: Session, first: int) -> None:
    total = campaign.run_all(range(first, first + PROGRAMS), session)
    assert total.programs == PROGRAMS
    assert total.accesses > ACCESSES * PROGRAMS
    assert total.lowered_share > MOSTLY, total.kept
    assert total.raised > 0
    assert total.refused > 0


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_found(session: Session, mistake: str) -> None:
    pattern, instead = MISTAKES[mistake]

    def mistaken(text: str) -> Lowered:
        made = lowered(text)
        return replace(made, text=re.sub(pattern, instead, made.text, flags=re.MULTILINE))

    assert_found(session, mistaken)


def test_flags_that_act_are_left_alone(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Register, "keep_one", 0)
    assert_found(session, lowered)


def assert_found(session: Session, lowering: Lowering) -> None:
    """Among programs that do the same without the mistake."""
    for number in range(FIRST[0], FIRST[0] + PROGRAMS):
        try:
            campaign.run(number, session, lowering, shrink=False)
        except MismatchError:
            return
    pytest.fail("no program shows it")


def test_failure_says_how_to_repeat_it(session: Session) -> None:
    def wrong(text: str) -> Lowered:
        return Lowered(text.replace("REGS", "REGS.R0"))

    with pytest.raises(MismatchError) as caught:
        campaign.run(7, session, wrong, shrink=False)
    assert caught.value.__notes__[-1] == "replay: python -m host_tools.equivalence 7"
