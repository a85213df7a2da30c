"""Workbooks whose cells leave open what they say, or hold more than people see."""

import io
import zipfile
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from contracts.takeover.staging import read_files
from portal.formats.book_reading import read_workbook
from portal.formats.tables import MOST_COLUMNS, TooLargeTableError, read_csv
from portal.tables_in.reading import read_table


def _book(change, rows=(("契約番号", "利用月"), ("C-1", "2026-10"))) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    change(book)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _rewritten(content: bytes, before: bytes, after: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(before, after))
    return written.getvalue()


def _merged(book):
    book.active.append([None, "2026-11"])
    book.active.merge_cells("A2:A3")


def _formula(book):
    book.active["B2"] = "=TODAY()"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_merged, "シート「Sheet」のセルA2:A3が結合されています。"),
        (_formula, "シート「Sheet」のセルB2の数式に計算結果がありません。"),
    ],
)
def test_cells_that_leave_open_what_they_say_are_refused_in_words(change, said):
    with pytest.raises(ValidationError, match=said):
        read_table(_book(change))
    with pytest.raises(ValidationError, match=said) as refused:
        read_files([("a.xlsx", _book(change))])
    assert "chosen" in refused.value.message_dict


def test_a_formula_that_was_calculated_gives_its_result():
    content = _rewritten(_book(_formula), b"<v></v>", b"<v>5</v>")
    content = _rewritten(content, b"<v />", b"<v>5</v>")
    assert read_workbook(content)[1] == ["C-1", 5]


def test_what_is_hidden_is_not_read():
    def hide(book):
        book.active.sheet_state = "hidden"
        book.create_sheet("契約").append(["見える"])

    assert read_workbook(_book(hide)) == [["見える"]]


def test_empty_cells_and_rows_at_the_end_are_none():
    def ruled(book):
        for place in range(3, MOST_COLUMNS + 50):
            book.active.cell(1, place).number_format = "@"
        for row in range(3, 400):
            book.active.cell(row, 1).number_format = "@"

    assert read_workbook(_book(ruled)) == [["契約番号", "利用月"], ["C-1", "2026-10"]]
    assert read_csv(b"a,b,,,\r\n,,,\r\nc,,d,,\r\n,,,\r\n") == [["a", "b"], [], ["c", "", "d"]]
    with pytest.raises(TooLargeTableError):
        read_csv(b"," * MOST_COLUMNS + b"x\r\n")


def test_a_size_that_a_program_states_too_large_or_too_small_does_not_count():
    content = _book(lambda book: None)
    for stated in (b'ref="A1:XFD1048576"', b'ref="A1:A1"'):
        assert len(read_workbook(_rewritten(content, b'ref="A1:B2"', stated))[1]) == 2


def test_days_count_from_1904_where_a_workbook_says_so():
    def old_mac(book):
        book.epoch = CALENDAR_MAC_1904
        book.active["B2"] = date(2026, 11, 5)

    assert read_workbook(_book(old_mac))[1][1].date() == date(2026, 11, 5)
