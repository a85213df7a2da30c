"""Work that follows from money, as lines of the queue: debts, their payment, prices to enter."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models import Invoice
from billing.pricing.quoted_prices import prices_to_enter
from billing.receivables.balances import overdue_on
from billing.receivables.open_items import Terms
from contracts.extensions.waiting import Queued, Wanted, WorkEntry, WorkRow
from contracts.inbox import work
from contracts.models import Suspension

PAID_LABEL = _("Paid: the service can go on")


def unpaid(key: str, label: Any, leads_to: str) -> Queued:
    """Running contracts with a debt that has become a ground for a step of the provider, once each."""

    def rows(wanted: Wanted) -> Iterator[WorkRow]:
        today = localdate()
        terms, seen = Terms(today), set()
        for invoice in _overdue(wanted, today):
            since = [ground.since for ground in terms.grounds(invoice) if ground.leads_to == leads_to]
            idle = leads_to == "suspension" and invoice.stopped
            if since and not idle and invoice.contract_id not in seen:
                seen.add(invoice.contract_id)
                yield WorkRow(key, invoice.contract_id, min(since), invoice.open_due_on)

    def entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
        return work.contract_entries(pks, label)

    return Queued("contracts.contract", rows, entries)


def _overdue(wanted: Wanted, today: date) -> QuerySet[Any]:
    """Overdue invoices of contracts that go on, those due first in front; `stopped` where the service is."""
    stops = Suspension.objects.filter(
        contract=OuterRef("contract"),
        product="",
        kind__in=(Suspension.Kind.SUSPENSION, Suspension.Kind.UNTIL_PAID),
        starts_on__lte=today,
    )
    return (
        overdue_on(today, Invoice.objects.of_present_customers())
        .filter(wanted.of("contract"), contract__ends_on__isnull=True)
        .annotate(stopped=Exists(stops.exclude(ends_on__lt=today)))
        .select_related("contract__service")
        .defer("document")
        .order_by("open_due_on", "pk")
    )


def _paid_rows(wanted: Wanted) -> Iterator[WorkRow]:
    """Suspensions until paid of contracts that owe nothing overdue any more; due at once."""
    today = localdate()
    lasting = Suspension.objects.filter(kind=Suspension.Kind.UNTIL_PAID, starts_on__lte=today)
    theirs = Invoice.objects.of_present_customers().filter(contract=OuterRef("contract"))
    overdue = overdue_on(today, theirs)
    found = lasting.filter(wanted.of("contract"), ~Exists(overdue), ends_on__isnull=True)
    for pk, starts_on in found.values_list("pk", "starts_on"):
        yield WorkRow("paid", pk, today, starts_on)


def _paid_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    stops = Suspension.objects.filter(pk__in=pks).select_related(
        "contract__service", "contract__organisation"
    )
    return {
        one.pk: replace(
            work.contract_entry(one.contract, str(PAID_LABEL)),
            url=reverse("admin:contracts_suspension_change", args=[one.pk]),
        )
        for one in stops
    }


def _price_rows(wanted: Wanted) -> Iterator[WorkRow]:
    """Contracts with a price to enter, once each; due with the month that charges it."""
    seen = set()
    for waiting in prices_to_enter(wanted.of("")):
        if waiting.contract.pk not in seen:
            seen.add(waiting.contract.pk)
            due_on = waiting.month.last if waiting.month else work.answer_by(waiting.since, None)
            yield WorkRow("price", waiting.contract.pk, due_on, waiting.since)


def _price_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    entries: dict[int, WorkEntry] = {}
    for waiting in prices_to_enter(Q(pk__in=list(pks))):
        about = gettext("Price to enter: %(products)s") % {"products": ", ".join(waiting.names)}
        starts_on = waiting.month.first if waiting.month else waiting.since
        asked = {
            "contract": waiting.contract.number,
            "product": waiting.products[0],
            "starts_on": f"{starts_on:%Y-%m-%d}",
            "ends_on": f"{waiting.ends_on:%Y-%m-%d}" if waiting.ends_on else "",
        }
        entry = work.contract_entry(waiting.contract, about)
        address = f"{reverse('admin:billing_specialprice_set_price')}?{urlencode(asked)}"
        entries.setdefault(waiting.contract.pk, replace(entry, url=address))
    return entries


PRICES = Queued("billing.specialprice", _price_rows, _price_entries)
PAID = Queued("contracts.suspension", _paid_rows, _paid_entries)
