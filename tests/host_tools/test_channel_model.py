"""Every interleaving of a channel's two ends, instruction by instruction; wrong orders are found out."""

import itertools

import pytest
from channel_model import CODE, BrokenError, Case, explore
from thumb import Code

NEAR_WRAP = 0xFFFF_FFFE
STARTS = [0, NEAR_WRAP]


@pytest.mark.parametrize("atomic", ["", "producer", "consumer"])
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("capacity", [1, 2, 4])
@pytest.mark.parametrize(
    ("put", "get"), [("put_word", "get_words"), ("push_word", "get_words"), ("put_word", "pop_word")]
)
def test_words(put: str, get: str, capacity: int, start: int, atomic: str) -> None:
    calls = 6 if (put, get) == ("put_word", "get_words") else 4
    assert explore(Case(CODE[put], CODE[get], capacity, calls, calls, start, atomic=atomic)) > 20


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("capacity", [1, 2, 4])
def test_words_taken_several_at_a_time(capacity: int, start: int) -> None:
    assert explore(Case(CODE["put_word"], CODE["get_words"], capacity, 6, 3, start, batch=3)) > 20


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("capacity", [1, 2, 4])
@pytest.mark.parametrize("put", ["put_byte", "push_byte"])
def test_bytes(put: str, capacity: int, start: int) -> None:
    assert explore(Case(CODE[put], CODE["get_records"], capacity, 6, 6, start, size=1)) > 20


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(("capacity", "size"), [(1, 2), (2, 3), (4, 2)])
def test_records(capacity: int, size: int, start: int) -> None:
    assert explore(Case(CODE["put_record"], CODE["get_records"], capacity, 5, 5, start, size=size)) > 20


PUT = CODE["put_word"]
GET = CODE["get_words"]
PUT_STEPS = {
    "head": 5,
    "tail": 6,
    "fill": 7,
    "mask": 8,
    "compare": 9,
    "full": 10,
    "wrap": 11,
    "scale": 12,
    "slots": 13,
    "place": 14,
    "slot": 15,
    "grow": 16,
    "publish": 17,
}
GET_STEPS = {
    "tail": 8,
    "head": 9,
    "compare": 10,
    "empty": 11,
    "mask": 12,
    "wrap": 13,
    "scale": 14,
    "slots": 15,
    "place": 16,
    "slot": 17,
    "copy": 18,
    "grow": 19,
    "publish": 20,
}
"""Instructions of the two, and what to call them."""


def put_in_order(order: str) -> Code:
    return PUT.reordered(*(PUT_STEPS[step] for step in order.split()))


def get_in_order(order: str) -> Code:
    return GET.reordered(*(GET_STEPS[step] for step in order.split()))


MUTANTS = {
    "head stored before the slot": (
        put_in_order("head tail fill mask compare full wrap scale slots place grow publish slot"),
        GET,
    ),
    "slot stored before the tail is read": (
        put_in_order("head mask wrap scale slots place slot tail fill mask compare full grow publish"),
        GET,
    ),
    "full not looked at": (PUT.replaced(PUT_STEPS["full"], "nop"), GET),
    "full too early": (PUT.replaced(PUT_STEPS["full"], "bcs", "FULL"), GET),
    "tail stored before the slot is read": (
        PUT,
        get_in_order("tail head compare empty mask wrap scale slots place grow publish slot copy"),
    ),
    "slot read before the head": (
        PUT,
        get_in_order("tail mask wrap scale slots place slot head compare empty copy grow publish"),
    ),
    "empty not looked at": (PUT, GET.replaced(GET_STEPS["empty"], "nop")),
}


def test_the_steps_are_in_the_order_of_the_code() -> None:
    assert put_in_order(" ".join(PUT_STEPS)) == PUT
    assert get_in_order(" ".join(GET_STEPS)) == GET
    assert str(PUT.instructions[PUT_STEPS["slot"]]) == "str('r2', ('r5', 0))"
    assert str(GET.instructions[GET_STEPS["slot"]]) == "ldr('r6', ('r5', 0))"


def is_broken(case: Case) -> bool:
    try:
        explore(case)
    except BrokenError:
        return True
    return False


@pytest.mark.parametrize("mutant", MUTANTS)
def test_wrong_order_is_found_out(mutant: str) -> None:
    ends = MUTANTS[mutant]
    both = [Case(*ends, *sizes) for sizes in itertools.product((1, 2), (4,), (4,), STARTS)]
    interrupted = [Case(*ends, 2, 4, 4, atomic=atomic) for atomic in ("producer", "consumer")]
    assert any(is_broken(case) for case in interrupted), "with a handler that runs to its end"
    if mutant != "full too early":
        assert any(is_broken(case) for case in both), "with both ends stopping anywhere"
