"""Cancelling an invoice, and issuing another in its place, as proposals to a second person."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.approvals.amounts import AmountKind
from billing.documents.invoice_document import InvoiceDocument, digest
from billing.documents.invoice_document import Line as StatedLine
from billing.invoicing.corrections import CANCELLATION as CANCELLATION_KEY
from billing.invoicing.corrections import REISSUE as REISSUE_KEY
from billing.invoicing.corrections import cancel_invoice, drafted_reissue, reissue_invoice
from billing.invoicing.returns import is_by_hand
from billing.models import Invoice
from contracts.models.fields import in_current_language
from contracts.rules.policy.base import LocalText, Strict
from contracts.wording.formats import day_text, yen_text
from contracts.wording.local_text import localised
from portal.approvals.kinds import Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import User


class CorrectionData(Strict):
    """An invoice, by its key, that is to be cancelled, and why."""

    invoice: int
    reason: str


def _invoice(wanted: CorrectionData) -> Invoice:
    found = Invoice.objects.select_related("contract__service__provider", "organisation")
    return found.get(pk=wanted.invoice)


def _subject(wanted: CorrectionData) -> Subject:
    invoice = _invoice(wanted)
    if invoice.is_cancelled:
        raise OvertakenError(gettext("The invoice %(number)s is cancelled.") % {"number": invoice.number})
    return Subject(
        about=invoice,
        name=f"{invoice.number} {invoice.recipient_name}",
        provider=invoice.contract.service.provider.code,
        organisation=invoice.organisation,
    )


def _freed(invoice: Invoice) -> Iterator[Line]:
    if invoice.paid:
        yield Line(gettext("Paid; becomes the customer's credit"), "", yen_text(invoice.paid))


def _carried(invoice: Invoice, gross: int) -> Iterator[Line]:
    """What was paid counts on the new invoice, up to what that charges."""
    if carried := min(invoice.paid, gross):
        yield Line(gettext("Paid; counts on the new invoice"), "", yen_text(carried))
    if beyond := invoice.paid - carried:
        yield Line(gettext("Paid; becomes the customer's credit"), "", yen_text(beyond))


def _cancellation_lines(wanted: CorrectionData) -> Iterator[Line]:
    invoice = _invoice(wanted)
    yield Line(gettext("With tax"), yen_text(invoice.gross), yen_text(0))
    yield from _freed(invoice)
    waits = gettext("Waits for an invoice")
    for adjustment in invoice.adjustments.order_by("pk"):
        yield Line(f"{in_current_language(adjustment.names)} {yen_text(adjustment.amount)}", "", waits)
    if used := invoice.usage_records.count():
        yield Line(gettext("usage records"), str(used), waits)
    yield Line(gettext("Reason"), "", wanted.reason)


def _cancel(wanted: CorrectionData, approval: Proposal, at: datetime) -> str:
    cancelled = cancel_invoice(_invoice(wanted), wanted.reason, approval.proposed_by, at, approval=approval)
    return gettext("%(number)s is cancelled.") % {"number": cancelled.number}


def _small(wanted: CorrectionData, amount: int, staff: User) -> Proposal.Without | None:
    return Proposal.Without.SMALL if _invoice(wanted).gross <= amount else None


CANCELLATION = AmountKind(
    key=CANCELLATION_KEY,
    label=_("Cancellation of an invoice"),
    data=CorrectionData,
    right="billing.change_invoice",
    subject=_subject,
    lines=_cancellation_lines,
    carry_out=_cancel,
    form=lambda wanted: reverse("admin:billing_invoice_cancel", args=[wanted.invoice]),
    spared=_small,
)


def _reissue_lines(wanted: CorrectionData) -> Iterator[Line]:
    invoice = _invoice(wanted)
    old: InvoiceDocument = invoice.document
    new = drafted_reissue(invoice, localdate())
    yield from _differing(gettext("Recipient"), old, new, lambda document: document["recipient"]["name"])
    before, after = _by_name(old["lines"]), _by_name(new["lines"])
    for name in dict.fromkeys([*before, *after]):
        yield Line(name, *(yen_text(lines[name]) if name in lines else "" for lines in (before, after)))
    yield Line(gettext("Tax"), yen_text(old["tax"]), yen_text(new["tax"]))
    yield Line(gettext("With tax"), yen_text(old["gross"]), yen_text(new["gross"]))
    yield from _differing(gettext("Due date"), old, new, _due)
    if added := new.get("added"):
        day = day_text(date.fromisoformat(added["due_on"]))
        yield Line(gettext("Of it new, due on %(day)s") % {"day": day}, "", yen_text(added["amount"]))
    for returned in invoice.returns.live().order_by("pk"):
        again = gettext("Returned again") if is_by_hand(returned) else gettext("Part of the new invoice")
        yield Line(f"{gettext('Return invoice')} {returned.number}", yen_text(returned.gross), again)
    yield from _carried(invoice, new["gross"])
    yield Line(gettext("Hash of the document"), invoice.document_hash, digest(new))
    yield Line(gettext("Reason"), "", wanted.reason)


def _differing(
    label: str, old: InvoiceDocument, new: InvoiceDocument, stated: Callable[[InvoiceDocument], str]
) -> Iterator[Line]:
    if stated(old) != stated(new):
        yield Line(label, stated(old), stated(new))


def _due(document: InvoiceDocument) -> str:
    return day_text(date.fromisoformat(document["due_on"]))


def _by_name(lines: Sequence[StatedLine]) -> Counter[str]:
    """The amounts without tax, by what they are for."""
    amounts: Counter[str] = Counter()
    for line in lines:
        amounts[localised(LocalText(**line["name"]))] += line["amount"]
    return amounts


def _reissue(wanted: CorrectionData, approval: Proposal, at: datetime) -> str:
    invoice = _invoice(wanted)
    issued = reissue_invoice(invoice, wanted.reason, approval.proposed_by, at, approval=approval)
    named = {"number": issued.number, "old": invoice.number}
    return gettext("%(number)s is issued in place of %(old)s.") % named


def _small_both(wanted: CorrectionData, amount: int, staff: User) -> Proposal.Without | None:
    """Who is charged may change, too: both invoices count in full."""
    invoice = _invoice(wanted)
    larger = max(invoice.gross, drafted_reissue(invoice, localdate())["gross"])
    return Proposal.Without.SMALL if larger <= amount else None


REISSUE = AmountKind(
    key=REISSUE_KEY,
    label=_("Cancellation and new issue of an invoice"),
    data=CorrectionData,
    right="billing.change_invoice",
    subject=_subject,
    lines=_reissue_lines,
    carry_out=_reissue,
    form=lambda wanted: reverse("admin:billing_invoice_reissue", args=[wanted.invoice]),
    spared=_small_both,
)
