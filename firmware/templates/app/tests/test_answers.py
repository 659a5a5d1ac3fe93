"""What can be tested without a board: Python on the host, in milliseconds."""

from answers import answer


def test_ping():
    assert answer(b"ping\n") == b"pong"


def test_anything_else_comes_back():
    assert answer(b"  hello   board \r\n") == b"you said hello board"


def test_empty_line():
    assert answer(b"\n") == b"say something"
