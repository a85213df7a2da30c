"""Checks e-invoices as a receiver does: against the UBL 2.1 schema and OpenPeppol's rules for Japan.

Schema and rules are published files; they lie beside the project, in `../shared/data/jp-pint`.
"""

from functools import cache

from django.conf import settings
from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

PUBLISHED = settings.BASE_DIR.parent / "shared" / "data" / "jp-pint"
RULES = ("PINT-UBL-validation-preprocessed.xslt", "PINT-jurisdiction-aligned-rules.xslt")
SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}


def problems(xml: bytes) -> list[str]:
    """What is wrong with an e-invoice: the schema's complaints, or the names of the rules that it breaks."""
    schema = _schema()
    if not schema.validate(etree.fromstring(xml)):
        return [f"schema: {error.message}" for error in schema.error_log]
    return [broken for rules in RULES for broken in _broken_rules(xml, rules)]


def _broken_rules(xml: bytes, rules: str) -> list[str]:
    processor, stylesheet = _compiled(rules)
    report = stylesheet.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    tree = etree.fromstring(report.encode())
    if not tree.findall("svrl:fired-rule", SVRL):
        raise AssertionError(f"no rule of {rules} was applied")
    return [failed.get("id") for failed in tree.findall("svrl:failed-assert[@flag='fatal']", SVRL)]


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(PUBLISHED / "ubl-2.1" / "maindoc" / "UBL-Invoice-2.1.xsd"))


@cache
def _processor() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@cache
def _compiled(rules: str) -> tuple[PySaxonProcessor, PyXsltExecutable]:
    processor = _processor()
    compiler = processor.new_xslt30_processor()
    return processor, compiler.compile_stylesheet(stylesheet_file=str(PUBLISHED / "rules" / rules))
