"""What a customer's statement of account with one provider states."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate, make_aware

from billing.calculation.owed.ageing import days_overdue
from billing.correspondence.letters import issuer_on, recipient_of
from billing.documents.letters import FORMAT, Movement, OpenItem, StatementDocument
from billing.models import CreditEntry, Invoice, PassedClaim, Payment
from contracts.models import Provider
from portal.organisations.models import Organisation

PAYMENT_KINDS = {
    Payment.Kind.ENTERED: "ご入金",
    Payment.Kind.TRANSFER: "お振込み",
    Payment.Kind.DEBIT: "口座振替",
    Payment.Kind.SET_OFF: "相殺（お預かり額から）",
    Payment.Kind.HELD: "お預かり額からの充当",
}
_CREDITS = {
    CreditEntry.Kind.OVERPAID: "過入金（お預かり）",
    CreditEntry.Kind.HELD: "お預かり",
    CreditEntry.Kind.SET_OFF: "お預かり額の相殺",
    CreditEntry.Kind.TAKEN_BACK: "お預かりの取消し",
    CreditEntry.Kind.BROUGHT: "旧システムからのお預かり",
    CreditEntry.Kind.OWED: "当社からお支払いする額",
    CreditEntry.Kind.PAID_OUT: "お預かり額のご返金",
    CreditEntry.Kind.USED: "お預かり額の充当",
    CreditEntry.Kind.RELEASED: "お預かりの使途の変更",
}

Event = tuple[date, int, str, str, int, int]
"""The day, the order within it, the text, the invoice's number, and what is owed and paid in yen."""


def statement(
    provider: Provider, organisation: Organisation, from_day: date, to_day: date
) -> StatementDocument:
    """What was owed before a time, what was charged and paid in it, and what is owed after it, in yen.

    What was recorded later than a day is no part of that day, whichever day it counts for: what was owed at
    the end of a day is the same whenever it is asked for. Money to the customer's credit counts as paid when
    it came in; setting it off later moves it from the credit to the invoice and changes nothing that is owed.
    """
    opening = 0
    movements: list[Movement] = []
    balance = 0
    for day, _order, text, number, charge, paid in sorted(_events(provider, organisation, to_day)):
        balance += charge - paid
        if day < from_day:
            opening = balance
            continue
        movements.append(
            {
                "day": day.isoformat(),
                "text": text,
                "number": number,
                "charge": charge,
                "paid": paid,
                "balance": balance,
            }
        )
    return {
        "format": FORMAT,
        "issued_on": localdate().isoformat(),
        "from_day": from_day.isoformat(),
        "to_day": to_day.isoformat(),
        "issuer": issuer_on(provider, localdate()),
        "recipient": recipient_of(organisation, provider, localdate()),
        "opening": opening,
        "movements": movements,
        "closing": balance,
        "open_items": list(_open_items(provider, organisation, to_day)),
        "credit": _credits(provider, organisation, to_day).aggregate(sum=Sum("amount"))["sum"] or 0,
    }


def count_movements(provider: Provider, organisation: Organisation, from_day: date, to_day: date) -> int:
    """How many movements a statement of a time would list."""
    within, before = (from_day, to_day), from_day - timedelta(days=1)
    invoices = Invoice.objects.seen_by(organisation).filter(provider=provider)
    passed = _passed(provider, organisation).filter(recorded_at__gte=_begin_of(from_day))
    return sum(
        (
            invoices.filter(issued_on__range=within).count(),
            invoices.filter(cancelled_on__range=within).count(),
            passed.filter(recorded_at__lt=_end_of(to_day)).count(),
            _payments(provider, organisation, to_day).exclude(_known_by(before, "paid_on")).count(),
            _credits(provider, organisation, to_day).exclude(_known_by(before, "on")).count(),
        )
    )


def _events(provider: Provider, organisation: Organisation, to_day: date) -> Iterator[Event]:
    theirs = set(organisation.as_one().values_list("pk", flat=True))
    passed = list(_passed(provider, organisation).filter(recorded_at__lt=_end_of(to_day)))
    for invoice in _invoices(provider, organisation).filter(issued_on__lte=to_day).defer("document"):
        text = "ご返還" if invoice.is_return else "ご請求"
        if invoice.first_debtor in theirs:
            yield invoice.issued_on, 0, text, invoice.number, invoice.gross, 0
        cancelled = invoice.cancelled_on and invoice.cancelled_on <= to_day
        if cancelled and invoice.borne_by in theirs:
            yield invoice.cancelled_on, 0, f"{text}の取消し", invoice.number, -invoice.gross, 0
    for claim in passed:
        if claim.amount and not {claim.from_organisation_id, claim.to_organisation_id} <= theirs:
            yield _movement_of(claim, theirs)
    for payment in _payments(provider, organisation, to_day).select_related("invoice"):
        day = _known_on(payment.paid_on, payment.recorded_at)
        yield day, 1, _text(payment, day), payment.invoice.number, 0, payment.amount
    for entry in _credits(provider, organisation, to_day):
        day = _known_on(entry.on, entry.recorded_at)
        yield day, 2, _CREDITS[CreditEntry.Kind(entry.kind)], "", 0, entry.amount


