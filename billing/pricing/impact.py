"""What billing knows of the contracts that a new version touches."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import cast

from django.utils.translation import gettext as _

from billing.calculation.charges import charge_lines
from billing.calculation.due import due_on, due_rule
from billing.calculation.invoice import calculate
from billing.calculation.prices import PriceList
from billing.models import PriceListVersion
from contracts.extensions.measures import Facts, Measure, Measured
from contracts.models import Service
from contracts.problems.reasons import UnansweredError
from contracts.rules.calendar.period import Month
from contracts.rules.decision import NotProvided
from contracts.rules.policy.charging import PaymentMethod
from contracts.rules.rulebook import Rulebook
from contracts.wording.formats import day_text, month_text, yen_text


def measures(service: int, day: date) -> Sequence[Measure]:
    """What is measured by the price list of a service, by its key, on a day."""
    listed = PriceListVersion.objects.in_force(Service.objects.get(pk=service), day)
    return (usage_due, partial(monthly_amount, listed.prices)) if listed else (usage_due,)


def monthly_amount(prices: PriceList, book: Rulebook, facts: Facts, day: date) -> Measured | None:
    """What the products of a day's month cost with tax, special prices and usage left aside."""
    month, charging = Month.of(day), book.policy.charging
    try:
        lines = charge_lines(book.policy, prices, dict(facts.items))
        amount = calculate(book, lines, month, cast(PaymentMethod, facts.payment_method)).gross
    except (UnansweredError, NotProvided):
        return None
    label = _("Products of %(month)s at list prices, with tax") % {"month": month_text(month)}
    return Measured(label, yen_text(amount), (*charging.proration.article, *charging.tax.article))


def usage_due(book: Rulebook, facts: Facts, day: date) -> Measured | None:
    """When the usage fees of a day's month are due, by the contract's way of payment."""
    month = Month.of(day)
    try:
        rule = due_rule(book.policy.charging, "usage", cast(PaymentMethod, facts.payment_method))
    except NotProvided:
        return None
    label = _("Fees of %(month)s are due on") % {"month": month_text(month)}
    return Measured(label, day_text(due_on(rule, month, book.calendars).due_on), rule.article)
