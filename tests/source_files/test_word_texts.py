"""What of a Word file is shown and what is not: boxes, notes, fields, hidden and deleted texts, tables."""

import io
import re
import zipfile
from functools import partial

import docx
import pytest
from docx.document import Document
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.text.paragraph import Paragraph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.source_files import UnreadableFile, read_source
from contracts.terms.importing import TermsImportError, import_text
from tests.properties import examples
from tests.steps import steps


def saved(document: Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def lines(document: Document) -> list[str]:
    return [line for line in read_source(saved(document)).split("\n") if line]


def xml(text: str) -> BaseOxmlElement:
    declared = nsdecls("w") + ' xmlns:v="urn:schemas-microsoft-com:vml"'
    return parse_xml(re.sub(r"^<[\w:]+", lambda tag: f"{tag[0]} {declared}", text))


def with_run(text: str, inner: str) -> Document:
    document = docx.Document()
    paragraph = document.add_paragraph(text)
    for piece in inner.split("¦"):
        paragraph._p.append(xml(piece))
    return document


PARAGRAPHS_IN_A_BOX = "<w:p><w:r><w:t>箱の中</w:t></w:r></w:p><w:p><w:r><w:t>箱の2行</w:t></w:r></w:p>"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>隠れ</w:t></w:r>", ["前"]),
        ('<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>見える</w:t></w:r>', ["前見える"]),
        ("<w:r><w:instrText> REF a </w:instrText></w:r>¦<w:r><w:t>第3条</w:t></w:r>", ["前第3条"]),
        ("<w:fldSimple><w:r><w:t>第4条</w:t></w:r></w:fldSimple>", ["前第4条"]),
        ("<w:hyperlink><w:r><w:t>リンク</w:t></w:r></w:hyperlink>", ["前リンク"]),
        ("<w:sdt><w:sdtContent><w:r><w:t>枠内</w:t></w:r></w:sdtContent></w:sdt>", ["前枠内"]),
        (
            "<w:moveFrom><w:r><w:t>元</w:t></w:r></w:moveFrom>¦<w:moveTo><w:r><w:t>先</w:t></w:r></w:moveTo>",
            ["前先"],
        ),
        ("<w:r><w:t>3</w:t><w:noBreakHyphen/><w:t>4</w:t></w:r>", ["前3-4"]),
        (
            "<w:r><w:ruby><w:rt><w:r><w:t>かん</w:t></w:r></w:rt>"
            "<w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:r>",
            ["前漢"],
        ),
        (
            f"<w:r><w:pict><v:shape><v:textbox><w:txbxContent>{PARAGRAPHS_IN_A_BOX}</w:txbxContent>"
            "</v:textbox></v:shape></w:pict></w:r>¦<w:r><w:t>後</w:t></w:r>",
            ["前後", "箱の中", "箱の2行"],
        ),
        ('<w:r><w:br w:type="page"/></w:r>¦<w:r><w:t>後</w:t></w:r>', ["前後"]),
        ("<w:r><w:br/><w:t>後</w:t></w:r>", ["前", "後"]),
    ],
)
def test_what_is_shown_is_read(inner: str, expected: list[str]) -> None:
    assert lines(with_run("前", inner)) == expected


def test_paragraphs_and_tables_in_content_controls_are_read() -> None:
    document = docx.Document()
    document.add_paragraph("前")
    cell = "<w:tc><w:p><w:r><w:t>枠の表</w:t></w:r></w:p></w:tc>"
    content = f"<w:p><w:r><w:t>枠の段落</w:t></w:r></w:p><w:tbl><w:tr>{cell}</w:tr></w:tbl>"
    document.element.body.insert(1, xml(f"<w:sdt><w:sdtContent>{content}</w:sdtContent></w:sdt>"))
    assert lines(document) == ["前", "枠の段落", "| 枠の表 |"]


