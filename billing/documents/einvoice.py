"""The structured e-invoice: a frozen document as JP PINT 1.1.3, a UBL 2.1 Invoice.

Source: OpenPeppol, "Peppol International (PINT) model for Billing", Japan, 1.1.3, with code lists and rules.
Numbers such as ibt-031 and ibg-14 are the business terms of that model. It wants the seller's registration
number (aligned-ibr-jp-04). A document without one is an e-invoice of the model beside it, "JP BIS Invoice for
Non-tax Registered Businesses", 1.1.3, which wants none (aligned-ibr-jp-04-ntr) and knows no amount of tax
(aligned-ibr-jp-07-ntr): what is charged for it is a charge in that model.
"""

import re
from collections.abc import Iterable

from lxml.etree import Element, QName, _Element, tostring
from stdnum.jp import cn

from billing.documents.invoice_document import (
    InvoiceDocument,
    Issuer,
    Line,
    RateTotal,
    Recipient,
    is_exported,
    is_qualified,
    is_registered,
    shown_rates,
)

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_INVOICE, _AGGREGATE, _BASIC = (
    f"{_UBL}{name}-2" for name in ("Invoice", "CommonAggregateComponents", "CommonBasicComponents")
)
_NAMESPACES = {None: _INVOICE, "cac": _AGGREGATE, "cbc": _BASIC}

_SPECIFICATION = "urn:peppol:pint:billing-1@jp-1"
_PLAIN_SPECIFICATION = "urn:peppol:pint:nontaxinvoice-1@jp-1"
_PROCESS = "urn:peppol:bis:billing"
_COMMERCIAL_INVOICE = "380"  # returns too: a negative invoice, as is usual in Japan (1.5.2 of the model)
_PLAIN_INVOICE = "480"  # of somebody who is not registered for the tax (ibr-cl-01-jp-ntr)
_YEN = "JPY"
_ONE = "C62"  # UN/ECE recommendation 20: a count; the unit that people read is an attribute of the item
_CORPORATE_NUMBER, _REGISTRATION_NUMBER = "0188", "0221"  # ISO 6523: 法人番号, 登録番号
_STANDARD, _REDUCED, _EXPORT, _OUTSIDE = "S", "AA", "G", "O"  # UNCL 5305 as JP PINT restricts it
_CREDIT_TRANSFER, _DIRECT_DEBIT = "30", "49"  # UNCL 4461
_ACCOUNT_KINDS = {"普通": "1", "当座": "2", "貯蓄": "4"}  # 全銀協's 預金種目

# The rules want an electronic address of both parties (ibr-080, ibr-081) even where there is none. No
# corporation has this number: its check digit would be 9. It is an address only, never an identity.
_NO_ADDRESS = "0" * 13

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_Part = _Element | None
"""An element, or nothing where there is nothing to state."""


def einvoice(document: InvoiceDocument) -> bytes:
    """The e-invoice, as UTF-8, that states what the document does; the same document gives the same bytes.

    In: an invoice or a return with at least one line, whose totals add up and whose `rates` cover all lines.
    """
    invoice = Element(QName(_INVOICE, "Invoice"), nsmap=_NAMESPACES)
    _fill(invoice, _parts(document))
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(invoice, encoding="utf-8")


def _parts(document: InvoiceDocument) -> list[_Part]:
    """Everything below the root, in the order of the schema."""
    returned, qualified = _is_return(document), is_qualified(document)
    return [
        _fact("CustomizationID", _SPECIFICATION if qualified else _PLAIN_SPECIFICATION),
        _fact("ProfileID", _PROCESS),
        _fact("ID", document["number"]),
        _fact("IssueDate", document["issued_on"]),
        None if returned else _fact("DueDate", document["due_on"]),
        _fact("InvoiceTypeCode", _COMMERCIAL_INVOICE if qualified else _PLAIN_INVOICE),
        _fact("Note", "\n".join(_notes(document))),
        _fact("DocumentCurrencyCode", _YEN),
        _period(_whole_period(document)),
        _original(document),
        _group("ContractDocumentReference", _fact("ID", document["contract"])),
        _group("AccountingSupplierParty", _seller(document["issuer"])),
        _group("AccountingCustomerParty", _buyer(document["recipient"])),
        None if returned else _payment_means(document),
        *(_tax_charge(rate, document) for rate in document["rates"] if _is_charged_tax(rate)),
        _tax_total(document),
        _totals(document),
        *(_line(number, line, document) for number, line in enumerate(document["lines"], 1)),
    ]


