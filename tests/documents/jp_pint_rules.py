"""The rules of JP PINT 1.1.3 that an e-invoice of ours could break, in words and checks of our own.

A plain invoice keeps those of the model beside it, "JP BIS Invoice for Non-tax Registered Businesses", 1.1.3.

Source: the ids are those of OpenPeppol, "Peppol International (PINT) model for Billing", Japan, 1.1.3. What
the schema asks for as well is left to it; what no e-invoice of ours contains (allowances, prepayments, a
second currency, …) is left out. Of code lists, only the codes that we use pass: another would be our mistake.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from lxml import etree

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
PREFIXES = {"cac": f"{UBL}CommonAggregateComponents-2", "cbc": f"{UBL}CommonBasicComponents-2"}

Element = etree._Element

SUPPLIER, CUSTOMER = "cac:AccountingSupplierParty/cac:Party", "cac:AccountingCustomerParty/cac:Party"
TRANSFER, DEBIT = "cac:PaymentMeans[cbc:PaymentMeansCode='30']", "cac:PaymentMeans[cbc:PaymentMeansCode='49']"
CHARGES = "cac:AllowanceCharge[cbc:ChargeIndicator='true']/cbc:Amount"
CATEGORY = "cac:TaxCategory[cac:TaxScheme/cbc:ID='VAT']"
REGISTRATION_SINCE = date(2023, 10, 1)  # the day on which the system of 適格請求書 began

STATED: dict[str, tuple[str, str]] = {
    "ibr-001": (".", "cbc:CustomizationID"),
    "ibr-002": (".", "cbc:ID"),
    "ibr-004": (".", "cbc:InvoiceTypeCode"),
    "ibr-005": (".", "cbc:DocumentCurrencyCode"),
    "ibr-006": (".", f"{SUPPLIER}/cac:PartyLegalEntity/cbc:RegistrationName"),
    "ibr-007": (".", f"{CUSTOMER}/cac:PartyLegalEntity/cbc:RegistrationName"),
    "ibr-008": (".", f"{SUPPLIER}/cac:PostalAddress"),
    "ibr-009": (f"{SUPPLIER}/cac:PostalAddress", "cac:Country/cbc:IdentificationCode"),
    "ibr-010": (".", f"{CUSTOMER}/cac:PostalAddress"),
    "ibr-011": (f"{CUSTOMER}/cac:PostalAddress", "cac:Country/cbc:IdentificationCode"),
    "ibr-012": ("cac:LegalMonetaryTotal", "cbc:LineExtensionAmount"),
    "ibr-013": ("cac:LegalMonetaryTotal", "cbc:TaxExclusiveAmount"),
    "ibr-014": ("cac:LegalMonetaryTotal", "cbc:TaxInclusiveAmount"),
    "ibr-021": ("cac:InvoiceLine", "cbc:ID"),
    "ibr-022": ("cac:InvoiceLine", "cbc:InvoicedQuantity"),
    "ibr-023": ("cac:InvoiceLine", "cbc:InvoicedQuantity/@unitCode"),
    "ibr-025": ("cac:InvoiceLine", "cac:Item/cbc:Name"),
    "ibr-026": ("cac:InvoiceLine", "cac:Price/cbc:PriceAmount"),
    "ibr-049": ("cac:PaymentMeans", "cbc:PaymentMeansCode"),
    "ibr-054": ("//cac:AdditionalItemProperty", "cbc:Value"),
    "ibr-055": ("cac:BillingReference", "cac:InvoiceDocumentReference/cbc:ID"),
    "ibr-062": (f"{SUPPLIER}/cbc:EndpointID", "@schemeID"),
    "ibr-063": (f"{CUSTOMER}/cbc:EndpointID", "@schemeID"),
    "ibr-076": (".", "cbc:ProfileID"),
    "ibr-080": (CUSTOMER, "cbc:EndpointID"),
    "ibr-081": (SUPPLIER, "cbc:EndpointID"),
    "ibr-sr-57": ("//cac:PartyTaxScheme", "cbc:CompanyID"),
    "ibr-sr-58": ("//cac:ClassifiedTaxCategory", "cbc:ID"),
    "aligned-ibr-jp-04": (SUPPLIER, "cac:PartyTaxScheme/cbc:CompanyID"),
    "aligned-ibrp-016": (f"{TRANSFER}/cac:PayeeFinancialAccount", "cbc:ID"),
    "aligned-ibrp-019": (DEBIT, "cac:PaymentMandate/cbc:ID"),
    "aligned-ibrp-045": ("//cac:TaxSubtotal", "cbc:TaxableAmount"),
    "aligned-ibrp-047": ("//cac:TaxSubtotal", f"{CATEGORY}/cbc:ID"),
    "aligned-ibrp-048": ("//cac:TaxSubtotal[not(cac:TaxCategory/cbc:ID='O')]", f"{CATEGORY}/cbc:Percent"),
    "aligned-ibrp-052": (".", "//cac:InvoicePeriod"),
}
"""Wherever the first path leads, something must be stated at the second."""

ONCE: dict[str, tuple[str, str]] = {
    "ibr-067": (".", "cac:PaymentMeans/cac:PaymentMandate"),
    "ibr-094": (".", "cac:ContractDocumentReference/cbc:ID"),
    "ibr-097": (".", "cac:InvoicePeriod"),
    "ibr-098": (".", f"{SUPPLIER}/cac:PartyLegalEntity/cbc:RegistrationName"),
    "ibr-100": (".", f"{SUPPLIER}/cac:PartyLegalEntity/cbc:CompanyID"),
    "ibr-102": (".", f"{CUSTOMER}/cac:PartyLegalEntity/cbc:RegistrationName"),
    "ibr-103": (".", f"{CUSTOMER}/cac:PartyLegalEntity/cbc:CompanyID"),
    "ibr-110": ("cac:InvoiceLine", "cac:InvoicePeriod"),
    "ibr-sr-34": ("cac:InvoiceLine", "cbc:Note"),
    "ibr-sr-51": (".", "cbc:Note"),
    "aligned-ibrp-009": (".", f"{SUPPLIER}/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID"),
    "aligned-ibrp-014": (".", "//cbc:PaymentID[not(preceding::cbc:PaymentID = .)]"),
    "aligned-ibrp-053-jp": (".", "cac:TaxTotal/cbc:TaxAmount"),
}
"""Wherever the first path leads, the second may lead to one thing only."""

CODES: dict[str, tuple[str, set[str]]] = {
    "ibr-126": ("//@currencyID", {"JPY"}),
    "ibr-cl-04": ("cbc:DocumentCurrencyCode", {"JPY"}),
    "ibr-cl-11": ("//cac:PartyLegalEntity/cbc:CompanyID/@schemeID", {"0188"}),
    "ibr-cl-14": ("//cac:Country/cbc:IdentificationCode", {"JP"}),
    "ibr-cl-16": ("cac:PaymentMeans/cbc:PaymentMeansCode", {"30", "49"}),
    "ibr-cl-23": ("//@unitCode", {"C62"}),
    "ibr-cl-25": ("//cbc:EndpointID/@schemeID", {"0188", "0221"}),
    "aligned-ibrp-001-jp": ("cbc:CustomizationID", {"urn:peppol:pint:billing-1@jp-1"}),
    "aligned-ibrp-002-jp": ("cbc:ProfileID", {"urn:peppol:bis:billing"}),
    "aligned-ibr-jp-03": ("(//cac:TaxCategory | //cac:ClassifiedTaxCategory)/cac:TaxScheme/cbc:ID", {"VAT"}),
    "aligned-ibrp-cl-01-jp": (
        "(//cac:TaxCategory | //cac:ClassifiedTaxCategory)/cbc:ID",
        {"S", "AA", "G", "O"},
    ),
    "aligned-ibrp-cl-02-jp": ("cbc:InvoiceTypeCode", {"380"}),
}
"""What a path leads to must be one of the codes."""

TWO_DECIMALS: dict[str, str] = {
    "ibr-091": "cac:LegalMonetaryTotal/cbc:PayableAmount",
    "ibr-123": "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount",
    "ibr-124": "cac:TaxTotal/cbc:TaxAmount",
    "ibr-125": "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
}
"""What a path leads to has two decimals at most, whatever they are."""

OF_QUALIFIED_ONES = {
    "aligned-ibr-jp-04",  # the seller's registration number, which it does not have
    "aligned-ibrp-001-jp",  # what it says that it is: a qualified invoice
    "aligned-ibrp-051-jp",  # the tax of a rate, of which it states none
    "aligned-ibrp-cl-02-jp",  # the type of a qualified invoice
}
"""What is asked of qualified invoices only, and a plain one can't meet."""

