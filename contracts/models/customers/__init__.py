"""What a provider's staff note of a customer."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CustomerNote(models.Model):
    """What somebody of a provider's staff noted of a customer, for colleagues: no customer's page shows it.

    It is not changed: what turns out otherwise is another note. It goes when personal data are erased.
    """

    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="customer_notes",
        verbose_name=_("organisation"),
    )
    provider = models.ForeignKey(
        "Provider", models.PROTECT, related_name="customer_notes", verbose_name=_("provider")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("noted by")
    )
    at = models.DateTimeField(_("Noted at"))
    text = models.TextField(_("Note"))

    class Meta:
        verbose_name = _("note on a customer")
        verbose_name_plural = _("notes on customers")
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="customer_note_says_something")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.at:%Y-%m-%d}"
