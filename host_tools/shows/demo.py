"""The outside world of apps/demo: a terminal on UART1 and an eye on the LED.

Commands go in over the emulated UART. The LED is read from the emulator, not asked of the firmware. At the end what was
seen from outside is compared with what the firmware counted inside.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from host_tools.boards import load_board
from host_tools.build import build
from host_tools.errors import FailedError, TargetError, UsageError
from host_tools.link import Link, read_until
from host_tools.targets.qemu import EXACT, QemuTarget

if TYPE_CHECKING:
    from rich.console import RenderableType

FIRST_LINE = b"corten demo: ready"
ANSWER_TIMEOUT_S = 5.0
HALF_PERIOD_MS = 500
"""The firmware's timer toggles the LED this often: 1 Hz of guest time."""


@dataclass
class Observed:
    """What is seen from outside the board, and what the firmware said last."""

    led: bool = False
    led_changes: int = 0
    first_ticks: int = 0
    sent: int = 0
    received: int = 0
    traffic: list[str] = field(default_factory=list)
    stats: dict[str, int] = field(default_factory=dict)


class Outside:
    """The host's side of one running demo."""

    def __init__(self, target: QemuTarget, uart: Link, led_address: int, led_bit: int) -> None:
        self.target = target
        self.uart = uart
        self.led_address = led_address
        self.led_mask = 1 << led_bit
        self.seen = Observed()

    def look_at_led(self) -> bool:
        """Reads the LED from the emulator and counts its changes."""
        lit = bool(self.target.monitor.read_word(self.led_address) & self.led_mask)
        self.seen.led_changes += lit != self.seen.led
        self.seen.led = lit
        return lit

    def ask(self, line: str) -> str:
        """Sends a line to the board and returns its answer."""
        request = line.encode() + b"\n"
        self.uart.write(request)
        answer = read_until(self.uart, b"\n", ANSWER_TIMEOUT_S)
        self.seen.sent += len(request)
        self.seen.received += len(answer)
        text = answer.decode().strip()
        self.seen.traffic = [*self.seen.traffic[-5:], f"> {line}", f"< {text}"]
        return text

    def expect(self, line: str, answer: str) -> None:
        """Asks, and fails when the answer is another."""
        got = self.ask(line)
        if got != answer:
            raise FailedError(f"UART1: {line!r} was answered with {got!r} in place of {answer!r}")

    def ask_stats(self) -> dict[str, int]:
        """What the firmware counted. Its figures do not include the answer that carries them."""
        self.seen.stats = {key: int(value) for key, value in (word.split("=") for word in self.ask("stats").split())}
        return self.seen.stats


def show(
    board_name: str, seconds: float, say: Callable[[str], None], *, quiet: bool, app: str = "demo"
) -> dict[str, object]:
    """Runs the demo for about `seconds`, live in the terminal unless `quiet`, and returns the checked figures.

    Raises FailedError when the two sides disagree, TargetError when the board does not answer.
    """
    board = load_board(board_name)
    if "led" not in board.capabilities or "uart" not in board.capabilities:
        missing = {name: reason for name, reason in board.excluded.items() if name in ("led", "uart")}
        raise UsageError(f"the demo needs an LED and a UART; {board_name} lacks {missing}", fix="--board mps2_an385")
    image = build(board, app, say)
    pin = board.pins[str(board.capabilities["led"])]
    address = board.chip.peripherals[pin.peripheral].base
    uart = board.instance_of("uart")
    say(f"booting {image.app} on {board.title}, emulated by QEMU")
    with QemuTarget(image, icount=EXACT, monitor=True) as target:
        try:
            read_until(target.console, FIRST_LINE, ANSWER_TIMEOUT_S)
            outside = Outside(target, target.uart(uart), address, pin.bit)
            _play(outside, seconds, quiet)
            report = _check(outside)
        except TargetError as error:
            raise TargetError(f"{error.message}; {target.ended() or 'the emulator still runs'}", error.fix) from error
    if not quiet:
        say(
            f"LED changed {report['led_changes']} times seen from outside, {report['ticks']} timer interrupts inside; "
            f"UART1 carried {report['sent']} bytes in and {report['received']} out, none lost: all of it agrees"
        )
    return report


