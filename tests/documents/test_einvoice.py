"""Structured e-invoices of every kind: valid by schema and rules, and saying what the document says."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from billing.documents.einvoice import einvoice
from billing.documents.invoice_document import InvoiceDocument, Line
from tests.documents.jp_pint import broken_published_rules, problems, schema_complaints
from tests.documents.jp_pint_rules import (
    OF_QUALIFIED_ONES,
    PREFIXES,
    broken_of_qualified_ones,
    broken_rules,
)
from tests.documents.sample_document import (
    charged_later,
    document,
    line,
    partly_registered,
    returned,
    unregistered,
)
from tests.properties import examples

STANDARD, REDUCED, OUTSIDE = line(0), line(1, rate="8", reduced=True), line(2, rate=None)
MIXED = document([STANDARD, REDUCED, OUTSIDE, line(3)])
EXPORT: Line = {**line(4, rate=None), "exported": True}


def facts(xml: bytes, path: str) -> list[str]:
    """What lies at a path in an e-invoice."""
    return etree.fromstring(xml).xpath(path, namespaces=PREFIXES)


def changed(party: str, **fields) -> InvoiceDocument:
    return document(**{party: {**document()[party], **fields}})


VALID = {
    "one line": document(),
    "three hundred lines": document([line(place) for place in range(300)]),
    "standard, reduced and outside the tax": MIXED,
    "outside the tax only": document([OUTSIDE]),
    "an export only": document([EXPORT]),
    "an export beside what is taxed and what is outside the tax": document([STANDARD, EXPORT, OUTSIDE]),
    "reduced only": document([REDUCED]),
    "the rate before 2019-10-01": document([line(0, rate="8")]),
    "nothing to pay": document([{**line(0), "unit_price": 0, "amount": 0}]),
    "a free line among others": document([line(1), {**line(0), "unit_price": 0, "amount": 0}]),
    "a reduction": document([line(4), {**line(0), "unit_price": -500, "amount": -500}]),
    "an amount by tiers": document([{**line(6), "amount": 12_345}]),
    "an amount without quantity": document([{**line(0), "quantity": 0, "amount": 700}]),
    "units that come with others": document([{**line(1), "included": 2}]),
    "direct debit": document(payment_method="debit"),
    "an account with bank codes": document(
        bank_account={**document()["bank_account"], "bank_code": "0001", "branch_code": "123"}
    ),
    "no notes": document(notes=[]),
    "two notes": document(notes=[*document()["notes"], {"ja": "二つ目", "en": "second"}]),
    "a recipient without corporate number": changed("recipient", corporate_number=""),
    "an issuer who is no corporation": changed("issuer", registration_number="T9000000111112"),
    "an issuer without phone": changed("issuer", phone=""),
    "a long name": changed("recipient", name="国立研究開発法人見本先端情報通信技術総合研究推進機構" * 8),
    "markup in a name": changed("recipient", name="<b>A&B</b> \"商事\" ]]> 'x'"),
    "characters XML cannot hold": changed("recipient", name="みなと\x00\x0b\ufffe商事𠮷野家\U0001f600"),
    "a reissue": document(
        original={
            "number": "SMP-2026-000100",
            "issued_on": "2026-11-05",
            "period": document()["period"],
        }
    ),
    "a later charge": charged_later(),
    "a later charge of a month without invoice": document(
        [line(0), {**line(1), "period": {"from": "2026-09-01", "to": "2026-09-30"}}]
    ),
    "a plain invoice with a later charge": unregistered(charged_later()),
    "a reissue with a later charge": {
        **charged_later(),
        "original": {"number": "SMP-2026-000110", "issued_on": "2026-11-05", "period": document()["period"]},
    },
    "a return of a later charge": returned(charged_later()),
    "a return that corrects": returned(document(), corrects=True, reason="請求額を下回るため"),
    "a plain return that corrects": returned(unregistered(document()), corrects=True, reason="誤り"),
    "a plain invoice": unregistered(MIXED),
    "a plain invoice of what is outside the tax": unregistered(document([OUTSIDE])),
    "a plain return": returned(unregistered(MIXED)),
    "a plain invoice that is debited": unregistered(document(payment_method="debit")),
    "partly registered": partly_registered(),
    "a return of what is partly registered": returned(partly_registered()),
    "two rates, after a change": document([line(0), {**line(1), "rate": "12"}]),
    "a return": returned(document()),
    "a return of several rates": returned(MIXED),
    "a return of a reduction": returned(document([line(4), {**line(0), "unit_price": -500, "amount": -500}])),
    "a return of a debited invoice": returned(document(payment_method="debit")),
}


@pytest.mark.parametrize("issued", VALID.values(), ids=VALID.keys())
def test_every_kind_is_valid(issued):
    assert problems(einvoice(issued)) == []


def test_documents_of_the_first_release_are_valid():
    issued = document()
    del issued["kind"], issued["recipient"]["corporate_number"]
    assert problems(einvoice(issued)) == []


PLAIN = {name: einvoice(issued) for name, issued in VALID.items() if name.startswith("a plain")}


@pytest.mark.parametrize("xml", PLAIN.values(), ids=PLAIN.keys())
def test_a_plain_document_meets_all_rules_but_those_that_ask_for_a_registered_seller(xml):
    assert schema_complaints(xml) == []
    outside_only = xml == PLAIN["a plain invoice of what is outside the tax"]
    unmet = OF_QUALIFIED_ONES - ({"aligned-ibrp-051-jp"} if outside_only else set())
    assert set(broken_of_qualified_ones(xml)) == unmet
    assert broken_rules(xml) == []


@pytest.mark.reference
@pytest.mark.parametrize("xml", PLAIN.values(), ids=PLAIN.keys())
def test_by_the_published_rules_it_is_the_same_ones_that_a_plain_document_does_not_meet(xml):
    assert set(broken_published_rules(xml)) == set(broken_of_qualified_ones(xml))


YEN = st.integers(min_value=-10_000_000, max_value=10_000_000)
LINES = st.builds(
    lambda quantity, price, amount, taxed, name: {
        **line(0),
        "quantity": quantity,
        "unit_price": price,
        "amount": quantity * price if amount is None else amount,
        "rate": taxed[0],
        "reduced": taxed[1],
        "name": {"ja": f"品目{name}", "en": name},
    },
    quantity=st.integers(min_value=-50, max_value=5000),
    price=YEN,
    amount=st.none() | YEN,
    taxed=st.sampled_from([("10", False), ("8", True), (None, False)]),
    name=st.text(max_size=12),
)


@settings(max_examples=examples(40), deadline=None)
@given(
    lines=st.lists(LINES, min_size=1, max_size=6),
    rounding=st.sampled_from([ROUND_FLOOR, ROUND_CEILING, ROUND_HALF_UP]),
    data=st.data(),
)
def test_whatever_is_charged_however_tax_is_rounded_it_is_valid(lines, rounding, data):
    issued = document(lines)
    for rate in issued["rates"]:
        rate["tax"] = int((Decimal(rate["net"]) * Decimal(rate["rate"] or 0) / 100).to_integral(rounding))
    issued["tax"] = sum(rate["tax"] for rate in issued["rates"])
    issued["gross"] = issued["net"] + issued["tax"]
    xml = einvoice(issued)
    assert problems(xml) == []
    for quantity, price, base, amount in zip(
        facts(xml, "//cbc:InvoicedQuantity/text()"),
        facts(xml, "//cbc:PriceAmount/text()"),
        facts(xml, "//cbc:BaseQuantity/text()"),
        facts(xml, "//cac:InvoiceLine/cbc:LineExtensionAmount/text()"),
        strict=True,
    ):
        assert Decimal(quantity) * int(price) / int(base) == int(amount)


def test_it_says_what_the_invoice_says():
    xml = einvoice(MIXED)
    for path, stated in {
        "/*/cbc:ID": "SMP-2026-000123",
        "/*/cbc:IssueDate": "2026-11-10",
        "/*/cbc:DueDate": "2026-11-30",
        "/*/cbc:InvoiceTypeCode": "380",
        "/*/cac:InvoicePeriod/cbc:StartDate": "2026-10-01",
        "/*/cac:InvoicePeriod/cbc:EndDate": "2026-10-31",
        "/*/cac:ContractDocumentReference/cbc:ID": "C-2026-000045",
        "/*/cac:AccountingSupplierParty//cbc:RegistrationName": MIXED["issuer"]["name"],
        "/*/cac:AccountingSupplierParty//cac:PartyTaxScheme/cbc:CompanyID": "T2990012345678",
        "/*/cac:AccountingSupplierParty//cbc:CompanyID[@schemeID='0188']": "2990012345678",
        "/*/cac:AccountingCustomerParty//cbc:RegistrationName": MIXED["recipient"]["name"],
        "/*/cac:AccountingCustomerParty//cbc:EndpointID[@schemeID='0188']": "7000012050002",
        "/*/cac:PaymentMeans/cbc:PaymentMeansCode": "30",
        "/*/cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:Name": MIXED["bank_account"]["holder"],
        "/*/cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount": str(MIXED["net"]),
        "/*/cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount": str(MIXED["gross"]),
        "/*/cac:LegalMonetaryTotal/cbc:PayableAmount": str(MIXED["gross"]),
        "/*/cac:TaxTotal/cbc:TaxAmount": str(MIXED["tax"]),
    }.items():
        assert facts(xml, f"{path}/text()") == [stated], path
    assert facts(xml, "//cac:InvoiceLine//cbc:Name[not(ancestor::cac:AdditionalItemProperty)]/text()") == [
        item["name"]["ja"] for item in MIXED["lines"]
    ]
    assert facts(xml, "//cac:InvoiceLine/cbc:LineExtensionAmount/text()") == [
        str(item["amount"]) for item in MIXED["lines"]
    ]


def test_taxes_are_stated_for_each_rate():
    subtotals = etree.fromstring(einvoice(MIXED)).findall("cac:TaxTotal/cac:TaxSubtotal", PREFIXES)
    stated = [
        (
            part.findtext("cac:TaxCategory/cbc:ID", namespaces=PREFIXES),
            part.findtext("cac:TaxCategory/cbc:Percent", namespaces=PREFIXES),
            part.findtext("cbc:TaxableAmount", namespaces=PREFIXES),
            part.findtext("cbc:TaxAmount", namespaces=PREFIXES),
        )
        for part in subtotals
    ]
    assert stated == [
        ("S", "10", str(5000 + 4 * 5111), str((5000 + 4 * 5111) // 10)),
        ("AA", "8", str(2 * 5037), str(2 * 5037 * 8 // 100)),
        ("O", None, str(3 * 5074), "0"),
    ]


def test_an_export_has_a_category_and_a_total_of_its_own():
    xml = einvoice(document([STANDARD, EXPORT, OUTSIDE]))
    assert facts(xml, "//cac:InvoiceLine//cac:ClassifiedTaxCategory/cbc:ID/text()") == ["S", "G", "O"]
    assert facts(xml, "//cac:TaxSubtotal/cac:TaxCategory/cbc:ID/text()") == ["S", "O", "G"]
    totals = facts(xml, "//cac:TaxSubtotal/cbc:TaxableAmount/text()")
    assert totals[1:] == [str(OUTSIDE["amount"]), str(EXPORT["amount"])]
    assert facts(xml, "//cac:TaxCategory[cbc:ID='G']/cbc:Percent/text()") == ["0"]
    plain = einvoice(unregistered(document([STANDARD, EXPORT])))
    assert facts(plain, "//cac:InvoiceLine//cac:ClassifiedTaxCategory/cbc:ID/text()") == ["S", "O"]


def test_without_a_registration_number_it_is_no_qualified_invoice_and_asks_for_the_same():
    issued = unregistered(MIXED)
    xml = einvoice(issued)
    assert facts(xml, "/*/cbc:CustomizationID/text()") == ["urn:peppol:pint:nontaxinvoice-1@jp-1"]
    assert facts(xml, "/*/cbc:InvoiceTypeCode/text()") == ["480"]
    assert facts(xml, "/*/cac:AccountingSupplierParty//cac:PartyTaxScheme") == []
    assert facts(xml, "/*/cac:AccountingSupplierParty//cbc:EndpointID/text()") == ["2990012345678"]
    assert set(facts(xml, "//cac:TaxTotal//cbc:TaxAmount/text()")) == {"0"}
    assert facts(xml, "//cac:TaxSubtotal/cbc:TaxableAmount/text()") == [
        str(rate["net"] + rate["tax"]) for rate in issued["rates"]
    ]
    assert facts(xml, "//cac:LegalMonetaryTotal/cbc:PayableAmount/text()") == [str(MIXED["gross"])]


def test_beside_what_is_registered_the_rest_has_no_category_that_needs_a_number():
    xml = einvoice(partly_registered())
    assert facts(xml, "//cac:InvoiceLine//cac:ClassifiedTaxCategory/cbc:ID/text()") == ["S", "O", "O"]
    assert facts(xml, "/*/cac:AllowanceCharge/cac:TaxCategory/cbc:ID/text()") == ["O"]
    assert facts(xml, "/*/cac:AllowanceCharge/cbc:Amount/text()") == [str(line(1)["amount"] // 10)]
    assert facts(xml, "/*/cac:TaxTotal/cbc:TaxAmount/text()") == [str(line(0)["amount"] // 10)]


def test_a_debit_names_its_mandate_and_no_account():
    xml = einvoice(VALID["direct debit"])
    assert facts(xml, "//cac:PaymentMeans/cbc:PaymentMeansCode/text()") == ["49"]
    assert facts(xml, "//cac:PaymentMandate/cbc:ID/text()") == ["C-2026-000045"]
    assert facts(xml, "//cac:PayeeFinancialAccount") == []


def test_an_account_is_named_by_its_codes_where_they_are_known():
    account = "//cac:PayeeFinancialAccount/cbc:ID/text()"
    assert facts(einvoice(VALID["an account with bank codes"]), account) == ["0001:123:1:0012345"]
    assert facts(einvoice(document()), account) == ["見本銀行（0000）:本店営業部（001）:1:0012345"]


@pytest.mark.parametrize(
    ("kind", "identities"),
    [
        ("a recipient without corporate number", ["2990012345678"]),
        ("an issuer who is no corporation", ["7000012050002"]),
    ],
)
def test_who_has_no_corporate_number_is_given_none(kind, identities):
    xml = einvoice(VALID[kind])
    assert facts(xml, "//cac:PartyLegalEntity/cbc:CompanyID/text()") == identities


def test_a_return_takes_back_what_the_invoice_charged():
    charged, back = einvoice(MIXED), einvoice(returned(MIXED))
    for path in (
        "//cbc:InvoicedQuantity",
        "//cbc:LineExtensionAmount",
        "//cbc:TaxableAmount",
        "//cbc:TaxAmount",
        "//cbc:PayableAmount",
    ):
        amounts = facts(charged, f"{path}/text()")
        assert [str(-int(amount)) for amount in amounts] == facts(back, f"{path}/text()")
    assert facts(back, "//cbc:PriceAmount/text()") == facts(charged, "//cbc:PriceAmount/text()")


def test_a_return_says_which_supply_it_is_about_and_asks_for_nothing():
    xml = einvoice(returned(MIXED))
    reference = "/*/cac:BillingReference/cac:InvoiceDocumentReference"
    assert facts(xml, f"{reference}/cbc:ID/text()") == ["SMP-2026-000123"]
    assert facts(xml, f"{reference}/cbc:IssueDate/text()") == ["2026-11-10"]
    assert set(facts(xml, "//cac:InvoiceLine/cbc:Note/text()")) == {"2026-10-01～2026-10-31"}
    assert facts(xml, "/*/cbc:DueDate | /*/cac:PaymentMeans") == []


def test_a_later_charge_names_its_month_and_the_invoice_that_it_follows():
    xml = einvoice(charged_later())
    assert facts(xml, "/*/cac:InvoicePeriod/*/text()") == ["2026-09-01", "2026-10-31"]
    own, later = etree.fromstring(xml).findall("cac:InvoiceLine", PREFIXES)
    assert own.findtext("cac:InvoicePeriod/cbc:StartDate", namespaces=PREFIXES) == "2026-10-01"
    assert own.find("cac:DocumentReference", PREFIXES) is None
    for path, stated in {
        "cac:InvoicePeriod/cbc:StartDate": "2026-09-01",
        "cac:InvoicePeriod/cbc:EndDate": "2026-09-30",
        "cac:DocumentReference/cbc:ID": "SMP-2026-000100",
        "cbc:Note": "請求書SMP-2026-000100への追加請求",
    }.items():
        assert later.findtext(path, namespaces=PREFIXES) == stated
    assert facts(xml, "/*/cac:BillingReference") == [], "it would be taken for a correction of that invoice"


def test_a_return_of_a_later_charge_names_the_invoice_that_charged_it():
    xml = einvoice(returned(charged_later()))
    assert facts(xml, "//cac:BillingReference//cbc:ID/text()") == ["SMP-2026-000123"]
    assert facts(xml, "//cac:DocumentReference") == []
    assert facts(xml, "//cac:InvoiceLine/cbc:Note/text()")[1] == "2026-09-01～2026-09-30"


def test_a_return_that_corrects_says_so():
    (note,) = facts(
        einvoice(returned(document(notes=[]), corrects=True, reason="請求超過")), "/*/cbc:Note/text()"
    )
    assert note == "請求額の訂正による返還：請求超過"


def test_what_xml_cannot_hold_is_left_out_and_the_rest_is_kept():
    name = "/*/cac:AccountingCustomerParty//cbc:RegistrationName/text()"
    assert facts(einvoice(VALID["characters XML cannot hold"]), name) == ["みなと商事𠮷野家\U0001f600"]
    assert facts(einvoice(VALID["markup in a name"]), name) == ["<b>A&B</b> \"商事\" ]]> 'x'"]


def test_the_same_document_gives_the_same_bytes():
    assert einvoice(MIXED) == einvoice(document([STANDARD, REDUCED, OUTSIDE, line(3)]))


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        (b">500</cbc:TaxAmount>", b">501</cbc:TaxAmount>", "aligned-ibrp-051-jp"),
        (b">5500</cbc:TaxInclusiveAmount>", b">5501</cbc:TaxInclusiveAmount>", "ibr-co-15"),
        (b"<cbc:CompanyID>T2990012345678", b"<cbc:CompanyID>T299001234567", "aligned-ibr-jp-01"),
        (b"<cbc:InvoiceTypeCode>380", b"<cbc:InvoiceTypeCode>381", "aligned-ibrp-cl-02-jp"),
        (b"<cbc:DueDate>2026-11-30</cbc:DueDate>", b"<cbc:DueDate>2026-11-31</cbc:DueDate>", "schema"),
        (b"<cbc:ProfileID>urn:peppol:bis:billing</cbc:ProfileID>", b"", "ibr-076"),
    ],
)
def test_the_checks_find_what_is_broken(right, wrong, problem):
    xml = einvoice(document())
    assert right in xml
    found = problems(xml.replace(right, wrong))
    assert any(name.startswith(problem) for name in found), found