def _is_return(document: InvoiceDocument) -> bool:
    return document.get("kind") == "return"


def _notes(document: InvoiceDocument) -> list[str]:
    """What a return that follows from facts says of its reason, and the notes of the document."""
    corrects = [f"請求額の訂正による返還：{document['reason']}"] if document.get("corrects") else []
    return [*corrects, *(note["ja"] for note in document["notes"])]


def _period(period: dict[str, str] | None) -> _Part:
    """The first and last day of supply (ibg-14, ibg-26)."""
    if period is None:
        return None
    return _group("InvoicePeriod", _fact("StartDate", period["from"]), _fact("EndDate", period["to"]))


def _whole_period(document: InvoiceDocument) -> dict[str, str]:
    """From the first day of any line's supply to the last: lines must lie within it (ibr-085, ibr-086)."""
    own = [] if _is_return(document) else [line["period"] for line in document["lines"] if "period" in line]
    periods = [document["period"], *own]
    return {
        "from": min(period["from"] for period in periods),
        "to": max(period["to"] for period in periods),
    }


def _line_period(line: Line, document: InvoiceDocument) -> dict[str, str] | None:
    """The period of a line's supply, where not all lines have the same; a return says it in a note."""
    own = line.get("period", document["period"])
    same = _whole_period(document) == document["period"] == own
    return None if same or _is_return(document) else own


def _original(document: InvoiceDocument) -> _Part:
    """The invoice that this one returns an amount of, or replaces (ibg-03)."""
    if "original" not in document:
        return None
    original = document["original"]
    return _group(
        "BillingReference",
        _group(
            "InvoiceDocumentReference",
            _fact("ID", original["number"]),
            _fact("IssueDate", original["issued_on"]),
        ),
    )


def _seller(issuer: Issuer) -> _Part:
    """A corporation's registration number is T and its corporate number (消費税法基本通達1-7-2)."""
    registration, corporate = issuer["registration_number"], _corporate_number(issuer)
    endpoint = (
        _fact("EndpointID", registration, schemeID=_REGISTRATION_NUMBER)
        if registration
        else _fact("EndpointID", corporate or _NO_ADDRESS, schemeID=_CORPORATE_NUMBER)
    )
    tax_scheme = _group("PartyTaxScheme", _fact("CompanyID", registration), _consumption_tax())
    return _group(
        "Party",
        endpoint,
        _address(issuer["postal_code"], issuer["address"]),
        tax_scheme if registration else None,
        _legal_entity(issuer["name"], corporate),
        _group("Contact", _fact("Telephone", issuer["phone"]), _fact("ElectronicMail", issuer["email"])),
    )


def _corporate_number(issuer: Issuer) -> str:
    """As it is stated, else as the registration number tells it; empty for who is no corporation."""
    if stated := issuer.get("corporate_number"):
        return stated
    digits = issuer["registration_number"].removeprefix("T")
    return digits if cn.is_valid(digits) else ""


def _buyer(recipient: Recipient) -> _Part:
    corporate = recipient.get("corporate_number", "")
    return _group(
        "Party",
        _fact("EndpointID", corporate or _NO_ADDRESS, schemeID=_CORPORATE_NUMBER),
        _address(recipient["postal_code"], recipient["address"]),
        _legal_entity(recipient["name"], corporate),
    )


