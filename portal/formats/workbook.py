"""An Excel workbook of one sheet, written while it is sent, in memory that does not grow with its rows.

Source: ECMA-376 (Office Open XML), parts 1 and 2: the least that a workbook needs, texts within the cells.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, islice
from unicodedata import east_asian_width
from xml.sax.saxutils import escape, quoteattr

from django.utils.timezone import localtime

from portal.formats.cells import fitting, harmless
from portal.formats.zip_stream import ZipStream

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575
"""Below the headings: more a sheet of Excel does not hold."""

Cell = str | int | Decimal | date | datetime | None

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_PLAIN, _HEADING, _DAY, _MOMENT, _YEN, _NUMBER = range(6)
"""Where the ways in which cells are shown stand in `_styles`."""
_ZERO = date(1899, 12, 30)
_FIRST_DAY = date(1900, 3, 1)
"""Days before it Excel counts otherwise: it takes 1900 for a leap year."""
_LOOKED_AT = 200
_WIDEST, _NARROWEST = 60, 8
_ILLEGAL_IN_NAMES = re.compile(r"[\[\]:*?/\\]")


class Yen(int):
    """An amount that a workbook shows as yen, and adds up as a number."""


def workbook(title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The bytes of a workbook, piece by piece; its headings stay in sight, and can be filtered by."""
    zipped = ZipStream(localtime())
    for name, content in _frame(_sheet_name(title)).items():
        yield from zipped.add(name, (_HEAD + content).encode())
    yield from zipped.add_pieces("xl/worksheets/sheet1.xml", _sheet(headings, rows))
    yield from zipped.end()


def _sheet(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    left = iter(rows)
    first = list(islice(left, _LOOKED_AT))
    yield (_HEAD + f'<worksheet xmlns="{_MAIN}">').encode()
    yield b'<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/>'
    yield b"</sheetView></sheetViews><cols>"
    for place, width in enumerate(_widths(headings, first), start=1):
        yield f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'.encode()
    yield b"</cols><sheetData>"
    yield f"<row>{''.join(_text(heading, _HEADING) for heading in headings)}</row>".encode()
    count = 1
    for row in chain(first, left):
        count += 1
        yield f"<row>{''.join(map(_cell, row))}</row>".encode()
    yield f'</sheetData><autoFilter ref="A1:{_letters(len(headings))}{count}"/></worksheet>'.encode()


def _cell(value: Cell) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, str):
        return _text(value, _PLAIN)
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return _number((value - _ZERO).days, _DAY) if value >= _FIRST_DAY else _text(str(value), _PLAIN)
    return _number(value, _YEN if isinstance(value, Yen) else _NUMBER)


def _moment(value: datetime) -> str:
    local = localtime(value) if value.tzinfo else value
    if local.date() < _FIRST_DAY:
        return _text(f"{local:%Y-%m-%d %H:%M:%S}", _PLAIN)
    since = local.replace(microsecond=0, tzinfo=None) - datetime.combine(_ZERO, time())
    return _number(f"{since / timedelta(days=1):.8f}", _MOMENT)


def _number(value: object, style: int) -> str:
    return f'<c s="{style}"><v>{value}</v></c>'


def _text(text: str, style: int) -> str:
    one_line_end = fitting(harmless(text)).replace("\r\n", "\n").replace("\r", "\n")
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(one_line_end)}</t></is></c>'


def _widths(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Iterator[int]:
    for place, heading in enumerate(headings):
        shown = [heading, *(_shown(row[place]) for row in rows)]
        yield min(_WIDEST, max(_NARROWEST, *map(_width, shown)) + 2)


def _shown(value: Cell) -> str:
    if isinstance(value, datetime):
        return "0000-00-00 00:00"
    return f"{value:,}円" if isinstance(value, int | Decimal) else str(value or "")


def _width(text: str) -> int:
    longest = max(text.split("\n"), key=len)
    return sum(2 if east_asian_width(letter) in "WFA" else 1 for letter in longest[:_WIDEST])


def _letters(place: int) -> str:
    """The name of a column by its place: A, Z, AA."""
    name = ""
    while place:
        place, letter = divmod(place - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def _sheet_name(title: str) -> str:
    return _ILLEGAL_IN_NAMES.sub(" ", fitting(title))[:31].strip("' ") or "Sheet1"


def _frame(sheet: str) -> dict[str, str]:
    """All files of the workbook beside the sheet."""
    sheet_kind = f"{_KINDS}.worksheet+xml"
    parts = {"workbook.xml": "sheet.main", "styles.xml": "styles"}
    kinds = "".join(
        f'<Override PartName="/xl/{name}" ContentType="{_KINDS}.{kind}+xml"/>' for name, kind in parts.items()
    )
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{kinds}'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{sheet_kind}"/></Types>'
        ),
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
            f'<sheet name={quoteattr(sheet)} sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/styles.xml": _styles(),
    }


def _relations(*parts: tuple[str, str]) -> str:
    related = "".join(
        f'<Relationship Id="rId{place}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for place, (kind, target) in enumerate(parts, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>'


def _styles() -> str:
    top = '<alignment vertical="top" wrapText="1"/>'
    formats = {164: "yyyy-mm-dd", 165: "yyyy-mm-dd hh:mm", 166: '#,##0"円";−#,##0"円"', 167: "#,##0.######"}
    numbers = "".join(
        f'<numFmt numFmtId="{key}" formatCode={quoteattr(code)}/>' for key, code in formats.items()
    )
    shown = [(0, 0), (0, 1), (164, 0), (165, 0), (166, 0), (0, 0)]
    ways = "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
        f' applyFont="1" applyAlignment="1">{top}</xf>'
        for number, font in shown
    )
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(formats)}">{numbers}</numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="游ゴシック"/></font>'
        '<font><b/><sz val="11"/><name val="游ゴシック"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(shown)}">{ways}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
