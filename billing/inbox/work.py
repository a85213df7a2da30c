"""Work that follows from money, as lines of the queue: debts, their payment, prices to enter."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.approvals.price_lists import PRICE_LIST
from billing.calculation.prices import read_price_list
from billing.models import BroughtPriceList, Deposit, Invoice, OutageClaim, Payment, SetOffDeclaration
from billing.pricing.quoted_prices import prices_to_enter
from billing.receivables.balances import overdue_on
from billing.receivables.late.grounds import LeadsTo, owing
from billing.receivables.open_items import unpaid_deposits
from contracts.extensions.waiting import Queued, Wanted, WorkEntry, WorkRow
from contracts.inbox import work
from contracts.models import ContractParty, Suspension, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import japan_date
from contracts.wording.formats import day_text
from portal.approvals.models import Proposal

PAID_LABEL = _("Paid: the service can go on")
DEPOSITS_LABEL = _("Deposits that are late")
FORMER_LABEL = _("Debts before the succession: say which pass")


def unpaid(key: str, label: Any, leads_to: LeadsTo) -> Queued:
    """Running contracts with a debt that has become a ground for a step of the provider, once each."""

    def rows(wanted: Wanted) -> Iterator[WorkRow]:
        today = localdate()
        invoices = Invoice.objects.filter(wanted.of("contract"), contract__ends_on__isnull=True)
        if leads_to == "suspension":
            invoices = invoices.exclude(Exists(_stops(today)))
        for one in owing(today, leads_to, invoices):
            yield WorkRow(key, one.contract, one.since, one.due_on)

    def entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
        return work.contract_entries(pks, label)

    return Queued("contracts.contract", rows, entries)


def _stops(today: date) -> QuerySet[Suspension]:
    """By what the service of an invoice's contract is stopped on a day."""
    stops = Suspension.objects.filter(
        contract=OuterRef("contract"),
        product="",
        kind__in=(Suspension.Kind.SUSPENSION, Suspension.Kind.UNTIL_PAID),
        starts_on__lte=today,
    )
    return stops.exclude(ends_on__lt=today)


def _paid_rows(wanted: Wanted) -> Iterator[WorkRow]:
    """Suspensions for a debt that is paid by now; due at once.

    One for a deposit ends with that, all others once nothing is overdue.
    """
    today = localdate()
    theirs = Invoice.objects.of_present_customers().filter(contract=OuterRef("contract"))
    late = unpaid_deposits(today).filter(contract=OuterRef("contract"))
    found = Suspension.objects.filter(wanted.of("contract"), starts_on__lte=today).annotate(
        owes=Exists(overdue_on(today, theirs)), owes_deposit=Exists(late)
    )
    found = found.exclude(owes=True, owes_deposit=True)
    books = Rulebooks()
    for one in found.filter(_for_debts(found, today)).select_related("contract__service"):
        either = one.owes or one.owes_deposit
        if not either or one.owes == _is_for_deposit(one, books):
            yield WorkRow("paid", one.pk, today, one.starts_on)


def _is_for_deposit(stop: Suspension, books: Rulebooks) -> bool:
    rule = books.governing(stop.contract, stop.starts_on).policy.suspension
    return any(
        one.key == stop.reason and one.fact == "deposit_late" for one in (rule.reasons if rule else ())
    )


def _for_debts(stops: QuerySet[Suspension], today: date) -> Q:
    """Which stops last until a debt is paid, or are for a reason that falls away with it.

    A reason may also be that debts are feared: then it does not fall away with what was paid before.
    """
    found = Q(kind=Suspension.Kind.UNTIL_PAID, ends_on__isnull=True)
    limited = stops.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), kind=Suspension.Kind.SUSPENSION)
    met_since = Payment.objects.filter(
        invoice__contract=OuterRef("contract"),
        invoice__due_on__lt=OuterRef("starts_on"),
        paid_on__gte=OuterRef("starts_on"),
    )
    of_versions: dict[int, list[int]] = defaultdict(list)
    stopped = limited.filter(Exists(met_since), terms_version__isnull=False)
    for pk, version in stopped.values_list("pk", "terms_version"):
        of_versions[version].append(pk)
    for terms in TermsVersion.objects.filter(pk__in=list(of_versions)).prefetch_related("revisions"):
        rule = terms.read_on(today).policy.suspension
        reasons = rule.of_debt if rule else frozenset()
        found |= Q(pk__in=of_versions[terms.pk], reason__in=reasons)
    return found


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


def price_lists_to_propose() -> QuerySet[BroughtPriceList]:
    """Price lists that a catalog brought, and that nobody has proposed, published or set aside."""
    found = BroughtPriceList.objects.waiting()
    for proposal in Proposal.objects.filter(kind=PRICE_LIST.key, state=Proposal.State.WAITS):
        wanted = PRICE_LIST.read(proposal)
        day = read_price_list(wanted.source).effective_on
        found = found.exclude(service__slug=wanted.service, effective_on=day)
    return found


