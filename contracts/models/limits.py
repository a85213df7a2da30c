"""What no amount exceeds: said to people, and held by the database."""

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from contracts.rules.limits import LARGEST_AMOUNT

AMOUNT_TOO_LARGE = format_lazy(_("Enter an amount of at most {most} yen."), most=f"{LARGEST_AMOUNT:,}")


def ensure_amount(amount: int, field: str = "") -> None:
    """ValidationError (code `too_large`, on a named field) for more yen than one amount can be."""
    if abs(amount) > LARGEST_AMOUNT:
        error = ValidationError(AMOUNT_TOO_LARGE, code="too_large")
        raise ValidationError({field: error}) if field else error


def amount_at_most(field: str, name: str, *, unless: Q | None = None) -> CheckConstraint:
    """No row holds more yen than one amount can be, but for those that `unless` names."""
    within = Q(**{f"{field}__lte": LARGEST_AMOUNT})
    return CheckConstraint(condition=within | unless if unless else within, name=name)
