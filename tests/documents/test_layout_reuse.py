"""Documents that share a layout look just as WeasyPrint draws them, whichever document came first."""

import io
import logging
import subprocess
from dataclasses import dataclass, replace
from html import escape
from importlib.metadata import version
from pathlib import Path

import pdfplumber
import pytest
from django.conf import settings as django_settings
from django.template.loader import render_to_string
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from weasyprint.urls import FatalURLFetchingError

from billing.documents.embedded import embedded_file
from billing.documents.invoice_document import InvoiceDocument, digest
from billing.documents.invoice_pdf import draw, page_of, render
from portal.pdf import layout_reuse, write_alike
from portal.pdf.characters import is_covered, printable
from portal.pdf.drawing import Drawing
from portal.pdf.layout_reuse import draw_alike, forget_layouts
from portal.pdf.typeface import BOLD, REGULAR, split_to_fit, typeface
from tests.documents.sample_document import document, line, returned
from tests.properties import examples

CLOSE = 0.01  # points

odd_texts = st.text(min_size=1, max_size=60).filter(str.strip)
names = st.text("株式会社みなと商事カナﾊﾝｶｸ髙﨑ABCxyz019&<>'\"-・（）　 ", min_size=1, max_size=40).filter(
    str.strip
)
amounts = st.integers(0, 10**9)


@dataclass(frozen=True)
class Shown:
    """A character on a page."""

    page: int
    text: str
    place: tuple[float, ...]
    look: tuple[str, object]


def drawing(issued: InvoiceDocument, html: str | None = None) -> Drawing:
    page = html or render_to_string("pdf/invoice.html", page_of(issued))
    return Drawing(printable(page), "css/pdf/invoice.css", b"\x01" * 16, "pdf/a-3b", [embedded_file(issued)])


def plainly(drawn: Drawing) -> bytes:
    return drawn.finish(drawn.render())


def shown(content: bytes) -> list[Shown]:
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        return [
            Shown(
                page.page_number,
                char["text"],
                (char["x0"], char["x1"], char["top"], char["size"]),
                (char["fontname"], char["non_stroking_color"]),
            )
            for page in pdf.pages
            for char in page.chars
        ]


def assert_alike(one: bytes, other: bytes) -> None:
    """The same characters in the same look at the same places."""
    first, second = shown(one), shown(other)
    assert [(char.page, char.text, char.look) for char in first] == [
        (char.page, char.text, char.look) for char in second
    ]
    for char, same in zip(first, second, strict=True):
        assert char.place == pytest.approx(same.place, abs=CLOSE)


def invoice(place: int, lines: int = 10, **changes) -> InvoiceDocument:
    name, address = f"株式会社第{place}商事", "東京都港区芝公園4-2-8 みなとビルディング"[: 12 + place % 12]
    return document(
        [
            {**line(number + place), "quantity": place + 1, "amount": (place + 1) * 5000}
            for number in range(lines)
        ],
        number=f"SMP-2026-{place:06}",
        recipient={**document()["recipient"], "name": name, "address": address},
        **changes,
    )


@pytest.mark.parametrize("library", ["weasyprint", "pydyf", "cssselect2"])
def test_the_libraries_whose_inside_is_read_are_those_that_are_pinned(library):
    required = (django_settings.BASE_DIR / "requirements.in").read_text(encoding="utf-8").splitlines()
    pins = [line.partition("==")[2] for line in required if line.startswith(f"{library}==")]
    assert pins == [version(library)], (
        f"{library} {version(library)} is installed, requirements.in pins {pins}. Run `make bootstrap-test`;"
        f" to go on to another version, run these tests with it and pin that in requirements.in."
    )


@pytest.fixture(autouse=True)
def afresh(caplog):
    caplog.set_level(logging.DEBUG, logger=layout_reuse.__name__)
    forget_layouts()
    yield
    forget_layouts()


@pytest.mark.parametrize("lines", [1, 10, 60])
def test_texts_stand_where_weasyprint_puts_them(lines):
    draw_alike(drawing(invoice(0, lines)))
    for place in (1, 5, 23):
        drawn = drawing(invoice(place, lines))
        assert_alike(draw_alike(drawn), plainly(drawn))


def test_another_destination_stands_where_weasyprint_puts_it():
    first, other = invoice(0), invoice(5)
    first["recipient"]["sent_to"] = ["〒100-0001 東京都千代田区千代田1-1", "経理部"]
    other["recipient"]["sent_to"] = ["〒530-0001 大阪府大阪市北区梅田9-9-9", "請求書受付窓口"]
    draw_alike(drawing(first))
    assert_alike(draw_alike(drawing(other)), plainly(drawing(other)))


