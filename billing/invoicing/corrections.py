"""Cancelling an invoice, and issuing another in its place."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.calculation.due import due_on, due_rule
from billing.differences.marks import fact_changed
from billing.documents.invoice_document import Added, InvoiceDocument, Text, as_original
from billing.invoicing.drafts import CannotBillError, Draft, MonthlyCharges
from billing.invoicing.invoice_mails import drop_mails, queue_mails, tell_of_cancellation
from billing.invoicing.issuing import ensure_issued_here, locked_counter, number_of, unsaved_invoice
from billing.invoicing.returns import is_by_hand, return_again
from billing.models import Invoice, InvoiceKind
from billing.pricing.pending import mark_as_stated, release
from billing.receivables.claims import carry, lower
from billing.receivables.credits import free_overpaid
from billing.receivables.held import keep_for, let_go
from contracts.models import Contract
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.policy.charging import PaymentMethod
from contracts.wording.formats import month_text
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User
from portal.search.indexing import index

CANCELLATION = "invoice_cancellation"
REISSUE = "invoice_reissue"
"""The kinds of proposals that cancel an invoice, and that issue another in its place."""


@transaction.atomic
def cancel_invoice(
    invoice: Invoice,
    reason: str,
    staff: User | None,
    now: datetime | None = None,
    *,
    approval: Proposal | None = None,
) -> Invoice:
    """Cancel an invoice, and tell the customer if it was told of the invoice.

    It stays, marked; what it charged waits once more, what was paid becomes credit. Unless the facts are
    corrected first, the next billing of its month issues another in its place. Raises ValidationError without
    the approval of a second person (`second_person`) or a reason, and for what was returned in part or
    cancelled before.
    """
    ensure_second_person(approval, CANCELLATION)
    if invoice.returns.live().exists():
        raise ValidationError(
            _("A part of this invoice was returned already. Return what else is wrong instead.")
        )
    cancelled = _cancel(invoice, reason, staff, now)
    _free(cancelled, staff)
    tell_of_cancellation(cancelled, timezone.now())
    return cancelled


def _cancel(invoice: Invoice, reason: str, staff: User | None, now: datetime | None = None) -> Invoice:
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    locked = Invoice.objects.select_for_update().get(pk=invoice.pk)
    ensure_no_own_cause(staff, locked.organisation)
    ensure_issued_here(locked)
    if locked.is_return or locked.is_cancelled:
        raise ValidationError(_("Only an invoice that stands can be cancelled."))
    today = japan_date(now or timezone.now())
    locked.cancelled_on, locked.cancel_reason = today, reason.strip()
    locked.save(update_fields=["cancelled_on", "cancel_reason"])
    release(locked)
    fact_changed(locked.contract_id)
    return locked


def _cancel_returns(old: Invoice) -> list[Invoice]:
    """Cancel the returns of an invoice that is issued anew: what they state is stated anew, too."""
    returns = list(old.returns.live().select_for_update(of=("self",)).order_by("pk"))
    for returned in returns:
        returned.cancelled_on, returned.cancel_reason = old.cancelled_on, old.cancel_reason
        returned.save(update_fields=["cancelled_on", "cancel_reason"])
        release(returned)
        lower(old, returned.gross)
        drop_mails(returned)
        record(
            "return.taken_over",
            None,
            returned,
            number=returned.number,
            original=old.number,
            gross=returned.gross,
        )
    return returns


def _free(cancelled: Invoice, staff: User | None) -> None:
    """Turn what is still paid on a cancelled invoice into credit, and tell the trail of both."""
    freed = free_overpaid(cancelled, cast(date, cancelled.cancelled_on)) + let_go(cancelled)
    record(
        "invoice.cancelled",
        staff,
        cancelled,
        number=cancelled.number,
        credit=freed,
        personal={"reason": cancelled.cancel_reason},
    )


@transaction.atomic
def reissue_invoice(
    invoice: Invoice,
    reason: str,
    staff: User | None,
    now: datetime | None = None,
    *,
    approval: Proposal | None = None,
) -> Invoice:
    """Cancel an invoice and issue another for its month, from facts as they are now, which names the old one.

    What was paid on the old one counts on the new one, from its own day on; what goes beyond becomes credit.
    Returns of the old one are cancelled with it: the new one states what followed from facts, and what staff
    returned is returned of it again. Raises ValidationError as `cancel_invoice` does, and if nothing can be
    charged or all was returned.
    """
    ensure_second_person(approval, REISSUE)
    return _reissue(invoice, reason, staff, now)


def _reissue(invoice: Invoice, reason: str, staff: User | None, now: datetime | None) -> Invoice:
    moment = now or timezone.now()
    issued_on = japan_date(moment)
    issuer = invoice.provider
    counter = locked_counter(issuer, InvoiceKind.INVOICE, issued_on)
    old = _cancel(invoice, reason, staff, moment)
    _ensure_something_left(old)
    drop_mails(old)
    returns = _cancel_returns(old)
    draft = _draft(old)
    number = number_of(issuer, counter, counter.last + 1)
    document = _document(draft, old, returns, number, issued_on)
    issued = unsaved_invoice(document, counter, counter.last + 1, draft.contract, run=old.run, replaces=old)
    issued.save(force_insert=True)
    index(issued)
    mark_as_stated([issued], [draft.pending])
    counter.last = issued.sequence
    counter.save(update_fields=["last"])
    carried = carry(old, issued, issued_on)
    keep_for(issued, old)
    old.refresh_from_db(fields=["returned"])
    _free(old, staff)
    record(
        "invoice.reissued",
        staff,
        issued,
        number=issued.number,
        replaces=old.number,
        gross=issued.gross,
        carried=carried,
        document=issued.document_hash,
    )
    queue_mails([issued], due_at=timezone.now())
    for returned in filter(is_by_hand, returns):
        return_again(issued, returned, staff, moment)
    return issued


def _ensure_something_left(invoice: Invoice) -> None:
    if invoice.returned and invoice.returned >= invoice.gross:
        raise ValidationError(_("Everything of this invoice is returned already."))


def replace_invoice(invoice: Invoice, now: datetime | None = None) -> Invoice:
    """Issue an invoice anew that states another price or tax than holds (消費税法57条の4第4項).

    Call it within a transaction. The approval of the billing run that lists it is what it rests on. Raises
    ValidationError as `reissue_invoice` does.
    """
    reason = _("A price or tax of %(month)s is another than was stated.")
    return _reissue(invoice, reason % {"month": month_text(Month.of(invoice.month))}, None, now)


def drafted_reissue(invoice: Invoice, issued_on: date) -> InvoiceDocument:
    """What an invoice in place of another would state, but for its number; nothing is stored.

    ValidationError if nothing can be charged.
    """
    ensure_issued_here(invoice)
    _ensure_something_left(Invoice.objects.get(pk=invoice.pk))
    with transaction.atomic():
        returns = list(invoice.returns.live())
        for cancelled in (invoice, *returns):
            release(cancelled)
            Invoice.objects.filter(pk=cancelled.pk).update(cancelled_on=issued_on, cancel_reason="–")
        document = _document(_draft(invoice), invoice, returns, "", issued_on)
        transaction.set_rollback(True)
    return document


def _document(
    draft: Draft, old: Invoice, returns: Sequence[Invoice], number: str, issued_on: date
) -> InvoiceDocument:
    """What an invoice in place of another, less its returns, states.

    What was due stays due on its day, and what the provider set a day for on that. What nobody asked for
    before is due with the charges of the month in which it is asked for: the provider that
    asked for less can't in good faith (民法1条2項) have had it due.
    """
    document = draft.document(number, issued_on, as_original(old.document))
    taken_over = [returned for returned in returns if not is_by_hand(returned)]
    if taken_over:
        document["notes"] = [_note_of_returns(taken_over), *document["notes"]]
    asked_for = old.gross + sum(returned.gross for returned in taken_over)
    apart = document.get("added")
    more = max(document["gross"] - (asked_for - old.added), apart["amount"] if apart else 0)
    added = min(document["gross"], more)
    due = _due_of_added(draft, old, added, issued_on)
    if apart:
        due = max(due, date.fromisoformat(apart["due_on"]))
        if added == apart["amount"]:
            return document
    if due > date.fromisoformat(document["due_on"]) and added > 0:
        document["added"] = Added(amount=added, due_on=due.isoformat())
        notes = document["notes"][:-1] if apart else document["notes"]
        document["notes"] = [*notes, _note_of_added(added, due)]
    return document


def _note_of_returns(returns: Sequence[Invoice]) -> Text:
    numbers = [returned.number for returned in returns]
    return Text(
        ja=f"先の返還請求書（{'、'.join(numbers)}）は取り消し、その金額をこの請求書に反映しています。",
        en=f"The earlier return {', '.join(numbers)} is cancelled; its amount is part of this invoice.",
    )


def _note_of_added(added: int, due: date) -> Text:
    return Text(
        ja=f"請求額のうち、先の請求書に加わった{added:,}円のお支払期日は{due.year}年{due.month}月{due.day}日です。",
        en=f"Of the total, ¥{added:,} were not on the earlier invoice; they are due on {due:%Y-%m-%d}.",
    )


def _due_of_added(draft: Draft, old: Invoice, added: int, issued_on: date) -> date:
    """The day on which what is added falls due; what an earlier correction added keeps its own."""
    if old.added_due_on and added <= old.added:
        return old.added_due_on
    charging = draft.version.policy.charging
    rule = due_rule(charging, "usage", cast(PaymentMethod, draft.contract.payment_method))
    calendars = Rulebooks().of(draft.version).calendars_on(issued_on)
    return max(issued_on, due_on(rule, Month.of(issued_on), calendars).due_on)


def _draft(old: Invoice) -> Draft:
    contracts = Contract.objects.select_related("service__provider", "organisation")
    contract = contracts.prefetch_related("items").get(pk=old.contract_id)
    charges = MonthlyCharges(Month.of(old.month))
    charges.prepare([contract])
    try:
        draft = charges.draft(contract, old.provider)
    except CannotBillError as reason:
        raise ValidationError(str(reason)) from reason
    if draft is None:
        raise ValidationError(
            _("By the facts as they are now, nothing is charged for the month. Cancel the invoice alone.")
        )
    return draft
