"""What the drivers of both versions of the STM32's USART have in common: its control registers, but for their addresses
and the places of a few bits, are the same.

Sources: ST RM0090, section 30.6 (version 1); ST RM0351, section 40.8 (version 2).
"""

import time

import micropython

from corten.baud import divide
from corten.native import native
from corten.uart import BufferedUart
from corten.uart_words import IDLES, OWN
from corten.waiting import wait_for_change

_SMALLEST_DIVIDER = 16  # of a bit, with 16 samples of each
_LARGEST_DIVIDER = 0xFFFF
_RXNEIE = 1 << 5
CONTROL = OWN  # the handler's word that says what CR1 holds
ONE_OR_TWO = {1: 0, 2: 2}  # stop bits -> CR2.STOP


@micropython.asm_thumb
def _set_control(r0, r1, r2, r3):
    # r0: address of the word CONTROL, r1: of CR1, r2: bits to set, r3: bits that the device clears by itself
    data(2, 0xF3EF, 0x8710)  # mrs r7, PRIMASK
    cpsid(0)
    ldr(r4, [r0, 0])
    orr(r4, r2)
    str(r4, [r0, 0])
    orr(r4, r3)
    str(r4, [r1, 0])
    data(2, 0xF387, 0x8810)  # msr PRIMASK, r7
    data(2, 0xF3BF, 0x8F6F)  # isb
    mov(r0, 0)


class Stm32Usart(BufferedUart):
    """An open UART; see `corten.uart`. It tells all errors and idle lines, and can send a break.

    registers: the block's. handler: the template that serves both ways. format: fields of CR1 for the parity.

    A driver adds `_is_sent()` and `_send_break()`.
    """

    RX_LINE = TX_LINE = "usart"

    def __init__(self, peripheral, registers, handler, format, baud, stop, rts, cts, **rings):
        self._divider, *rate = divide(peripheral.clock_hz, baud, _SMALLEST_DIVIDER, _LARGEST_DIVIDER)
        self._registers = registers
        self._format = format
        self._stop_bits = ONE_OR_TWO[stop]
        self._flow = rts, cts
        both = native(handler, peripheral.base)
        self._control = both.word_address(CONTROL)
        super().__init__(peripheral, both, both, rate, **rings)

    def _start(self):
        registers = self._registers
        registers.CR1.write(0)
        registers.BRR.write(self._divider)
        registers.CR2.write(STOP=self._stop_bits)
        registers.CR3.write(RTSE=self._flow[0], CTSE=self._flow[1])
        control = registers.CR1.encode(UE=1, RE=1, TE=1, RXNEIE=1, IDLEIE=1, **self._format)
        self._words[CONTROL] = control
        registers.CR1.write(control)

    def _stop(self):
        registers = self._registers
        for register in (registers.CR1, registers.CR2, registers.CR3, registers.BRR):
            register.write(0)

    def _resume(self):
        _set_control(self._control, self._registers.CR1.address, _RXNEIE, 0)

    def _set_once(self, bits):
        _set_control(self._control, self._registers.CR1.address, 0, bits)

    def send_break(self, timeout_ms):
        """Send a break after all that was written; return whether it was on its way within the time."""
        start = time.ticks_ms()
        if not self.flush(timeout_ms):
            return False
        self._send_break()
        while self._breaks():
            if time.ticks_diff(time.ticks_ms(), start) >= timeout_ms:
                return False
        return True

    def wait_idle(self, timeout_ms):
        """Wait until the line falls silent after bytes, for a character; return whether it did within the time."""
        self._check_open()
        return wait_for_change(self._handlers[0].word_address(IDLES), self.idles, timeout_ms)

    def _send_break(self):
        raise NotImplementedError

    def _breaks(self):
        raise NotImplementedError
