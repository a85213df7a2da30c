"""The document of a return: its lines and totals, at the rates of the invoice that it is of.

The return of what was supplied with a registration number is a 適格返還請求書 (消費税法57条の4第3項), and
states the number that the invoice did; the return of anything else is a plain one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing.calculation.returns import TooMuchReturnedError, return_totals
from billing.calculation.tax import OUTSIDE, from_label, rate_label
from billing.calculation.tax import RateTotal as CalculatedRate
from billing.correspondence.letters import issuer_on, recipient_on
from billing.documents.invoice_document import (
    FORMAT,
    InvoiceDocument,
    Line,
    RateTotal,
    Text,
    as_original,
    is_exported,
    is_registered,
    states_number,
)
from billing.invoicing.draft_document import ONE
from billing.models import Adjustment, Invoice
from contracts.models import TermsVersion
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Step, plain, revision_of, step
from contracts.rules.stored import steps_of

_REST = Text(ja="請求額の残り", en="Rest of the invoice")


@dataclass(frozen=True)
class ReturnedPart:
    """A line of a return, and the steps that led to its amount."""

    line: Line
    steps: list[dict[str, Any]] = field(default_factory=list)


def return_document(
    original: Invoice, parts: Sequence[ReturnedPart], reason: str, issued_on: date
) -> InvoiceDocument:
    """What a return states, but for its number. ValidationError where less is left of the invoice."""
    charged: InvoiceDocument = original.document
    contract = original.contract
    version = TermsVersion.objects.get(service=contract.service, name=charged["terms_version"])
    read = version.by_revision(revision_of(steps_of(charged)))
    version = contract.layered(read, Month.of(original.month).last)
    rule = version.policy.charging.tax
    try:
        totals, tax_steps = return_totals(
            rule, charged_by_rate(charged), returned_by_rate(original), _now(parts)
        )
    except TooMuchReturnedError as error:
        text = _("Only %(left)s yen without tax are left of what was charged at this rate.")
        raise ValidationError(text % {"left": f"{error.left:,}"}) from error
    net, tax = sum(total.net for total in totals), sum(total.tax for total in totals)
    lines, steps = _explained(parts, version)
    day = issued_on.isoformat()
    number = charged["issuer"]["registration_number"] if states_number(lines) else ""
    final: list[Step] = [*tax_steps, step(rule, "return.gross", net + tax, net=net, tax=tax)]
    return InvoiceDocument(
        format=FORMAT,
        kind="return",
        original=as_original(charged),
        reason=reason,
        number="",
        issued_on=day,
        month=charged["month"],
        period={"from": day, "to": day},
        due_on=day,
        payment_method=charged["payment_method"],
        inclusive_shown=charged["inclusive_shown"],
        issuer={**issuer_on(original.provider, issued_on), "registration_number": number},
        bank_account=charged["bank_account"],
        recipient=recipient_on(contract, issued_on),
        contract=charged["contract"],
        service=charged["service"],
        terms_version=charged["terms_version"],
        lines=lines,
        rates=[_stated(total, charged) for total in totals],
        net=net,
        tax=tax,
        gross=net + tax,
        notes=[],
        steps=[*steps, *plain(final)],
    )


def _explained(
    parts: Sequence[ReturnedPart], version: TermsVersion
) -> tuple[list[Line], list[dict[str, Any]]]:
    """The lines with the places of their steps."""
    lines: list[Line] = []
    steps: list[dict[str, Any]] = []
    rule = version.policy.charging.tax
    for part in parts:
        own = part.steps or plain(
            [
                step(
                    rule,
                    "return.line",
                    part.line["amount"],
                    name=part.line["name"]["ja"],
                    amount=-part.line["amount"],
                )
            ]
        )
        lines.append({**part.line, "reasons": list(range(len(steps), len(steps) + len(own)))})
        steps += own
    return lines, steps


def _stated(total: CalculatedRate, charged: InvoiceDocument) -> RateTotal:
    rate, reduced = _rate_of(total.label, charged)
    stated = RateTotal(rate=rate, reduced=reduced, net=total.net, tax=total.tax)
    if not total.registered:
        stated["registered"] = False
    return stated


def charged_by_rate(document: InvoiceDocument) -> dict[str, int]:
    """Yen without tax that an invoice charges, by rate."""
    return {label_of(rate): rate["net"] for rate in document["rates"]}


def returned_by_rate(original: Invoice) -> dict[str, int]:
    """What earlier returns took back, by rate."""
    sums: dict[str, int] = {}
    for document in original.returns.live().values_list("document", flat=True):
        for rate in document["rates"]:
            label = label_of(rate)
            sums[label] = sums.get(label, 0) - rate["net"]
    return sums


def _now(parts: Sequence[ReturnedPart]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for part in parts:
        label = label_of(part.line)
        sums[label] = sums.get(label, 0) - part.line["amount"]
    return sums


def label_of(stated: Line | RateTotal) -> str:
    """By which name the calculation knows the rate of a line or a total."""
    return rate_label(stated["rate"] or OUTSIDE, is_registered(stated))


def label_of_credit(document: InvoiceDocument, adjustment: Adjustment) -> str:
    """The rate at which the invoice charged what the credit is for."""
    if adjustment.tax == OUTSIDE:
        return OUTSIDE
    wanted = adjustment.tax == Adjustment.Treatment.REDUCED
    for rate in document["rates"]:
        if rate["rate"] and rate["reduced"] == wanted:
            return label_of(rate)
    raise ValidationError(_("The invoice charges nothing at that rate."))


def _rate_of(label: str, charged: InvoiceDocument) -> tuple[str | None, bool]:
    """The rate that a label names as an invoice states it, and whether it is the reduced one there."""
    return next((rate["rate"], rate["reduced"]) for rate in charged["rates"] if label_of(rate) == label)


def negated(line: Line) -> Line:
    """A line, taken back as a whole."""
    return {**line, "quantity": -line["quantity"], "included": 0, "amount": -line["amount"]}


def part_of(line: Line, amount: int) -> Line:
    """An amount of a line: whole units where they make it up, otherwise one sum."""
    unit_price = line["unit_price"]
    if unit_price > 0 and amount % unit_price == 0:
        return {**line, "quantity": -(amount // unit_price), "included": 0, "amount": -amount}
    return {**line, "unit": ONE, "quantity": -1, "included": 0, "unit_price": amount, "amount": -amount}


def rest_line(document: InvoiceDocument, label: str, net: int) -> Line:
    """What is left at a rate, taken back in one sum."""
    return one_sum(document, label, _REST, net)


def one_sum(document: InvoiceDocument, label: str, name: Text, net: int) -> Line:
    """One sum at a rate of the invoice, below zero."""
    rate, reduced = _rate_of(label, document)
    line = Line(
        product="return",
        name=name,
        unit=ONE,
        quantity=-1,
        included=0,
        unit_price=net,
        amount=-net,
        rate=rate,
        reduced=reduced,
        sample=False,
        articles=[],
    )
    if not from_label(label)[1]:
        line["registered"] = False
    if rate is None and all(is_exported(one) for one in document["lines"] if one["rate"] is None):
        line["exported"] = True
    return line
