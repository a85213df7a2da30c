"""Many issued documents as one ZIP with an index, written while it is sent (電子帳簿保存法)."""

import csv
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from itertools import chain
from typing import IO, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.utils.timezone import localtime

INDEX = "index.csv"
MISSING = "missing.txt"
HEADINGS = (
    "種類",
    "番号",
    "発行日",
    "取引先",
    "契約番号",
    "対象月",
    "税抜金額",
    "消費税額",
    "税込金額",
    "取消日",
    "元の請求書",
    "ファイル",
    "SHA-256",
)
# What Shift_JIS as Windows knows it spells otherwise, so that the index survives in older programs.
_CP932 = str.maketrans(
    {"〜": "～", "−": "－", "‖": "∥", "—": "―", "¢": "￠", "£": "￡", "¬": "￢", "\u00a0": " "}
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Row = tuple[str | int, ...]


class _Sink:
    """Takes what the ZIP writes until it is sent on; it can't be wound back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do: `taken` sends on."""

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def archive(index: Iterable[Row], files: Iterable[tuple[str, Callable[[], bytes | None]]]) -> Iterator[bytes]:
    """The ZIP piece by piece: the index first, then each file; names of files that cannot be read come last.

    `files` gives each name with what reads it; one is held in memory at a time.
    """
    sink = _Sink()
    missing: list[str] = []
    with ZipFile(cast(IO[bytes], sink), "w", ZIP_STORED) as zipped:
        with zipped.open(_entry(INDEX), "w") as target:
            target.write("\ufeff".encode())
            for row in chain([HEADINGS], index):
                target.write(_line(row))
                yield sink.taken()
        for name, read in files:
            content = read()
            if content is None:
                missing.append(name)
                continue
            zipped.writestr(_entry(name), content)
            yield sink.taken()
        if missing:
            zipped.writestr(_entry(MISSING), "\r\n".join(missing).encode())
    yield sink.taken()


def _entry(name: str) -> ZipInfo:
    return ZipInfo(name, localtime().timetuple()[:6])


def _line(row: Row) -> bytes:
    written = StringIO()
    csv.writer(written).writerow([_cell(value) for value in row])
    return written.getvalue().encode()


def _cell(value: str | int) -> str | int:
    """A text that no program takes for a formula; numbers stay."""
    if isinstance(value, int):
        return value
    text = value.translate(_CP932)
    return f"'{text}" if text.startswith(_FORMULA) else text
