"""A Modbus master: pymodbus on a serial device, with every byte and every answer counted."""

import os
import select
from collections.abc import Callable, Sequence
from typing import Any

from pymodbus import FramerType
from pymodbus.client import ModbusSerialClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from host_tools.errors import TargetError
from host_tools.modbus.layout import FIGURES, OWN, UART_FIGURES

BAUD = 19_200
ANSWER_TIMEOUT_S = 1.0
RETRIES = 3
SILENCE_S = 0.05
"""How long a frame that must not be answered is listened to: ten times what an answer takes."""

BROADCAST = 0


class _Counted(ModbusSerialClient):
    """Counts what is read and written."""

    received = 0
    sent = 0
    packets = 0
    last = b""

    def recv(self, size: int | None) -> bytes:
        """As its parent."""
        data = super().recv(size)
        self.received += len(data)
        return data

    def send(self, request: bytes, addr: tuple[str, int] | None = None) -> int:
        """As its parent, which is given whole frames."""
        self.packets += 1
        self.sent += len(request)
        self.last = request
        return super().send(request, addr)


class Master:
    """Speaks to the server at `address`. Raises TargetError when no answer comes, ModbusException for a wrong one."""

    def __init__(self, path: str, address: int = 1, patience: float = 1.0) -> None:
        """`patience`: how many times longer than an emulated board in QEMU the other end may take."""
        self.address = address
        self.answers = 0
        self.exceptions = 0
        self.retries = 0
        self.broadcasts = 0
        self.spoilt = 0
        timeout_s = ANSWER_TIMEOUT_S * patience
        self._silence_s = SILENCE_S * patience
        self._client = _Counted(path, framer=FramerType.RTU, baudrate=BAUD, timeout=timeout_s, retries=RETRIES)
        if not self._client.connect():
            raise TargetError(f"pymodbus cannot open {path}")

    def close(self) -> None:
        """Gives the device back."""
        self._client.close()  # type: ignore[no-untyped-call]

    def __enter__(self) -> "Master":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def read_coils(self, first: int, count: int) -> list[bool]:
        """Function 1."""
        return self._bits(self._client.read_coils, first, count)

    def read_inputs(self, first: int, count: int) -> list[bool]:
        """Function 2, read discrete inputs."""
        return self._bits(self._client.read_discrete_inputs, first, count)

    def read_holding(self, first: int, count: int) -> list[int]:
        """Function 3."""
        return self._registers(self._client.read_holding_registers, first, count)

    def read_input_registers(self, first: int, count: int) -> list[int]:
        """Function 4."""
        return self._registers(self._client.read_input_registers, first, count)

    def write_coil(self, address: int, value: bool) -> None:
        """Function 5."""
        self._ask(self._client.write_coil, address, value)

    def write_register(self, address: int, value: int) -> None:
        """Function 6."""
        self._ask(self._client.write_register, address, value)

    def write_coils(self, first: int, values: Sequence[bool]) -> None:
        """Function 15."""
        self._ask(self._client.write_coils, first, list(values))

    def write_registers(self, first: int, values: Sequence[int]) -> None:
        """Function 16."""
        self._ask(self._client.write_registers, first, list(values))

    def exchange(self, first: int, count: int, write_first: int, values: Sequence[int]) -> list[int]:
        """Function 23: writes registers, then reads some."""
        answer = self._ask(
            self._client.readwrite_registers,
            read_address=first,
            read_count=count,
            write_address=write_first,
            values=list(values),
        )
        return list(answer.registers)

    def broadcast_coils(self, first: int, values: Sequence[bool]) -> None:
        """Function 15 to all servers, which do not answer."""
        self.broadcasts += 1
        self._client.write_coils(first, list(values), device_id=BROADCAST, no_response_expected=True)

    def refusal_of_holding(self, address: int) -> int:
        """The code of the exception that reading a holding register is answered with, 0 if it is not."""
        return self._refusal(self._client.read_holding_registers(address, count=1, device_id=self.address))

    def refusal_of_write(self, address: int, value: int) -> int:
        """The code of the exception that writing a holding register is answered with, 0 if it is not."""
        return self._refusal(self._client.write_register(address, value, device_id=self.address))

    def send_spoilt(self) -> None:
        """Sends the last frame again, with a wrong CRC."""
        self.spoilt += 1
        self._client.send(self._client.last[:-1] + bytes([self._client.last[-1] ^ 1]))

    def listen(self) -> bytes:
        """What comes until nothing came for a while."""
        device = self._client.socket
        assert device
        got = b""
        while select.select([device.fileno()], [], [], self._silence_s)[0]:
            got += os.read(device.fileno(), 256)
        self._client.received += len(got)
        return got

    @property
    def packets(self) -> int:
        """Frames sent, those sent again included."""
        return self._client.packets

    @property
    def bytes_sent(self) -> int:
        """Bytes of these frames."""
        return self._client.sent

    @property
    def bytes_received(self) -> int:
        """Bytes that came back."""
        return self._client.received

    def figures(self) -> dict[str, int]:
        """What the node counted, its own figures and the UART's, each by its name. Two requests."""
        return {**self._figures(0, FIGURES), **self._figures(OWN, UART_FIGURES)}

    def _figures(self, first: int, names: Sequence[str]) -> dict[str, int]:
        words = self.read_input_registers(first, 2 * len(names))
        return {name: words[2 * at] << 16 | words[2 * at + 1] for at, name in enumerate(names)}

    def _bits(self, call: Callable[..., ModbusPDU], first: int, count: int) -> list[bool]:
        return list(self._ask(call, first, count=count).bits[:count])

    def _registers(self, call: Callable[..., ModbusPDU], first: int, count: int) -> list[int]:
        return list(self._ask(call, first, count=count).registers)

    def _ask(self, call: Callable[..., ModbusPDU], *words: Any, **options: Any) -> Any:
        try:
            answer = call(*words, device_id=self.address, **options)
        except ModbusException as error:
            raise TargetError(f"Modbus: {error}") from error
        if answer.isError():
            raise TargetError(f"Modbus: {answer}")
        self._note(answer)
        return answer

    def _refusal(self, answer: Any) -> int:
        self._note(answer)
        if not answer.isError():
            return 0
        self.exceptions += 1
        return int(answer.exception_code)

    def _note(self, answer: ModbusPDU) -> None:
        self.answers += 1
        self.retries += answer.retries
