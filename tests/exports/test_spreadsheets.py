"""Lists as files: what a cell becomes in each format, and memory that does not grow with the rows."""

import csv
import io
import tracemalloc
from datetime import date
from decimal import Decimal
from zipfile import ZipFile

import pytest
from django.utils.safestring import mark_safe
from openpyxl import load_workbook

from portal.audit.exports.columns import cell_of, plain_text
from portal.formats.spreadsheets import Format, as_cp932, written, yen_in
from portal.formats.workbook import Yen
from tests.scenes import at

HEADINGS = ["取引先", "金額", "日", "時刻", "率", "件数"]
ROW = ("𠮷田商事\n本社", Yen(-1234), date(2026, 11, 30), at("2026-11-30 09:15"), Decimal("1.5"), 7)
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", "＋1", "－1", "＠SUM(A1)"]


def content(form: Format, rows, title="請求書") -> bytes:
    return b"".join(written(form, title, HEADINGS, rows))


def sheet(rows, title="請求書"):
    return load_workbook(io.BytesIO(content(Format.XLSX, rows, title))).active


def test_a_workbook_holds_days_amounts_and_numbers_as_such():
    read = sheet([ROW])
    assert [cell.value for cell in read[1]] == HEADINGS
    text, amount, day, moment, rate, count = read[2]
    assert (text.value, text.data_type) == ("𠮷田商事\n本社", "s")
    assert (amount.value, amount.number_format) == (-1234, '#,##0"円";−#,##0"円"')
    assert f"{day.value:%Y-%m-%d %H:%M}" == "2026-11-30 00:00" and day.number_format == "yyyy-mm-dd"
    assert f"{moment.value:%Y-%m-%d %H:%M:%S}" == "2026-11-30 09:15:00"
    assert (rate.value, count.value) == (1.5, 7)
    assert read.title == "請求書"
    assert read.freeze_panes == "A2" and read.auto_filter.ref == "A1:F2"


def test_csv_for_excel_begins_with_its_mark_and_keeps_every_letter():
    text = content(Format.CSV, [ROW])
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    assert rows == [HEADINGS, ["𠮷田商事\n本社", "-1234", "2026-11-30", "2026-11-30 09:15:00", "1.5", "7"]]


def test_csv_in_shift_jis_marks_the_letters_that_it_lacks():
    assert content(Format.CSV_CP932, [ROW]).decode("cp932").splitlines()[1].startswith('"〓田商事')
    assert as_cp932("髙橋〜①").decode("cp932") == "髙橋～①"


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("form", Format)
def test_no_cell_becomes_a_formula(form, formula):
    row = (formula, *ROW[1:])
    if form == Format.XLSX:
        cell = sheet([row])["A2"]
        assert cell.data_type == "s" and cell.value == f"'{formula}"
    else:
        encoding = "cp932" if form == Format.CSV_CP932 else "utf-8-sig"
        rows = list(csv.reader(io.StringIO(content(form, [row]).decode(encoding), newline="")))
        assert rows[1][0] == f"'{formula}"


def test_what_a_workbook_cannot_hold_does_not_break_it():
    long, broken = "あ" * 40_000, "a\x00\x0b\ud800\uffff<b>&]]>"
    read = sheet(
        [(long, *ROW[1:]), (broken, *ROW[1:]), ("", None, None, None, None, None)], title="[a]/b:*?" * 9
    )
    assert len(read["A2"].value) == 32_767
    assert read["A3"].value == "a<b>&]]>"
    assert [cell.value for cell in read[4]] == [None] * 6
    assert len(read.title) <= 31


@pytest.mark.parametrize("form", Format)
def test_a_list_without_rows_has_its_headings(form):
    text = content(form, [])
    if form == Format.XLSX:
        assert load_workbook(io.BytesIO(text)).active.max_row == 1
    else:
        assert len(text.splitlines()) == 1


def test_the_parts_of_a_workbook_are_whole():
    with ZipFile(io.BytesIO(content(Format.XLSX, [ROW] * 1000))) as parts:
        assert parts.testzip() is None
        assert parts.namelist()[0] == "[Content_Types].xml"


@pytest.mark.parametrize("form", Format)
def test_memory_does_not_grow_with_the_rows(form):
    def peak(count: int) -> int:
        tracemalloc.start()
        for _piece in written(form, "請求書", HEADINGS, (ROW for _number in range(count))):
            pass
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(10_000) < peak(1_000) + 100_000


@pytest.mark.parametrize(
    ("text", "amount"), [("12,345円", 12345), ("−500円", -500), ("¥1,000", 1000), ("−¥5", -5), ("0円", 0)]
)
def test_amounts_as_pages_show_them_are_numbers(text, amount):
    assert yen_in(text) == amount
    assert cell_of(text) == amount


@pytest.mark.parametrize("text", ["5円玉", "1,000", "月額100円", ",円" + "x"])
def test_other_texts_are_no_amounts(text):
    assert yen_in(text) is None


def test_a_piece_of_a_page_is_its_text():
    page = mark_safe('<a href="/x?a=1&amp;b=2">A &amp; B</a><div>二行目</div>\n <br>三  行目')
    assert plain_text(page) == "A & B\n二行目\n三 行目"
    assert cell_of(mark_safe("<span>—</span>")) == ""
    assert cell_of(True) == "はい"
