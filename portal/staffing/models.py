"""For which providers somebody works."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Belonging(models.Model):
    """One of the staff works for a provider, and reaches what is that provider's; nothing of the others."""

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="belongings", verbose_name=_("person")
    )
    provider = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="belongings", verbose_name=_("provider")
    )

    class Meta:
        verbose_name = _("staff of a provider")
        verbose_name_plural = _("staff of providers")
        ordering = ["staff", "provider"]
        constraints = [models.UniqueConstraint(fields=["staff", "provider"], name="belongs_once")]

    def __str__(self) -> str:
        return f"{self.staff} – {self.provider}"
