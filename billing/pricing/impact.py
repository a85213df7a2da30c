"""What billing knows of the contracts that a new version touches."""

from datetime import date
from typing import cast

from django.utils.translation import gettext as _

from billing.calculation.due import due_on, due_rule
from contracts.extensions.measures import Facts, Measured
from contracts.rules.calendar.period import Month
from contracts.rules.decision import NotProvided
from contracts.rules.policy.charging import PaymentMethod
from contracts.rules.rulebook import Rulebook
from contracts.wording.formats import day_text, month_text


def usage_due(book: Rulebook, facts: Facts, day: date) -> Measured | None:
    """When the usage fees of a day's month are due, by the contract's way of payment."""
    month = Month.of(day)
    try:
        rule = due_rule(book.policy.charging, "usage", cast(PaymentMethod, facts.payment_method))
    except NotProvided:
        return None
    label = _("Fees of %(month)s are due on") % {"month": month_text(month)}
    return Measured(label, day_text(due_on(rule, month, book.calendars).due_on), rule.article)
