"""What is kept for an invoice whose terms count less than all as not paid, until the rest of it has come in.

It is the customer's credit, but for no other use than this invoice. Parts of the operations that receive
money or change an invoice: call them within their transaction, with the invoice locked.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.calculation.owed.appropriation import Piece
from billing.models import BankTransaction, CreditBalance, CreditEntry, Invoice, Payment
from billing.receivables.claims import pay, take_from
from billing.receivables.credits import book, locked_balance
from contracts.wording.formats import yen_text
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import Organisation, User

Kind = CreditEntry.Kind


def held_for(invoice: Invoice) -> int:
    """What is kept for an invoice, in yen."""
    return _sum(CreditEntry.objects.filter(claim=invoice))


def held_by_invoice(organisations: Any) -> dict[int, int]:
    """What is kept for each invoice of customers, in yen by primary key."""
    entries = CreditEntry.objects.filter(claim__isnull=False, balance__organisation__in=organisations)
    sums = entries.order_by().values_list("claim").annotate(sum=Sum("amount"))
    return {claim: amount for claim, amount in sums if amount}


def free_of(balance: CreditBalance) -> int:
    """What of a balance is kept for no invoice, in yen."""
    return balance.amount - _sum(balance.entries.filter(claim__isnull=False))


def pieces_of(balance: CreditBalance) -> list[Piece]:
    """What of a balance is free, and since when: what came first is used first."""
    entries = list(balance.entries.filter(claim__isnull=True).order_by("-on", "-pk"))
    undone = {entry.reference for entry in entries if entry.amount < 0}
    free, pieces = free_of(balance), []
    for entry in entries:
        part = min(free, entry.amount)
        if part > 0 and back_of(entry) not in undone:
            pieces.append(Piece(part, entry.on))
            free -= part
    return pieces


def receive(
    invoice: Invoice,
    amount: int,
    on: date,
    reference: str,
    kind: Payment.Kind,
    *,
    whole_only: bool,
    transaction: BankTransaction | None = None,
    at: datetime | None = None,
) -> Payment | None:
    """Let an amount, at most what is open, count as paid on an invoice; None where it is kept for it instead.

    `whole_only`: less than what is open counts as not paid. Then all parts count on the day of the last one.
    """
    held = held_for(invoice)
    if whole_only and amount + held < invoice.open_amount:
        balance = locked_balance(invoice.provider, invoice.debtor)
        book(balance, Kind.HELD, amount, on, reference, transaction, claim=invoice, at=at)
        return None
    day = max(on, _last_day(invoice) or on) if whole_only else on
    payment = pay(invoice, amount, day, reference, kind, transaction=transaction, at=at)
    complete(invoice, day, at)
    return payment


def complete(invoice: Invoice, since: date | None = None, at: datetime | None = None) -> None:
    """Pay what is open of an invoice from what is kept for it, once that is enough, and let go of the rest.

    It counts on the day of the last part, or `since` a later one.
    """
    current = Invoice.objects.select_related("provider", "debtor").defer("document").get(pk=invoice.pk)
    held = held_for(current)
    if not held or held < current.open_amount:
        return
    last = _last_day(current) or localdate()
    if current.open_amount:
        day = max(last, since or last)
        balance = locked_balance(current.provider, current.debtor)
        used = book(balance, Kind.USED, -current.open_amount, day, current.number, claim=current, at=at)
        pay(current, current.open_amount, day, f"kept-{used.pk}", Payment.Kind.HELD, at=at)
    let_go(current)


def reopen(invoice: Invoice, on: date) -> None:
    """Keep again what was paid on an invoice from what had been kept for it: a part of it was taken back."""
    for payment in invoice.payments.standing().filter(kind=Payment.Kind.HELD):
        take_from(payment, payment.left, on)
        balance = locked_balance(invoice.provider, invoice.debtor)
        day = _last_day(invoice) or payment.paid_on
        book(balance, Kind.HELD, payment.left, day, f"kept-again-{payment.pk}", claim=invoice)


def let_go(invoice: Invoice) -> int:
    """Let what is kept for an invoice be the customer's free credit; what that is, in yen."""
    held = held_for(invoice)
    if held:
        _move(invoice, None, held, localdate())
    return held


def keep_for(new: Invoice, old: Invoice) -> None:
    """Keep for an invoice what was kept for the one that it replaces, as it came in."""
    held, last = held_for(old), _last_day(old)
    if held and last:
        _move(old, new, held, last)
        complete(new)


@transaction.atomic
def release_held(balance: CreditBalance, staff: User | None) -> int:
    """Let all that is kept for invoices of a customer be free credit, as it wishes; in yen.

    ValidationError where nothing is kept, or for staff's own organisation (`own_request`).
    """
    ensure_no_own_cause(staff, balance.organisation)
    locked = locked_balance(balance.provider, balance.organisation)
    invoices = Invoice.objects.filter(held__balance=locked).distinct().order_by("pk")
    freed = sum(let_go(invoice) for invoice in invoices)
    if not freed:
        raise ValidationError(_("Nothing is kept for invoices of this customer."))
    record("credit.released", staff, locked, amount=freed)
    return freed


def ensure_not_used(entry: CreditEntry) -> None:
    """ValidationError (`credit_used`) where what was kept for an invoice has paid it meanwhile."""
    if entry.claim and held_for(entry.claim) < entry.amount:
        text = _(
            "%(amount)s was kept for %(number)s and has paid it, or is free again. Take back first what came"
            " in after it."
        )
        values = {"amount": yen_text(entry.amount), "number": entry.claim.number}
        raise ValidationError(text % values, code="credit_used")


def back_of(entry: CreditEntry) -> str:
    """The reference of the entry that takes another one back."""
    return f"back-{entry.pk}"


def pass_held(invoice: Invoice, successor: Organisation) -> None:
    """Let what is kept for an invoice be the credit of its successor, for that invoice, as it came in."""
    held, last = held_for(invoice), _last_day(invoice)
    if held and last:
        before = locked_balance(invoice.provider, invoice.debtor)
        gone = book(before, Kind.RELEASED, -held, last, invoice.number, claim=invoice)
        after = locked_balance(invoice.provider, successor)
        book(after, Kind.HELD, held, last, f"kept-from-{gone.pk}", claim=invoice)


def _move(old: Invoice, new: Invoice | None, amount: int, on: date) -> None:
    balance = locked_balance(old.provider, old.debtor)
    gone = book(balance, Kind.RELEASED, -amount, on, old.number, claim=old)
    kind, reference = (Kind.HELD, f"kept-from-{gone.pk}") if new else (Kind.RELEASED, old.number)
    book(balance, kind, amount, on, reference, claim=new)


def _last_day(invoice: Invoice) -> date | None:
    """The day on which the last part came in of what is, or was, kept for an invoice."""
    entries = list(CreditEntry.objects.filter(claim=invoice))
    undone = {entry.reference for entry in entries if entry.kind == Kind.TAKEN_BACK}
    parts = (entry for entry in entries if entry.kind == Kind.HELD and back_of(entry) not in undone)
    return max((entry.on for entry in parts), default=None)


def _sum(entries: Any) -> int:
    return entries.aggregate(sum=Sum("amount"))["sum"] or 0
