"""What can be tested without a board: Python on the host, in milliseconds."""

from greeting import greeting


def test_greeting():
    assert greeting("board") == "Hello from the board"
