"""The comparison table as CSV and as an Excel workbook. No cell can become a formula."""

import io
from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.worksheet import Worksheet

from contracts.comparison.table import ARTICLE_HEAD, NEW_HEAD, OLD_HEAD, REMARK_HEAD, ComparisonTable
from contracts.terms.compare.passages import Span
from contracts.terms.compare.rows import Row
from portal.formats.cells import FORMULA_STARTS, MOST_IN_A_CELL, csv_line, fitting, without_control

_WIDTHS = {"A": 9, "B": 60, "C": 60, "D": 12}


def as_csv(table: ComparisonTable) -> bytes:
    """UTF-8 with a byte order mark, as Excel wants it. What would begin a formula gets a ' in front."""
    heads = [ARTICLE_HEAD, *table.in_order(NEW_HEAD, OLD_HEAD), REMARK_HEAD]
    rows = ([row.article, *table.in_order(row.new, row.old), row.remark] for row in table.rows)
    return "".join(map(csv_line, [heads, *rows])).encode("utf-8-sig")


def as_xlsx(table: ComparisonTable) -> bytes:
    """One sheet, changed passages underlined, the headings repeated on every printed page."""
    book = Workbook()
    sheet = book.active
    sheet.title = "新旧対照表"
    sheet.append([ARTICLE_HEAD, *table.in_order(NEW_HEAD, OLD_HEAD), REMARK_HEAD])
    for place, row in enumerate(table.rows, start=2):
        new = _underlined(row.new, (change.new for change in row.changes if change.kind != "moved"))
        old = _underlined(row.old, (change.old for change in row.changes if change.kind != "moved"))
        left, right = (new, old) if table.new_on == "left" else (old, new)
        _write(sheet, place, row, left, right)
    _lay_out(sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _underlined(text: str, spans: Iterable[Span]) -> CellRichText | str:
    pieces: list[str | TextBlock] = []
    position = 0
    for span in spans:
        if not span.empty:
            pieces += [
                text[position : span.start],
                TextBlock(InlineFont(u="single"), without_control(span.of(text))),
            ]
            position = span.end
    if not pieces or len(text) > MOST_IN_A_CELL:
        return fitting(text)
    rest = [*pieces, text[position:]]
    return CellRichText(
        *(without_control(piece) if isinstance(piece, str) else piece for piece in rest if piece)
    )


def _write(
    sheet: Worksheet, place: int, row: Row, left: CellRichText | str, right: CellRichText | str
) -> None:
    for column, value in enumerate((row.article, left, right, row.remark), start=1):
        cell = sheet.cell(place, column)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
            cell.quotePrefix = value.startswith(FORMULA_STARTS)


def _lay_out(sheet: Worksheet) -> None:
    line = Side(style="thin", color="999999")
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border = Border(left=line, right=line, top=line, bottom=line)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in _WIDTHS.items():
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
