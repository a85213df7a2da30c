"""The invoice's PDF as an archive file: PDF/A-3b as far as its structure shows, with the e-invoice inside.

Clauses are those of ISO 19005-3.
"""

import io
import logging

import pytest
from lxml import etree
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject

from billing.documents.einvoice import einvoice
from billing.documents.embedded import embedded_einvoice
from billing.documents.invoice_pdf import render
from tests.documents.jp_pint import problems
from tests.documents.sample_document import document, line

MIXED = document([line(0), line(1, rate="8", reduced=True), line(2, rate=None)])
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


@pytest.fixture(scope="module")
def content() -> bytes:
    return render(MIXED)


@pytest.fixture(scope="module")
def pdf(content) -> PdfReader:
    return PdfReader(io.BytesIO(content), strict=True)


def descriptions(pdf: PdfReader) -> dict[str, str]:
    """The simple properties of the metadata, by their name without namespace."""
    packet = etree.fromstring(pdf.root_object["/Metadata"].get_data())
    found = {}
    for description in packet.iter(f"{RDF}Description"):
        found |= {name.rpartition("}")[2]: value for name, value in description.attrib.items()}
        found |= {part.tag.rpartition("}")[2]: "".join(part.itertext()).strip() for part in description}
    return found


def streams(pdf: PdfReader) -> list[StreamObject]:
    objects = (pdf.get_object(number) for number in range(1, pdf.trailer["/Size"]))
    return [found for found in objects if isinstance(found, StreamObject)]


def test_the_einvoice_inside_is_the_documents(content):
    xml = embedded_einvoice(content, MIXED["number"])
    assert xml == einvoice(MIXED)
    assert problems(xml) == []


@pytest.mark.parametrize("stated", [document([line(n) for n in range(60)]), document(payment_method="debit")])
def test_every_kind_of_invoice_carries_its_own(stated):
    assert embedded_einvoice(render(stated), stated["number"]) == einvoice(stated)


def test_there_is_none_under_another_number(content):
    assert embedded_einvoice(content, "SMP-2026-000999") is None


def test_it_calls_itself_pdf_a_3b(pdf):
    """6.6.4: version and conformance; and the information dictionary says what the metadata say."""
    described = descriptions(pdf)
    assert (described["part"], described["conformance"]) == ("3", "B")
    assert described["title"] == pdf.metadata.title == "請求書 SMP-2026-000123"
    assert described["creator"] == pdf.metadata.author == MIXED["issuer"]["name"]
    assert described["Producer"] == pdf.metadata.producer
    assert described["CreateDate"] == pdf.metadata.creation_date.isoformat() == "2026-11-10T00:00:00+09:00"
    assert described["ModifyDate"] == pdf.metadata.modification_date.isoformat()
    assert (
        "/Filter" not in pdf.root_object["/Metadata"] or pdf.root_object["/Metadata"]["/Type"] == "/Metadata"
    )


def test_the_file_inside_is_associated_with_the_invoice(pdf):
    """6.8: a relationship, both names, a type and a date of change."""
    (file,) = {id(found.get_object()): found.get_object() for found in pdf.root_object["/AF"]}.values()
    assert file["/AFRelationship"] == "/Alternative"
    assert file["/F"] == file["/UF"] == "SMP-2026-000123.xml"
    stored = file["/EF"]["/F"]
    assert stored["/Subtype"] in ("/text/xml", "/application/xml")
    assert stored["/Params"]["/ModDate"] == "D:20261109150000Z"
    assert pdf.root_object["/Names"]["/EmbeddedFiles"]["/Names"][1].get_object() is file


def test_colours_mean_the_same_everywhere(pdf):
    """6.2.3 and 6.2.4: one output intent with an RGB profile, and no colour of another kind."""
    (intent,) = pdf.root_object["/OutputIntents"]
    assert intent["/S"] == "/GTS_PDFA1"
    assert intent["/DestOutputProfile"]["/N"] == 3
    assert intent["/DestOutputProfile"].get_data()[36:40] == b"acsp"
    for page in pdf.pages:
        operators = set(page.get_contents().get_data().split())
        assert not operators & {b"k", b"K"}


def test_every_font_is_in_the_file(pdf):
    """6.2.11: embedded, with a map of glyphs and one to Unicode."""
    fonts = [font.get_object() for page in pdf.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        (descendant,) = (found.get_object() for found in font["/DescendantFonts"])
        assert {"/FontFile2", "/FontFile3"} & set(descendant["/FontDescriptor"])
        assert "/CIDToGIDMap" in descendant
        assert "/ToUnicode" in font


def test_nothing_in_it_is_hidden_active_or_from_elsewhere(pdf):
    """6.1.3, 6.1.7: an identity, no encryption, no external streams, no LZW. 6.5: no actions, no scripts."""
    assert "/Encrypt" not in pdf.trailer
    assert len(pdf.trailer["/ID"]) == 2
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(pdf.root_object)
    assert "/JavaScript" not in pdf.root_object["/Names"]
    for stream in streams(pdf):
        assert "/F" not in stream
        assert stream.get("/Filter") in (None, "/FlateDecode")
    for page in pdf.pages:
        assert isinstance(page, DictionaryObject)
        assert "/Annots" not in page


def test_nothing_is_complained_about_while_it_is_made(caplog, recwarn):
    with caplog.at_level(logging.WARNING):
        render(MIXED)
    assert caplog.records == []
    assert [str(found.message) for found in recwarn if found.category is not ResourceWarning] == []
