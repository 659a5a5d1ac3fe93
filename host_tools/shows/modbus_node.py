"""The outside world of apps/modbus_node: a Modbus master that nobody here wrote, on the UART, and an eye on the LEDs.

pymodbus opens the emulated UART as a serial device, writes coils and registers, reads them back and asks for what the
node counted. The LEDs are read from the emulator, not asked of the node. At the end what was seen from outside is
compared with what the node counted inside.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from host_tools import paths
from host_tools.boards import load_board
from host_tools.build import build
from host_tools.errors import FailedError, TargetError, UsageError
from host_tools.link import read_until
from host_tools.modbus.layout import APP, BOOT_TIMEOUT_S, FIGURES, FIRST_LINE, OWN
from host_tools.modbus.master import Master
from host_tools.registers.source import Library
from host_tools.targets import emulated
from host_tools.targets.base import WatchedTarget

if TYPE_CHECKING:
    from rich.console import RenderableType

    from host_tools.boards import Board

OTHER_ADDRESS = 17
MEMORY_WORDS = 8
NEVER = ("failures", "unsent", "frames_refused", "dropped", "overruns")


@dataclass
class Observed:
    """What is seen from outside the board."""

    leds: list[bool] = field(default_factory=list)
    led_changes: int = 0
    rounds: int = 0
    traffic: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)


class Outside:
    """The host's side of one running node."""

    def __init__(self, target: WatchedTarget, master: Master, leds: list[tuple[int, int]]) -> None:
        """leds: the address and the mask of each."""
        self.target = target
        self.master = master
        self.leds = leds
        self.seen = Observed(leds=[False] * len(leds))
        self._random = random.Random(1)

    def look_at_leds(self) -> list[bool]:
        """Reads the LEDs from the emulator and counts their changes."""
        lit = [bool(self.target.read_word(address) & mask) for address, mask in self.leds]
        self.seen.led_changes += sum(new != old for new, old in zip(lit, self.seen.leds, strict=True))
        self.seen.leds = lit
        return lit

    def expect(self, what: str, got: object, expected: object) -> None:
        """Notes what was done, and fails when its outcome is another."""
        if got != expected:
            raise FailedError(f"{what}: expected {expected}, got {got}")
        self.seen.traffic = [*self.seen.traffic[-7:], what]

    def play_round(self) -> None:
        """One of everything: coils and LEDs, registers, a broadcast, a wrong frame, settings."""
        self.seen.rounds += 1
        self._light_leds()
        self._use_memory()
        self._be_ignored()
        if self.seen.rounds == 1:
            self._move()
        self.seen.figures = self.master.figures()

    def _light_leds(self) -> None:
        master, count = self.master, len(self.leds)
        for number in range(count):
            wanted = not self.seen.leds[number]
            master.write_coil(number, wanted)
            self.expect(f"coil {number} = {wanted:d}: the LED", self.look_at_leds()[number], wanted)
        wanted_all = [bool(self._random.getrandbits(1)) for _ in range(count)]
        master.write_coils(0, wanted_all)
        self.expect("all coils at once: the LEDs", self.look_at_leds(), wanted_all)
        self.expect("coils read back", master.read_coils(0, count), wanted_all)
        self.expect("discrete inputs of the same pins", master.read_inputs(OWN, count), wanted_all)
        master.broadcast_coils(0, [not each for each in wanted_all])
        self._wait_for_leds([not each for each in wanted_all])

    def _wait_for_leds(self, wanted: list[bool]) -> None:
        """A broadcast has no answer that would say when it was acted on."""
        until = time.monotonic() + BOOT_TIMEOUT_S
        while self.look_at_leds() != wanted and time.monotonic() < until:
            time.sleep(0.001)
        self.expect("broadcast to all coils: the LEDs", self.seen.leds, wanted)

    def _use_memory(self) -> None:
        master = self.master
        values = [self._random.getrandbits(16) for _ in range(MEMORY_WORDS)]
        master.write_registers(OWN, values)
        self.expect(f"{MEMORY_WORDS} registers read back", master.read_holding(OWN, MEMORY_WORDS), values)
        values[1] ^= 0xFFFF
        master.write_register(OWN + 1, values[1])
        got = master.exchange(OWN, MEMORY_WORDS, OWN + 2, [7])
        self.expect("one written, all read, in one request", got, [*values[:2], 7, *values[3:]])
        flags = [bool(self._random.getrandbits(1)) for _ in range(11)]
        master.write_coils(OWN + 3, flags)
        self.expect("11 flags read back", master.read_coils(OWN + 3, 11), flags)

    def _be_ignored(self) -> None:
        master = self.master
        self.expect("an address that there is not: exception", master.refusal_of_holding(0xFFF0), 2)
        self.expect("an illegal setting: exception", master.refusal_of_write(0, 0), 3)
        master.send_spoilt()
        self.expect("a frame with a wrong CRC: bytes that came back", master.listen(), b"")

    def _move(self) -> None:
        master = self.master
        address = master.address
        for other in (OTHER_ADDRESS, address):
            master.write_register(0, other)
            master.address = other
            self.expect(f"address set to {other}: it answers there", master.read_holding(0, 1), [other])