def test_the_text_of_a_footnote_stands_below_its_paragraph() -> None:
    document = with_run("本文", '<w:r><w:footnoteReference w:id="2"/></w:r>')
    note = '<w:footnote w:id="2"><w:p><w:r><w:t>税は別です。</w:t></w:r></w:p></w:footnote>'
    footnotes = f"<w:footnotes {nsdecls('w')}>{note}</w:footnotes>"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    named = f'<Relationship Id="rIdN" Type="{kind}" Target="footnotes.xml"/></Relationships>'
    content = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = f'<Override PartName="/word/footnotes.xml" ContentType="{content}"/></Types>'
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(document))) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            data = old.read(name).decode() if name.endswith((".xml", ".rels")) else None
            if name == "word/_rels/document.xml.rels":
                data = (data or "").replace("</Relationships>", named)
            if name == "[Content_Types].xml":
                data = (data or "").replace("</Types>", part)
            new.writestr(name, data if data is not None else old.read(name))
        new.writestr("word/footnotes.xml", footnotes)
    assert read_source(file.getvalue()).split("\n")[:2] == ["本文", "（注）税は別です。"]


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next_and_takes_no_number() -> None:
    document = docx.Document()
    document.add_paragraph("一", style="List Number")
    gone = document.add_paragraph("", style="List Number")
    gone._p.append(xml("<w:del><w:r><w:delText>消えた</w:delText></w:r></w:del>"))
    gone._p.get_or_add_pPr().append(xml("<w:rPr><w:del/></w:rPr>"))
    document.add_paragraph("二", style="List Number")
    assert lines(document) == ["1. 一", "2. 二"]


def test_a_style_that_stands_on_itself_is_read() -> None:
    document = docx.Document()
    style = document.styles["List Number"]
    style.base_style = style
    document.add_paragraph("一", style=style)
    assert lines(document) == ["1. 一"]


def break_before(paragraph: Paragraph) -> None:
    run = paragraph.add_run()
    run.add_break(WD_BREAK.PAGE)


def test_page_breaks_make_no_paragraphs() -> None:
    document = docx.Document()
    heading = document.add_heading("第1条（目的）", 1)
    break_before(heading)
    document.add_page_break()
    document.add_paragraph("定めます。")
    second = document.add_heading("", 1)
    break_before(second)
    second.add_run("第2条（料金）")
    document.add_paragraph("支払います。")
    articles = import_text(f"見本約款\n{read_source(saved(document))}").terms.articles
    assert [(article.title, len(article.paragraphs)) for article in articles] == [("目的", 1), ("料金", 1)]


