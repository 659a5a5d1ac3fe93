"""Run with a Python that has labgrid, not imported: acquires a place, and tells where its serial port is.

    python labgrid_place.py PLACE [NAME]

It prints one line of JSON: {"host", "port", "speed", "protocol"}, or {"error"}. A place that this user has acquired
stays acquired; one that nobody has is released when the input ends, in whatever way the parent ended.
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
from typing import Any, TextIO

AVAILABLE_TIMEOUT_S = 10.0
POLL_S = 0.1
RELEASE_TIMEOUT_S = 5.0
COORDINATOR = "127.0.0.1:20408"


def main() -> None:
    """Acquires, tells, waits, releases."""
    told = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # labgrid prints what it does
        try:
            _hold(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None, told)  # noqa: PLR2004
        except Exception as error:  # noqa: BLE001 - whatever labgrid says is passed on
            words = " ".join(map(str, error.args)) or type(error).__name__
            print(json.dumps({"error": words}), file=told, flush=True)


def _hold(pattern: str, name: str | None, told: TextIO) -> None:
    from labgrid.remote.client import start_session  # type: ignore[import-not-found]

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    arguments = argparse.Namespace(place=pattern, allow_unmatched=False, kick=False, name=name)
    address = os.environ.get("LG_COORDINATOR", COORDINATOR)
    session = start_session(address, extra={"args": arguments}, loop=loop)
    place = session.get_place()
    ours = not place.acquired
    if ours:
        loop.run_until_complete(session.acquire())
    try:
        found = loop.run_until_complete(_serial_port(session, session.get_acquired_place(), name))
        print(json.dumps(found), file=told, flush=True)
        loop.run_until_complete(loop.run_in_executor(None, sys.stdin.read))
    finally:
        if ours:
            loop.run_until_complete(asyncio.wait_for(session.release(), RELEASE_TIMEOUT_S))
        loop.run_until_complete(asyncio.wait_for(session.stop(), RELEASE_TIMEOUT_S))


async def _serial_port(session: Any, place: Any, name: str | None) -> dict[str, Any]:
    """Waits for the exporter, which starts its server when the place is acquired."""
    from labgrid import Target  # type: ignore[import-not-found]
    from labgrid.resource import NetworkSerialPort  # type: ignore[import-not-found]
    from labgrid.util.proxy import proxymanager  # type: ignore[import-not-found]

    deadline = asyncio.get_running_loop().time() + AVAILABLE_TIMEOUT_S
    while not (found := _entry(session, session.places[place.name], name)).args.get("port"):
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"its exporter does not offer the serial port within {AVAILABLE_TIMEOUT_S:g} s")
        await asyncio.sleep(POLL_S)
    settings = {key: value for key, value in found.args.items() if key in ("host", "port", "speed", "protocol")}
    resource = NetworkSerialPort(Target(place.name), name=None, **settings)
    resource.extra = found.extra
    host, port = proxymanager.get_host_and_port(resource)
    return {"host": host, "port": port, "speed": resource.speed, "protocol": resource.protocol}


def _entry(session: Any, place: Any, name: str | None) -> Any:
    """The serial port of that name, or the only one."""
    resources = session.get_target_resources(place)
    ports = {key: entry for (key, _), entry in resources.items() if entry.cls == "NetworkSerialPort"}
    names = ", ".join(sorted(ports)) or "none"
    if name is None and len(ports) > 1:
        raise ValueError(f"the place has several serial ports: {names}")
    if not ports or (name and name not in ports):
        raise ValueError(f"the place has no serial port{f' {name}' if name else ''}; it has: {names}")
    return ports[name] if name else next(iter(ports.values()))


if __name__ == "__main__":
    main()
