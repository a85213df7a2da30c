"""Names stand on documents as typed: rare kanji, variants; what can't be shown is told when it is typed."""

import io
import unicodedata

import pdfplumber
import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from billing.documents.invoice_pdf import render
from portal.organisations.fields import AddressField, WrittenField
from portal.organisations.forms import OrganisationForm
from portal.pdf import drawing, write_pdf
from portal.pdf.characters import printable, rare_names, unprintable
from portal.pdf.rare_class import needs_rare_names
from portal.pdf.typeface import split_to_fit
from tests.documents.sample_document import document, line

KUZU = "葛\U000e0100"
NAME = f"𠮷田髙橋﨑\ufa19{KUZU}𡈽俱濵"


def characters_of(pdf: bytes) -> list[dict]:
    with pdfplumber.open(io.BytesIO(pdf)) as pages:
        return [char for page in pages.pages for char in page.chars]


def addressed_to(name: str, **changes):
    return document(recipient={**document()["recipient"], "name": name}, **changes)


def test_the_recipient_of_an_invoice_stands_as_typed():
    found = characters_of(render(addressed_to(NAME)))
    assert NAME in "".join(char["text"] for char in found)
    by_font = {
        char["text"]: char["fontname"].partition("+")[2] for char in found if char["text"] in (*NAME, KUZU)
    }
    assert by_font["𠮷"] == by_font[KUZU] == "Document-Gothic-Names-Bold"
    assert by_font["髙"] == by_font["\ufa19"] == "Document-Gothic-Bold"


def test_rare_names_do_not_move_the_lines():
    plain, rare = (characters_of(render(addressed_to(f"{first}田商事"))) for first in "吉𠮷")
    tops = [
        [round(char["bottom"], 1) for char in chars if "Names" not in char["fontname"]]
        for chars in (plain, rare)
    ]
    assert set(tops[1]) <= set(tops[0])


def test_an_ordinary_document_needs_no_second_typeface():
    rare_names.cache_clear()
    drawing._styles.cache_clear()
    render(document())
    assert rare_names.cache_info().currsize == 0
    assert not needs_rare_names(printable("<p>株式会社みなと商事</p>"))


def test_kanji_beside_a_rare_one_are_not_normalised():
    assert printable("<p>\ufa19𠮷</p>") == '<p>\ufa19<span class="rare-name">𠮷</span></p>'


def test_titles_and_attributes_keep_their_characters_without_marks_for_a_typeface():
    page = '<head><title>𠮷田 😀</title><meta name="author" content="𠮷田"/></head><body>𠮷</body>'
    shown = printable(page)
    assert "<title>𠮷田 😀</title>" in shown
    assert 'content="𠮷田"' in shown
    assert shown.count("rare-name") == 1


def test_a_variant_that_is_the_usual_shape_needs_no_other_typeface():
    usual = next(
        one for one, has_own_shape in rare_names().sequences.items() if not has_own_shape and one[0] == "一"
    )
    assert printable(f"<p>{usual}</p>") == "<p>一</p>"
    assert unprintable(usual) == []


def test_every_kanji_of_jis_x_0213_can_be_shown():
    kanji = [
        chr(code)
        for code in range(0x3400, 0x2FA20)
        if unicodedata.name(chr(code), "").startswith("CJK") and is_in_jis_x_0213(chr(code))
    ]
    assert len(kanji) > 10_000
    assert unprintable("".join(kanji)) == []


def is_in_jis_x_0213(character: str) -> bool:
    try:
        character.encode("euc_jis_2004")
    except UnicodeEncodeError:
        return False
    return True


def test_the_variants_of_adobe_japan1_can_be_shown():
    assert len(rare_names().sequences) > 14_000
    assert unprintable("".join(rare_names().sequences)) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("株式会社みなと商事", []),
        (NAME, []),
        ("株式会社😀商事", ["😀"]),
        ("😀\ufe0f😀🏢", ["😀\ufe0f", "😀", "🏢"]),
        ("か\u3099\u200b", []),
        ("葛\U000e01ef", ["葛\U000e01ef"]),
        ("〓", []),
        ("一𰻞", ["𰻞"]),
    ],
)
def test_what_can_not_be_shown_is_named(text, told):
    assert unprintable(text) == told