def _address(postal_code: str, address: str) -> _Part:
    return _group(
        "PostalAddress",
        _fact("StreetName", address),
        _fact("PostalZone", postal_code.replace("-", "")),
        _group("Country", _fact("IdentificationCode", "JP")),
    )


def _legal_entity(name: str, corporate_number: str) -> _Part:
    return _group(
        "PartyLegalEntity",
        _fact("RegistrationName", name),
        _fact("CompanyID", corporate_number, schemeID=_CORPORATE_NUMBER),
    )


def _payment_means(document: InvoiceDocument) -> _Part:
    """How the invoice is paid (ibg-16). A debit's mandate belongs to the contract, whose number names it."""
    if document["payment_method"] == "debit":
        return _group(
            "PaymentMeans",
            _fact("PaymentMeansCode", _DIRECT_DEBIT, name="口座振替"),
            _group("PaymentMandate", _fact("ID", document["contract"])),
        )
    account = document["bank_account"]
    kind = account["kind"]
    identifier = [
        account.get("bank_code", account["bank"]),
        account.get("branch_code", account["branch"]),
        _ACCOUNT_KINDS.get(kind, kind),
        account["number"],
    ]
    return _group(
        "PaymentMeans",
        _fact("PaymentMeansCode", _CREDIT_TRANSFER, name="銀行振込"),
        _fact("PaymentID", document["number"]),
        _group("PayeeFinancialAccount", _fact("ID", ":".join(identifier)), _fact("Name", account["holder"])),
    )


def _is_charged_tax(rate: RateTotal) -> bool:
    return not is_registered(rate) and rate["tax"] != 0


def _tax_charge(rate: RateTotal, document: InvoiceDocument) -> _Part:
    """What is charged for the tax where nobody can deduct it as such (ibg-21)."""
    return _group(
        "AllowanceCharge",
        _fact("ChargeIndicator", "true"),
        _fact("AllowanceChargeReason", "消費税相当額"),
        _yen("Amount", rate["tax"]),
        _tax_category("TaxCategory", *_category(rate, document)),
    )


def _tax_total(document: InvoiceDocument) -> _Part:
    """A total for each category and rate (ibg-23), with what is charged for the tax in it."""
    taxable: dict[tuple[str, str], int] = {}
    taxes: dict[tuple[str, str], int] = {}
    for rate in shown_rates(document):
        category, charged = _category(rate, document), rate["tax"] if _is_charged_tax(rate) else 0
        taxable[category] = taxable.get(category, 0) + rate["net"] + charged
        taxes[category] = taxes.get(category, 0) + rate["tax"] - charged
    return _group(
        "TaxTotal",
        _yen("TaxAmount", sum(taxes.values())),
        *(
            _group(
                "TaxSubtotal",
                _yen("TaxableAmount", taxable[category]),
                _yen("TaxAmount", tax),
                _tax_category("TaxCategory", *category),
            )
            for category, tax in taxes.items()
        ),
    )


def _category(taxed: Line | RateTotal, document: InvoiceDocument) -> tuple[str, str]:
    """The code of a tax category and its rate, empty outside the tax; that of an export is 0 (ibrp-g-05).

    Beside what was supplied with a registration number, what was supplied without may not look as if it were.
    """
    rate = taxed["rate"]
    if is_exported(taxed) and is_qualified(document):
        return _EXPORT, "0"
    if rate is None or (is_qualified(document) and not is_registered(taxed)):
        return _OUTSIDE, ""
    return _REDUCED if taxed["reduced"] else _STANDARD, rate


def _tax_category(name: str, code: str, rate: str) -> _Part:
    return _group(name, _fact("ID", code), _fact("Percent", rate), _consumption_tax())


def _consumption_tax() -> _Part:
    """JP PINT's code for 消費税 is VAT."""
    return _group("TaxScheme", _fact("ID", "VAT"))


