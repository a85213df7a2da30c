"""Return invoices: amounts of an issued invoice that are no longer owed.

The return of what was supplied with a registration number is a 適格返還請求書 (消費税法57条の4第3項), and
states the number that the invoice did; the return of anything else is a plain one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.calculation.charged.differences import Taking
from billing.calculation.charged.standing import REST
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
from billing.invoicing.draft_document import ONE, cited_by
from billing.invoicing.invoice_mails import queue_mails
from billing.invoicing.issuing import locked_counter, number_of, unsaved_invoice
from billing.models import Adjustment, Invoice, InvoiceKind
from billing.receivables.claims import lower
from billing.receivables.credits import free_overpaid
from billing.receivables.held import complete
from contracts.models import TermsVersion
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.decision import Step, plain, revision_of, step
from contracts.rules.stored import steps_of
from contracts.wording.formats import month_text
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

RETURN = "return"
"""The kind of proposal that returns amounts of an invoice."""

_REST = Text(ja="請求額の残り", en="Rest of the invoice")


@dataclass(frozen=True)
class _Returned:
    """A line of a return, and the steps that led to its amount."""

    line: Line
    steps: list[dict[str, Any]] = field(default_factory=list)


@transaction.atomic
def return_lines(
    invoice: Invoice,
    amounts: Mapping[int, int],
    reason: str,
    staff: User | None,
    now: datetime | None = None,
    *,
    approval: Proposal | None = None,
) -> Invoice:
    """Return amounts of an invoice's lines: yen without tax by the lines' places, counted from 0.

    What was paid beyond the rest becomes the customer's credit. Raises ValidationError without the approval
    of a second person (`second_person`), without a reason, for an amount that a line does not have, for more
    than is left after earlier returns, or for staff's own organisation (`own_request`).
    """
    ensure_second_person(approval, RETURN)
    ensure_no_own_cause(staff, invoice.contract.organisation)
    original = _locked(invoice, reason)
    return _issue(original, _amounts_of(original, amounts), reason, staff, now)


def return_difference(
    invoice: Invoice,
    takings: Iterable[Taking],
    credit: Adjustment | None = None,
    now: datetime | None = None,
) -> Invoice:
    """Return what lines of an invoice charge too much by the facts known now; call it within a transaction.

    `credit`, not stored yet, corrects what was credited for outages of its month, to either side.

    The approval of the billing run that lists it is what it rests on. ValidationError for more than is left.
    """
    amounts: dict[int, int] = {}
    for taking in takings:
        amounts[taking.place] = amounts.get(taking.place, 0) + taking.amount
    month = month_text(Month.of(invoice.month))
    reason = _("What is owed for %(month)s by the facts known now is less than was charged.")
    original = _locked(invoice, reason)
    parts = [] if credit and not amounts else _amounts_of(original, amounts)
    if credit:
        parts.append(_credit_part(original, credit))
    issued = _issue(original, parts, reason % {"month": month}, None, now, corrects=True)
    if credit:
        credit.invoice = issued
        credit.save()
    return issued


@transaction.atomic
def return_all(
    invoice: Invoice,
    reason: str,
    staff: User | None,
    now: datetime | None = None,
    *,
    approval: Proposal | None = None,
) -> Invoice:
    """Return all that is left of an invoice, so that it and its returns add up to nothing.

    ValidationError without the approval of a second person (`second_person`), without a reason, where nothing
    is left, and for staff's own organisation (`own_request`).
    """
    ensure_second_person(approval, RETURN)
    ensure_no_own_cause(staff, invoice.contract.organisation)
    original = _locked(invoice, reason)
    return _issue(original, _rest_of(original), reason, staff, now)


def is_by_hand(returned: Invoice) -> bool:
    """Whether staff decided on a return: it follows neither from a comparison nor from a decided credit."""
    document: InvoiceDocument = returned.document
    return not document.get("corrects") and not any("adjustment" in line for line in document["lines"])


def return_again(
    invoice: Invoice, earlier: Invoice, staff: User | None, now: datetime | None = None
) -> Invoice | None:
    """Return of an invoice what was returned of the one that it replaces; call it within a transaction.

    As far as the new one charges that much for the same; None where it does not at all.
    """
    document: InvoiceDocument = earlier.document
    original = _locked(invoice, document["reason"])
    parts = list(_same_of(original, document["lines"]))
    if not parts:
        return None
    return _issue(original, parts, document["reason"], staff, now, replaces=earlier)


def _same_of(original: Invoice, returned: Sequence[Line]) -> Iterator[_Returned]:
    """Lines that return of an invoice what other lines returned of an earlier one."""
    document: InvoiceDocument = original.document
    before = _returned(original)
    left = {label: net - before.get(label, 0) for label, net in _charged(document).items()}
    for line in returned:
        same = [one for one in document["lines"] if _names_same(one, line)]
        label = _label(same[0] if same else line)
        room = min(left.get(label, 0), same[0]["amount"] if same else left.get(label, 0))
        amount = min(-line["amount"], room)
        if amount > 0 and (same or line["product"] == REST):
            left[label] -= amount
            yield _Returned(_part_of(same[0], amount) if same else _rest_line(document, label, amount))


def _names_same(charged: Line, returned: Line) -> bool:
    names = ("product", "period")
    return charged["amount"] > 0 and all(charged.get(name) == returned.get(name) for name in names)


def drafted_return(
    invoice: Invoice, amounts: Mapping[int, int] | None, reason: str, on: date
) -> InvoiceDocument:
    """What a return would state, of amounts or (None) of all that is left; ValidationError as for those."""
    _ensure_returnable(invoice, reason)
    parts = _rest_of(invoice) if amounts is None else _amounts_of(invoice, amounts)
    return _document(invoice, parts, reason.strip(), on)


def _amounts_of(original: Invoice, amounts: Mapping[int, int]) -> list[_Returned]:
    stated: list[Line] = original.document["lines"]
    parts: list[_Returned] = []
    for place, amount in amounts.items():
        if not 0 <= place < len(stated) or not 1 <= amount <= stated[place]["amount"]:
            raise ValidationError(_("Line %(line)s does not have that amount.") % {"line": place + 1})
        parts.append(_Returned(_part_of(stated[place], amount)))
    if not parts:
        raise ValidationError(_("Say what is returned: enter an amount for at least one line."))
    return parts


def _rest_of(original: Invoice) -> list[_Returned]:
    document: InvoiceDocument = original.document
    if not original.returns.live().exists():
        parts = [_Returned(_negated(line)) for line in document["lines"]]
    else:
        charged, returned = _charged(document), _returned(original)
        left = {label: net - returned.get(label, 0) for label, net in charged.items()}
        parts = [_Returned(_rest_line(document, label, net)) for label, net in left.items() if net]
    if not parts:
        raise ValidationError(_("Everything of this invoice is returned already."))
    return parts


def return_adjustment(
    invoice: Invoice, adjustment: Adjustment, staff: User | None, now: datetime | None = None
) -> Invoice:
    """Return a credit that was decided for an invoice's month; call it within a transaction.

    ValidationError if less than that is left of the invoice.
    """
    original = _locked(invoice, adjustment.reason or str(adjustment.get_kind_display()))
    part = _credit_part(original, adjustment)
    issued = _issue(original, [part], adjustment.reason or adjustment.names["ja"], staff, now)
    adjustment.invoice = issued
    adjustment.save(update_fields=["invoice"])
    return issued


def _credit_part(original: Invoice, adjustment: Adjustment) -> _Returned:
    """The line of a decided amount at the rate of what it lowers; above zero it takes back some of that."""
    document: InvoiceDocument = original.document
    name = Text(ja=adjustment.names["ja"], en=adjustment.names["en"])
    line = _line(document, _label_of(document, adjustment), name, -adjustment.amount)
    if adjustment.amount > 0:
        line["quantity"], line["unit_price"] = 1, adjustment.amount
    line["product"] = line["adjustment"] = adjustment.kind
    line["articles"] = list(adjustment.articles)
    if adjustment.articles:
        line["cited"] = cited_by(adjustment)
    return _Returned(line, plain(steps_of(adjustment.decision)))


def _locked(invoice: Invoice, reason: str) -> Invoice:
    original = Invoice.objects.select_for_update().get(pk=invoice.pk)
    _ensure_returnable(original, reason)
    return original


def _ensure_returnable(original: Invoice, reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    if original.is_return or original.is_cancelled:
        raise ValidationError(_("Amounts can be returned only of an invoice that stands."))


def _issue(
    original: Invoice,
    parts: Sequence[_Returned],
    reason: str,
    staff: User | None,
    now: datetime | None,
    *,
    corrects: bool = False,
    replaces: Invoice | None = None,
) -> Invoice:
    moment = now or timezone.now()
    issued_on = japan_date(moment)
    contract = original.contract
    provider = contract.service.provider
    document = _document(original, parts, reason.strip(), issued_on)
    if corrects:
        document["corrects"] = True
    counter = locked_counter(provider, InvoiceKind.RETURN, issued_on)
    document["number"] = number_of(provider, counter, counter.last + 1)
    issued = unsaved_invoice(
        document, counter, counter.last + 1, contract, original=original, replaces=replaces
    )
    issued.save(force_insert=True)
    counter.last = issued.sequence
    counter.save(update_fields=["last"])
    lower(original, -issued.gross)
    freed = free_overpaid(original, issued_on)
    complete(original)
    record(
        "return.issued",
        staff,
        issued,
        number=issued.number,
        original=original.number,
        gross=issued.gross,
        credit=freed,
        document=issued.document_hash,
        personal={"reason": reason.strip()},
    )
    queue_mails([issued], due_at=timezone.now())
    return issued


def _document(original: Invoice, parts: Sequence[_Returned], reason: str, issued_on: date) -> InvoiceDocument:
    charged: InvoiceDocument = original.document
    contract = original.contract
    version = TermsVersion.objects.get(service=contract.service, name=charged["terms_version"])
    read = version.by_revision(revision_of(steps_of(charged)))
    version = contract.agreed(read, Month.of(original.month).last)
    rule = version.policy.charging.tax
    try:
        totals, tax_steps = return_totals(rule, _charged(charged), _returned(original), _now(parts))
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
        issuer={**issuer_on(contract.service.provider, issued_on), "registration_number": number},
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


def _explained(parts: Sequence[_Returned], version: TermsVersion) -> tuple[list[Line], list[dict[str, Any]]]:
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


def _charged(document: InvoiceDocument) -> dict[str, int]:
    return {_label(rate): rate["net"] for rate in document["rates"]}


def _returned(original: Invoice) -> dict[str, int]:
    """What earlier returns took back, by rate."""
    sums: dict[str, int] = {}
    for document in original.returns.live().values_list("document", flat=True):
        for rate in document["rates"]:
            label = _label(rate)
            sums[label] = sums.get(label, 0) - rate["net"]
    return sums


def _now(parts: Sequence[_Returned]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for part in parts:
        label = _label(part.line)
        sums[label] = sums.get(label, 0) - part.line["amount"]
    return sums


def _label(stated: Line | RateTotal) -> str:
    """By which name the calculation knows the rate of a line or a total."""
    return rate_label(stated["rate"] or OUTSIDE, is_registered(stated))


def _stated(total: CalculatedRate, charged: InvoiceDocument) -> RateTotal:
    rate, reduced = _rate_of(total.label, charged)
    stated = RateTotal(rate=rate, reduced=reduced, net=total.net, tax=total.tax)
    if not total.registered:
        stated["registered"] = False
    return stated


def _rate_of(label: str, charged: InvoiceDocument) -> tuple[str | None, bool]:
    """The rate that a label names as an invoice states it, and whether it is the reduced one there."""
    return next((rate["rate"], rate["reduced"]) for rate in charged["rates"] if _label(rate) == label)


def _negated(line: Line) -> Line:
    return {**line, "quantity": -line["quantity"], "included": 0, "amount": -line["amount"]}


def _part_of(line: Line, amount: int) -> Line:
    """An amount of a line: whole units where they make it up, otherwise one sum."""
    unit_price = line["unit_price"]
    if unit_price > 0 and amount % unit_price == 0:
        return {**line, "quantity": -(amount // unit_price), "included": 0, "amount": -amount}
    return {**line, "unit": ONE, "quantity": -1, "included": 0, "unit_price": amount, "amount": -amount}


def _rest_line(document: InvoiceDocument, label: str, net: int) -> Line:
    return _line(document, label, _REST, net)


def _line(document: InvoiceDocument, label: str, name: Text, net: int) -> Line:
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


def _label_of(document: InvoiceDocument, adjustment: Adjustment) -> str:
    """The rate at which the invoice charged what the credit is for."""
    if adjustment.tax == OUTSIDE:
        return OUTSIDE
    wanted = adjustment.tax == Adjustment.Treatment.REDUCED
    for rate in document["rates"]:
        if rate["rate"] and rate["reduced"] == wanted:
            return _label(rate)
    raise ValidationError(_("The invoice charges nothing at that rate."))