Check = Callable[[Element], bool]
CHECKS: dict[str, Check] = {}
"""The remaining rules: whether an e-invoice keeps them, by their id."""

OF_PLAIN_ONES: dict[str, Check] = {
    "ibr-cl-01-jp-ntr": lambda invoice: _texts(invoice, "cbc:InvoiceTypeCode") == ["480"],
    "aligned-ibr-jp-04-ntr": lambda invoice: not _at(invoice, f"{SUPPLIER}/cac:PartyTaxScheme/cbc:CompanyID"),
    "aligned-ibr-jp-07-ntr": lambda invoice: set(_amounts(invoice, "//cac:TaxTotal//cbc:TaxAmount")) == {0},
}
"""What is asked of plain invoices only."""


def broken_rules(xml: bytes) -> list[str]:
    """The ids of the rules that an e-invoice breaks. In: one that the schema accepts."""
    invoice = etree.fromstring(xml)
    broken = broken_of_qualified_ones(xml)
    if not is_plain(invoice):
        return broken
    own = [name for name, keeps in OF_PLAIN_ONES.items() if not keeps(invoice)]
    return [*(name for name in broken if name not in OF_QUALIFIED_ONES), *own]


def broken_of_qualified_ones(xml: bytes) -> list[str]:
    """The ids of the rules for qualified invoices that an e-invoice breaks, whatever it says that it is."""
    invoice = etree.fromstring(xml)
    return [
        *(name for name, (place, what) in STATED.items() if not _stated(invoice, place, what)),
        *(
            name
            for name, (place, what) in ONCE.items()
            if any(len(_at(one, what)) > 1 for one in _at(invoice, place))
        ),
        *(name for name, (path, codes) in CODES.items() if not set(_texts(invoice, path)) <= codes),
        *(
            name
            for name, path in TWO_DECIMALS.items()
            if max(map(_decimals, _texts(invoice, path)), default=0) > 2
        ),
        *(name for name, check in CHECKS.items() if not check(invoice)),
    ]


