"""The demo: a timer interrupt blinks the LED at 1 Hz, and UART1 answers lines.

ping            pong
led on          the LED stays on; also: led off, led blink
stats           counters, as key=value
"""

import time

import board

HALF_PERIOD_US = 500_000
LONGEST_LINE = 64  # bytes, without its end
ANSWER_TIMEOUT_MS = 1000
IDLE_MS = 10_000


class Demo:
    """Takes the board's LED, timer and UART, and answers what comes over the UART."""

    def __init__(self, led, timer, uart):
        self.led = led.into_output(owner="demo")
        self.timer = timer.open(owner="demo")
        self.uart = uart.open(115_200, hold_when_full=True, owner="demo")
        self.overlong = 0  # lines refused for their length
        self.unsent = 0  # bytes of answers that the other side did not take in time
        self._commands = {
            b"ping": self.ping,
            b"led on": self.led_on,
            b"led off": self.led_off,
            b"led blink": self.led_blink,
            b"stats": self.stats,
        }

    def run(self):
        """Blink and answer, forever."""
        self.led_blink()
        self.timer.start(HALF_PERIOD_US)
        print("corten demo: ready")
        while True:
            line = self.next_line()
            if line:
                answer = (self.answer(line) + "\n").encode()
                self.unsent += len(answer) - self.uart.write(answer, ANSWER_TIMEOUT_MS)

    def next_line(self):
        """Return the next line without its end, b"" if none came for a while."""
        line = self.uart.readline(IDLE_MS) or b""
        while line and not line.endswith(b"\n"):
            # The ring was full: an overlong line, of which only the length still counts.
            line = line[:LONGEST_LINE] + (self.uart.readline(IDLE_MS) or b"\n")
        return line.strip()

    def answer(self, line):
        """Return the answer to one line."""
        if len(line) > LONGEST_LINE:
            self.overlong += 1
            return "error: the line is longer than %d bytes" % LONGEST_LINE
        command = self._commands.get(line)
        if command is None:
            known = ", ".join(sorted(name.decode() for name in self._commands))
            return "error: unknown command %s; there are %s" % (repr(line)[1:], known)
        return command()

    def ping(self):
        """Show that the board is alive."""
        return "pong"

    def led_on(self):
        """Stop blinking and light the LED."""
        self.timer.on_tick()
        self.led.on()
        return "ok"

    def led_off(self):
        """Stop blinking and darken the LED."""
        self.timer.on_tick()
        self.led.off()
        return "ok"

    def led_blink(self):
        """Let the timer's interrupt toggle the LED."""
        self.timer.on_tick(self.led.address, self.led.mask)
        return "ok"

    def stats(self):
        """What was counted; tx does not include this answer."""
        uart = self.uart
        return "uptime_ms=%d ticks=%d led=%d rx=%d tx=%d dropped=%d overruns=%d overlong=%d unsent=%d" % (
            time.ticks_ms(),
            self.timer.ticks,
            self.led.value(),
            uart.received,
            uart.sent,
            uart.dropped,
            uart.overruns,
            self.overlong,
            self.unsent,
        )


if __name__ == "__main__":
    Demo(board.CAPABILITIES["led"], board.CAPABILITIES["timer"], board.CAPABILITIES["uart"]).run()
