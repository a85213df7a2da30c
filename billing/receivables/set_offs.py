"""Setting off customers' credit against open invoices, with a written statement; what customers declare."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.calculation.owed.appropriation import Share, set_off_shares
from billing.correspondence.letters import issuer_on, recipient_of
from billing.correspondence.set_off_mails import tell_of_declaration
from billing.documents.letters import FORMAT, SetOffDocument, SetOffItem, digest
from billing.models import CreditBalance, CreditEntry, Invoice, Payment, SetOff, SetOffDeclaration
from billing.pricing.deciding import ensure_positive
from billing.receivables.credits import book, locked_balance
from billing.receivables.held import free_of, held_by_invoice, pieces_of, receive
from billing.receivables.open_items import Terms, open_invoices
from contracts.rules.calendar.period import japan_date
from contracts.wording.links import article_label
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_acts_for, ensure_no_own_cause
from portal.organisations.members.rights import Right
from portal.organisations.models import User

SET_OFF = "set_off"
"""The kind of proposal that sets credit off."""

_BY_LAW = "民法第505条"


@dataclass(frozen=True)
class Plan:
    """What would be set off against what: the shares, the invoices by number, and the free credit before."""

    shares: tuple[Share, ...]
    invoices: Mapping[str, Any]
    credit: int

    @property
    def amount(self) -> int:
        return sum(share.amount for share in self.shares)


def preview_set_off(balance: CreditBalance, on: date, chosen: Collection[str] = ()) -> Plan:
    """What setting off on a day would do, which stores nothing; ValidationError as `set_off` raises."""
    return _plan(balance, on, chosen, Terms(on))


def drafted_set_off(balance: CreditBalance, on: date, chosen: Collection[str] = ()) -> SetOffDocument:
    """What the statement of a set-off on a day would say; nothing is stored. Raises what `set_off` raises."""
    terms = Terms(on)
    return _document(balance, _plan(balance, on, chosen, terms), terms)


@transaction.atomic
def set_off(
    balance: CreditBalance,
    on: date,
    staff: User | None = None,
    chosen: Collection[str] = (),
    *,
    approval: Proposal | None = None,
) -> SetOff:
    """Pay a customer's open invoices from its free credit, declared on a day.

    The invoices are those of the numbers in `chosen`, or without these all, in the order of the law; each
    share counts from the day on which both sides were due. An invoice whose terms count less as not paid is
    paid whole or not at all. ValidationError without the approval of a second person (`second_person`), for a
    day to come, for a number of which nothing is open (`invoices`), when nothing can be set off, or for
    staff's own organisation (`own_request`).
    """
    ensure_second_person(approval, SET_OFF)
    ensure_no_own_cause(staff, balance.organisation)
    locked = locked_balance(balance.provider, balance.organisation)
    _lock_invoices(locked)
    terms = Terms(on)
    plan = _plan(locked, on, chosen, terms)
    document = _document(locked, plan, terms)
    stored = _stored(locked, document)
    book(locked, CreditEntry.Kind.SET_OFF, -plan.amount, on, f"set-off-{stored.pk}")
    for place, share in enumerate(plan.shares, 1):
        stored.payments.add(_pay(stored, place, share, terms))
    record(
        "credit.set_off",
        staff,
        stored,
        amount=plan.amount,
        parts={number: sum_of(plan.shares, number) for number in numbers_of(plan.shares)},
        left=plan.credit - plan.amount,
        document=stored.document_hash,
    )
    return stored


def numbers_of(shares: Iterable[Share]) -> list[str]:
    """The invoices that are met, each once, in their order."""
    return list(dict.fromkeys(share.number for share in shares))


def sum_of(shares: Iterable[Share], number: str) -> int:
    return sum(share.amount for share in shares if share.number == number)


def _plan(balance: CreditBalance, on: date, chosen: Collection[str], terms: Terms) -> Plan:
    if on > localdate():
        raise ValidationError({"on": _("This day is still to come.")})
    theirs = Invoice.objects.filter(provider=balance.provider, debtor=balance.organisation)
    invoices = {invoice.number: invoice for invoice in open_invoices(theirs)}
    if unknown := set(chosen) - set(invoices):
        text = _("Nothing is open of %(number)s any more.")
        raise ValidationError({"invoices": text % {"number": ", ".join(sorted(unknown))}})
    kept = held_by_invoice([balance.organisation])
    claims = [
        terms.claim(invoice, kept.get(invoice.pk, 0))
        for number, invoice in invoices.items()
        if not chosen or number in chosen
    ]
    shares = set_off_shares(pieces_of(balance), claims, on)
    if not shares:
        raise ValidationError(_("There is nothing to set off: no credit, or no invoice that it covers."))
    return Plan(shares, invoices, free_of(balance))


def _lock_invoices(balance: CreditBalance) -> None:
    """What is open of the customer's invoices, locked in one order."""
    theirs = Invoice.objects.filter(provider=balance.provider, debtor=balance.organisation, open_amount__gt=0)
    list(theirs.select_for_update().order_by("pk").values_list("pk"))


def _pay(stored: SetOff, place: int, share: Share, terms: Terms) -> Payment:
    """Let a share count, on its invoice as it is after the shares before."""
    related = Invoice.objects.select_related("debtor", "provider", "contract__service")
    invoice = related.defer("document").get(number=share.number)
    payment = receive(
        invoice,
        share.amount,
        share.on,
        f"set-off-{stored.pk}-{place}",
        Payment.Kind.SET_OFF,
        whole_only=terms.whole_only(invoice),
    )
    return cast(Payment, payment)  # a plan gives whole amounts where less would be kept