def is_plain(invoice: Element) -> bool:
    """Whether an e-invoice says that it is one of somebody who is not registered."""
    return _texts(invoice, "cbc:CustomizationID") == ["urn:peppol:pint:nontaxinvoice-1@jp-1"]


def _stated(invoice: Element, place: str, what: str) -> bool:
    return all(any(map(_says_something, _at(one, what))) for one in _at(invoice, place))


def _says_something(found: Element | str) -> bool:
    return bool((found if isinstance(found, str) else "".join(found.itertext())).strip())


def _at(element: Element, path: str) -> list:
    return element.xpath(path, namespaces=PREFIXES)


def _texts(element: Element, path: str) -> list[str]:
    """What the elements or attributes at a path say."""
    found = _at(element, path)
    return [(one if isinstance(one, str) else one.text or "").strip() for one in found]


def _amounts(element: Element, path: str) -> list[Decimal]:
    return [Decimal(text) for text in _texts(element, path)]


def _amount(element: Element, path: str) -> Decimal:
    """The one amount at a path; where there is none or several, no number: no sum is right with it."""
    found = _amounts(element, path)
    return found[0] if len(found) == 1 else Decimal("NaN")


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _days(element: Element, path: str) -> list[date]:
    return [date.fromisoformat(text) for text in _texts(element, path) if _is_day(text)]


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _rule(name: str) -> Callable[[Check], Check]:
    def keep(check: Check) -> Check:
        CHECKS[name] = check
        return check

    return keep


