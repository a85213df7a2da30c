"""A month's billing for one provider."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models import Provider
from contracts.rules.period import Month


class BillingRun(models.Model):
    """One month of one provider: started once, and gone on with until it is done."""

    class Status(models.TextChoices):
        ISSUING = "issuing", _("Issuing")
        DONE = "done", _("Done")

    provider = models.ForeignKey(
        Provider, models.PROTECT, related_name="billing_runs", verbose_name=_("provider")
    )
    month = models.DateField(_("Month"), help_text=_("Its first day"))
    issued_on = models.DateField(_("Issue date"))
    status = models.CharField(_("Status"), max_length=10, choices=Status.choices, default=Status.ISSUING)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    started_at = models.DateTimeField(_("Started at"))
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("billing run")
        verbose_name_plural = _("billing runs")
        ordering = ["-month", "provider"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "month"], name="billing_run_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="billing_run_month_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.month:%Y-%m}"

    @property
    def billed_month(self) -> Month:
        return Month.of(self.month)
