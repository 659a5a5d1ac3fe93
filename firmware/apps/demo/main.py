"""The demo: a timer interrupt blinks the LED at 1 Hz, and UART1 answers lines.

ping            pong
led on          the LED stays on; also: led off, led blink
stats           counters, as key=value
"""

import time

import board
from corten.app import App
from corten.shared import Shared

HALF_PERIOD_US = 500_000
LONGEST_LINE = 64  # bytes, without its end
ANSWER_TIMEOUT_MS = 1000
IDLE_MS = 10_000


class Beat:
    """The LED, and the timer that blinks it unless it is told not to."""

    def __init__(self, led, timer):
        self.led = led.into_output(owner="demo")
        self.timer = timer.open(owner="demo")
        self.blinks = True
        self.ticks = 0

    def tick(self):
        """Half a period has passed."""
        self.timer.acknowledge()
        self.ticks += 1
        if self.blinks:
            self.led.toggle()


app = App()
beat = Shared(None, name="beat")  # a Beat, once the demo starts


@app.task(binds=board.CAPABILITIES["timer"], priority=2, shares=(beat,))
def tick():
    """The timer's interrupt."""
    with beat.lock() as b:
        b.value.tick()


@app.idle
def serve():
    """What the main context does."""
    demo.serve()


class Demo:
    """Answers what comes over the UART."""

    def __init__(self, uart):
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

    def serve(self):
        """Answer one line, if there is one."""
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
        with beat.lock() as b:
            b.value.blinks = False
            b.value.led.on()
        return "ok"

    def led_off(self):
        """Stop blinking and darken the LED."""
        with beat.lock() as b:
            b.value.blinks = False
            b.value.led.off()
        return "ok"

    def led_blink(self):
        """Let the timer's interrupt toggle the LED."""
        with beat.lock() as b:
            b.value.blinks = True
        return "ok"

    def stats(self):
        """What was counted; tx does not include this answer."""
        uart = self.uart
        with beat.lock() as b:
            ticks, led = b.value.ticks, b.value.led.value()
        return "uptime_ms=%d ticks=%d led=%d rx=%d tx=%d dropped=%d overruns=%d overlong=%d unsent=%d" % (
            time.ticks_ms(),
            ticks,
            led,
            uart.received,
            uart.sent,
            uart.dropped,
            uart.overruns,
            self.overlong,
            self.unsent,
        )


if __name__ == "__main__":
    demo = Demo(board.CAPABILITIES["uart"])
    blinker = Beat(board.CAPABILITIES["led"], board.CAPABILITIES["timer"])
    blinker.timer.start(HALF_PERIOD_US)
    with beat.lock() as b:
        b.value = blinker
    print("corten demo: ready")
    app.run()