@_rule("ibr-co-26")
def the_seller_can_be_told_from_others(invoice: Element) -> bool:
    return bool(
        _texts(invoice, f"{SUPPLIER}/*[self::cac:PartyTaxScheme or self::cac:PartyLegalEntity]/cbc:CompanyID")
    )


@_rule("aligned-ibr-jp-01")
def the_registration_number_is_t_and_thirteen_digits(invoice: Element) -> bool:
    numbers = _texts(invoice, f"{SUPPLIER}/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID")
    supplied = _days(invoice, "//cbc:StartDate | //cbc:EndDate")
    needed = any(day >= REGISTRATION_SINCE for day in supplied)
    return not needed or all(re.fullmatch("T[0-9]{13}", number) for number in numbers)


@_rule("ibr-co-10")
def the_lines_add_up(invoice: Element) -> bool:
    lines = _amounts(invoice, "cac:InvoiceLine/cbc:LineExtensionAmount")
    return _amount(invoice, "cac:LegalMonetaryTotal/cbc:LineExtensionAmount") == sum(lines)


@_rule("ibr-co-13")
def the_total_without_tax_is_that_of_the_lines(invoice: Element) -> bool:
    without = _amount(invoice, "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount")
    lines = _amount(invoice, "cac:LegalMonetaryTotal/cbc:LineExtensionAmount")
    return without == lines + sum(_amounts(invoice, CHARGES))


@_rule("ibr-co-12")
def the_charges_add_up(invoice: Element) -> bool:
    stated = _amounts(invoice, "cac:LegalMonetaryTotal/cbc:ChargeTotalAmount")
    return sum(stated) == sum(_amounts(invoice, CHARGES))


@_rule("ibr-co-14")
def the_taxes_of_the_rates_add_up(invoice: Element) -> bool:
    return all(
        _amount(total, "cbc:TaxAmount") == sum(_amounts(total, "cac:TaxSubtotal/cbc:TaxAmount"))
        for total in _at(invoice, "cac:TaxTotal[cac:TaxSubtotal]")
    )


@_rule("ibr-co-15")
def the_total_with_tax_is_that_without_and_the_tax(invoice: Element) -> bool:
    with_tax = _amount(invoice, "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount")
    without = _amount(invoice, "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount")
    return with_tax == without + _amount(invoice, "cac:TaxTotal[1]/cbc:TaxAmount")


@_rule("ibr-co-16")
def what_is_to_pay_is_the_total_with_tax(invoice: Element) -> bool:
    to_pay = _amount(invoice, "cac:LegalMonetaryTotal/cbc:PayableAmount")
    return to_pay == _amount(invoice, "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount")


@_rule("aligned-ibrp-051-jp")
def the_tax_of_a_rate_is_rounded_up_or_down_to_a_yen(invoice: Element) -> bool:
    return all(_is_tax_of_its_rate(subtotal) for subtotal in _at(invoice, "//cac:TaxSubtotal"))


def _is_tax_of_its_rate(subtotal: Element) -> bool:
    tax = _amount(subtotal, "cbc:TaxAmount")
    if _texts(subtotal, "cac:TaxCategory/cbc:ID") == ["O"]:
        return tax == 0 and not _at(subtotal, "cac:TaxCategory/cbc:Percent")
    exact = _amount(subtotal, "cbc:TaxableAmount") * _amount(subtotal, "cac:TaxCategory/cbc:Percent") / 100
    if exact.is_nan() or tax.is_nan():
        return False
    return exact.to_integral(ROUND_FLOOR) <= tax <= exact.to_integral(ROUND_CEILING)


@_rule("aligned-ibrp-o-01")
def what_is_outside_the_tax_has_one_total(invoice: Element) -> bool:
    used = _at(invoice, "//cac:TaxCategory[cbc:ID='O'] | //cac:ClassifiedTaxCategory[cbc:ID='O']")
    return not used or len(_at(invoice, f"cac:TaxTotal/cac:TaxSubtotal/{CATEGORY}[cbc:ID='O']")) == 1