def test_pages_look_the_same_to_the_last_pixel(tmp_path):
    draw_alike(drawing(invoice(0, 60)))
    drawn = drawing(invoice(7, 60))
    pages = [images(content, tmp_path / name) for name, content in paths(drawn)]
    assert len(pages[0]) == 3
    for reused, plain in zip(*pages, strict=True):
        assert ImageChops.difference(reused, plain).getbbox() is None


def paths(drawn: Drawing) -> list[tuple[str, bytes]]:
    return [("reused", draw_alike(drawn)), ("plain", plainly(drawn))]


def images(content: bytes, folder: Path) -> list[Image.Image]:
    folder.mkdir()
    (folder / "drawn.pdf").write_bytes(content)
    subprocess.run(["pdftoppm", "-r", "100", "-png", "drawn.pdf", "page"], cwd=folder, check=True)
    return [Image.open(found) for found in sorted(folder.glob("page-*.png"))]


def test_the_bytes_do_not_depend_on_which_document_came_first():
    every = [invoice(place, lines) for lines in (3, 10) for place in range(4)]
    forwards = [render(issued) for issued in every]
    forget_layouts()
    backwards = [render(issued) for issued in reversed(every)]
    assert forwards == backwards[::-1]


def layouts_of(drawings: list[Drawing]) -> int:
    """How many layouts the drawings needed."""
    for drawn in drawings:
        draw_alike(drawn)
    return sum(len(kept._shapes[fixed]) for kept in layout_reuse._kept.values() for fixed in kept._shapes)


def test_invoices_of_one_shape_need_one_layout():
    assert layouts_of([drawing(invoice(place)) for place in range(6)]) == 1
    assert layouts_of([drawing(invoice(place, 60)) for place in range(3)]) == 2


def test_what_changes_the_page_needs_a_layout_of_its_own():
    plain = invoice(0)
    note = {"ja": "年末年始は休業いたします。" * 6, "en": ""}
    debit = invoice(0, payment_method="debit")
    assert layouts_of([drawing(issued) for issued in (plain, debit, invoice(0, notes=[note]))]) == 3


def test_a_text_too_long_for_its_line_is_laid_out_anew():
    wide = {"ja": "国際電話通話料（アメリカ合衆国・カナダ・メキシコ向け、深夜割引適用後）", "en": ""}
    drawn = drawing(document([{**line(0), "name": wide}]))
    draw_alike(drawing(document([line(0)])))
    assert_alike(draw_alike(drawn), plainly(drawn))
    assert layouts_of([]) == 2


@pytest.mark.thorough
@settings(max_examples=examples(25), deadline=None)
@given(name=names | odd_texts, address=names, product=names | odd_texts, unit=names, amount=amounts)
@example(name="みなと商事", address="東京都", product="Ĉ", unit="席", amount=1)  # not in the cut typeface
def test_any_text_is_drawn_as_weasyprint_draws_it(name, address, product, unit, amount):
    item = {**line(0), "name": {"ja": product, "en": ""}, "unit": {"ja": unit, "en": ""}, "amount": amount}
    recipient = {**document()["recipient"], "name": name, "address": address}
    issued = document([item, line(1)], recipient=recipient)
    drawn = drawing(issued)
    forget_layouts()
    draw_alike(drawing(document([line(0), line(1)])))
    found = draw_alike(drawn) if is_covered(drawn.html) else None
    if found is not None:
        assert_alike(found, plainly(drawn))
    assert render(issued) == render(issued)


def test_returns_share_layouts_too():
    drawn = drawing(returned(invoice(3)))
    draw_alike(drawing(returned(invoice(2))))
    assert_alike(draw_alike(drawn), plainly(drawn))


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        ('<p class="opening">', '<p class="opening" style="float: left">'),
        ('<p class="opening">', '<p class="opening"><a href="https://example.com/">x</a>'),
        ('<p class="opening">', '<p class="opening" style="font-family: Document Gothic Complete">'),
    ],
)
def test_pages_that_break_a_rule_are_drawn_by_weasyprint(found, instead):
    html = render_to_string("pdf/invoice.html", page_of(invoice(0))).replace(found, instead)
    drawn = drawing(invoice(0), html)
    assert draw_alike(drawn) == plainly(drawn)
    assert layouts_of([]) == 0


