"""Greets, and ends."""

import board
from greeting import greeting

print(greeting(board.TITLE))
