"""A Modbus RTU server: one frame in, at most one frame out. What it reads and writes are the banks of a layout.

Frames that are not for it, or not whole, are counted and not answered: short, long, with a wrong CRC, too quiet inside
(MODBUS over Serial Line V1.02, section 2.5.1.1). A broadcast is acted on, and never answered (section 2.1). A request
that cannot be met is answered with an exception (MODBUS Application Protocol V1.1b3, sections 6 and 7): 1 for a
function that there is not, 3 for a quantity, a length or a value that is not allowed, 2 for an address, 4 where a bank
raises. They are looked for in that order, and nothing is written unless all of it can be.

Callers: one context, any. `take` allocates nothing if the banks do not.
"""

import micropython
from counts import count

from corten.wire import modbus_rtu as rtu
from corten.wire.crc import append_crc16, ends_in_crc16
from corten.wire.modbus_rtu import number_at, put_number

# Indices of the counters: frames that ended, of these, those dropped and why, those acted on; and answers.
FRAMES, SHORT, LONG, QUIET_INSIDE, BAD_CRC, ADDRESSED_TO_OTHERS, BROADCASTS, ANSWERS, EXCEPTIONS, FAILURES = range(10)
COUNTERS = 10

_FUNCTION = 1  # index in a frame; the data follow
_DATA = 2


