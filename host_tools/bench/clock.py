"""Wall time of what is repeated; candidates take turns, so that a change of the machine's load meets all of them."""

import time
from collections.abc import Callable, Mapping, Sequence

from host_tools.errors import FailedError
from host_tools.process import run_for_bytes

TIMEOUT_S = 60.0


def take_turns(runs: int, candidates: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Calls each candidate once to warm up and then `runs` times in turn; returns what they returned."""
    for measure in candidates.values():
        measure()
    samples: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(runs):
        for name, measure in candidates.items():
            samples[name].append(measure())
    return samples


def since_ms(started: float) -> float:
    """Milliseconds since `started`, a time.perf_counter()."""
    return (time.perf_counter() - started) * 1e3


def process_ms(command: Sequence[str], output: bytes | None = None, env: Mapping[str, str] | None = None) -> float:
    """Milliseconds of a whole process. FailedError when it fails, or prints something other than `output`."""
    started = time.perf_counter()
    printed = run_for_bytes(command, what="measure a command", env=env, timeout_s=TIMEOUT_S)
    elapsed = since_ms(started)
    if output is not None and printed.strip() != output:
        raise FailedError(f"{' '.join(command)} printed {printed!r} in place of {output!r}")
    return elapsed
