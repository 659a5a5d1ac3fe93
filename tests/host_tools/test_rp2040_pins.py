"""Pins of an emulated Pico beside MicroPython's own, which have the same interrupt."""

from host_tools.boards import load_board
from host_tools.build import build
from host_tools.raw_repl import RawRepl
from host_tools.targets.rp2040 import Rp2040Target

OURS, THEIRS = 10, 16
TIMEOUT_S = 60.0
PULSES = 10
SET_UP = f"""
import board, machine, time
theirs = 0
def count(pin):
    global theirs
    theirs += 1
other = machine.Pin({THEIRS}, machine.Pin.IN, machine.Pin.PULL_DOWN)
other.irq(count, machine.Pin.IRQ_RISING)
edges = board.take("GPIO{OURS}").into_input(pull="down").edges(rising=True, falling=True)
"""


def test_edges_of_both_kinds_of_pins_are_counted() -> None:
    board = load_board("rpi_pico")
    with Rp2040Target(board, build(board, None, print).uf2) as target:
        repl = RawRepl(target.console)
        repl.enter_after_boot(TIMEOUT_S)

        def run(program: str) -> str:
            output, trace = repl.execute(program, TIMEOUT_S)
            assert not trace, trace.decode()
            return output.decode().strip()

        def pulse(pin: int) -> None:
            for level in (True, False):
                target.control.drive(pin, level)
                run("time.sleep_ms(1)")

        run(SET_UP)
        for number in range(1, PULSES + 1):
            pulse(OURS)
            pulse(THEIRS)
            assert run("print(edges.count, theirs)") == f"{2 * number} {number}"
        run("edges.stop()")
        pulse(OURS)
        pulse(THEIRS)
        assert run("print(edges.count, theirs)") == f"{2 * PULSES} {PULSES + 1}"
