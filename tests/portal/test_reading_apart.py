"""Files of others are read in a process of its own: odd ones end with words, and in time."""

import os
import time
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from billing.documents.bank_files.direct_debit import read_debits
from billing.documents.bank_files.problems import BankFileError
from contracts.source_files import read_source
from contracts.source_files.apart import import_apart, read_source_apart
from contracts.source_files.errors import UnreadableFile
from contracts.terms.importing import TermsImportError, import_text
from portal.formats.book_reading import read_workbook
from portal.formats.tables import MOST_COLUMNS, MOST_ROWS, TooLargeTableError, read_csv
from portal.limits import reading
from portal.limits.reading import TooMuchToReadError, read_apart

TEXT = "# 規約\n\n### 第1条（目的）\n\n1. 本規約は、本サービスの利用条件を定めます。\n"


def workbook(*cells: tuple[str, object]) -> bytes:
    book, file = Workbook(), BytesIO()
    for place, value in cells:
        book.active[place] = value
    book.save(file)
    return file.getvalue()


def test_what_a_reader_gives_is_what_one_gets():
    assert read_apart(import_text, TEXT) == import_text(TEXT)
    assert read_apart(read_workbook, workbook(("A1", "明細番号"), ("B1", 5))) == [["明細番号", 5]]


def test_what_a_reader_raises_is_raised():
    with pytest.raises(UnreadableFile) as refused:
        read_apart(read_source, b"")
    assert refused.value.reason.key == "file_empty"
    with pytest.raises(BankFileError) as unread:
        read_apart(read_debits, b"x")
    assert unread.value.problems
    with pytest.raises(UnicodeDecodeError):
        read_apart(read_csv, b"\x81")


def test_the_reader_knows_no_secret(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not to be told")
    assert read_apart(os.getenv, "SECRET_KEY") is None
    assert read_apart(os.getenv, "PATH")


def test_a_reader_that_needs_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(reading, "LONGEST", 2.0)
    began = time.monotonic()
    with pytest.raises(TooMuchToReadError):
        read_apart(time.sleep, 60)
    assert time.monotonic() - began < 20


def test_a_reader_that_works_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(reading, "SECONDS", 1)
    with pytest.raises(TooMuchToReadError):
        read_apart(pow, 7, 10**9)


def test_a_reader_that_takes_too_much_memory_is_stopped():
    with pytest.raises(TooMuchToReadError):
        read_apart(bytearray, 2_000_000_000)


def test_an_answer_that_is_too_large_is_not_taken(monkeypatch):
    monkeypatch.setattr(reading, "LARGEST_ANSWER", 10_000)
    with pytest.raises(TooMuchToReadError):
        read_apart(bytearray, 20_000)


def test_an_answer_can_do_nothing():
    """Were the reader taken over by a file, what it says would still be no program."""
    said = b"cos\nsystem\n(S'true'\ntR."
    with pytest.raises(Exception, match="system"):
        reading._Answer(BytesIO(said)).load()


def test_a_workbook_with_a_cell_at_its_very_end_is_refused():
    with pytest.raises(TooLargeTableError) as refused:
        read_apart(read_workbook, workbook(("A1", 1), ("XFD1048576", 1)))
    assert refused.value.limit in ("rows", "columns")


def test_a_workbook_that_unfolds_to_too_much_is_refused():
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 201_000_000)
    with pytest.raises(TooLargeTableError) as refused:
        read_apart(read_workbook, file.getvalue())
    assert (refused.value.limit, refused.value.most) == ("content", 200)


def test_tables_have_so_many_rows_and_columns_at_most():
    assert len(read_csv(b"a\n" * MOST_ROWS)) == MOST_ROWS
    for content, limit in ((b"a\n" * (MOST_ROWS + 1), "rows"), (b"," * MOST_COLUMNS + b"a", "columns")):
        with pytest.raises(TooLargeTableError) as refused:
            read_csv(content)
        assert refused.value.limit == limit


@pytest.mark.parametrize(
    "text",
    [
        "x\n" * 40_000,
        " " * 100_000,
        "**a " * 20_000,
        "第1条第2項及び" * 20_000,
        "<table" * 20_000,
        "<table>" + "<tr>" + "<td colspan=50 rowspan=50>a</td>" * 2_000 + "</table>",
        "第1条（目的）\n" + "".join(f"{' ' * depth}- a\n" for depth in range(800)),
    ],
    ids=["many lines", "a long line", "marks", "references", "tags", "spans", "depth"],
)
def test_odd_texts_are_refused_in_time(text):
    began = time.monotonic()
    with pytest.raises(TermsImportError) as refused:
        import_apart(text)
    assert refused.value.problems
    assert time.monotonic() - began < reading.LONGEST


def test_a_word_file_of_very_many_paragraphs_ends_with_words(monkeypatch):
    monkeypatch.setattr(reading, "SECONDS", 2)
    with pytest.raises(UnreadableFile) as refused:
        read_source_apart(word_file("<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 600_000))
    assert refused.value.reason.key == "too_much_to_read"


def test_a_word_file_brings_no_other_file_along(tmp_path):
    """Nor does it unfold to more and more of itself."""
    (tmp_path / "secret").write_text("a secret", encoding="utf-8")
    outer = f'<!DOCTYPE w [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    inner = f'<!DOCTYPE w [<!ENTITY l0 "ha">{laughs}<!ENTITY e "&l11;">]>'
    for declared in (outer, inner):
        try:
            text = read_source_apart(word_file("<w:p><w:r><w:t>a&e;</w:t></w:r></w:p>", declared))
        except UnreadableFile:
            continue
        assert "secret" not in text
        assert len(text) < 1000


def word_file(body: str, declared: str = "") -> bytes:
    document = f'{declared}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", document)
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATIONS)
    return file.getvalue()


_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
    'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="r1" Target="word/document.xml" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument"/></Relationships>'
)
