"""Consoles at a port: monitor finds one again that has gone, leaves by a key, and peek reads registers there."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.host_tools.commands import Corten, eventually

SPEAK = "import time\nfor i in range(100000):\n    print('number', i)\n    time.sleep_ms(50)\n"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def serve(corten: Corten, number: int) -> "subprocess.Popen[bytes]":
    """A fresh emulated board at a port of this machine."""
    process = corten.start("serve", "--raw", "--listen", f"127.0.0.1:{number}")
    assert process.stdout
    assert b"is served" in process.stdout.readline()
    return process


def end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_port_that_goes_and_comes_back(corten: Corten) -> None:
    number, saved = free_port(), corten.folder / "saved"
    port = f"socket://127.0.0.1:{number}"
    server = serve(corten, number)
    talker = corten.start("run", "--port", port, corten.write("main.py", SPEAK))
    assert talker.stdout
    assert talker.stdout.readline().startswith(b"number")
    talker.kill()  # the program on the board goes on
    talker.communicate()
    monitor = corten.start("monitor", "--port", port, "--save", saved, "--wait", "100", "--until", "back")
    eventually(lambda: "number" in text(saved), "a line", 60)
    end(server)
    assert monitor.stderr
    assert b"waiting up to 100 s for socket://" in monitor.stderr.readline()
    server = serve(corten, number)
    assert b"is back" in monitor.stderr.readline()
    monitor.send_signal(signal.SIGINT)
    _, errors = monitor.communicate(timeout=60)
    assert monitor.returncode == 0, errors
    end(server)


def test_peek_reads_registers_at_a_port(corten: Corten) -> None:
    number = free_port()
    server = serve(corten, number)
    ended = corten("peek", "TIMER0.RELOAD", "--port", f"socket://127.0.0.1:{number}", "--json")
    assert ended.status == 0, ended.err
    assert [each["path"] for each in json.loads(ended.out)["registers"]] == ["RELOAD"]
    end(server)


def test_key_leaves(corten: Corten) -> None:
    corten.write("main.py", SPEAK)
    keyboard, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "host_tools.cli", "monitor", "main.py", "--save", "saved"],
        cwd=corten.folder,
        env={**os.environ, **corten.env},
        stdin=slave,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: "number 1" in text(corten.folder / "saved"), "a line", 200)
        os.write(keyboard, b"x\x1d")
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(keyboard)
        os.close(slave)
