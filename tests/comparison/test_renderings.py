"""The comparison table as HTML, PDF, CSV, XLSX and JSON."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pdfplumber
import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock

from contracts.comparison.page import html_page, html_table, pdf
from contracts.comparison.spreadsheets import as_csv, as_xlsx
from contracts.comparison.table import ComparisonTable, NewOn, Side, as_json
from contracts.terms.markdown import parse

TEXT = """# 見本約款

### 第1条（目的）
この約款の目的です。

### 第2条（解約）
1. 契約者は、希望する日の14日前までに書面で申し出ます。
   - (1) 住所
"""
CHANGED = (
    TEXT.replace("14日", "20営業日")
    + "   - (2) <b>氏名</b> & 印\n\n### 第3条（新しい条）\n新しい定めです。\n"
)


def table(new_on: NewOn = "left", old: str = TEXT, new: str = CHANGED) -> ComparisonTable:
    return ComparisonTable.of(Side(parse(old), "第1版"), Side(parse(new), "第2版"), new_on)


class Cells(HTMLParser):
    """The cells of a table as text, its underlined passages in [ ]."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag in ("ins", "del"):
            self.rows[-1][-1] += "["

    def handle_endtag(self, tag):
        if tag in ("ins", "del"):
            self.rows[-1][-1] += "]"

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip("\n ") if not data.strip() else data


def test_html_shows_both_sides_with_changed_passages_marked():
    assert Cells(html_table(table())).rows == [
        ["新（第2版）", "旧（第1版）", "備考"],
        ["（略）", "（略）", "（略）"],
        ["第2条（解約）", "第2条（解約）", ""],
        [
            "1. 契約者は、希望する日の[20営業日]前までに書面で申し出ます。",
            "1. 契約者は、希望する日の[14日]前までに書面で申し出ます。",
            "（変更）",
        ],
        ["(1) 住所", "(1) 住所", ""],
        ["[(2) <b>氏名</b> & 印]", "（追加）", "（追加）"],
        ["[第3条（新しい条）]", "（新設）", "（新設）"],
        ["[新しい定めです。]", "", ""],
    ]


def test_markup_in_a_text_stays_text():
    assert "<b>" not in html_table(table())
    assert "&lt;b&gt;氏名&lt;/b&gt; &amp; 印" in html_table(table())


def test_the_new_text_can_stand_on_the_right():
    rows = Cells(html_table(table("right"))).rows
    assert rows[0] == ["旧（第1版）", "新（第2版）", "備考"]
    assert rows[5] == ["（追加）", "[(2) <b>氏名</b> & 印]", "（追加）"]


def test_a_moved_article_says_whence_it_came():
    articles = [
        f"### 第{{}}条（題{name}）\n{text}\n"
        for name, text in (("甲", "目的を定めます。"), ("乙", "料金を定めます。"), ("丙", "解約を定めます。"))
    ]
    old, new = (
        "# 約款\n\n"
        + "\n".join(articles[place].format(number) for number, place in enumerate(order, start=1))
        for order in ((0, 1, 2), (1, 2, 0))
    )
    remarks = [row[2] for row in Cells(html_table(table(old=old, new=new))).rows]
    assert "（変更）第1条から移動" in remarks


def test_a_page_stands_by_itself():
    page = html_page(table())
    assert page.startswith("<!DOCTYPE html>")
    assert "<style>" in page
    assert not re.search(r"<link|<script|<img", page)


def test_the_pdf_holds_the_table_and_repeats_its_headings():
    long = TEXT + "".join(f"2{place}. 定め{place}です。\n" for place in range(60))
    shown = table(old=long, new=long.replace("14日", "20日"))
    with pdfplumber.open(io.BytesIO(pdf(shown))) as document:
        pages = [page.extract_text() for page in document.pages]
    assert len(pages) > 1
    assert all("備考" in page for page in pages)
    assert "20日" in pages[0] and "(変更)" in pages[0].replace("（", "(").replace("）", ")")
    assert pdf(shown) == pdf(shown)


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_csv_has_a_row_for_each_row_in_the_order_asked_for():
    rows = read_csv(as_csv(table()))
    assert rows[0] == ["条", "新", "旧", "備考"]
    assert rows[5] == ["2", "(2) <b>氏名</b> & 印", "（追加）", "（追加）"]
    assert read_csv(as_csv(table("right")))[0] == ["条", "旧", "新", "備考"]
    assert as_csv(table()).startswith(b"\xef\xbb\xbf")


FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "＝1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_becomes_a_formula(formula):
    shown = table(old="# 約款\n\n### 第1条\n\\古い\n", new=f"# 約款\n\n### 第1条\n\\{formula}\n")
    [row] = [row for row in read_csv(as_csv(shown)) if formula in row[1]]
    assert row[1] == f"'{formula}"
    sheet = load_workbook(io.BytesIO(as_xlsx(shown)))["新旧対照表"]
    assert "f" not in {cell.data_type for cells in sheet.iter_rows() for cell in cells}
    assert [cell.value for cells in sheet.iter_rows() for cell in cells].count(formula) == 1


def test_an_untouched_text_that_looks_like_a_formula_is_no_formula_either():
    old = "# 約款\n\n### 第1条\n\\=1+1\n\n別の項です。\n"
    sheet = load_workbook(io.BytesIO(as_xlsx(table(old=old, new=old.replace("別の", "他の")))))["新旧対照表"]
    assert [cell.data_type for cells in sheet.iter_rows() for cell in cells if cell.value == "=1+1"] == [
        "s",
        "s",
    ]


def test_the_workbook_underlines_what_changed():
    sheet = load_workbook(io.BytesIO(as_xlsx(table())), rich_text=True)["新旧対照表"]
    assert [cell.value for cell in sheet[1]] == ["条", "新", "旧", "備考"]
    changed = sheet["B4"].value
    assert isinstance(changed, CellRichText)
    assert [piece.text for piece in changed if isinstance(piece, TextBlock) and piece.font.u] == ["20営業日"]
    assert str(changed) == "1. 契約者は、希望する日の20営業日前までに書面で申し出ます。"


def test_a_control_character_does_not_break_the_workbook():
    old = TEXT.replace("目的です", "目的\x07です")
    assert load_workbook(io.BytesIO(as_xlsx(table(old=old))))


def test_json_is_a_list_of_rows():
    rows = json.loads(as_json(table().rows))
    assert [row["remark"] for row in rows] == ["（略）", "", "（変更）", "", "（追加）", "（新設）", ""]
    assert rows[2]["changes"][0]["new"] == "20営業日"
