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
    assert explore(Case(CODE[put], CODE[get], capacity, 6, 6, start, atomic=atomic)) > 20


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


def put_word_in_order(*order: str) -> Code:
    return _in_order(
        CODE["put_word"],
        {
            "head": 5,
            "tail": 6,
            "fill": 7,
            "mask": 8,
            "cmp": 9,
            "full": 10,
            "and": 11,
            "lsl": 12,
            "address": 13,
            "add": 14,
            "slot": 15,
            "grow": 16,
            "publish": 17,
        },
        order,
    )


def get_words_in_order(*order: str) -> Code:
    return _in_order(
        CODE["get_words"],
        {
            "tail": 8,
            "head": 9,
            "cmp": 10,
            "empty": 11,
            "mask": 12,
            "and": 13,
            "lsl": 14,
            "address": 15,
            "add": 16,
            "slot": 17,
            "copy": 18,
            "grow": 19,
            "publish": 20,
        },
        order,
    )


def _in_order(code: Code, places: dict[str, int], order: tuple[str, ...]) -> Code:
    return code.reordered(*(places[each] for each in order))


PUT = ("head", "tail", "fill", "mask", "cmp", "full", "and", "lsl", "address", "add", "slot", "grow", "publish")
CHECK = ("tail", "fill", "mask", "cmp", "full")
PLACE = ("and", "lsl", "address", "add")
GET = ("tail", "head", "cmp", "empty", "mask", "and", "lsl", "address", "add", "slot", "copy", "grow", "publish")

MUTANTS = {
    "head stored before the slot": put_word_in_order("head", *CHECK, *PLACE, "grow", "publish", "slot"),
    "slot stored before the tail is read": put_word_in_order("head", "mask", *PLACE, "slot", *CHECK, "grow", "publish"),
    "full not looked at": CODE["put_word"].replaced(10, "mov", "r5", "r5"),
    "full too early": CODE["put_word"].replaced(10, "bcs", "FULL"),
    "tail stored before the slot is read": get_words_in_order(
        "tail", "head", "cmp", "empty", "mask", *PLACE, "grow", "publish", "slot", "copy"
    ),
    "slot read before the head": get_words_in_order(
        "tail", "mask", *PLACE, "slot", "head", "cmp", "empty", "copy", "grow", "publish"
    ),
    "empty not looked at": CODE["get_words"].replaced(11, "mov", "r5", "r5"),
}


def test_the_names_above_are_in_the_order_of_the_code() -> None:
    assert put_word_in_order(*PUT) == CODE["put_word"]
    assert get_words_in_order(*GET) == CODE["get_words"]


@pytest.mark.parametrize("mutant", MUTANTS)
def test_wrong_order_is_found_out(mutant: str) -> None:
    code = MUTANTS[mutant]
    put, get = (CODE["put_word"], code) if "CONSUMER" in str(code) or "r7" in str(code) else (code, CODE["get_words"])
    cases = [Case(put, get, *sizes) for sizes in itertools.product((1, 2), (4,), (4,), STARTS)]
    cases += [Case(put, get, 2, 4, 4, atomic=atomic) for atomic in ("producer", "consumer")]
    caught = 0
    for case in cases:
        try:
            explore(case)
        except BrokenError:
            caught += 1
    assert caught, f"{mutant}: no interleaving shows it"
