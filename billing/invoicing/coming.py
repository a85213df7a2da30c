"""The invoices that come next, as things are now, for pages: nothing is stored."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, prefetch_related_objects

from billing.differences.known_facts import KnownFacts
from billing.invoicing.drafts import CannotBillError, Draft, MonthlyCharges
from billing.models import Invoice
from contracts.models import Contract
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import Month
from contracts.rules.decision import NotProvided

_MONTHS_TRIED = 3
"""A month that charges nothing has no invoice: so many are looked at for the next one."""


@dataclass(frozen=True)
class Coming:
    """The invoice of a month, without corrections of earlier months; `problem` says why there is no draft."""

    month: Month
    draft: Draft | None
    problem: str = ""


def next_invoices(
    contracts: Sequence[Contract], today: date, books: Rulebooks | None = None
) -> dict[int, Coming]:
    """By the contract's primary key, the first month that is not invoiced yet and charges something.

    Contracts that will be charged nothing soon are left out. Queries grow with the months, not the contracts.
    """
    prefetch_related_objects(contracts, "items", "organisation", "service__provider__particulars")
    waiting = _first_months(contracts, today)
    known, found = KnownFacts(books), {}
    for further in range(_MONTHS_TRIED):
        of_month: dict[Month, list[Contract]] = defaultdict(list)
        for contract in contracts:
            if contract.pk in waiting and contract.pk not in found:
                of_month[waiting[contract.pk] + further].append(contract)
        for month, some in of_month.items():
            charges = MonthlyCharges(month, known=known)
            charges.look_at(some)
            drafted = ((contract.pk, _drafted(charges, contract)) for contract in some)
            found.update({pk: coming for pk, coming in drafted if coming})
    return found


def _first_months(contracts: Sequence[Contract], today: date) -> dict[int, Month]:
    """The month after the last that is invoiced, else the last month, or the first that is charged."""
    issued = Invoice.objects.charging().filter(contract__in=[contract.pk for contract in contracts])
    last = dict(issued.order_by().values_list("contract").annotate(last=Max("month")))
    return {
        contract.pk: max(
            Month.of(last[contract.pk]) + 1 if contract.pk in last else Month.of(today) + -1,
            Month.of(contract.billed_from_on),
        )
        for contract in contracts
        if contract.billed_from_on and not contract.annulled_at
    }


def _drafted(charges: MonthlyCharges, contract: Contract) -> Coming | None:
    try:
        draft = charges.draft(contract)
    except (CannotBillError, NotProvided) as problem:
        return Coming(charges.month, None, str(problem))
    return Coming(charges.month, draft) if draft else None
