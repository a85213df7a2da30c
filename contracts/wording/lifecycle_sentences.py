"""Sentences for the steps that decide on stops, ends by the provider, withdrawals and returned devices."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

STOPS: dict[str, Any] = {
    "stop.reason": _("The terms list this reason for stopping the service from %(starts)s on."),
    "stop.beforehand": _("In principle the customer is told before the service stops on %(starts)s."),
    "stop.notice": _("The customer is told the reason and the period."),
    "stop.fees": _("Do fees go on while the service is suspended?"),
    "suspension.longest": ngettext_lazy(
        "A suspension from %(starts)s on lasts %(months)s month at most.",
        "A suspension from %(starts)s on lasts %(months)s months at most.",
        "months",
    ),
    "suspension.until_paid": _("Can the suspension last until the debt is paid, whatever the limit?"),
    "pause.announced": _("The pause from %(starts)s on is announced with reason, day and period."),
}
TERMINATION: dict[str, Any] = {
    "termination.ground": _("The terms list this ground for termination."),
    "termination.cure.months": ngettext_lazy(
        "It can be cured within %(amount)s month after %(since)s (%(since_kind)s), not counted.",
        "It can be cured within %(amount)s months after %(since)s (%(since_kind)s), not counted.",
        "amount",
    ),
    "termination.cure.days": ngettext_lazy(
        "It can be cured within %(amount)s day after %(since)s (%(since_kind)s), not counted.",
        "It can be cured within %(amount)s days after %(since)s (%(since_kind)s), not counted.",
        "amount",
    ),
    "termination.cure.business_days": ngettext_lazy(
        "It can be cured within %(amount)s business day after %(since)s (%(since_kind)s), not counted.",
        "It can be cured within %(amount)s business days after %(since)s (%(since_kind)s), not counted.",
        "amount",
    ),
    "termination.cure.last_day": _("The last day on which the ground could be cured."),
    "termination.possible": _("Termination on %(on)s; it is possible from %(possible_from)s on."),
    "termination.notice.in_writing": _("The customer is told in writing beforehand, unless it is urgent."),
    "termination.notice.beforehand": _("The customer is told beforehand."),
    "rescission.ends": _("The contract ends on the day on which the declaration is received."),
    "termination.ends": _("The contract ends on the day of the termination."),
    "open_debts.at_once": _("What is still open falls due at once."),
    "open_debts.day_set": _("What is still open falls due on the day that the provider sets."),
}
ENDINGS: dict[str, Any] = {
    "ending.month_end": _("An offer ends at a month end; it is to end on %(ends)s."),
    "ending.any_day": _("An offer can end on any day; it is to end on %(ends)s."),
    "non_renewal.received": _("The notice submitted at %(at)s counts as received on this day."),
    "non_renewal.by_provider": _("The provider gives notice at %(at)s; it counts for this day."),
    "non_renewal.earliest": _("The first term end that a notice received on %(received)s can reach."),
    "acceptance.begins": _("What is accepted later than asked for begins with its acceptance."),
    "change.formed": _("The change contract was formed when its acceptance was sent."),
    "completion.begins": _("The change can be used from the notice of its completion."),
    "succession.debts": _("The successor takes over every debt of the contract."),
    "succession.representative": _(
        "Several successors name one representative; until they do, the provider picks one."
    ),
}
WITHDRAWAL: dict[str, Any] = {
    "withdrawal.formed": _("Is the contract formed by %(on)s (formed on %(formed)s)?"),
    "withdrawal.before_start": _("Is it withdrawn before service starts (%(starts)s)?"),
    "withdrawal.accepted_before": _("Was the request accepted before it is withdrawn on %(on)s?"),
    "withdrawal.preparation_costs": _("What the preparation cost so far is charged in one sum, plus tax."),
    "withdrawal.setup_costs": _("What the set-up cost so far is charged in one sum, plus tax."),
    "withdrawal.actual_damage": _("The damage that really arose is charged; it carries no tax."),
    "withdrawal.entered": _("The sum that the provider worked out, without tax."),
}
DEVICES: dict[str, Any] = {
    "device_return.months": ngettext_lazy(
        "The old device is sent within %(amount)s month after %(received)s, not counted.",
        "The old device is sent within %(amount)s months after %(received)s, not counted.",
        "amount",
    ),
    "device_return.days": ngettext_lazy(
        "The old device is sent within %(amount)s day after %(received)s, not counted.",
        "The old device is sent within %(amount)s days after %(received)s, not counted.",
        "amount",
    ),
    "device_return.business_days": ngettext_lazy(
        "The old device is sent within %(amount)s business day after %(received)s, not counted.",
        "The old device is sent within %(amount)s business days after %(received)s, not counted.",
        "amount",
    ),
    "device_return.compare": _("Sent on %(sent)s, asked on %(on)s; the last day is %(return_by)s."),
    "device_return.penalty": _("The penalty, without tax; the list price is %(list_price)s."),
}
LIFECYCLE: dict[str, Any] = {**STOPS, **TERMINATION, **ENDINGS, **WITHDRAWAL, **DEVICES}

LIFECYCLE_YES_NO: dict[str, tuple[Any, Any]] = {
    "suspension.until_paid": (_("yes"), _("no")),
    "stop.fees": (_("yes"), _("no")),
    "termination.possible": (_("possible"), _("too early")),
    "termination.notice.in_writing": (_("told beforehand"), _("urgent")),
    "termination.notice.beforehand": (_("told beforehand"), _("urgent")),
    "ending": (_("fits"), _("does not fit")),
    "withdrawal": (_("yes"), _("no")),
    "device_return.compare": (_("in time"), _("too late")),
}
SINCE_WORDS: dict[str, Any] = {
    "notice": _("the notice"),
    "breach": _("the breach"),
    "due_date": _("the due date"),
    "last_day": _("the last day that was set"),
}
