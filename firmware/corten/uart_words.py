"""The words with which the handlers of `corten.uart` begin, by their index."""

from corten.ring import WORDS

DEVICE = 0  # the device's address
RECEIVE_RING = 1  # the words of `corten.ring`
DROPPED = 6
OVERRUNS = 7
FRAMING = 8
PARITY = 9
NOISE = 10
BREAKS = 11
IDLES = 12
HOLD = 13  # 0: drop what does not fit; 1: leave it in the device, set the next word, and do not ask again
IS_HELD = 14
TAKES_OVER = 15  # ADDRESS, MASK and LIMIT of the ring that follows a lent buffer once that is full; LIMIT 0: none
SEND_RING = 18  # of a handler that serves both ways
OWN = SEND_RING + WORDS  # from here on, the driver's
