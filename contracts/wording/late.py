"""What is said of a late request: in the steps of its decision, before it is sent, and at its acceptance."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from contracts.wording.formats import day_text

LATE: dict[str, Any] = {
    "deadline.compare": gettext_lazy("Received on %(received)s; the deadline is %(deadline)s."),
    "deadline.deemed.months": ngettext_lazy(
        "The date that is deemed: %(amount)s month after receipt on %(received)s.",
        "The date that is deemed: %(amount)s months after receipt on %(received)s.",
        "amount",
    ),
    "deadline.deemed.days": ngettext_lazy(
        "The date that is deemed: %(amount)s day after receipt on %(received)s.",
        "The date that is deemed: %(amount)s days after receipt on %(received)s.",
        "amount",
    ),
    "deadline.deemed.business_days": ngettext_lazy(
        "The date that is deemed: %(amount)s business day after receipt on %(received)s.",
        "The date that is deemed: %(amount)s business days after receipt on %(received)s.",
        "amount",
    ),
    "deadline.earliest": gettext_lazy(
        "The earliest date that a submission received on %(received)s can reach."
    ),
    "cancellation.refused": gettext_lazy("The cancellation for %(wanted)s is too late and is refused."),
    "cancellation.moved": gettext_lazy(
        "The wanted end %(wanted)s is too early; the next possible one is taken."
    ),
    "cancellation.deemed": gettext_lazy("The date that the terms deem to be wanted is taken as the end."),
}
"""The steps of a decision, by their keys."""


def late_outcome(outcome: str, day: date | None, earliest: date | None, *, named: bool) -> str:
    """What becomes of a request sent now; empty where it is in time.

    `day` is the one that it is moved to, or deemed to want; `named` says whether it names one itself.
    `earliest` is the first that is still possible.
    """
    shown = {"day": day_text(day) if day else "—"}
    match outcome:
        case "refused":
            still = {"day": day_text(earliest) if earliest else "—"}
            message = _(
                "The deadline has passed, so it is refused. The earliest day still possible is %(day)s."
            )
            return message % still
        case "moved":
            return _("The deadline has passed, so the day moves to %(day)s.") % shown
        case "deemed" if named:
            return _("Too little time is left, so %(day)s is deemed to be the wanted day.") % shown
        case "deemed":
            return _("By the terms %(day)s is then deemed to be the wanted day.") % shown
    return ""


def late_now() -> str:
    """What staff are told of a request whose deadline has moved before its receipt."""
    return _(
        "Counted again today, the deadline lies before its receipt. Refuse it; a manager may approve"
        " that it is accepted all the same, with a reason."
    )
