"""Checks e-invoices as a receiver does: against the UBL 2.1 schema and the rules of JP PINT.

The rules are our own checks of them and, where the reference folder has them, OpenPeppol's themselves; it has
none of those of plain invoices.
"""

from functools import cache
from pathlib import Path

from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

from tests import reference
from tests.documents.jp_pint_rules import broken_rules, is_plain

SCHEMA = Path(__file__).parent / "ubl-2.1" / "maindoc" / "UBL-Invoice-2.1.xsd"
PUBLISHED = ("PINT-UBL-validation-preprocessed.xslt", "PINT-jurisdiction-aligned-rules.xslt")
SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}


def problems(xml: bytes) -> list[str]:
    """What is wrong with an e-invoice: the schema's complaints, or the ids of the rules that it breaks."""
    complaints = schema_complaints(xml) or broken_rules(xml)
    if complaints or reference.FOLDER is None or is_plain(etree.fromstring(xml)):
        return complaints
    return broken_published_rules(xml)


def schema_complaints(xml: bytes) -> list[str]:
    schema = _schema()
    schema.validate(etree.fromstring(xml))
    return [f"schema: {error.message}" for error in schema.error_log]


def broken_published_rules(xml: bytes) -> list[str]:
    """The ids of the rules that an e-invoice breaks by OpenPeppol's own account. Reads reference files."""
    return [broken for rules in PUBLISHED for broken in _broken_in(xml, rules)]


def _broken_in(xml: bytes, rules: str) -> list[str]:
    processor, stylesheet = _compiled(rules)
    report = stylesheet.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    tree = etree.fromstring(report.encode())
    if not tree.findall("svrl:fired-rule", SVRL):
        raise AssertionError(f"no rule of {rules} was applied")
    return [failed.get("id") for failed in tree.findall("svrl:failed-assert[@flag='fatal']", SVRL)]


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA))


@cache
def _processor() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@cache
def _compiled(rules: str) -> tuple[PySaxonProcessor, PyXsltExecutable]:
    processor = _processor()
    compiler = processor.new_xslt30_processor()
    file = reference.reference_file(f"data/jp-pint/rules/{rules}")
    return processor, compiler.compile_stylesheet(stylesheet_file=str(file))
