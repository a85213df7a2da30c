import io
import zipfile

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.text.paragraph import Paragraph

from contracts.source_files import UnreadableFile, read_source
from contracts.source_files.word_numbers import format_number
from contracts.terms.importing import import_text
from contracts.terms.markdown import render


def saved(document: Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def add_list(document: Document, list_id: int, *levels: tuple[str, str]) -> None:
    """A list whose levels have a form (w:numFmt) and a text (w:lvlText)."""
    root = document.part.numbering_part.element
    inner = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/>'
        f'<w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (form, text) in enumerate(levels)
    )
    abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{list_id}">{inner}</w:abstractNum>')
    root.insert(0, abstract)
    root.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="{list_id}"><w:abstractNumId w:val="{list_id}"/></w:num>')
    )


def numbered(paragraph: Paragraph, list_id: int, depth: int = 0) -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/><w:numId w:val="{list_id}"/></w:numPr>')
    )


def test_numbers_that_word_counts_and_tables_are_read() -> None:
    document = docx.Document()
    add_list(document, 91, ("decimal", "第%1条"), ("decimalFullWidth", "%2．"), ("iroha", "(%3)"))
    document.add_paragraph("見本約款", style="Title")
    document.add_heading("第1章 総則", level=1)
    for text, depth in [
        ("（目的）", 0),
        ("一項。", 1),
        ("二項。", 1),
        ("一号", 2),
        ("二号", 2),
        ("（料金）", 0),
        ("一項。", 1),
    ]:
        numbered(document.add_paragraph(text), 91, depth)
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [cell for row in table.rows for cell in row.cells], ["品目", "円", "甲|乙", "5\n6"], strict=True
    ):
        cell.text = text

    assert (
        render(import_text(read_source(saved(document))).terms)
        == """# 見本約款

## 第1章 総則

### 第1条（目的）
1. 一項。
2. 二項。
   - (イ) 一号
   - (ロ) 二号

### 第2条（料金）
1. 一項。
| 品目 | 円 |
|---|---|
| 甲\\|乙 | 5<br>6 |
"""
    )


def test_bullets_numbers_of_styles_and_merged_cells() -> None:
    document = docx.Document()
    document.add_paragraph("点", style="List Bullet")
    document.add_paragraph("番号", style="List Number")
    document.add_paragraph("番号", style="List Number")
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "広い"
    table.cell(1, 0).text, table.cell(1, 1).text = "左", "右"
    lines = [line for line in read_source(saved(document)).splitlines() if line]
    assert lines == ["・ 点", "1. 番号", "2. 番号", "| 広い |  |", "| 左 | 右 |"]


def test_what_was_deleted_is_out_and_what_was_inserted_is_in() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("残る")
    for tag, inner in [("ins", "<w:t>増える</w:t>"), ("del", "<w:delText>消える</w:delText>")]:
        paragraph._p.append(
            parse_xml(f'<w:{tag} {nsdecls("w")} w:id="1" w:author="a"><w:r>{inner}</w:r></w:{tag}>')
        )
    run = paragraph.add_run("行")
    run.add_break()
    run.add_text("次")
    assert qn("w:del") in {child.tag for child in paragraph._p}
    assert read_source(saved(document)) == "残る増える行\n次"


@pytest.mark.parametrize(
    ("number", "form", "shown"),
    [
        (12, "decimal", "12"),
        (12, "decimalFullWidth", "１２"),
        (12, "decimalEnclosedCircle", "⑫"),
        (21, "decimalEnclosedCircle", "21"),
        (3, "iroha", "ハ"),
        (3, "aiueoFullWidth", "ウ"),
        (112, "japaneseCounting", "百十二"),
        (20, "japaneseCounting", "二十"),
        (12, "ideographDigital", "一二"),
        (3, "lowerLetter", "c"),
        (3, "upperLetter", "C"),
        (4, "lowerRoman", "iv"),
        (4, "upperRoman", "IV"),
        (4, "unheardOf", "4"),
    ],
)
def test_numbers_in_the_forms_of_word(number: int, form: str, shown: str) -> None:
    assert format_number(number, form) == shown


