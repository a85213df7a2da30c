"""What the staff's page of a customer shows of money, to who may see it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.calculation.owed.ageing import BUCKETS, Bucket
from billing.models import (
    DebitMandate,
    Deposit,
    DepositLetter,
    Invoice,
    Payment,
    Reminder,
    SetOff,
)
from billing.panels.standing import paying
from billing.receivables.balances import State, state_for
from billing.receivables.late.ageing import Ageing, AgeingRow
from contracts.extensions.panels import Panel
from contracts.models import Provider
from contracts.wording.formats import day_text, yen_text
from portal.organisations.models import Organisation, User
from portal.staffing.reach import providers_of, within

SHOWN = 8
SEES = "billing.view_invoice"

_OLDEST: Mapping[Bucket, tuple[int | None, int | None]] = {
    "not_due": (None, 0),
    "to_30": (1, 30),
    "to_60": (31, 60),
    "to_90": (61, 90),
    "over_90": (91, None),
}
"""From how many days overdue on a bucket holds, and up to how many."""


BUCKET_LABELS: Mapping[Bucket, Any] = {
    "not_due": gettext_lazy("Not due"),
    "to_30": gettext_lazy("up to 30 days"),
    "to_60": gettext_lazy("31 to 60 days"),
    "to_90": gettext_lazy("61 to 90 days"),
    "over_90": gettext_lazy("over 90 days"),
}


def list_url(model: str, **query: object) -> str:
    """The address of a list in the admin, as it is filtered."""
    address = reverse(f"admin:billing_{model}_changelist")
    return f"{address}?{urlencode(query)}" if query else address


@dataclass(frozen=True)
class Amount:
    """An amount in yen with the list behind it; `late` where it is past due."""

    yen: int
    url: str = ""
    late: bool = False

    @property
    def text(self) -> str:
        return yen_text(self.yen)


@dataclass(frozen=True)
class AccountRow:
    """What is open with a provider, by how long it is overdue, and in all."""

    provider: Provider
    amounts: list[Amount]
    total: Amount

    @property
    def columns(self) -> list[tuple[Any, Amount]]:
        """The amounts with what they are called."""
        return list(zip(BUCKET_LABELS.values(), self.amounts, strict=True))


def customer_money(organisation: Organisation, staff: User) -> Panel | None:
    """What is open by age, credit, deposits, how it is paid, and how it was paid in the last year."""
    if not staff.has_perm(SEES):
        return None
    today = localdate()
    rows = list(Ageing(today, organisation, providers_of(staff)))
    owed = within(staff, Invoice.objects.filter(debtor=organisation))
    return Panel(
        "admin/billing/_customer_money.html",
        {
            "organisation": organisation,
            "accounts": [_account(row, today) for row in rows if row.total],
            "facts": list(_facts(organisation, staff, rows)),
            "paying": paying(owed, today),
            "paying_url": list_url("invoice", debtor__id__exact=organisation.pk, due_on__lt=today),
            "can_ask_statement": [row.provider for row in rows],
        },
    )


def _account(row: AgeingRow, today: date) -> AccountRow:
    of_both = {"debtor__id__exact": row.organisation.pk, "provider__id__exact": row.provider.pk}
    amounts = [
        Amount(row.amounts[name], _open_url(today, name, **of_both), name != "not_due") for name in BUCKETS
    ]
    return AccountRow(
        row.provider, amounts, Amount(row.total, list_url("invoice", **of_both, open_amount__gt=0))
    )


def _open_url(today: date, name: Bucket, **of_both: object) -> str:
    first, last = _OLDEST[name]
    since = {"open_due_on__gte": today - timedelta(days=last)} if last is not None else {}
    until = {"open_due_on__lte": today - timedelta(days=first)} if first is not None else {}
    return list_url("invoice", **of_both, open_amount__gt=0, **since, **until)


def _facts(organisation: Organisation, staff: User, rows: list[AgeingRow]) -> Iterator[tuple[str, str, str]]:
    """What else there is to say: its label, what it is, and the list behind it."""
    if credit := sum(row.credit for row in rows):
        yield (
            _("Credit"),
            yen_text(credit),
            list_url("creditbalance", organisation__id__exact=organisation.pk),
        )
    yield from _deposits(organisation, staff)
    mandates = within(staff, DebitMandate.objects.filter(organisation=organisation, ended_on__isnull=True))
    for mandate in mandates:
        account = _("%(bank)s %(branch)s, account ending in %(last)s") % {
            "bank": mandate.bank_name or mandate.bank_code,
            "branch": mandate.branch_name or mandate.branch_code,
            "last": mandate.account_number[-3:],
        }
        yield _("Direct debit"), account, reverse("admin:billing_debitmandate_change", args=[mandate.pk])


def _deposits(organisation: Organisation, staff: User) -> Iterator[tuple[str, str, str]]:
    held = Deposit.objects.filter(
        contract__organisation=organisation, returned_on__isnull=True, used_up_on__isnull=True
    )
    used = Coalesce(Sum("uses__payment__amount"), 0)
    for one in within(staff, held).annotate(used=used).select_related("contract"):
        left = yen_text(one.amount - one.used)
        text = (
            _("%(amount)s received on %(day)s") % {"amount": left, "day": day_text(one.received_on)}
            if one.received_on
            else _("%(amount)s asked for, to be paid by %(day)s")
            % {"amount": left, "day": day_text(one.pay_by)}
        )
        label = _("Deposit of %(contract)s") % {"contract": one.contract}
        yield label, text, reverse("admin:billing_deposit_change", args=[one.pk])


def customer_invoices(organisation: Organisation, staff: User) -> Panel | None:
    """The latest invoices with the state of their payment, and the latest payments."""
    if not staff.has_perm(SEES):
        return None
    today = localdate()
    issued = within(staff, Invoice.objects.seen_by(organisation)).defer("document")
    latest = issued.select_related("contract__service").order_by("-issued_on", "-pk")
    invoices = [(invoice, state_for(organisation, invoice, today)) for invoice in latest[:SHOWN]]
    paid = within(staff, Payment.objects.filter(debtor=organisation)).select_related("invoice")
    return Panel(
        "admin/billing/_customer_invoices.html",
        {
            "invoices": invoices,
            "overdue": State.OVERDUE,
            "payments": list(paid.order_by("-paid_on", "-pk")[:SHOWN]),
            "invoices_url": list_url("invoice", organisation__id__exact=organisation.pk),
            "payments_url": list_url("payment", debtor__id__exact=organisation.pk),
        },
    )


@dataclass(frozen=True)
class LetterRow:
    on: date
    name: str
    url: str


def customer_letters(organisation: Organisation, staff: User) -> Panel | None:
    """The latest letters about money."""
    if not staff.has_perm(SEES):
        return None
    found = [
        *_letters(Reminder, organisation, staff, lambda one: _("Payment reminder")),
        *_letters(SetOff, organisation, staff, lambda one: _("Statement of set-off")),
        *_letters(DepositLetter, organisation, staff, lambda one: str(one.get_kind_display())),
    ]
    rows = sorted(found, key=lambda row: row.on, reverse=True)[:SHOWN]
    return Panel("admin/billing/_customer_letters.html", {"letters": rows}) if rows else None


def _letters(model: Any, organisation: Organisation, staff: User, name: Any) -> list[LetterRow]:
    theirs: QuerySet[Any] = within(staff, model.objects.filter(organisation__in=organisation.as_one()))
    return [
        LetterRow(one.issued_on, name(one), _letter_url(one))
        for one in theirs.defer("document").order_by("-issued_on", "-pk")[:SHOWN]
    ]


def _letter_url(letter: Any) -> str:
    if isinstance(letter, DepositLetter):
        return reverse("admin:billing_deposit_change", args=[letter.deposit_id])
    return reverse(f"admin:billing_{letter._meta.model_name}_change", args=[letter.pk])
