"""How long providers keep what the law leaves to them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.retention.kinds import kind_of

LONGEST = 36_500
"""Days: a hundred years."""


class RetentionPeriod(models.Model):
    """For how many days a provider, by its code, keeps data of a kind; "" is the whole installation.

    Without a row the kind's usual period holds.
    """

    provider = models.CharField(_("Provider's code"), max_length=8, blank=True)
    kind = models.CharField(_("Kind of data"), max_length=30)
    days = models.PositiveIntegerField(_("Days"))
    reason = models.TextField(_("Reason"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Set by")
    )
    set_at = models.DateTimeField(_("Set at"))

    class Meta:
        verbose_name = _("retention period")
        verbose_name_plural = _("retention periods")
        ordering = ["provider", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "kind"], name="retention_period_once"),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=LONGEST), name="retention_period_in_reach"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="retention_period_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {kind_of(self.kind).what}"


def days_kept(provider: str, kind: str) -> int:
    """For how many days a provider, by its code, keeps data of a kind that is its to set."""
    found = RetentionPeriod.objects.filter(provider=provider, kind=kind).first()
    usual = kind_of(kind).days
    if usual is None:
        raise ValueError(f"{kind} is kept by law, or goes by itself")
    return found.days if found else usual
