"""Wall time of what is repeated, the candidates taking turns so that a change of the machine's load meets all of them."""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

from host_tools.errors import FailedError

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
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, env=env, timeout=TIMEOUT_S, check=False
    )
    elapsed = since_ms(started)
    if done.returncode or (output is not None and done.stdout.strip() != output):
        raise FailedError(f"{' '.join(command)} ended with status {done.returncode}: {(done.stdout + done.stderr)!r}")
    return elapsed
