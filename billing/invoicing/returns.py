"""Return invoices: amounts of an issued invoice that are no longer owed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.calculation.charged.differences import Taking
from billing.calculation.charged.standing import REST
from billing.documents.invoice_document import (
    InvoiceDocument,
    Line,
    Text,
)
from billing.invoicing.draft_document import cited_by
from billing.invoicing.invoice_mails import queue_mails
from billing.invoicing.issuing import ensure_issued_here, locked_counter, number_of, unsaved_invoice
from billing.invoicing.return_document import (
    ReturnedPart,
    charged_by_rate,
    label_of,
    label_of_credit,
    negated,
    one_sum,
    part_of,
    rest_line,
    return_document,
    returned_by_rate,
)
from billing.models import Adjustment, Invoice, InvoiceKind
from billing.receivables.claims import lower
from billing.receivables.credits import free_overpaid
from billing.receivables.held import complete
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.decision import plain
from contracts.rules.stored import steps_of
from contracts.wording.formats import month_text
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User
from portal.search.indexing import index

RETURN = "return"
"""The kind of proposal that returns amounts of an invoice."""


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


def _same_of(original: Invoice, returned: Sequence[Line]) -> Iterator[ReturnedPart]:
    """Lines that return of an invoice what other lines returned of an earlier one."""
    document: InvoiceDocument = original.document
    before = returned_by_rate(original)
    left = {label: net - before.get(label, 0) for label, net in charged_by_rate(document).items()}
    for line in returned:
        same = [one for one in document["lines"] if _names_same(one, line)]
        label = label_of(same[0] if same else line)
        room = min(left.get(label, 0), same[0]["amount"] if same else left.get(label, 0))
        amount = min(-line["amount"], room)
        if amount > 0 and (same or line["product"] == REST):
            left[label] -= amount
            yield ReturnedPart(part_of(same[0], amount) if same else rest_line(document, label, amount))


def _names_same(charged: Line, returned: Line) -> bool:
    names = ("product", "period")
    return charged["amount"] > 0 and all(charged.get(name) == returned.get(name) for name in names)


def drafted_return(
    invoice: Invoice, amounts: Mapping[int, int] | None, reason: str, on: date
) -> InvoiceDocument:
    """What a return would state, of amounts or (None) of all that is left; ValidationError as for those."""
    _ensure_returnable(invoice, reason)
    parts = _rest_of(invoice) if amounts is None else _amounts_of(invoice, amounts)
    return return_document(invoice, parts, reason.strip(), on)


def _amounts_of(original: Invoice, amounts: Mapping[int, int]) -> list[ReturnedPart]:
    stated: list[Line] = original.document["lines"]
    parts: list[ReturnedPart] = []
    for place, amount in amounts.items():
        if not 0 <= place < len(stated) or not 1 <= amount <= stated[place]["amount"]:
            raise ValidationError(_("Line %(line)s does not have that amount.") % {"line": place + 1})
        parts.append(ReturnedPart(part_of(stated[place], amount)))
    if not parts:
        raise ValidationError(_("Say what is returned: enter an amount for at least one line."))
    return parts


def _rest_of(original: Invoice) -> list[ReturnedPart]:
    document: InvoiceDocument = original.document
    if not original.returns.live().exists():
        parts = [ReturnedPart(negated(line)) for line in document["lines"]]
    else:
        charged, returned = charged_by_rate(document), returned_by_rate(original)
        left = {label: net - returned.get(label, 0) for label, net in charged.items()}
        parts = [ReturnedPart(rest_line(document, label, net)) for label, net in left.items() if net]
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


def _credit_part(original: Invoice, adjustment: Adjustment) -> ReturnedPart:
    """The line of a decided amount at the rate of what it lowers; above zero it takes back some of that."""
    document: InvoiceDocument = original.document
    name = Text(ja=adjustment.names["ja"], en=adjustment.names["en"])
    line = one_sum(document, label_of_credit(document, adjustment), name, -adjustment.amount)
    if adjustment.amount > 0:
        line["quantity"], line["unit_price"] = 1, adjustment.amount
    line["product"] = line["adjustment"] = adjustment.kind
    line["articles"] = list(adjustment.articles)
    if adjustment.articles:
        line["cited"] = cited_by(adjustment)
    return ReturnedPart(line, plain(steps_of(adjustment.decision)))


def _locked(invoice: Invoice, reason: str) -> Invoice:
    original = Invoice.objects.select_for_update().get(pk=invoice.pk)
    _ensure_returnable(original, reason)
    return original


def _ensure_returnable(original: Invoice, reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    ensure_issued_here(original)
    if original.is_return or original.is_cancelled:
        raise ValidationError(_("Amounts can be returned only of an invoice that stands."))


def _issue(
    original: Invoice,
    parts: Sequence[ReturnedPart],
    reason: str,
    staff: User | None,
    now: datetime | None,
    *,
    corrects: bool = False,
    replaces: Invoice | None = None,
) -> Invoice:
    moment = now or timezone.now()
    issued_on = japan_date(moment)
    contract, issuer = original.contract, original.provider
    document = return_document(original, parts, reason.strip(), issued_on)
    if corrects:
        document["corrects"] = True
    counter = locked_counter(issuer, InvoiceKind.RETURN, issued_on)
    document["number"] = number_of(issuer, counter, counter.last + 1)
    issued = unsaved_invoice(
        document, counter, counter.last + 1, contract, original=original, replaces=replaces
    )
    issued.save(force_insert=True)
    index(issued)
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
