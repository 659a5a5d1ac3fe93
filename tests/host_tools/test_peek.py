"""`corten peek` on the emulated board: what it reads, decodes, leaves out, and how it ends."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.host_tools.commands import Corten, end, read_until

TIMEOUT_S = 60.0

RAM = 0x2180_0000  # the board's PSRAM, far from its file system
NOWHERE = 0x7000_0000
GPIO = f"""
from corten.register import READ_ACTS, RO, RW, WO, Array, Block, Cluster, Field, Reg

class Mode:
    INPUT = 0
    OUTPUT = 1
    ALTERNATE = 2
    ANALOG = 3

class Channel(Block):
    CCR = Reg(0x00, EN=Field(0))
    CNDTR = Reg(0x04, NDT=Field(0, 16))

class Gpio(Block):
    MODER = Reg(0x00, MODE=Field(0, 2, count=16, values=Mode))
    BSRR = Reg(0x04, WO, BS=Field(0, count=16))
    FIFO = Reg(0x08, RW | READ_ACTS)
    BYTE = Reg(0x0C, width=8)
    HALF = Reg(0x0E, width=16)
    MIXED = Reg(0x10, A=Field(0, 4), KEY=Field(16, 16, WO))
    CH = Array(Cluster(Channel, 0x20), count=2, stride=8)