def _price_list_rows(wanted: Wanted) -> Iterator[WorkRow]:
    """A text finds none of them, as they have neither number nor customer."""
    found = price_lists_to_propose().filter(wanted.of_service("service"))
    for pk, at in () if wanted.text else found.values_list("pk", "brought_at"):
        since = japan_date(at)
        yield WorkRow("price_lists", pk, since, since)


def _price_list_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    return {
        one.pk: WorkEntry(
            number="",
            about=gettext("Price list of the catalog from %(day)s on") % {"day": day_text(one.effective_on)},
            customer="",
            service=one.service.name,
            url=reverse("admin:billing_broughtpricelist_change", args=[one.pk]),
        )
        for one in BroughtPriceList.objects.filter(pk__in=pks).select_related("service")
    }


def _deposit_rows(wanted: Wanted) -> Iterator[WorkRow]:
    """Deposits of contracts that go on, from the day on after that by which they were to be paid."""
    today = localdate()
    going_on = Q(contract__ends_on__isnull=True) | Q(contract__ends_on__gte=today)
    found = unpaid_deposits(today).filter(wanted.of("contract"), going_on)
    for pk, pay_by, asked_on in found.values_list("pk", "pay_by", "asked_on"):
        yield WorkRow("deposits", pk, pay_by + timedelta(days=1), asked_on)


def _deposit_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    deposits = Deposit.objects.filter(pk__in=pks).select_related(
        "contract__service", "contract__organisation"
    )
    return {
        one.pk: replace(
            work.contract_entry(one.contract, str(DEPOSITS_LABEL)),
            url=reverse("admin:billing_deposit_change", args=[one.pk]),
        )
        for one in deposits
    }


def _outage_claim_rows(wanted: Wanted) -> Iterator[WorkRow]:
    """Claims for outages that wait for a decision."""
    found = OutageClaim.objects.waiting().filter(wanted.of("contract"))
    for pk, at in found.values_list("pk", "claimed_at"):
        since = japan_date(at)
        yield WorkRow("outage_claims", pk, work.answer_by(since, None), since)


def _outage_claim_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    claims = OutageClaim.objects.filter(pk__in=pks).select_related(
        "contract__service", "contract__organisation"
    )
    return {
        one.pk: replace(
            work.contract_entry(one.contract, gettext("Claim for an outage")),
            url=reverse("admin:billing_outageclaim_change", args=[one.pk]),
        )
        for one in claims
    }


def _declaration_rows(wanted: Wanted) -> Iterator[WorkRow]:
    """Set-offs that customers declared and nobody answered."""
    found = SetOffDeclaration.objects.waiting().filter(wanted.of("invoice__contract"))
    for pk, at in found.values_list("pk", "declared_at"):
        since = japan_date(at)
        yield WorkRow("set_off_declarations", pk, work.answer_by(since, None), since)


def _declaration_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    related = ("invoice__contract__service", "invoice__contract__organisation")
    declared = SetOffDeclaration.objects.filter(pk__in=pks).select_related(*related)
    return {
        one.pk: replace(
            work.contract_entry(one.invoice.contract, gettext("Declaration of a set-off")),
            url=reverse("admin:billing_setoffdeclaration_change", args=[one.pk]),
        )
        for one in declared
    }


def _former_debts() -> QuerySet[Invoice]:
    """Open debts of former customers, of which nobody has said if they passed to the successor."""
    unsaid = ContractParty.objects.filter(contract=OuterRef("contract"), takes_debts=None)
    owed = Invoice.objects.claims().filter(open_amount__gt=0)
    return owed.exclude(debtor=F("contract__organisation")).filter(Exists(unsaid)).defer("document")


def _former_rows(wanted: Wanted) -> Iterator[WorkRow]:
    """The first open debt of each contract; due with the day on which that fell due."""
    seen = set()
    for invoice in _former_debts().filter(wanted.of("contract")).order_by("open_due_on", "pk"):
        if invoice.contract_id not in seen:
            seen.add(invoice.contract_id)
            yield WorkRow("former_debts", invoice.pk, invoice.open_due_on, invoice.issued_on)


def _former_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    invoices = Invoice.objects.filter(pk__in=pks).defer("document")
    return {
        one.pk: replace(
            work.contract_entry(one.contract, str(FORMER_LABEL)),
            url=reverse("admin:billing_invoice_pass_debts", args=[one.pk]),
        )
        for one in invoices.select_related("contract__service", "contract__organisation")
    }


FORMER = Queued("billing.invoice", _former_rows, _former_entries)
PRICE_LISTS = Queued("billing.broughtpricelist", _price_list_rows, _price_list_entries, of_services=True)
PRICES = Queued("billing.specialprice", _price_rows, _price_entries)
PAID = Queued("contracts.suspension", _paid_rows, _paid_entries)
DEPOSITS = Queued("billing.deposit", _deposit_rows, _deposit_entries)
OUTAGE_CLAIMS = Queued("billing.outageclaim", _outage_claim_rows, _outage_claim_entries)
SET_OFF_DECLARATIONS = Queued("billing.setoffdeclaration", _declaration_rows, _declaration_entries)
