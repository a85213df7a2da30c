"""What the benchmarks share: a line a figure, and medians."""

import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median

QUICK = bool(os.environ.get("QUICK"))


def report(name: str, ratio: float, baseline: str) -> None:
    """`name  ratio×  baseline`: how many times the baseline's speed, or its size where the name says so."""
    sys.stdout.write(f"{name}  {ratio:.1f}×  {baseline}\n")
    sys.stdout.flush()


def remark(text: str) -> None:
    sys.stdout.write(f"# {text}\n")
    sys.stdout.flush()


def seconds_each(ways: dict[str, Callable[[int], object]], rounds: int) -> dict[str, float]:
    """The median processor time of each way. They take turns, so that a busy machine is busy for all."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for place in range(rounds):
        for name, way in ways.items():
            start = time.process_time()
            way(place)
            taken[name].append(time.process_time() - start)
    return {name: median(times) for name, times in taken.items()}


def peak_memory() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def shown(times: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {seconds * 1000:.1f} ms" for name, seconds in times)
