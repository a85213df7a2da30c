"""Whose open invoices something that came in may be for: no more is read of them than may matter."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Coalesce

from billing.calculation.owed.matching import Customer, Matcher, Received, numbers_in
from billing.models import BankTransaction, CreditEntry, Invoice, PayerName
from billing.receivables.bank.names import known_as
from billing.receivables.held import held_by_invoice
from billing.receivables.open_items import Terms, open_invoices
from contracts.models import Provider
from contracts.rules.policy.service_file import PaymentOrder
from portal.organisations.models import Organisation
from portal.search.kinds import kind_of
from portal.search.models import SearchEntry
from portal.search.written import plain

MOST = 100
"""So many customers are looked at who have the payer's name, or owe just what came in."""


@dataclass
class Candidates:
    """Customers of a provider who may have paid, with all of their open invoices, ready to be matched."""

    matcher: Matcher
    invoices: dict[str, Any]
    organisations: dict[int, Organisation]


def received(entry: BankTransaction) -> Received:
    """An entry as it is matched."""
    return Received(entry.amount, entry.payer, entry.booked_on, entry.texts)


def candidates(entry: BankTransaction, day: date) -> Candidates:
    """Who may have paid an entry: all of whom it names an invoice, others by their name and by what they owe.

    Where more than MOST have the payer's name, those that owe just what came in go before others; where more
    than that owe just what came in, any of them is as likely as another.
    """
    provider, one = entry.account.provider, received(entry)
    owing, named = _owing(provider, one.amount), known_as([one.payer])
    debtors = {
        *_named_an_invoice(provider, [one]),
        *_first(owing.filter(debtor__in=named)),
        *_first(_open(provider).filter(debtor__in=named)),
        *_first(owing),
    }
    return candidates_among(provider, debtors, day)


def candidates_without_doubt(provider: Provider, entries: Sequence[BankTransaction], day: date) -> Candidates:
    """Who may have paid any of some entries, but for those for whom nothing speaks but an amount."""
    every = [received(entry) for entry in entries]
    named = _open(provider).filter(debtor__in=known_as(one.payer for one in every))
    debtors = {*_named_an_invoice(provider, every), *named.values_list("debtor", flat=True)}
    return candidates_among(provider, debtors, day)


def candidates_among(provider: Provider, debtors: Collection[int], day: date) -> Candidates:
    """Those of some organisations, by primary key, that owe a provider anything."""
    terms = Terms(day)
    grouped: dict[int, list[Any]] = defaultdict(list)
    for invoice in open_invoices(provider.invoices.filter(debtor__in=debtors)):
        grouped[invoice.debtor_id].append(invoice)
    names: dict[int, list[str]] = defaultdict(list)
    for payer in PayerName.objects.filter(organisation__in=grouped):
        names[payer.organisation_id].append(payer.name)
    kept = held_by_invoice(grouped)
    order = cast(PaymentOrder, provider.payment_order)
    organisations = {invoices[0].debtor_id: invoices[0].debtor for invoices in grouped.values()}
    customers = [
        Customer(
            key,
            tuple(filter(None, (organisations[key].kana, *names[key]))),
            tuple(terms.claim(invoice, kept.get(invoice.pk, 0)) for invoice in invoices),
        )
        for key, invoices in grouped.items()
    ]
    by_number = {invoice.number: invoice for invoices in grouped.values() for invoice in invoices}
    return Candidates(Matcher(customers, order), by_number, organisations)


def _open(provider: Provider) -> QuerySet[Invoice]:
    return Invoice.objects.filter(provider=provider, open_amount__gt=0).order_by()


def _first(invoices: QuerySet[Invoice]) -> Iterable[int]:
    customers = Organisation.objects.filter(pk__in=invoices.values("debtor")).order_by("pk")
    return customers.values_list("pk", flat=True)[:MOST]


def _owing(provider: Provider, amount: int) -> QuerySet[Invoice]:
    """Open invoices of which just an amount is to come: of one, or of it and all due before it together."""
    kept = CreditEntry.objects.filter(claim=OuterRef("pk")).order_by().values("claim")
    to_come = F("open_amount") - Coalesce(Subquery(kept.annotate(sum=Sum("amount")).values("sum")), 0)
    together = Window(Sum("to_come"), partition_by="debtor", order_by=["open_due_on", "number"])
    owed = _open(provider).annotate(to_come=to_come).annotate(together=together)
    return owed.filter(Q(to_come=amount) | Q(together=amount))


def _named_an_invoice(provider: Provider, every: Iterable[Received]) -> set[int]:
    """Who owes an invoice whose number stands in what came in."""
    written = {plain(number) for one in every for number in numbers_in(one)}
    entries = SearchEntry.objects.filter(kind=kind_of(Invoice).key, text__in=written)
    return set(_open(provider).filter(pk__in=entries.values("thing")).values_list("debtor", flat=True))
