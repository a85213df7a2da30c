"""Many issued documents as one ZIP with an index, written while it is sent (電子帳簿保存法)."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime

from portal.formats.spreadsheets import Format, in_cp932, written
from portal.formats.workbook import Cell
from portal.formats.zip_stream import ZipStream

TITLE = "書類の一覧"
INDEX, INDEX_XLSX, INDEX_HTML = "index.csv", "index.xlsx", "index.html"
MISSING = "missing.txt"
_FILE = "ファイル"
HEADINGS = (
    "種類",
    "番号",
    "発行日",
    "取引先",
    "発行者",
    "契約番号",
    "サービス",
    "対象月",
    "税抜金額",
    "消費税額",
    "税込金額",
    "取消日",
    "元の請求書",
    _FILE,
    "SHA-256",
    "備考",
)
LACKING = "PDFを収録できませんでした"
"""What the index says of a document whose file is not there, or is not the one that was issued."""

Row = tuple[Cell, ...]
File = tuple[str, Callable[[], bytes | None]]

_PAGE_HEAD = """<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>書類の一覧</title><style>
body{font-family:"Hiragino Sans","Yu Gothic",Meiryo,sans-serif;margin:1.5rem}
table{border-collapse:collapse;font-size:.875rem}
th,td{border:1px solid #999;padding:.25rem .5rem;text-align:left}
td.n{text-align:right}thead{background:#eee}
</style></head><body><h1>書類の一覧</h1><div style="overflow-x:auto"><table><thead><tr>"""


def archive(index: Callable[[Collection[str]], Iterable[Row]], files: Iterable[File]) -> Iterator[bytes]:
    """The ZIP piece by piece: each file, then the names of those that cannot be read, then the index.

    `files` gives each name with what reads it; one is held in memory at a time. `index` gives its rows anew
    for each form of the index, and is told the names of the files that are not there.
    """
    zipped = ZipStream(localtime())
    missing: list[str] = []
    for name, read in files:
        content = read()
        if content is None:
            missing.append(name)
        else:
            yield from zipped.add(name, content)
    if missing:
        yield from zipped.add(MISSING, "\r\n".join(missing).encode())
    without = frozenset(missing)
    lines = (map(_in_old_letters, row) for row in index(without))
    for name, pieces in (
        (INDEX, written(Format.CSV, TITLE, HEADINGS, map(tuple, lines))),
        (INDEX_XLSX, written(Format.XLSX, TITLE, HEADINGS, index(without))),
        (INDEX_HTML, _page(index(without), without)),
    ):
        yield from zipped.add_pieces(name, pieces)
    yield from zipped.end()


def _in_old_letters(cell: Cell) -> Cell:
    """Texts as Shift_JIS spells them, so that the index survives in older programs."""
    return in_cp932(cell) if isinstance(cell, str) else cell


def _page(index: Iterable[Row], missing: Collection[str]) -> Iterator[bytes]:
    """The index to be read in a browser, with a link to each file."""
    yield _PAGE_HEAD.encode()
    yield format_html_join("", '<th scope="col">{}</th>', ((heading,) for heading in HEADINGS)).encode()
    yield b"</tr></thead><tbody>\n"
    for row in index:
        cells = (_shown(heading, cell, missing) for heading, cell in zip(HEADINGS, row, strict=True))
        yield f"<tr>{''.join(cells)}</tr>\n".encode(errors="replace")
    yield b"</tbody></table></div></body></html>\n"


def _shown(heading: str, cell: Cell, missing: Collection[str]) -> str:
    if isinstance(cell, int):
        return format_html('<td class="n">{}</td>', f"{cell:,}")
    if heading == _FILE and cell not in missing:
        return format_html('<td><a href="{}">{}</a></td>', cell, cell)
    return format_html("<td>{}</td>", cell.isoformat() if isinstance(cell, date) else cell or "")
