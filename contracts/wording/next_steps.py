"""What follows an application, in words, by the policy of its terms."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from contracts.rules.policy.schema import Policy

_FORMED_BY = {
    "application": _(
        "The contract was formed when your application arrived; the provider may still refuse it."
    ),
    "acceptance": _("The contract is formed when the provider accepts your application."),
    "acceptance_sent": _("The contract is formed when the provider sends you its acceptance by e-mail."),
    "registration": _("The contract is formed when the provider has completed the registration."),
}
_SERVICE_START = {
    "activation_notice": _("You receive an activation notice, which names the day on which service starts."),
    "first_of_wanted_month": _("Service starts on the first day of the wanted month."),
    "wanted_date": _("Service starts on the wanted day, but not before the contract is formed."),
    "formation_date": _("Service starts on the day on which the contract is formed."),
}
_BILLING_START = {
    "service_start": _("Charging begins on the day on which service starts."),
    "first_of_start_month": _("Charging begins with the month in which service starts."),
    "first_of_next_month": _("Charging begins with the month after the one in which service starts."),
}


@dataclass(frozen=True)
class NextStep:
    text: Any
    articles: tuple[str, ...]


def next_steps(policy: Policy) -> Iterator[NextStep]:
    """The steps from a sent application to the first charge, each with its articles."""
    formation = policy.formation
    yield NextStep(_("The provider examines your application and tells you the result by e-mail."), ())
    yield NextStep(_FORMED_BY[formation.formed_by], formation.article)
    start, billing = formation.service_start, formation.billing_start
    yield NextStep(_SERVICE_START[start.rule], start.article)
    yield NextStep(_BILLING_START[billing.rule], billing.article)