@pytest.mark.parametrize("field", [WrittenField(), AddressField()])
def test_a_name_that_can_not_be_shown_is_refused_with_the_character_named(field):
    assert field.clean(NAME) == NAME
    with pytest.raises(ValidationError) as refused:
        field.clean("みなと😀")
    (told,) = refused.value.messages
    assert "😀 (U+1F600)" in told


@pytest.mark.django_db
def test_an_organisation_is_told_which_character_of_its_name_can_not_be_shown():
    form = OrganisationForm({"name": "みなと\U0001f600商事"})
    assert "U+1F600" in form.errors["name"][0]


def test_lines_are_not_broken_before_a_selector():
    name = KUZU * 30
    assert "".join(split_to_fit(name, 100, 10)) == name
    assert all(part.startswith("葛") for part in split_to_fit(name, 100, 10))


def test_the_typeface_is_small_and_its_licence_lies_beside_it():
    fonts = settings.BASE_DIR / "static" / "fonts"
    assert sum(path.stat().st_size for path in fonts.glob("DocumentGothicNames-*.otf")) <= 4_000_000
    assert "SIL OPEN FONT LICENSE" in (fonts / "OFL-Names.txt").read_text().upper()


@pytest.mark.parametrize(
    "name",
    ["Superlongproductname" * 6, "通話料" + "x" * 120, "AAAA-BBBB_" * 15, "https://example.jp/" + "a" * 90],
)
def test_a_long_name_of_a_product_stays_in_its_column(name):
    lines = [{**line(0), "name": {"ja": name, "en": name}}, line(1)]
    found = characters_of(render(document(lines)))
    head = next(char["top"] for char in found if char["text"] == "品")
    quantities = min(char["x0"] for char in found if char["text"] == "数" and abs(char["top"] - head) < 1)
    of_line = [char for char in found if head + 15 < char["top"] < head + 95 and char["text"] in name]
    assert name.replace("-", "") in "".join(char["text"] for char in of_line).replace("-", "")
    assert all(
        char["x1"] < quantities for char in of_line if char["text"].isascii() and char["text"].isalpha()
    )
    assert all(char["x1"] < 595 for char in found)


LONG = "Superlongproductname" * 8
FACT = f"<th>{LONG}</th><td>{LONG}</td>"
TABLES = {
    "letter": '<table class="lines"><colgroup><col/><col class="date"/><col class="sum"/></colgroup><tr>'
    f'<td class="text"><span class="code">SMP-1</span><span class="included">{LONG}</span></td>'
    '<td class="text">2026年11月30日</td><td>11,000</td></tr></table>',
    "invoice": f'<table class="lines"><tr><td class="text">{LONG}</td><td class="quantity">1</td></tr>'
    "</table>",
    "contract-letter": f'<table class="facts"><tr>{FACT}<td class="articles">第1条</td></tr>'
    f'<tr><th>品目</th><td colspan="2">{LONG}</td></tr></table>',
    "consent": f"<table><tr>{FACT}</tr></table>",
    "comparison": f'<table class="comparison"><tr><td>{LONG}</td><td>{LONG}</td>'
    '<td class="comparison__remark">x</td></tr></table>',
}


@pytest.mark.parametrize("sheet", TABLES)
def test_long_names_wrap_in_the_tables_of_every_document(sheet):
    html = f"<html lang='ja'><head><title>x</title></head><body><h1>見本</h1>{TABLES[sheet]}</body></html>"
    pdf = write_pdf(html, stylesheet=f"css/pdf/{sheet}.css", identifier=b"\x01" * 16)
    with pdfplumber.open(io.BytesIO(pdf)) as pages:
        (page,) = pages.pages
        boxes = [(char["x0"], char["x1"], char["top"], char["bottom"], char["text"]) for char in page.chars]
        assert all(right < page.width - 30 for _left, right, *_others in boxes)
    for place, (left, right, top, bottom, text) in enumerate(boxes):
        for other_left, other_right, other_top, other_bottom, other in boxes[place + 1 :]:
            beside = right <= other_left + 0.5 or other_right <= left + 0.5
            apart = bottom <= other_top + 2 or other_bottom <= top + 2
            assert beside or apart, f"{text} stands over {other}"
