"""A test double of the boot loader in an STM32's ROM: ST AN3155, byte by byte, behind a pseudo-terminal."""

import os
import pty
import select
import threading
import tty
from functools import reduce
from operator import xor

ACK, NACK = b"\x79", b"\x1f"
SYNCHRONISE = 0x7F
GET, GET_ID, READ, GO, WRITE, EXTENDED_ERASE = 0x00, 0x02, 0x11, 0x21, 0x31, 0x44
POLL_S = 0.05


class BootLoader:
    """A chip with `chip_id` and `size` bytes of flash at `base`. Use it as a context manager; `port` is its device.

    breaks_after: it goes silent after so many commands. corrupts: what it programs differs in one bit at this address.
    """

    def __init__(
        self,
        chip_id: int,
        base: int,
        size: int,
        page: int,
        breaks_after: int | None = None,
        corrupts: int | None = None,
        is_silent: bool = False,
    ) -> None:
        self.flash = bytearray(b"\0" * size)  # old firmware: nothing can be programmed before it is erased
        self.commands: list[int] = []
        self.started_at: int | None = None
        self._chip_id, self._base, self._page = chip_id, base, page
        self._breaks_after, self._corrupts, self._is_silent = breaks_after, corrupts, is_silent
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "BootLoader":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)

    def _serve(self) -> None:
        is_synchronised = False
        try:
            while True:
                code = self._take(1)[0]
                if self._is_silent:
                    continue
                if not is_synchronised:
                    is_synchronised = code == SYNCHRONISE
                    self._send(ACK if is_synchronised else NACK)
                    continue
                if code ^ self._take(1)[0] != 0xFF:
                    self._send(NACK)
                    continue
                self.commands.append(code)
                if self._breaks_after is not None and len(self.commands) > self._breaks_after:
                    self._is_silent = True
                    continue
                self._command(code)
        except EOFError:
            pass

    def _command(self, code: int) -> None:
        if code == GET:
            known = bytes([GET, GET_ID, READ, GO, WRITE, EXTENDED_ERASE])
            self._send(ACK + bytes([len(known), 0x31]) + known + ACK)
        elif code == GET_ID:
            self._send(ACK + b"\x01" + self._chip_id.to_bytes(2, "big") + ACK)
        elif code == READ:
            at = self._address()
            size = self._checked(1)[0] + 1
            self._send(bytes(self.flash[at : at + size]))
        elif code == WRITE:
            self._write()
        elif code == EXTENDED_ERASE:
            self._erase()
        elif code == GO:
            self.started_at = self._address() + self._base
        else:
            self._send(NACK)

    def _address(self) -> int:
        self._send(ACK)
        word = self._take(5)
        at = int.from_bytes(word[:4], "big") - self._base
        good = reduce(xor, word) == 0 and 0 <= at < len(self.flash)
        self._send(ACK if good else NACK)
        return at if good else 0

    def _checked(self, size: int) -> bytes:
        """`size` bytes whose complement follows, as a length's does."""
        data = self._take(size + 1)
        self._send(ACK if data[0] ^ data[1] == 0xFF else NACK)
        return data[:size]

    def _write(self) -> None:
        at = self._address()
        size = self._take(1)[0] + 1
        data, check = self._take(size), self._take(1)[0]
        old = self.flash[at : at + size]
        if reduce(xor, data, size - 1) != check or old.strip(b"\xff"):
            self._send(NACK)
            return
        self.flash[at : at + size] = data
        if self._corrupts is not None and at <= self._corrupts - self._base < at + size:
            self.flash[self._corrupts - self._base] ^= 0x10
        self._send(ACK)

    def _erase(self) -> None:
        self._send(ACK)
        count = int.from_bytes(head := self._take(2), "big")
        if count == 0xFFFF:
            self._take(1)
            self.flash[:] = b"\xff" * len(self.flash)
        else:
            pages = self._take(2 * (count + 1))
            if reduce(xor, head + pages) != self._take(1)[0]:
                self._send(NACK)
                return
            for at in range(0, len(pages), 2):
                start = int.from_bytes(pages[at : at + 2], "big") * self._page
                self.flash[start : start + self._page] = b"\xff" * self._page
        self._send(ACK)

    def _send(self, data: bytes) -> None:
        os.write(self._master, data)

    def _take(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            if self._ended.is_set():
                raise EOFError
            if select.select([self._master], [], [], POLL_S)[0]:
                data += os.read(self._master, size - len(data))
        return data