def _stored(balance: CreditBalance, document: SetOffDocument) -> SetOff:
    return SetOff.objects.create(
        provider=balance.provider,
        organisation=balance.organisation,
        issued_on=date.fromisoformat(document["issued_on"]),
        amount=document["amount"],
        document=cast(dict[str, Any], document),
        document_hash=digest(document),
    )


def _document(balance: CreditBalance, plan: Plan, terms: Terms) -> SetOffDocument:
    return {
        "format": FORMAT,
        "issued_on": terms.day.isoformat(),
        "issuer": issuer_on(balance.provider, terms.day),
        "recipient": recipient_of(balance.organisation, balance.provider, terms.day),
        "items": list(_items(plan)),
        "amount": plan.amount,
        "credit_before": plan.credit,
        "credit_after": plan.credit - plan.amount,
        "basis": _basis([plan.invoices[number] for number in numbers_of(plan.shares)], terms),
    }


def _items(plan: Plan) -> Iterator[SetOffItem]:
    met: dict[str, int] = {}
    for share in plan.shares:
        invoice = plan.invoices[share.number]
        yield {
            "number": share.number,
            "service": invoice.contract.service.names["ja"],
            "due_on": invoice.due_on.isoformat(),
            "open_before": invoice.open_amount - met.get(share.number, 0),
            "amount": share.amount,
            "effective_on": share.on.isoformat(),
        }
        met[share.number] = met.get(share.number, 0) + share.amount


def _basis(invoices: list[Any], terms: Terms) -> str:
    """The articles that let both sides set off; the law where the terms are silent."""
    told: list[str] = []
    with override("ja"):
        for invoice in invoices:
            version = terms.version(invoice)
            rule = version.policy.charging.set_off if version else None
            if version and rule:
                told.append(
                    f"{version.title}{'・'.join(article_label(version, key) for key in rule.article)}"
                )
    return "、".join(dict.fromkeys(told)) or _BY_LAW


# What customers declare


@transaction.atomic
def declare_set_off(
    invoice: Invoice, person: User, amount: int, claim: str, at: datetime, submission_key: UUID
) -> SetOffDeclaration:
    """Record that a customer sets a claim of its own off against an invoice, and confirm that by e-mail.

    The same `submission_key` gives the declaration that is there. ValidationError names `amount` (more than
    is open, or than was declared before leaves) or `claim`, or says that nothing is open of the invoice, or
    that the person may not act for who owes it (`not_acting`, `no_right`).
    """
    current = Invoice.objects.select_for_update().select_related("debtor", "provider").get(pk=invoice.pk)
    ensure_acts_for(person, current.debtor, Right.BILLING, current.contract_id)
    sent_before = SetOffDeclaration.objects.filter(invoice=current, submission_key=submission_key).first()
    if sent_before:
        return sent_before
    if current.is_return or not current.open_amount:
        raise ValidationError({"invoice": _("Nothing is open of %(number)s.") % {"number": current.number}})
    if not claim.strip():
        raise ValidationError({"claim": _("Say what you claim, and since when it is due.")})
    ensure_positive(amount, "amount")
    waiting = sum(_declared_against(current).values_list("amount", flat=True))
    if amount > current.open_amount - waiting:
        raise ValidationError({"amount": _("No more can be set off than is open of the invoice.")})
    declared = SetOffDeclaration.objects.create(
        provider=current.provider,
        organisation=current.debtor,
        invoice=current,
        amount=amount,
        claim=claim.strip(),
        declared_by=person,
        declared_at=at,
        submission_key=submission_key,
    )
    tell_of_declaration(declared)
    record(
        "set_off.declared",
        person,
        declared,
        invoice=current.number,
        amount=amount,
        at=at,
        personal={"claim": declared.claim},
    )
    return declared


def _declared_against(invoice: Invoice) -> QuerySet[SetOffDeclaration]:
    return SetOffDeclaration.objects.waiting().filter(invoice=invoice)


@transaction.atomic
def answer_declaration(
    declaration: SetOffDeclaration,
    staff: User,
    at: datetime,
    *,
    booked: SetOff | None = None,
    reason: str = "",
) -> SetOffDeclaration:
    """Name the set-off that books a declaration, or say why nothing can be set off; the customer is told.

    ValidationError (`booked`) for a set-off that does not meet its invoice, (`reason`) for neither, once it
    was answered, and for staff's own organisation (`own_request`).
    """
    current = SetOffDeclaration.objects.select_for_update().get(pk=declaration.pk)
    ensure_no_own_cause(staff, current.organisation, current.declared_by)
    if not current.waits:
        raise ValidationError(_("This declaration was answered already."), code="already_decided")
    if booked and not set_offs_for(current).filter(pk=booked.pk).exists():
        raise ValidationError({"booked": _("Choose a set-off that meets this invoice.")})
    if not booked and not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    states = SetOffDeclaration.State
    current.state, current.set_off = (states.BOOKED, booked) if booked else (states.REFUSED, None)
    current.reason, current.decided_at, current.decided_by = reason.strip(), at, staff
    current.save()
    tell_of_declaration(current)
    record(
        "set_off.declaration_answered",
        staff,
        current,
        invoice=current.invoice.number,
        state=str(current.state),
        at=at,
        personal={"reason": current.reason},
    )
    return current


def set_offs_for(declaration: SetOffDeclaration) -> QuerySet[SetOff]:
    """The set-offs that a declaration can have been booked by: those that met its invoice since."""
    since = japan_date(declaration.declared_at)
    found = SetOff.objects.filter(payments__invoice=declaration.invoice_id, issued_on__gte=since)
    return found.distinct()
