"""What provider and customer agreed individually about one contract."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contracts.rules.policy.layer import Layer, agreement


class IndividualAgreement(models.Model):
    """Rules of one contract that go before the terms, from a day on; without an end until one is set.

    `rules` are TOML in the vocabulary of the policy: only what is replaced. Its signed document is among the
    contract documents.
    """

    contract = models.ForeignKey(
        "Contract", models.PROTECT, related_name="agreements", verbose_name=_("contract")
    )
    title = models.CharField(_("Title"), max_length=120)
    reason = models.TextField(_("Reason"), blank=True)
    effective_on = models.DateField(_("Effective from"))
    ends_on = models.DateField(_("Last day"), null=True, blank=True)
    rules = models.TextField(_("Rules that it replaces"), help_text=_("TOML"))
    made_at = models.DateTimeField(_("Recorded at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )

    class Meta:
        verbose_name = _("individual agreement")
        verbose_name_plural = _("individual agreements")
        # The later agreement goes before the earlier one.
        ordering = ["effective_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("effective_on")),
                name="agreement_in_order",
            ),
            models.CheckConstraint(condition=~Q(title="") & ~Q(rules=""), name="agreement_says_something"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def layer(self) -> Layer:
        """What the rules need to know of it."""
        return agreement(self.title, self.effective_on, self.ends_on, self.rules)

    def holds_on(self, day: date) -> bool:
        return self.layer.holds_on(day)