PORT = Gpio({RAM:#x})
NOWHERE = Gpio({NOWHERE:#x})
LATE = Gpio(len("late"))
"""


@pytest.fixture
def running(corten: Corten) -> Corten:
    """A project with an emulator in the background and a module of registers in RAM."""
    assert corten("run", "--detach").status == 0
    corten.write("gpio.py", GPIO)
    return corten


def store(running: Corten, **words: int) -> None:
    lines = [f"machine.mem32[{RAM + int(offset[1:], 16):#x}] = {value:#x}" for offset, value in words.items()]
    assert running("exec", "\n".join(["import machine", *lines])).status == 0


def peek(running: Corten, *arguments: str) -> dict[str, Any]:
    """The registers of a peek by their paths."""
    ended = running("peek", "--json", *arguments)
    assert ended.status == 0, ended.err
    return {each["path"]: each for each in json.loads(ended.out)["registers"]}


def fields(register: dict[str, Any]) -> dict[str, int | None]:
    return {each["name"]: each["value"] for each in register["fields"]}


def test_a_timer_that_runs(running: Corten) -> None:
    assert running("peek", "TIMER0").status == 0
    assert fields(peek(running, "TIMER0")["CTRL"])["EN"] == 0
    assert running("exec", "import machine; machine.mem32[0x40000008] = 999; machine.mem32[0x40000000] = 1").status == 0
    found = peek(running, "TIMER0")
    assert (found["CTRL"]["value"], found["CTRL"]["address"]) == (1, 0x4000_0000)
    assert fields(found["CTRL"])["EN"] == 1
    assert found["RELOAD"]["value"] == 999


def test_the_table(running: Corten) -> None:
    running("exec", "import machine; machine.mem32[0x40000008] = 0x999; machine.mem32[0x40000000] = 1")
    ended = running("peek", "TIMER0", "CTRL", "RELOAD")
    assert ended.status == 0
    lines = [line.split() for line in ended.out.splitlines()]
    assert ended.out.startswith("TIMER0, a CmsdkTimer at 0x40000000, on mps2_an385")
    assert ["CTRL", "0x40000000", "0x00000001", "EN", "[0]", "1"] in lines
    assert ["IRQ_EN", "[3]", "0"] in lines
    assert ["RELOAD", "0x40000008", "0x00000999"] in lines


def test_a_fresh_emulator(corten: Corten) -> None:
    ended = corten("peek", "FPGAIO", "LED", "--json")
    assert (ended.status, json.loads(ended.out)["registers"][0]["value"]) == (0, 0)


def test_fields_arrays_and_names(running: Corten) -> None:
    store(running, x0=0xABFF_F4FF, x10=0xFFFF_0005, x20=1, x2C=0xFFFF)
    found = peek(running, "PORT", "--module", "gpio.py")
    meanings = {each["name"]: each["meaning"] for each in found["MODER"]["fields"]}
    assert (meanings["MODE0"], meanings["MODE4"], meanings["MODE5"], meanings["MODE13"], meanings["MODE15"]) == (
        "ANALOG",
        "INPUT",
        "OUTPUT",
        "ALTERNATE",
        "ALTERNATE",
    )
    assert fields(found["MIXED"]) == {"A": 5, "KEY": None}
    assert (fields(found["CH[0].CCR"]), fields(found["CH[1].CNDTR"])) == ({"EN": 1}, {"NDT": 0xFFFF})
    assert found["CH[1].CNDTR"]["address"] == RAM + 0x2C
    table = running("peek", "PORT", "MODER", "--module", "gpio.py").out
    assert ["MODE4", "[9:8]", "0", "INPUT"] in [line.split() for line in table.splitlines()]
    assert ["MODE13-15", "[31:26]", "2", "ALTERNATE"] in [line.split() for line in table.splitlines()]


def test_each_is_read_in_its_own_width(running: Corten) -> None:
    store(running, xC=0x8765_4321)
    found = peek(running, "PORT", "BYTE", "HALF", "--module", "gpio.py")
    assert (found["BYTE"]["value"], found["HALF"]["value"]) == (0x21, 0x8765)


def test_what_is_left_out(running: Corten) -> None:
    store(running, x4=4, x8=8)
    found = peek(running, "PORT", "--module", "gpio.py")
    assert (found["BSRR"]["value"], found["BSRR"]["skipped"]) == (None, "write-only")
    assert (found["FIFO"]["value"], found["FIFO"]["skipped"]) == (None, "reading it acts")
    shown = running("peek", "PORT", "BSRR", "FIFO", "--module", "gpio.py").out
    assert ["BSRR", "0x21800004", "-", "skipped:", "write-only"] in [line.split() for line in shown.splitlines()]
    assert ["FIFO", "0x21800008", "-", "skipped:", "reading", "it", "acts"] in [
        line.split() for line in shown.splitlines()
    ]
    found = peek(running, "PORT", "--all", "--module", "gpio.py")
    assert (found["BSRR"]["value"], found["FIFO"]["value"], found["FIFO"]["skipped"]) == (None, 8, None)


def test_named_registers(running: Corten) -> None:
    found = peek(running, "PORT", "CH[1]", "MODER", "--module", "gpio.py")
    assert list(found) == ["MODER", "CH[1].CCR", "CH[1].CNDTR"]
    assert len(peek(running, "PORT", "CH", "--module", "gpio.py")) == 4
    assert list(peek(running, "port", "ch[0].ccr", "--module", "gpio.py")) == ["CH[0].CCR"]
    assert list(peek(running, "timer0", "ctrl")) == ["CTRL"]


def test_the_target_keeps_its_names_and_its_prompt(running: Corten) -> None:
    assert running("exec", "before = None; a = m = w = 'mine'; before = len(dir())").status == 0
    assert peek(running, "TIMER0")
    ended = running("exec", "print(a, m, w, len(dir()) == before)")
    assert ended.out == "mine mine mine True\r\n"


def test_more_registers_than_one_program_reads(running: Corten) -> None:
    running.write(
        "many.py",
        "from corten.register import Array, Block, Reg\n"
        f"class Many(Block):\n    WORD = Array(Reg(0), count=200, stride=4)\nMANY = Many({RAM:#x})\n",
    )
    assert running("exec", f"import machine\nfor i in range(200): machine.mem32[{RAM} + 4 * i] = i * i").status == 0
    found = peek(running, "MANY", "--module", "many.py")
    assert [each["value"] for each in found.values()] == [number * number for number in range(200)]


def test_a_fault_names_the_register(running: Corten) -> None:
    running.write("gpio.py", GPIO.replace("MODER = Reg(0x00", f"MODER = Reg({NOWHERE - RAM:#x}"))
    ended = running("peek", "PORT", "BYTE", "MODER", "--module", "gpio.py")
    assert (ended.status, ended.out) == (1, "")
    assert ended.error == (
        "corten: reading PORT.MODER at 0x70000000 faulted (BusFault): nothing answers there, or its clock is off\n"
        "  fix: name the registers to read and leave MODER out, or correct its address; the emulator has ended"
    )


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        (["UART3"], 2, "corten: mps2_an385 has no peripheral UART3; did you mean UART1 or UART0?"),
        (["Time0", "CTL"], 2, "corten: mps2_an385 has no peripheral Time0; did you mean TIMER0 or TIMER1?"),
        (["TIMER0", "CTL"], 2, "corten: TIMER0 has no register CTL; did you mean CTRL?"),
        (["ADC"], 2, "corten: mps2_an385 has no peripheral ADC; there is FPGAIO, TIMER0, TIMER1, UART0, UART1"),
        (["PORTA", "--module", "gpio.py"], 2, "corten: gpio.py defines no peripheral PORTA; did you mean PORT?"),
        (
            ["LATE", "--module", "gpio.py"],
            2,
            "corten: gpio.py: what LATE is cannot be read: len(",
        ),
        (["PORT", "--module", "none.py"], 2, "Usage: corten peek [OPTIONS] NAME [REGISTER]..."),
        (["TIMER0", "--json", "--watch"], 2, "corten: --watch is for people"),
        (["TIMER0", "--watch", "--interval", "0"], 2, "corten: no interval: 0 s"),
        (["TIMER0", "--board", "mps2"], 2, 'corten: no board is called "mps2"'),
        (["TIMER0", "--port", "/dev/not-there"], 3, "corten: "),
    ],
)
def test_errors(corten: Corten, arguments: list[str], status: int, error: str) -> None:
    corten.write("gpio.py", GPIO)
    ended = corten("peek", *arguments)
    assert (ended.status, ended.out) == (status, "")
    assert ended.error.startswith(error)


def start_timer(running: Corten) -> None:
    program = "import machine; machine.mem32[0x40000008] = 0xFFFFFFFF; machine.mem32[0x40000000] = 1"
    assert running("exec", program).status == 0


def test_watch_prints_what_changes(running: Corten) -> None:
    start_timer(running)
    process = running.start("peek", "TIMER0", "--watch", "--interval", "0.05")
    shown = read_until(process, b" s  VALUE 0x")
    assert b"CTRL 0x00000001\n" in shown
    ended = end(process, signal.SIGINT)
    assert (ended.status, ended.err) == (0, "")
    assert "CTRL" not in ended.out
    assert running("exec", "print(6 * 7)").out == "42\r\n"


def test_watch_in_a_terminal(running: Corten) -> None:
    start_timer(running)
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "host_tools.cli", "peek", "TIMER0", "--watch", "--interval", "0.05"],
        cwd=running.folder,
        env={**os.environ, **running.env, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    try:
        shown = screen_until(master, b"\x1b[1;30;43m0x")  # a value that has changed
        assert b"every 0.05 s; Ctrl-C ends" in shown
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT_S) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(TIMEOUT_S)
        os.close(master)
    assert running("exec", "print(6 * 7)").out == "42\r\n"


def screen_until(master: int, text: bytes) -> bytes:
    """What a terminal shows up to a text."""
    deadline = time.monotonic() + TIMEOUT_S
    seen = b""
    while text not in seen:
        assert select.select([master], [], [], max(deadline - time.monotonic(), 0))[0], seen
        seen += os.read(master, 4096)
    return seen


SVD = """<?xml version="1.0" encoding="utf-8"?>
<device schemaVersion="1.1">
  <name>AN385</name><version>1.0</version><description>A timer</description>
  <addressUnitBits>8</addressUnitBits><width>32</width><size>32</size><access>read-write</access>
  <peripherals>
    <peripheral>
      <name>DOWN_COUNTER</name><description>A timer</description><baseAddress>0x40000000</baseAddress>
      <registers>
        <register>
          <name>CONTROL</name><description>Control</description><addressOffset>0</addressOffset>
          <fields>
            <field>
              <name>RUN</name><description>Runs</description><bitRange>[0:0]</bitRange>
              <enumeratedValues>
                <enumeratedValue><name>Stopped</name><value>0</value></enumeratedValue>
                <enumeratedValue><name>Running</name><value>1</value></enumeratedValue>
              </enumeratedValues>
            </field>
          </fields>
        </register>
        <register>
          <name>STATUS</name><description>Read to clear</description><addressOffset>12</addressOffset>
          <access>read-only</access><readAction>clear</readAction>
        </register>
      </registers>
    </peripheral>
  </peripherals>
</device>
"""


def test_register_behind_a_dot(running: Corten) -> None:
    assert list(peek(running, "TIMER0.CTRL")) == ["CTRL"]


def test_a_received_byte_is_left_in_the_uart(running: Corten) -> None:
    assert peek(running, "UART0")["DATA"]["skipped"] == "reading it acts"


def test_registers_of_an_svd_file(running: Corten) -> None:
    running.write("timer.svd", SVD)
    start_timer(running)
    found = peek(running, "DOWN_COUNTER", "--svd", "timer.svd")
    assert found["CONTROL"]["fields"] == [{"name": "RUN", "bit": 0, "width": 1, "value": 1, "meaning": "Running"}]
    assert (found["STATUS"]["value"], found["STATUS"]["skipped"]) == (None, "reading it acts")
    ended = running("peek", "COUNTER", "--svd", "timer.svd")
    assert (ended.status, ended.out) == (2, "")
    assert ended.error.startswith("corten: AN385 has no peripheral COUNTER; did you mean DOWN_COUNTER?")


def test_relative_imports_of_a_module(running: Corten, tmp_path: Path) -> None:
    store(running, x0=3)
    running.write("chip/__init__.py", "")
    running.write("chip/blocks.py", GPIO)
    running.write("chip/ports.py", f"from .blocks import Gpio\nPORTA = Gpio({RAM:#x})\n")
    assert peek(running, "PORTA", "MODER", "--module", "chip/ports.py")["MODER"]["value"] == 3