def show(
    board_name: str, seconds: float, say: Callable[[str], None], *, quiet: bool, app: str = APP
) -> dict[str, object]:
    """Runs the node for about `seconds`, live in the terminal unless `quiet`, and returns the checked figures.

    Raises FailedError when the two sides disagree, TargetError when the board does not answer.
    """
    board = load_board(board_name)
    needs = ("led", "uart", "timer")
    missing = {name: reason for name in needs if (reason := board.lacks(name, emulated=True))}
    if missing:
        raise UsageError(
            f"the node needs an LED, a UART and a timer; {board_name} lacks {missing}", fix="--board mps2_an385"
        )
    image = build(board, app, say)
    uart = board.instance_of("uart")
    say(f"booting {image.app} on {board.title}, emulated; pymodbus is the master on {uart}")
    patience = board.emulator.patience if board.emulator else 1.0
    with emulated.watched(image, say, [uart]) as target:
        try:
            read_until(target.console, FIRST_LINE, BOOT_TIMEOUT_S * patience)
            with Master(target.terminal(uart), patience=patience) as master:
                outside = Outside(target, master, led_places(board))
                _play(outside, seconds, quiet)
                report = _check(outside)
        except TargetError as error:
            raise TargetError(f"{error.message}; {target.ended() or 'the emulator still runs'}", error.fix) from error
    if not quiet:
        say(
            f"{report['answers']} requests answered in {report['rounds']} rounds, {report['dropped_frames']} wrong "
            f"frames dropped; LEDs changed {report['led_changes']} times seen from outside; "
            f"{report['received']} bytes in and {report['sent']} out, none lost: all of it agrees"
        )
    return report


def led_places(board: "Board") -> list[tuple[int, int]]:
    """The address and the mask of each LED that the node has as a coil, in the order of their coils."""
    pins = [pin for name, pin in sorted(board.pins.items()) if name.startswith("LED")]
    return [(_output(board, pin.peripheral), 1 << pin.bit) for pin in pins]


def _output(board: "Board", port: str) -> int:
    """The address of the register that a port's outputs have their levels from; its driver names it."""
    chip = board.chip.peripherals[port]
    driver = Library(paths.firmware_dir())(f"corten.drivers.{chip.block}")
    assert driver
    block = next(each for each in driver.blocks.values() if each.output)
    register = block.find(str(block.output))
    assert register
    return chip.base + register.offset


def _play(outside: Outside, seconds: float, quiet: bool) -> None:
    from rich.console import Console
    from rich.live import Live

    screen = Console(quiet=quiet)
    until = time.monotonic() + seconds
    with Live(console=screen, refresh_per_second=12, transient=False) as live:
        while True:
            outside.play_round()
            if screen.is_terminal:
                live.update(_panel(outside))
            elif not quiet:
                screen.print(_line(outside), soft_wrap=True)
            if time.monotonic() >= until:
                return
            time.sleep(min(0.25, max(0.0, until - time.monotonic())))


def _check(outside: Outside) -> dict[str, object]:
    """Compares the two sides. The node's figures count the request that asks for them, and not its answer."""
    master, seen = outside.master, outside.seen
    packets, answers, received = master.packets + 1, master.answers, master.bytes_received
    figures = master.figures()
    received += _answer_size(FIGURES)
    dropped = sum(figures[name] for name in ("short", "long", "quiet_inside", "bad_crc"))
    checks = {
        "the frames sent, those that ended and those that were sent again": packets == figures["frames"]
        or master.retries > 0,
        "the frames spoilt, those dropped and those that were sent again": master.spoilt
        <= dropped
        <= master.spoilt + master.retries,
        "the answers on both sides": answers == figures["answers"],
        "the exceptions on both sides": master.exceptions == figures["exceptions"],
        "the broadcasts on both sides": master.broadcasts == figures["broadcasts"],
        "the bytes sent and those that the UART received": master.bytes_sent == figures["received"],
        "the bytes received and those that the UART sent": received == figures["sent"],
        "the node and its losses: none": not any(figures[name] for name in NEVER),
    }
    report: dict[str, object] = {
        "rounds": seen.rounds,
        "led_changes": seen.led_changes,
        "dropped_frames": dropped,
        "sent_again": master.retries,
        **figures,
    }
    wrong = [what for what, good in checks.items() if not good]
    if wrong:
        raise FailedError(f"what was seen from outside and inside disagrees: {'; '.join(wrong)}: {report}")
    return report


def _answer_size(names: Sequence[str]) -> int:
    """Bytes of the answer that carries so many figures."""
    return 5 + 4 * len(names)


def _line(outside: Outside) -> str:
    seen, figures = outside.seen, outside.seen.figures
    return (
        f"LEDs {' '.join('on ' if lit else 'off' for lit in seen.leds)}  {figures['answers']:4} answers  "
        f"{figures['exceptions']:3} exceptions  {figures['bad_crc']:3} with a wrong CRC dropped  "
        f"{figures['broadcasts']:3} broadcasts"
    )


def _panel(outside: Outside) -> "RenderableType":
    from rich.columns import Columns
    from rich.panel import Panel
    from rich.text import Text

    seen, figures = outside.seen, outside.seen.figures
    lamps = Text("\n").join(
        Text.assemble(("●", "bold green" if lit else "grey30"), f" coil {number} {'on' if lit else 'off'}")
        for number, lit in enumerate(seen.leds)
    )
    counted = Panel(
        f"{figures['frames']} frames, {figures['answers']} answers\n"
        f"{figures['exceptions']} exceptions, {figures['broadcasts']} broadcasts\n"
        f"{figures['bad_crc']} with a wrong CRC\n{figures['uptime_s']} s up, {figures['timer_interrupts']} ticks",
        title="the node's registers",
    )
    traffic = Panel("\n".join(seen.traffic[-4:]), title="pymodbus", width=52)
    return Columns([Panel(lamps, title="LEDs"), counted, traffic])