@_rule("aligned-ibrp-g-01")
def exports_have_one_total(invoice: Element) -> bool:
    used = _at(invoice, "//cac:TaxCategory[cbc:ID='G'] | //cac:ClassifiedTaxCategory[cbc:ID='G']")
    return not used or len(_at(invoice, f"cac:TaxTotal/cac:TaxSubtotal/{CATEGORY}[cbc:ID='G']")) == 1


@_rule("aligned-ibrp-g-05")
def the_rate_of_an_export_is_nought(invoice: Element) -> bool:
    exports = _at(invoice, "//cac:ClassifiedTaxCategory[cbc:ID='G']")
    return all(_amount(category, "cbc:Percent") == 0 for category in exports)


@_rule("aligned-ibrp-o-05")
def a_line_outside_the_tax_has_no_rate(invoice: Element) -> bool:
    return not _at(invoice, "//cac:ClassifiedTaxCategory[cbc:ID='O']/cbc:Percent")


@_rule("aligned-ibrp-o-09")
def what_is_outside_the_tax_bears_none(invoice: Element) -> bool:
    outside = _at(invoice, "//cac:TaxSubtotal[cac:TaxCategory/cbc:ID='O']")
    return all(_amount(subtotal, "cbc:TaxAmount") == 0 for subtotal in outside)


@_rule("aligned-ibr-jp-06")
def tax_is_whole_yen(invoice: Element) -> bool:
    return not any("." in text for text in _texts(invoice, "//cac:TaxSubtotal/cbc:TaxAmount"))


@_rule("ibr-027")
def no_price_is_negative(invoice: Element) -> bool:
    return all(price >= 0 for price in _amounts(invoice, "cac:InvoiceLine/cac:Price/cbc:PriceAmount"))


@_rule("ibr-087")
def a_price_is_for_a_quantity_above_nothing(invoice: Element) -> bool:
    return all(quantity > 0 for quantity in _amounts(invoice, "cac:InvoiceLine/cac:Price/cbc:BaseQuantity"))


@_rule("ibr-088")
def a_price_is_for_the_unit_of_the_quantity(invoice: Element) -> bool:
    return all(
        set(_texts(line, "cac:Price/cbc:BaseQuantity/@unitCode"))
        <= set(_texts(line, "cbc:InvoicedQuantity/@unitCode"))
        for line in _at(invoice, "cac:InvoiceLine")
    )


@_rule("ibr-029")
def a_period_does_not_end_before_it_begins(invoice: Element) -> bool:
    return all(
        start <= end
        for period in _at(invoice, "//cac:InvoicePeriod")
        for start, end in zip(_days(period, "cbc:StartDate"), _days(period, "cbc:EndDate"), strict=False)
    )


@_rule("ibr-co-19")
def a_period_has_a_first_or_a_last_day(invoice: Element) -> bool:
    return all(_at(period, "cbc:StartDate | cbc:EndDate") for period in _at(invoice, "//cac:InvoicePeriod"))


@_rule("ibr-085")
def no_line_begins_before_the_invoices_period(invoice: Element) -> bool:
    first = min(_days(invoice, "cac:InvoicePeriod/cbc:StartDate"), default=date.min)
    return all(day >= first for day in _days(invoice, "cac:InvoiceLine/cac:InvoicePeriod/cbc:StartDate"))


@_rule("ibr-086")
def no_line_ends_after_the_invoices_period(invoice: Element) -> bool:
    last = max(_days(invoice, "cac:InvoicePeriod/cbc:EndDate"), default=date.max)
    return all(day <= last for day in _days(invoice, "cac:InvoiceLine/cac:InvoicePeriod/cbc:EndDate"))


@_rule("ibr-073")
def a_day_is_a_day_of_the_calendar(invoice: Element) -> bool:
    return all(
        map(_is_day, _texts(invoice, "//cbc:IssueDate | //cbc:DueDate | //cbc:StartDate | //cbc:EndDate"))
    )


@_rule("ibr-079")
def nothing_is_empty(invoice: Element) -> bool:
    return not _at(invoice, "//*[not(*) and not(normalize-space())]")
