"""The app's modules are on the board."""

import board
from greeting import greeting

assert greeting(board.TITLE).endswith(board.TITLE)
