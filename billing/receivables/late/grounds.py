"""Which overdue invoices give a ground that the terms name, asked of the database."""

from collections.abc import Hashable, Iterator
from datetime import date
from functools import cache
from typing import Any, Literal, NamedTuple

from django.db.models import Case, IntegerField, Min, Q, QuerySet, Value, When

from billing.calculation.owed.unpaid import grounds_on, latest_due_on
from billing.models import Invoice
from billing.receivables.balances import overdue_on
from contracts.policies.governed import governed_on
from contracts.rules.policy.charging import Charging
from contracts.rules.policy.schema import Policy

LeadsTo = Literal["suspension", "termination"]


class Owing(NamedTuple):
    """A contract with a ground since a day, and the first due day of what is overdue of it."""

    contract: int
    since: date
    due_on: date


def with_ground(day: date, leads_to: LeadsTo | None = None) -> QuerySet[Invoice]:
    """Overdue invoices of present customers that give a ground on a day, for one step or for any.

    Those due first stand in front; which grounds, `Terms` says.
    """
    condition = Q(pk__in=[])
    for governed, _charging, last_on in _rules(day, leads_to):
        condition |= governed & Q(open_due_on__lte=last_on)
    return _overdue(day).filter(condition).order_by("open_due_on", "number")


def for_termination(day: date) -> QuerySet[Invoice]:
    """Overdue invoices that have lasted long enough to be a ground for termination by the terms."""
    return with_ground(day, "termination")


def owing(day: date, leads_to: LeadsTo, invoices: QuerySet[Invoice]) -> Iterator[Owing]:
    """The contracts of invoices that give a ground for a step on a day, once each."""
    rules = list(_rules(day, leads_to))
    which = Case(
        *(
            When(governed & Q(open_due_on__lte=last_on), then=Value(place))
            for place, (governed, _charging, last_on) in enumerate(rules)
        ),
        default=Value(None),
        output_field=IntegerField(),
    )

    @cache
    def since(place: int, due_on: date) -> date:
        grounds = grounds_on(rules[place][1], due_on, day)
        return min(ground.since for ground in grounds if ground.leads_to == leads_to)

    found = _overdue(day, invoices).annotate(rules=which).exclude(rules=None).order_by()
    firsts = found.values_list("contract", "rules").annotate(first=Min("open_due_on"))
    for contract, place, due_on in firsts.order_by("first", "contract"):
        yield Owing(contract, since(place, due_on), due_on)


def _overdue(day: date, invoices: Any = None) -> QuerySet[Invoice]:
    every = Invoice.objects.all() if invoices is None else invoices
    return overdue_on(day, every.of_present_customers())


def _rules(day: date, leads_to: LeadsTo | None) -> Iterator[tuple[Q, Charging, date]]:
    """Whose contracts may give a ground, by what rules, and the last day on which its amount was due."""
    for governed, version in governed_on(day, "contract", "charging", _grounds_of):
        charging = version.policy.charging
        found = [rule for rule in charging.unpaid_grounds if leads_to in (None, rule.leads_to)]
        if found:
            yield governed, charging, max(latest_due_on(rule, day) for rule in found)


def _grounds_of(policy: Policy) -> Hashable:
    """What counts of the grounds that rules name: to what each leads, and when."""
    return tuple((rule.leads_to, rule.after_months) for rule in policy.charging.unpaid_grounds)