class Server:
    """address: 1 to 247. coils, inputs, input_registers, holding_registers: tuples of banks. counters: an array of
    COUNTERS words, which it counts in.

    reply: the buffer that an answer is in.
    """

    def __init__(self, address, coils, inputs, input_registers, holding_registers, counters):
        self.address = address
        self.counters = counters
        self.reply = bytearray(rtu.LONGEST)
        self._coils = coils
        self._holding = holding_registers
        self._read_from = (None, coils, inputs, holding_registers, input_registers)
        functions: list = [None] * (rtu.READ_WRITE_REGISTERS + 1)
        functions[rtu.READ_COILS] = functions[rtu.READ_DISCRETE_INPUTS] = self._read_bits
        functions[rtu.READ_HOLDING_REGISTERS] = functions[rtu.READ_INPUT_REGISTERS] = self._read_registers
        functions[rtu.WRITE_COIL] = self._write_coil
        functions[rtu.WRITE_REGISTER] = self._write_register
        functions[rtu.WRITE_COILS] = self._write_coils
        functions[rtu.WRITE_REGISTERS] = self._write_registers
        functions[rtu.READ_WRITE_REGISTERS] = self._read_write_registers
        self._functions = functions

    @micropython.native
    def take(self, frame, size, is_too_quiet=False):  # noqa: PLR0911 - a reason to drop a frame each
        """Act on a frame of `size` bytes, which may be more than the buffer holds; return the size of the answer in
        `reply`, 0 for none.

        is_too_quiet: whether there was a gap inside.
        """
        counters = self.counters
        count(counters, FRAMES)
        if size > rtu.LONGEST:
            count(counters, LONG)
            return 0
        if is_too_quiet:
            count(counters, QUIET_INSIDE)
            return 0
        if size < rtu.SHORTEST:
            count(counters, SHORT)
            return 0
        if not ends_in_crc16(frame, size):
            count(counters, BAD_CRC)
            return 0
        address = frame[0]
        if address == rtu.BROADCAST:
            count(counters, BROADCASTS)
            self._act(frame, size - 2)
            return 0
        if address != self.address:
            count(counters, ADDRESSED_TO_OTHERS)
            return 0
        reply = self.reply
        reply[0] = address
        reply[_FUNCTION] = frame[_FUNCTION]
        made = self._act(frame, size - 2)
        if made < 0:
            count(counters, EXCEPTIONS)
            reply[_FUNCTION] |= rtu.EXCEPTION
            reply[_DATA] = -made
            made = _DATA + 1
        count(counters, ANSWERS)
        return append_crc16(reply, made)

    @micropython.native
    def _act(self, frame, end):
        # Returns the size of the answer without its CRC, or the exception's code, negative.
        function = frame[_FUNCTION]
        act = self._functions[function] if function <= rtu.READ_WRITE_REGISTERS else None
        if act is None:
            return -rtu.ILLEGAL_FUNCTION
        try:
            return act(frame, end)
        except Exception:  # noqa: BLE001 - whatever a bank raises, the master is told, and the server goes on
            count(self.counters, FAILURES)
            return -rtu.DEVICE_FAILURE

    @micropython.native
    def _read_bits(self, frame, end):
        quantity = number_at(frame, 4)
        if end != 6 or not 1 <= quantity <= rtu.MOST_BITS_READ:
            return -rtu.ILLEGAL_VALUE
        first = number_at(frame, _DATA)
        bank = _find(self._read_from[frame[_FUNCTION]], first, quantity)
        if bank is None:
            return -rtu.ILLEGAL_ADDRESS
        size = quantity + 7 >> 3
        reply = self.reply
        reply[_DATA] = size
        reply[_DATA + size] = 0  # the bits behind the last one
        bank.read(first - bank.first, quantity, reply, _DATA + 1)
        return _DATA + 1 + size

    @micropython.native
    def _read_registers(self, frame, end):
        if end != 6:
            return -rtu.ILLEGAL_VALUE
        banks = self._read_from[frame[_FUNCTION]]
        return self._read_some(banks, number_at(frame, _DATA), number_at(frame, 4))

    @micropython.native
    def _read_some(self, banks, first, quantity):
        if not 1 <= quantity <= rtu.MOST_REGISTERS_READ:
            return -rtu.ILLEGAL_VALUE
        bank = _find(banks, first, quantity)
        if bank is None:
            return -rtu.ILLEGAL_ADDRESS
        self.reply[_DATA] = 2 * quantity
        bank.read(first - bank.first, quantity, self.reply, _DATA + 1)
        return _DATA + 1 + 2 * quantity

    @micropython.native
    def _write_coil(self, frame, end):
        value = number_at(frame, 4)
        if end != 6 or (value and value != rtu.COIL_ON):
            return -rtu.ILLEGAL_VALUE
        first = number_at(frame, _DATA)
        bank = _find(self._coils, first, 1)
        if bank is None:
            return -rtu.ILLEGAL_ADDRESS
        reply = self.reply
        reply[4] = value >> 8 & 1
        bank.write(first - bank.first, 1, reply, 4)
        return self._echo(first, value)

    @micropython.native
    def _write_register(self, frame, end):
        if end != 6:
            return -rtu.ILLEGAL_VALUE
        refused = self._write_some(frame, number_at(frame, _DATA), 1, 4)
        return refused or self._echo(number_at(frame, _DATA), number_at(frame, 4))

    @micropython.native
    def _write_coils(self, frame, end):
        quantity = number_at(frame, 4)
        size = quantity + 7 >> 3
        if not 1 <= quantity <= rtu.MOST_BITS_WRITTEN or end != 7 + size or frame[6] != size:
            return -rtu.ILLEGAL_VALUE
        first = number_at(frame, _DATA)
        bank = _find(self._coils, first, quantity)
        if bank is None:
            return -rtu.ILLEGAL_ADDRESS
        bank.write(first - bank.first, quantity, frame, 7)
        return self._echo(first, quantity)

    @micropython.native
    def _write_registers(self, frame, end):
        quantity = number_at(frame, 4)
        if not 1 <= quantity <= rtu.MOST_REGISTERS_WRITTEN or end != 7 + 2 * quantity or frame[6] != 2 * quantity:
            return -rtu.ILLEGAL_VALUE
        first = number_at(frame, _DATA)
        return self._write_some(frame, first, quantity, 7) or self._echo(first, quantity)

    @micropython.native
    def _read_write_registers(self, frame, end):
        if end < 11:
            return -rtu.ILLEGAL_VALUE
        quantity = number_at(frame, 8)
        if not 1 <= quantity <= rtu.MOST_REGISTERS_EXCHANGED or end != 11 + 2 * quantity or frame[10] != 2 * quantity:
            return -rtu.ILLEGAL_VALUE
        read_first, read_quantity = number_at(frame, _DATA), number_at(frame, 4)
        if not 1 <= read_quantity <= rtu.MOST_REGISTERS_READ:
            return -rtu.ILLEGAL_VALUE
        if _find(self._holding, read_first, read_quantity) is None:
            return -rtu.ILLEGAL_ADDRESS
        refused = self._write_some(frame, number_at(frame, 6), quantity, 11)
        return refused or self._read_some(self._holding, read_first, read_quantity)

    @micropython.native
    def _write_some(self, frame, first, quantity, at):
        # Returns 0, or the exception's code, negative.
        bank = _find(self._holding, first, quantity)
        if bank is None:
            return -rtu.ILLEGAL_ADDRESS
        if not bank.allows(first - bank.first, quantity, frame, at):
            return -rtu.ILLEGAL_VALUE
        bank.write(first - bank.first, quantity, frame, at)
        return 0

    @micropython.native
    def _echo(self, first, value):
        put_number(self.reply, _DATA, first)
        put_number(self.reply, 4, value)
        return 6


@micropython.native
def _find(banks, first, quantity):
    for bank in banks:
        if bank.first <= first and first + quantity <= bank.first + bank.size:
            return bank
    return None