@pytest.mark.parametrize("html", ["<p>no end", "<html><head/><p>no body</p></html>", "<html>&nbsp;</html>"])
def test_pages_that_are_not_well_formed_are_not_read(html):
    assert draw_alike(drawing(invoice(0), html)) is None


@pytest.mark.parametrize("broken", ["read_markup", "_read_shape", "_shapes_of"])
def test_an_error_in_the_layout_leaves_the_plain_document_and_says_so(monkeypatch, caplog, broken):
    def fail(*arguments):
        raise ZeroDivisionError("a case that nobody thought of")

    monkeypatch.setattr(layout_reuse, broken, fail)
    drawn = draw(invoice(0))
    assert drawn.layout_failed
    assert drawn.content == plainly(drawing_of_file(invoice(0)))
    (told,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "請求書" in told.getMessage()
    assert "a case that nobody thought of" in caplog.text


def test_an_error_in_the_plain_way_is_not_hidden():
    page = (
        "<html lang='ja'><head><title>x</title></head><body><img src='https://example.com/'/></body></html>"
    )
    with pytest.raises(FatalURLFetchingError):
        write_alike(page, stylesheet="css/pdf/invoice.css", identifier=b"x" * 16)


def drawing_of_file(issued: InvoiceDocument) -> Drawing:
    """As `draw` makes it, down to its identifier."""
    return replace(drawing(issued), identifier=bytes.fromhex(digest(issued)))


def test_a_layout_that_leads_to_something_else_is_found_out(caplog):
    first, second = (drawing(invoice(place)) for place in (0, 1))
    draw_alike(first)
    (shapes,) = layout_reuse._kept.values()
    ((shape,),) = (kept.values() for kept in shapes._shapes.values())
    (page,) = shape.layout._pages
    page.parts[0] += b"\n"
    assert_alike(draw_alike(second), plainly(second))
    assert "differs from others of its shape" in caplog.text


@pytest.mark.parametrize(("weight", "tag"), [(REGULAR, "span"), (BOLD, "b")])
def test_every_character_is_as_wide_as_weasyprint_measures_it(weight, tag):
    """The whole typeface on lines of 40 characters. A line that did not agree would have to stay as it is."""
    characters = sorted(typeface(weight).characters - {" ", "\u00a0", "\u3000"})
    lines = ["".join(characters[start : start + 40]) for start in range(0, len(characters), 40)]
    rows = "".join(f"<p><{tag}>|{escape(each)}|</{tag}></p>" for each in lines)
    html = (
        f"<html lang='ja'><head><title>x</title></head><body style='white-space: nowrap'>{rows}</body></html>"
    )
    draw_alike(Drawing(html, "css/pdf/invoice.css", b"\x01" * 16, None, []))
    (shapes,) = layout_reuse._kept.values()
    assert list(shapes._shapes) == [()]


def test_what_no_font_has_is_shown_by_a_substitute(caplog):
    recipient = {**document()["recipient"], "name": "𠮷野家😀か\u3099葛\U000e0100\x0b商事"}
    with caplog.at_level(logging.WARNING):
        text = "".join(char.text for char in shown(render(document(recipient=recipient))))
    assert "𠮷野家〓が葛\U000e0100商事御中" in text
    assert caplog.records == []


def test_rare_characters_come_from_the_complete_typeface():
    recipient = {**document()["recipient"], "name": "俱利伽羅商事"}
    chars = shown(render(document(recipient=recipient)))
    assert "俱利伽羅商事" in "".join(char.text for char in chars)
    assert {str(char.look[0]).partition("+")[2] for char in chars if char.text == "俱"} == {
        "Document-Gothic-Complete-Bold"
    }


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("東京都港区芝公園4-2-8", ["東京都港区芝公園4-2-8"]),
        ("東京都千代田区丸の内一丁目 見本ビル8階", ["東京都千代田区丸の内一丁目", "見本ビル8階"]),
        ("株式会社見本コミュニケーションズ関西支社", ["株式会社見本コミュニケーショ", "ンズ関西支社"]),
        ("電話ABCDEFGHIJKLMNOPQRSTUVWXYZ", ["電話ABCDEFGHIJKLMNO", "PQRSTUVWXYZ"]),
    ],
)
def test_long_texts_are_split_where_japanese_may_be_broken(text, lines):
    assert split_to_fit(text, 120, 9) == lines
    assert all(typeface(REGULAR).width(part, 9) <= 120 for part in lines)
