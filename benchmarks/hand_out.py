"""Time and memory of handing many documents out as one ZIP, beside Python's `zipfile` doing the same.

Run as `python benchmarks/hand_out.py`. PDFs of 50 kB stand for issued ones; what is sent is thrown away.
"""

import os
import sys
import tracemalloc
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import IO, cast
from zipfile import ZipFile, ZipInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django  # noqa: E402

django.setup()

from billing.documents.archive import archive  # noqa: E402
from measure import QUICK, remark, report, seconds_each  # noqa: E402

SIZES = (1_000, 3_000) if QUICK else (1_000, 10_000, 100_000)
PDF = os.urandom(50_000)
ROW = tuple(["適格請求書", "CD-2026-000001", "株式会社みなと商事", "C26-000001"] * 4)


class _Nowhere:
    """Takes what is written, and can't be wound back."""

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        pass


def names(count: int) -> Iterator[str]:
    return (f"2026-11/CD-2026-{number:06}.pdf" for number in range(count))


def ours(count: int) -> None:
    index = partial(_rows, count)
    for _piece in archive(index, ((name, lambda: PDF) for name in names(count))):
        pass


def _rows(count: int, missing: Collection[str]) -> Iterator[tuple[str, ...]]:
    return (ROW for _name in names(count))


def plain(count: int) -> None:
    with ZipFile(cast(IO[bytes], _Nowhere()), "w") as zipped:
        for name in names(count):
            zipped.writestr(ZipInfo(name), PDF)


def memory(way: Callable[[int], None], count: int) -> float:
    """The most that a way holds at once, in MB."""
    tracemalloc.start()
    way(count)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 1e6


def main() -> None:
    held: dict[int, float] = {}
    for count in SIZES:
        times = seconds_each({"ours": lambda _n: ours(count), "plain": lambda _n: plain(count)}, 1)  # noqa: B023
        held[count] = memory(ours, count)
        report(f"zip-{count}", times["plain"] / times["ours"], "zipfile")
        held_by_plain = memory(plain, count)
        figures = f"{times['ours']:.1f} s, {held[count]:.2f} MB; zipfile {held_by_plain:.2f} MB"
        remark(f"{count:,} documents: {figures}")
    report("zip-memory", held[SIZES[-1]] / held[SIZES[0]], f"memory with {SIZES[0]:,} documents")


if __name__ == "__main__":
    main()
