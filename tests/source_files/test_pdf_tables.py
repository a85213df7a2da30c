"""Ruled tables in PDF files: rows, headers, merged cells, tables over several pages; and damaged files."""

from functools import partial
from html import escape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from weasyprint import HTML

from contracts.source_files import UnreadableFile, read_source
from contracts.terms.amending import amend
from contracts.terms.compare.rows import compare
from contracts.terms.importing import import_text
from contracts.terms.markdown import parse
from portal.catalog import CATALOG
from tests.properties import examples
from tests.steps import steps

FONT = Path(__file__).parents[2] / "static" / "fonts" / "BIZUDPGothic-Regular.ttf"
STYLE = f"""<style>
@font-face {{ font-family: Sample; src: url({FONT.as_uri()}); }}
@page {{ size: A4; margin: 15mm; @bottom-center {{ content: "- " counter(page) " -"; font: 9pt Sample; }} }}
body {{ font: 11pt Sample; }}
table {{ border-collapse: collapse; width: 100%; table-layout: fixed; }}
td, th {{ border: 1px solid black; padding: 2mm; overflow-wrap: anywhere; }}
</style>"""
FRONT = "<h1>見本約款</h1><p>第1条（料金）</p><p>料金は次の表のとおりとします。</p>"


def pdf(body: str) -> bytes:
    written = HTML(string=STYLE + body).write_pdf()
    assert isinstance(written, bytes)
    return written


def row(*cells: str, tag: str = "td") -> str:
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"


def test_a_ruled_table_keeps_its_rows_and_header_and_the_text_around_it() -> None:
    body = f"{FRONT}<table>{row('品目', '円')}{row('基本', '1,000')}{row('追加', '500')}</table>"
    terms = import_text(read_source(pdf(f"{body}<p>2. 端数は切り捨てます。</p>"))).terms
    (article,) = terms.articles
    (table,) = [table for paragraph in article.paragraphs for table in paragraph.tables]
    assert (table.header, table.rows) == (("品目", "円"), (("基本", "1,000"), ("追加", "500")))
    assert [paragraph.text for paragraph in article.paragraphs] == [
        "料金は次の表のとおりとします。",
        "端数は切り捨てます。",
    ]


def test_a_table_over_several_pages_is_one_and_its_header_stands_once() -> None:
    rows = "".join(row(f"品目{number}", f"{number},000") for number in range(1, 81))
    table = f"<table><thead>{row('品目', '円', tag='th')}</thead><tbody>{rows}</tbody></table>"
    source = read_source(pdf(FRONT + table))
    assert source.count("\f") >= 2
    (paragraph,) = import_text(source).terms.articles[0].paragraphs
    (found,) = paragraph.tables
    assert found.header == ("品目", "円")
    assert [cells[0] for cells in found.rows] == [f"品目{number}" for number in range(1, 81)]


def test_merged_cells_stand_once() -> None:
    cells = "<tr><td colspan=2>広い</td></tr><tr><td rowspan=2>深い</td><td>右</td></tr><tr><td>下</td></tr>"
    lines = read_source(pdf(f"<p>前</p><table>{cells}</table>")).split("\n")
    assert [line for line in lines if line.startswith("|")] == ["| 広い |  |", "| 深い | 右 |", "|  | 下 |"]


@pytest.mark.parametrize(
    "body",
    [
        "<div style='border: 1px solid'><p>第1条（目的）</p><p>定めます。</p></div>",
        "<p>第1条（目的）</p><p><u>下線のある文</u>と<u>文</u>を定めます。</p>",
        "<p>第1条（目的）</p><hr><p>定めます。</p><hr>",
    ],
)
def test_frames_and_lines_are_no_tables(body: str) -> None:
    assert "|" not in read_source(pdf(body))


def test_a_table_without_a_header_has_none() -> None:
    body = f"{FRONT}<table>{row('基本', '1,000円')}{row('追加', '500円')}</table>"
    (paragraph,) = import_text(read_source(pdf(body))).terms.articles[0].paragraphs
    assert paragraph.tables[0].header == ()


def test_a_published_comparison_table_as_pdf_makes_the_new_version() -> None:
    old, new = (parse((CATALOG / f"desknets/{name}.md").read_text(encoding="utf-8")) for name in ("14", "15"))
    rows = compare(old, new)
    shown = "".join(row(escape(one.old), escape(one.new), one.remark) for one in rows)
    head = f"<thead>{row('現行', '改定後', '備考', tag='th')}</thead>"
    made = amend(old, read_source(pdf(f"<table>{head}<tbody>{shown}</tbody></table>")))
    assert [item for item in made.not_placed if not item.text.startswith("- ")] == []
    assert {one.remark for one in compare(new, made.terms)} == {"（略）"}


def test_the_work_grows_with_the_number_of_tables() -> None:
    table = f"<p>前</p><table>{row('品目', '円')}{row('基本', '1')}</table>"
    once, twice = (steps(partial(read_source, pdf(table * count))) for count in (20, 40))
    assert twice <= once * 2.2


FILE = pdf(f"{FRONT}<table>{row('品目', '円')}{row('基本', '1')}</table>")


@settings(deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(FILE) - 1), st.binary(min_size=1, max_size=12), st.booleans())
def test_whatever_bytes_a_file_has_it_is_read_or_refused(at: int, bytes_there: bytes, ends: bool) -> None:
    data = FILE[:at] + bytes_there + (b"" if ends else FILE[at + len(bytes_there) :])
    try:
        assert read_source(data).strip()
    except UnreadableFile as refused:
        assert str(refused)