def table(*rows: tuple[str, ...]) -> tuple[Document, docx.table.Table]:
    document = docx.Document()
    made = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(made.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    return document, made


def test_a_row_that_is_marked_as_header_is_one_whatever_it_says() -> None:
    long = "料金の額（税別であって、月の途中で始めたときも１か月分とする額です。）"
    document, made = table(("区分", long), ("A", "1"))
    made.rows[0]._tr.get_or_add_trPr().append(xml("<w:tblHeader/>"))
    assert lines(document) == [f"| 区分 | {long} |", "|---|---|", "| A | 1 |"]


def test_two_rows_of_a_header_become_one() -> None:
    document, made = table(("品目", "料金", ""), ("", "月額", "初期"), ("基本", "1", "2"), ("", "3", "4"))
    made.cell(0, 0).merge(made.cell(1, 0))
    made.cell(0, 1).merge(made.cell(0, 2))
    made.cell(2, 0).merge(made.cell(3, 0))
    assert [line.replace("<br>", "") for line in lines(document)] == [
        "| 品目 | 料金 月額 | 料金 初期 |",
        "|---|---|---|",
        "| 基本 | 1 | 2 |",
        "|  | 3 | 4 |",
    ]


def test_numbers_and_tables_in_cells_are_read() -> None:
    document, made = table(("区分", "額"), ("", "5"))
    made.cell(1, 0).paragraphs[0].style = "List Number"
    made.cell(1, 0).paragraphs[0].add_run("基本")
    inner = made.cell(1, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "内", "外"
    assert lines(document) == ["| 区分 | 額 |", "| 1. 基本 | 5<br>内｜外 |"]


def test_a_table_too_large_to_read_is_refused() -> None:
    document = docx.Document()
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="63"/></w:tcPr><w:p/></w:tc>'
    row = f"<w:tr>{cell * 10}</w:tr>"
    document.element.body.insert(0, xml(f"<w:tbl>{row * 40}</w:tbl>"))
    with pytest.raises(UnreadableFile, match="more than 20000 cells"):
        read_source(saved(document))


INNER = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>あ</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
GROWING = {
    "paragraphs": "<w:p><w:r><w:t>あ</w:t></w:r></w:p>",
    "numbered": '<w:p><w:pPr><w:pStyle w:val="ListNumber"/></w:pPr><w:r><w:t>あ</w:t></w:r></w:p>',
    "runs": "<w:p><w:r><w:t>あ</w:t></w:r><w:r><w:br/></w:r></w:p>",
    "tables": "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>あ</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
    "nested tables": f"<w:tbl><w:tr><w:tc>{INNER}<w:p/></w:tc></w:tr></w:tbl>",
    "rows that go on": "<w:tbl><w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>",
    "deleted ends": "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>あ</w:t></w:r></w:p>",
}


@pytest.mark.parametrize("piece", GROWING.values(), ids=GROWING)
def test_the_work_grows_with_the_length_of_the_file(piece: str) -> None:
    counted = []
    for count in (100, 200):
        document = docx.Document()
        for element in xml(f"<w:body>{piece * count}</w:body>"):
            document.element.body.insert(0, element)
        counted.append(steps(partial(read_source, saved(document)), UnreadableFile))
    once, twice = counted
    assert twice <= once * 2.2


def some_file() -> bytes:
    document, made = table(("品目", "料金"), ("基本", "1"))
    made.cell(0, 0).merge(made.cell(0, 1))
    document.add_heading("第1条（目的）", 1)
    for text in ("一", "二"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("点", style="List Bullet")
    return saved(document)


FILE = some_file()
PARTS = ["word/document.xml", "word/numbering.xml", "word/styles.xml"]
MUTATIONS = [
    *(("w:val=", "w:vol="), ("<w:p>", "<w:tbl>"), ("</w:p>", ""), ("w:numId", "w:ilvl"), ('"1"', '"-7"')),
    *(('"0"', '"x"'), ('"1"', '"99999999999"'), ("<w:tc>", "<w:p>"), ("w:gridSpan", "w:vMerge")),
    *(
        ("w:start", "w:lvlRestart"),
        ("decimal", "bullet"),
        ("%1", "%9%9"),
        ("w:r>", "w:del>"),
        ("基本", "\x00"),
    ),
    *(("w:abstractNumId", "w:numStyleLink"), ("w:basedOn", "w:link"), ("w:tr>", "w:tc>"), ("w:body", "w:p")),
]


@settings(deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(PARTS), st.sampled_from(MUTATIONS), st.integers(1, 4)),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_a_file_says_it_is_read_or_refused(
    changes: list[tuple[str, tuple[str, str], int]],
) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(FILE)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            for part, (before, after), count in changes:
                if part == name:
                    data = data.decode().replace(before, after, count).encode()
            new.writestr(name, data)
    try:
        import_text(read_source(file.getvalue()))
    except UnreadableFile as refused:
        assert str(refused)
    except TermsImportError as refused:
        assert refused.problems


@settings(deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(FILE) - 1), st.binary(min_size=1, max_size=8), st.booleans())
def test_whatever_bytes_a_file_has_it_is_read_or_refused(at: int, bytes_there: bytes, ends: bool) -> None:
    data = FILE[:at] + bytes_there + (b"" if ends else FILE[at + len(bytes_there) :])
    try:
        read_source(data)
    except UnreadableFile as refused:
        assert str(refused)