def zipped(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (saved(docx.Document()), "holds no text"),
        (b"PK\x03\x04 and nothing else", "damaged"),
        (zipped(readme=b"x"), "no Word file"),
        (zipped(**{"word__document.xml": b"<broken"}), "damaged"),
    ],
)
def test_what_is_no_readable_word_file_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read_source(data)


def shown_numbers(document: Document) -> list[str]:
    return [line for line in read_source(saved(document)).split("\n") if line]


def with_list(levels: str, *lists: str) -> Document:
    """A document that numbers by a list of these levels (91), and by further lists of it (92 …)."""
    document = docx.Document()
    root = document.part.numbering_part.element
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="91">{levels}</w:abstractNum>'))
    for number, overrides in enumerate(("", *lists), start=91):
        root.append(
            parse_xml(
                f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="91"/>{overrides}</w:num>'
            )
        )
    return document


def level(depth: int, text: str, form: str = "decimal", more: str = "") -> str:
    counted = f'<w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}'
    return f'<w:lvl w:ilvl="{depth}">{counted}<w:lvlText w:val="{text}"/></w:lvl>'


@pytest.mark.parametrize(
    ("restart", "expected"),
    [
        ('<w:lvlRestart w:val="0"/>', ["第1章 総則", "第1条 目的", "第2章 利用", "第2条 料金"]),
        ('<w:lvlRestart w:val="1"/>', ["第1章 総則", "第1条 目的", "第2章 利用", "第1条 料金"]),
        ("", ["第1章 総則", "第1条 目的", "第2章 利用", "第1条 料金"]),
    ],
)
def test_a_level_counts_on_below_another_heading_where_it_says_so(restart: str, expected: list[str]) -> None:
    document = with_list(level(0, "第%1章") + level(1, "第%2条", more=restart))
    for text, depth in (("総則", 0), ("目的", 1), ("利用", 0), ("料金", 1)):
        numbered(document.add_paragraph(text), 91, depth)
    assert shown_numbers(document) == expected


def test_a_list_may_begin_at_a_number_of_its_own_and_the_first_counts_on() -> None:
    start = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="3"/></w:lvlOverride>'
    document = with_list(level(0, "第%1条"), start)
    for text, number in (("一", 91), ("二", 91), ("三", 92), ("四", 92), ("五", 91)):
        numbered(document.add_paragraph(text), number)
    assert shown_numbers(document) == ["第1条 一", "第2条 二", "第3条 三", "第4条 四", "第5条 五"]


def test_a_list_that_names_a_style_has_the_levels_of_that_style() -> None:
    document = docx.Document()
    root = document.part.numbering_part.element
    for number, content in (
        (91, f'<w:styleLink w:val="Kiyaku"/>{level(0, "第%1条")}'),
        (92, '<w:numStyleLink w:val="Kiyaku"/>'),
    ):
        abstract = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">{content}</w:abstractNum>'
        root.insert(0, parse_xml(abstract))
        root.append(
            parse_xml(f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>')
        )
    for text, number in (("目的", 92), ("定義", 92), ("料金", 91)):
        numbered(document.add_paragraph(text), number)
    assert shown_numbers(document) == ["第1条 目的", "第2条 定義", "第3条 料金"]


def test_numbers_of_headings_above_may_be_shown_as_digits() -> None:
    document = with_list(level(0, "第%1条", "japaneseCounting") + level(1, "%1.%2", more="<w:isLgl/>"))
    for text, depth in (("目的", 0), ("一", 1)):
        numbered(document.add_paragraph(text), 91, depth)
    assert shown_numbers(document) == ["第一条 目的", "1.1 一"]


@pytest.mark.parametrize(
    ("number", "form", "expected"),
    [
        (2, "decimalEnclosedParen", "⑵"),
        (3, "decimalEnclosedFullstop", "⒊"),
        (21, "decimalEnclosedParen", "21"),
        (13, "japaneseLegal", "拾参"),
        (19, "lowerRoman", "xix"),
        (4, "upperRoman", "IV"),
        (7, "decimalZero", "07"),
    ],
)
def test_further_forms_of_numbers(number: int, form: str, expected: str) -> None:
    assert format_number(number, form) == expected
