"""What counts as paid on a claim: rows that are added and never changed, and their sum beside the invoice.

Nothing else stores payments, nor the sums `paid` and `returned` of an invoice; call it within a transaction,
with the invoice locked.
"""

from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from billing.models import BankTransaction, Invoice, Payment
from portal.search.indexing import index


def pay(
    invoice: Invoice,
    amount: int,
    paid_on: date,
    reference: str,
    kind: Payment.Kind,
    *,
    transaction: BankTransaction | None = None,
    continues: Payment | None = None,
    at: datetime | None = None,
) -> Payment:
    """Store that an amount in yen counts as paid on an invoice from a day on; recorded `at`, or now."""
    payment = Payment.objects.create(
        invoice=invoice,
        paid_on=paid_on,
        amount=amount,
        reference=reference,
        kind=kind,
        transaction=transaction,
        continues=continues,
        debtor_id=invoice.debtor_id,
        recorded_at=at or timezone.now(),
    )
    _add(invoice.pk, amount)
    index(payment)
    return payment


def take_from(payment: Payment, amount: int, on: date) -> Payment:
    """Take an amount in yen back of a payment, from a day on; never more than is left of it."""
    taken = Payment.objects.create(
        invoice_id=payment.invoice_id,
        paid_on=on,
        amount=-amount,
        reference=payment.reference,
        kind=payment.kind,
        transaction=payment.transaction,
        takes_back=payment,
        debtor_id=Invoice.objects.values_list("debtor", flat=True).get(pk=payment.invoice_id),
    )
    _add(payment.invoice_id, -amount)
    index(taken)
    return taken


def carry(old: Invoice, new: Invoice, on: date) -> int:
    """Let what was paid on a document count on the one that replaces it, each payment on its own day.

    As far as the new one reaches, the earliest payments first. What was carried, in yen.
    """
    room = new.gross
    for payment in old.payments.standing().order_by("paid_on", "pk"):
        part = min(room, payment.left)
        if not part:
            break
        room -= part
        take_from(payment, part, on)
        pay(
            new,
            part,
            payment.paid_on,
            payment.reference,
            Payment.Kind(payment.kind),
            transaction=payment.transaction,
            continues=payment,
        )
    return new.gross - room


def lower(invoice: Invoice, amount: int) -> None:
    """Store that an amount of an invoice, in yen, was returned."""
    Invoice.objects.filter(pk=invoice.pk).update(returned=F("returned") + amount)


def _add(invoice_pk: int, amount: int) -> None:
    Invoice.objects.filter(pk=invoice_pk).update(paid=F("paid") + amount)


def sums_that_differ() -> Iterator[Invoice]:
    """Invoices whose sums are not those of their payments and returns: these are `of_rows`, `of_returns`."""
    rows = Payment.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    returns = Invoice.objects.live().filter(original=OuterRef("pk")).order_by().values("original")
    summed = Invoice.objects.annotate(
        of_rows=Coalesce(Subquery(rows.annotate(sum=Sum("amount")).values("sum")), 0),
        of_returns=Coalesce(-Subquery(returns.annotate(sum=Sum("gross")).values("sum")), 0),
    )
    differing = summed.exclude(Q(paid=F("of_rows")) & Q(returned=F("of_returns")))
    return differing.defer("document").order_by("pk").iterator()