def _play(outside: Outside, seconds: float, quiet: bool) -> None:
    from rich.console import Console
    from rich.live import Live

    screen = Console(quiet=quiet)
    outside.look_at_led()
    outside.seen.led_changes = 0
    _check_led_commands(outside)
    until = time.monotonic() + seconds
    next_request = 0.0
    with Live(console=screen, refresh_per_second=12, transient=False) as live:
        while time.monotonic() < until:
            outside.look_at_led()
            if time.monotonic() >= next_request:
                outside.expect("ping", "pong")
                outside.ask_stats()
                next_request = time.monotonic() + 0.5
                if not screen.is_terminal and not quiet:
                    screen.print(_line(outside.seen), soft_wrap=True)
            if screen.is_terminal:
                live.update(_panel(outside.seen))
            time.sleep(0.02)


def _check_led_commands(outside: Outside) -> None:
    for line, lit in (("led on", True), ("led off", False), ("led on", True)):
        outside.expect(line, "ok")
        if outside.look_at_led() != lit:
            raise FailedError(f"UART1 answered ok to {line!r}, but the LED is {'off' if lit else 'on'}")
    outside.expect("led blink", "ok")
    outside.ask_stats()
    outside.seen.first_ticks = outside.seen.stats["ticks"]
    outside.seen.led_changes = 0


def _check(outside: Outside) -> dict[str, object]:
    seen = outside.seen
    sent, received = seen.sent, seen.received
    stats = outside.ask_stats()
    outside.look_at_led()
    ticks = stats["ticks"] - outside.seen.first_ticks
    checks = {
        "the LED changes that the emulator showed and the timer interrupts": abs(seen.led_changes - ticks) <= 1,
        "the timer interrupts and the guest's clock": abs(stats["ticks"] - stats["uptime_ms"] // HALF_PERIOD_MS) <= 1,
        "the bytes sent and the bytes that UART1 received": stats["rx"] == sent + len(b"stats\n"),
        "the bytes received and the bytes that UART1 sent": stats["tx"] == received,
        "UART1 and its losses: none": stats["dropped"] == 0 and stats["overruns"] == 0,
    }
    report: dict[str, object] = {
        "led_changes": seen.led_changes,
        "sent": seen.sent,
        "received": seen.received,
        **stats,
        "ticks": ticks,
    }
    wrong = [what for what, good in checks.items() if not good]
    if wrong:
        raise FailedError(f"what was seen from outside and inside disagrees: {'; '.join(wrong)}: {report}")
    return report


def _line(seen: Observed) -> str:
    return (
        f"LED {'on ' if seen.led else 'off'}  {seen.stats['ticks']:3} timer interrupts  "
        f"UART1 {seen.sent:4} B in, {seen.received:4} B out  ping -> pong, stats -> {len(seen.stats)} counters"
    )


def _panel(seen: Observed) -> "RenderableType":
    from rich.columns import Columns
    from rich.panel import Panel
    from rich.text import Text

    lamp = Text("●", style="bold green" if seen.led else "grey30")
    led = Panel(Text.assemble(lamp, f" {'on' if seen.led else 'off'}\n{seen.led_changes} changes"), title="LED")
    ticks, uptime_s = seen.stats.get("ticks", 0), seen.stats.get("uptime_ms", 0) / 1000
    counters = Panel(f"{ticks} interrupts\n{uptime_s:.1f} s guest time", title="timer")
    traffic = Panel("\n".join(seen.traffic[-4:]), title=f"UART1  in {seen.sent} B  out {seen.received} B", width=58)
    return Columns([led, counters, traffic])
