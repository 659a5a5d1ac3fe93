"""The layout: what the master finds at which address. Addresses count from 0, as they are in a frame.

    coils                0…      output pins: those that the board calls LED…, in the order of its data
                         100…355 flags of the master's own, 0 after a start
    discrete inputs      0…      input pins: those that the board calls BUTTON…
                         100…    the output pins, read back
    input registers      0…      counters, two registers each, the high one first: see FIGURES
                         100…    the UART's, since it was set up last: see UART_FIGURES
    holding registers    0…3     settings: address, rate in hundreds of baud, parity (0 none, 1 even, 2 odd), stop bits
                         100…227 words of the master's own, 0 after a start

Settings are applied after the answer was sent, and are those of main.py again after a start.
"""

from array import array

import server
from banks import Figures, Flags, Pins, Settings, Words

import board
from corten.peripheral import Pin
from corten.wire.modbus_rtu import FIRST_ADDRESS, LAST_ADDRESS

OWN = 100  # first address of the second bank of each kind
FLAGS = 256
WORDS = 128

# Figures of the node, after the server's own.
SECONDS, UNSENT = range(server.COUNTERS, server.COUNTERS + 2)
COUNTERS = server.COUNTERS + 2

ADDRESS, RATE, PARITY, STOP = range(4)

FIGURES = (
    "uptime_s",
    "timer_interrupts",
    "frames",
    "short",
    "long",
    "quiet_inside",
    "bad_crc",
    "addressed_to_others",
    "broadcasts",
    "answers",
    "exceptions",
    "failures",
    "unsent",
    "frames_refused",
)
UART_FIGURES = (
    "received",
    "sent",
    "dropped",
    "overruns",
    "framing_errors",
    "parity_errors",
    "noise_errors",
    "breaks",
)


def pins(prefix):
    """Return those pins of the board whose names begin so, in the order of their names."""
    names = sorted(name for name in dir(board) if name.startswith(prefix))
    return [pin for pin in (getattr(board, name) for name in names) if isinstance(pin, Pin)]


class Layout:
    """outputs, inputs: handles of pins. settings: the first values. allowed: the values that settings may have.
    timer_interrupts, frames_refused: where these are counted, an array of words and an index.

    server: answers for it. counters: what it and the node count in. settings: the bank. uart: the bank of the UART's
    figures, whose `sources` change with it.
    """

    def __init__(self, outputs, inputs, settings, allowed, timer_interrupts, frames_refused):
        self.counters = counters = array("I", bytes(4 * COUNTERS))
        self.settings = Settings(0, [range(FIRST_ADDRESS, LAST_ADDRESS + 1)] + allowed, settings)
        own = [(counters, index) for index in range(server.COUNTERS)]
        rest = [(counters, UNSENT), frames_refused]
        figures = Figures(0, [(counters, SECONDS), timer_interrupts] + own + rest)
        self.uart = Figures(OWN, [(counters, SECONDS)] * len(UART_FIGURES))
        self.server = server.Server(
            settings[ADDRESS],
            (Pins(0, outputs), Flags(OWN, FLAGS)),
            (Pins(0, inputs), Pins(OWN, outputs)),
            (figures, self.uart),
            (self.settings, Words(OWN, WORDS)),
            counters,
        )
