from pathlib import Path

import pytest
from weasyprint import HTML

from contracts.source_files import UnreadableFile, read_source
from contracts.terms.importing import FurnitureKind, import_text

FONT = Path(__file__).parents[2] / "static" / "fonts" / "BIZUDPGothic-Regular.ttf"
STYLE = f"""<style>
@font-face {{ font-family: Sample; src: url({FONT.as_uri()}); }}
@page {{ size: A5; margin: 15mm;
  @top-center {{ content: "見本約款"; font: 9pt Sample; }}
  @bottom-center {{ content: "- " counter(page) " -"; font: 9pt Sample; }} }}
body {{ font: 11pt Sample; }}
</style>"""
BARE = "<style>@page { @top-center { content: none } @bottom-center { content: none } }</style>"
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
LOCKED = b"""%%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [] /Count 0>> endobj
3 0 obj <</Filter /Standard /V 1 /R 2 /P -44 /O <%b> /U <%b>>> endobj
trailer <</Root 1 0 R /Encrypt 3 0 R /ID [<00> <00>]>>
startxref
0
%%%%EOF""" % (b"11" * 32, b"22" * 32)


def pdf(body: str) -> bytes:
    written = HTML(string=STYLE + body).write_pdf()
    assert isinstance(written, bytes)
    return written


def test_a_pdf_of_several_pages_is_read_into_whole_sentences() -> None:
    sentence = "この条の本文は、一行に収まらず、いくつもの行に分かれて、頁の終わりまで続きます。"
    articles = "".join(
        f"<p>第{number}条（見本{number}）</p><p>{sentence * 9}</p><p>2. {sentence}</p>"
        for number in range(1, 7)
    )
    source = read_source(pdf(f"<h1>見本約款</h1>{articles}"))
    imported = import_text(source)
    assert source.count("\f") >= 2
    assert [str(article.number) for article in imported.terms.articles] == ["1", "2", "3", "4", "5", "6"]
    for article in imported.terms.articles:
        assert [(paragraph.number, paragraph.text) for paragraph in article.paragraphs] == [
            (None, sentence * 9),
            (2, sentence),
        ]
    kinds = {item.kind for item in imported.furniture}
    assert kinds == {FurnitureKind.RUNNING_HEAD, FurnitureKind.PAGE_NUMBER}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            pdf(f'{BARE}<img src="data:image/png;base64,{PICTURE}">'),
            "only pictures of pages",
        ),
        (
            pdf(BARE),
            "no text",
        ),
        (b"%PDF-1.7\nthis is cut off", "damaged"),
        (LOCKED, "protected by a password"),
    ],
    ids=["scanned", "empty", "damaged", "locked"],
)
def test_a_pdf_without_readable_text_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read_source(data)
