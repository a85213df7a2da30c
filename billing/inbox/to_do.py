"""What waits for a customer because of money: invoices that are overdue or soon due, deposits."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTransform
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Deposit, Invoice
from billing.receivables.late.left_to_pay import account_text, due_by, overdue_before
from contracts.extensions.to_do import MOST, SOON_DAYS, Area, ToDo, each_or_one
from contracts.models import Contract, ProviderParticulars
from contracts.models.fields import PaymentMethod
from contracts.rules.calendar.period import Month
from contracts.wording.formats import month_text
from portal.organisations.models import Membership


def overdue_invoices(membership: Membership, day: date) -> QuerySet[Any]:
    """What a member's organisation owes that is overdue on a day, as far as the member sees it."""
    return overdue_before(day, _owed(membership))


def soon_due_invoices(membership: Membership, day: date) -> QuerySet[Any]:
    """What it has to transfer soon; a direct debit needs nothing to be done."""
    transfers = _owed(membership).filter(
        contract__payment_method=PaymentMethod.TRANSFER, open_due_on__gte=day
    )
    return due_by(day + timedelta(days=SOON_DAYS), transfers)


def invoices_to_pay(membership: Membership, day: date) -> QuerySet[Any]:
    """Both of them, to be counted at once."""
    wanted = Q(open_due_on__lt=day) | Q(contract__payment_method=PaymentMethod.TRANSFER)
    return due_by(day + timedelta(days=SOON_DAYS), _owed(membership).filter(wanted))


def unpaid_deposits(membership: Membership) -> QuerySet[Deposit]:
    """Deposits that were asked for beside invoices, and have not come in."""
    awaited = Deposit.objects.filter(received_on__isnull=True, adjustment__isnull=True)
    theirs = awaited.filter(contract__in=Contract.objects.shown_to(membership))
    return theirs.select_related("contract__service").order_by("pay_by", "pk")


def of_money(membership: Membership, day: date) -> Iterator[ToDo]:
    """All of that on a day: each invoice and deposit, or those of an issuer together where they are many."""
    yield from _payments("overdue", overdue_invoices(membership, day), day)
    yield from _payments("payment", soon_due_invoices(membership, day), day)
    deposits = unpaid_deposits(membership)
    yield from each_or_one(
        list(deposits[: MOST + 1]), partial(_deposit, day), lambda: _deposits_together(deposits, day)
    )


def _owed(membership: Membership) -> QuerySet[Invoice]:
    standing = Invoice.objects.filter(debtor=membership.organisation_id, contract__annulled_at__isnull=True)
    return membership.seen_of(standing, "contract")


def _payments(kind: str, due: QuerySet[Any], day: date) -> Iterator[ToDo]:
    """Each invoice, or those of each issuer together; both take as many queries."""
    sums = list(
        due.order_by()
        .values("provider")
        .annotate(count=Count("pk"), total=Sum("left"), first=Min("open_due_on"))
        .order_by("first", "provider")
    )
    if sum(row["count"] for row in sums) > MOST:
        stated = _stated_by([row["provider"] for row in sums], day)
        yield from (_payments_together(kind, stated[row["provider"]], row, day) for row in sums)
    elif sums:
        account = KeyTransform("bank_account", "document")
        for invoice in due.select_related("contract__service").annotate(account=account):
            yield _payment(kind, invoice, day)


def _stated_by(issuers: Sequence[int], day: date) -> dict[int, ProviderParticulars]:
    """What issuers state of themselves on a day, by their primary keys."""
    begun = Q(starts_on__isnull=True) | Q(starts_on__lte=day)
    rows = ProviderParticulars.objects.filter(begun, provider__in=issuers).select_related("provider")
    return {row.provider_id: row for row in rows.order_by(F("starts_on").asc(nulls_first=True))}


def _payment(kind: str, invoice: Any, day: date) -> ToDo:
    stated = {
        "number": invoice.number,
        "service": invoice.contract.service.name,
        "month": month_text(Month.of(invoice.month)),
    }
    return ToDo(
        kind=kind,
        area=Area.INVOICES,
        text=_("Pay invoice %(number)s (%(service)s, %(month)s)") % stated,
        detail=_paid_to(account_text(invoice.account or {}), invoice.contract.payment_method),
        url=reverse("billing:invoice-detail", args=[invoice.number]),
        action=_("See the invoice"),
        day=day,
        amount=invoice.left,
        deadline=invoice.open_due_on,
    )


def _payments_together(kind: str, stated: ProviderParticulars, row: dict[str, Any], day: date) -> ToDo:
    count = row["count"]
    if kind == "overdue":
        text = ngettext(
            "Pay %(count)s overdue invoice of %(issuer)s",
            "Pay %(count)s overdue invoices of %(issuer)s",
            count,
        )
    else:
        text = ngettext("Pay %(count)s invoice of %(issuer)s", "Pay %(count)s invoices of %(issuer)s", count)
    searched = urlencode(
        {"provider": stated.provider.code, "payment": "overdue" if kind == "overdue" else "open"}
    )
    return ToDo(
        kind=kind,
        area=Area.INVOICES,
        text=text % {"count": count, "issuer": stated.name},
        detail=_paid_to(account_text(stated.bank_account)),
        url=f"{reverse('billing:invoice-list')}?{searched}",
        action=_("See the invoices"),
        day=day,
        amount=row["total"],
        deadline=row["first"],
        count=count,
    )


def _paid_to(account: str, method: str = PaymentMethod.TRANSFER) -> str:
    """Where to pay to, or that what is debited did not come in; empty where no account is known."""
    if method == PaymentMethod.DEBIT:
        return _("The direct debit did not come in. The invoice says how to pay.")
    return _("Account: %(account)s") % {"account": account} if account else ""


def _deposit(day: date, deposit: Deposit) -> ToDo:
    contract = deposit.contract
    return ToDo(
        kind="deposit",
        area=Area.INVOICES,
        text=_("Pay the deposit for %(service)s (%(number)s)")
        % {"service": contract.service.name, "number": contract.number},
        url=reverse("contracts:contract-detail", args=[contract.number]),
        action=_("See the contract"),
        day=day,
        amount=deposit.amount,
        deadline=deposit.pay_by,
    )


def _deposits_together(deposits: QuerySet[Deposit], day: date) -> ToDo:
    found = deposits.order_by().aggregate(count=Count("pk"), total=Sum("amount"), first=Min("pay_by"))
    text = ngettext("Pay %(count)s deposit", "Pay %(count)s deposits", found["count"])
    return ToDo(
        kind="deposit",
        area=Area.INVOICES,
        text=text % {"count": found["count"]},
        url=reverse("contracts:contract-list"),
        action=_("See the contracts"),
        day=day,
        amount=found["total"],
        deadline=found["first"],
        count=found["count"],
    )
