"""Modbus RTU: what a frame is, the codes of its functions and exceptions, and the times between its characters.

A frame is the server's address, a function code, data and a CRC-16, 4 to 256 bytes. It ends when the line is quiet for
3.5 characters (t3.5), and is void when it is quiet for more than 1.5 (t1.5) inside.

Sources: MODBUS over Serial Line V1.02, sections 2.2 (addresses), 2.5.1 (frame, times), 6.2.2 (CRC); MODBUS Application
Protocol V1.1b3, sections 6 (functions) and 7 (exceptions).

Callers: any context. Nothing here allocates.
"""

SHORTEST = 4  # bytes of a frame, with its CRC
LONGEST = 256

BROADCAST = 0
FIRST_ADDRESS = 1
LAST_ADDRESS = 247

READ_COILS = 1
READ_DISCRETE_INPUTS = 2
READ_HOLDING_REGISTERS = 3
READ_INPUT_REGISTERS = 4
WRITE_COIL = 5
WRITE_REGISTER = 6
WRITE_COILS = 15
WRITE_REGISTERS = 16
READ_WRITE_REGISTERS = 23

MOST_BITS_READ = 2000
MOST_BITS_WRITTEN = 1968
MOST_REGISTERS_READ = 125
MOST_REGISTERS_WRITTEN = 123
MOST_REGISTERS_EXCHANGED = 121  # written by READ_WRITE_REGISTERS

ILLEGAL_FUNCTION = 1
ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3
DEVICE_FAILURE = 4
EXCEPTION = 0x80  # set in the function code of an answer that is an exception

COIL_ON = 0xFF00

# Times are kept in quarters of a character, of 11 bits whatever the format is.
QUARTERS_INSIDE = 6  # t1.5
QUARTERS_BETWEEN = 14  # t3.5
_CHARACTER_BITS = 11
_FAST_BAUD = 19_200
_FAST_QUARTER_US = 125


def quarter_us(baud):
    """Return a quarter of a character's time in microseconds, rounded up.

    Above 19200 baud it is 125 us: t1.5 and t3.5 are then fixed at 750 and 1750 us (MODBUS over Serial Line V1.02,
    section 2.5.1.1).
    """
    if baud > _FAST_BAUD:
        return _FAST_QUARTER_US
    return (_CHARACTER_BITS * 250_000 + baud - 1) // baud


def character_quarters(baud):
    """Return how many of `quarter_us` a character takes, rounded up: a receiver has it that much after it began."""
    quarters = baud * quarter_us(baud)
    return (_CHARACTER_BITS * 1_000_000 + quarters - 1) // quarters


def number_at(frame, at):
    """Return the 16-bit number at index `at`, high byte first."""
    return frame[at] << 8 | frame[at + 1]


def put_number(frame, at, number):
    """Store a 16-bit number at index `at`, high byte first."""
    frame[at] = number >> 8
    frame[at + 1] = number & 0xFF