def _invoices(provider: Provider, organisation: Organisation) -> Any:
    """Invoices that an organisation has owed, now or before, with the primary key of the `first_debtor`.

    `borne_by` is who bears that one is cancelled: of a return, who owes its invoice by then.
    """
    earlier = PassedClaim.objects.filter(invoice=OuterRef("pk")).values("from_organisation")
    owed = Invoice.objects.filter(provider=provider).annotate(
        first_debtor=Coalesce(Subquery(earlier[:1]), F("debtor"), output_field=BigIntegerField()),
        borne_by=Coalesce(F("original__debtor"), F("debtor"), output_field=BigIntegerField()),
    )
    theirs = organisation.as_one()
    had = PassedClaim.objects.filter(Q(from_organisation__in=theirs) | Q(to_organisation__in=theirs))
    passed = list(had.values_list("invoice", flat=True))  # a list lets the database use its indexes
    taken_over = Q(original__debtor=organisation, cancelled_on__isnull=False)
    return owed.filter(Q(debtor=organisation) | Q(pk__in=passed) | taken_over)


def _passed(provider: Provider, organisation: Organisation) -> Any:
    """Claims that an organisation owed until then, or owes since."""
    one = organisation.as_one()
    theirs = Q(from_organisation__in=one) | Q(to_organisation__in=one)
    claims = PassedClaim.objects.filter(theirs, invoice__provider=provider)
    return claims.select_related("invoice", "party", "from_organisation", "to_organisation")


def _movement_of(claim: PassedClaim, theirs: Collection[int]) -> Event:
    """A debt that a successor took over, in the statement of either of both: of one of `theirs`, by key."""
    taken = claim.to_organisation_id in theirs
    other = claim.from_organisation if taken else claim.to_organisation
    side = f"{other.name}から承継" if taken else f"{other.name}が承継"
    text = f"債務の承継（{claim.party.starts_on:%Y-%m-%d}付、{side}）"
    amount = claim.amount if taken else -claim.amount
    return localdate(claim.recorded_at), 3, text, claim.invoice.number, amount, 0


def _text(payment: Payment, day: date) -> str:
    """What a payment is called, with the day for which it counts where that is not the day of its line."""
    text = PAYMENT_KINDS[Payment.Kind(payment.kind)]
    if payment.takes_back_id:
        return f"{text}の充当の取消し"
    if payment.continues_id:
        text = f"{text}（取り消した請求書から）"
    return text if payment.paid_on == day else f"{text}（{payment.paid_on:%Y-%m-%d}付）"


def _known_on(counts_from: date, recorded_at: datetime) -> date:
    """The day on which a row takes its place in statements."""
    return max(counts_from, localdate(recorded_at))


def _known_by(day: date, field: str) -> Q:
    """Rows that had their place by the end of a day; `field` names the day for which they count."""
    return Q(recorded_at__lt=_end_of(day), **{f"{field}__lte": day})


def _begin_of(day: date) -> datetime:
    return make_aware(datetime.combine(day, time()))


def _end_of(day: date) -> datetime:
    return _begin_of(day + timedelta(days=1))


def _payments(provider: Provider, organisation: Organisation, to_day: date) -> Any:
    """What was paid, or taken back, while an organisation owed the invoice."""
    one = organisation.as_one()
    theirs = Q(debtor__in=one) | Q(debtor__isnull=True, invoice__organisation__in=one)
    return Payment.objects.filter(_known_by(to_day, "paid_on"), theirs, invoice__provider=provider)


def _credits(provider: Provider, organisation: Organisation, to_day: date) -> Any:
    """What came to its credit and went; what was booked from one balance to another of its own is neither."""
    theirs = CreditEntry.objects.filter(
        _known_by(to_day, "on"),
        balance__provider=provider,
        balance__organisation__in=organisation.as_one(),
    )
    return theirs.exclude(kind=CreditEntry.Kind.UNITED)


def _open_items(provider: Provider, organisation: Organisation, to_day: date) -> Iterator[OpenItem]:
    """What an organisation owed at the end of the time: what was recorded later doesn't count yet."""
    theirs = _invoices(provider, organisation).filter(issued_on__lte=to_day)
    standing = Q(cancelled_on__isnull=True) | Q(cancelled_on__gt=to_day)
    passed = PassedClaim.objects.filter(invoice=OuterRef("pk"), recorded_at__lt=_end_of(to_day))
    then = passed.order_by("-recorded_at", "-pk").values("to_organisation")
    owed = theirs.filter(standing, original__isnull=True).annotate(
        owed_by=Coalesce(Subquery(then[:1]), F("first_debtor"), output_field=BigIntegerField())
    )
    owed = owed.filter(owed_by__in=organisation.as_one().values("pk"))
    paid = dict(
        Payment.objects.filter(_known_by(to_day, "paid_on"), invoice__in=owed.values("pk"))
        .order_by()
        .values_list("invoice")
        .annotate(sum=Sum("amount"))
        .values_list("invoice", "sum")
    )
    returned = dict(
        Invoice.objects.filter(standing, original__in=owed.values("pk"), issued_on__lte=to_day)
        .order_by()
        .values_list("original")
        .annotate(sum=Sum("gross"))
        .values_list("original", "sum")
    )
    for invoice in owed.defer("document").order_by("due_on", "number"):
        open_amount = invoice.gross + returned.get(invoice.pk, 0) - paid.get(invoice.pk, 0)
        if open_amount > 0:
            _amount, due_on = invoice.parts(open_amount, to_day)[0]
            yield {
                "number": invoice.number,
                "due_on": due_on.isoformat(),
                "gross": invoice.gross,
                "open_amount": open_amount,
                "days": days_overdue(due_on, to_day),
            }