def _totals(document: InvoiceDocument) -> _Part:
    charges = sum(rate["tax"] for rate in document["rates"] if _is_charged_tax(rate))
    return _group(
        "LegalMonetaryTotal",
        _yen("LineExtensionAmount", document["net"]),
        _yen("TaxExclusiveAmount", document["net"] + charges),
        _yen("TaxInclusiveAmount", document["gross"]),
        _yen("ChargeTotalAmount", charges) if charges else None,
        _yen("PayableAmount", document["gross"]),
    )


def _line(number: int, line: Line, document: InvoiceDocument) -> _Part:
    quantity, price, base = _priced(line)
    return _group(
        "InvoiceLine",
        _fact("ID", str(number)),
        _fact("Note", _line_note(line, document)),
        _fact("InvoicedQuantity", str(quantity), unitCode=_ONE),
        _yen("LineExtensionAmount", line["amount"]),
        _period(_line_period(line, document)),
        _group("DocumentReference", _fact("ID", _followed(line, document))),
        _group(
            "Item",
            _fact("Name", line["name"]["ja"]),
            _group("SellersItemIdentification", _fact("ID", line["product"])),
            _tax_category("ClassifiedTaxCategory", *_category(line, document)),
            _group(
                "AdditionalItemProperty",
                _fact("Name", "表示単位名称"),
                _fact("Value", line["unit"]["ja"]),
            ),
        ),
        _group("Price", _yen("PriceAmount", price), _fact("BaseQuantity", str(base), unitCode=_ONE)),
    )


def _priced(line: Line) -> tuple[int, int, int]:
    """Quantity, price and the quantity that the price is for, which give the line's amount.

    A price may not be negative (ibr-027): the quantity has the amount's sign. An amount that is not the
    quantity times its unit price is stated as the price of the whole quantity.
    """
    quantity, unit_price, amount = line["quantity"], line["unit_price"], line["amount"]
    if unit_price >= 0 and quantity * unit_price == amount:
        return quantity, unit_price, 1
    whole = abs(quantity) or 1
    return (-whole if amount < 0 else whole), abs(amount), whole


def _line_note(line: Line, document: InvoiceDocument) -> str:
    """In a return, the period of the supply that it returns an amount of (as in the model's example 7)."""
    if _is_return(document):
        supplied = line.get("period", document["original"]["period"])
        return f"{supplied['from']}～{supplied['to']}"
    if followed := _followed(line, document):
        return f"請求書{followed}への追加請求"
    if line["included"]:
        return f"このほか{line['included']}{line['unit']['ja']}分は他の品目に含みます"
    return ""


def _followed(line: Line, document: InvoiceDocument) -> str:
    """The invoice that a later charge follows (ibt-188), empty for other lines.

    It is not a preceding invoice (ibg-03): who gets a reference to one takes the document for its correction
    (example 6 of the model). A return says what it returns an amount of by that reference.
    """
    return "" if _is_return(document) else line.get("follows", "")


def _group(name: str, *parts: _Part) -> _Part:
    """An aggregate of the parts that there are; nothing without any, as nothing may be empty (ibr-079)."""
    if not any(part is not None for part in parts):
        return None
    group = Element(QName(_AGGREGATE, name), nsmap=_NAMESPACES)
    _fill(group, parts)
    return group


def _fill(element: _Element, parts: Iterable[_Part]) -> None:
    """Put in the parts that there are, a line each."""
    element.text = element.tail = "\n"
    element.extend(part for part in parts if part is not None)


def _fact(name: str, value: str, /, **attributes: str) -> _Part:
    """An element with a text, rid of what XML cannot hold; nothing for an empty one."""
    text = _NOT_IN_XML.sub("", value).strip()
    if not text:
        return None
    fact = Element(QName(_BASIC, name), attributes, nsmap=_NAMESPACES)
    fact.text, fact.tail = text, "\n"
    return fact


def _yen(name: str, amount: int) -> _Part:
    return _fact(name, str(amount), currencyID=_YEN)
