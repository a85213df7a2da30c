"""Many issued documents as one ZIP with an index, written while it is sent (電子帳簿保存法)."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from django.utils.timezone import localtime

from billing.documents.zip_stream import ZipStream
from portal.formats.cells import csv_line

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

Row = tuple[str | int, ...]


def archive(index: Iterable[Row], files: Iterable[tuple[str, Callable[[], bytes | None]]]) -> Iterator[bytes]:
    """The ZIP piece by piece: the index first, then each file; names of files that cannot be read come last.

    `files` gives each name with what reads it; one is held in memory at a time.
    """
    zipped = ZipStream(localtime())
    missing: list[str] = []
    lines = map(_line, chain([HEADINGS], index))
    yield from zipped.add_pieces(INDEX, chain(["\ufeff".encode()], lines))
    for name, read in files:
        content = read()
        if content is None:
            missing.append(name)
        else:
            yield from zipped.add(name, content)
    if missing:
        yield from zipped.add(MISSING, "\r\n".join(missing).encode())
    yield from zipped.end()


def _line(row: Row) -> bytes:
    cells = (value if isinstance(value, int) else value.translate(_CP932) for value in row)
    return csv_line(cells).encode()
