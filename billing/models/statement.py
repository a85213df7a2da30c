"""Statements of account that were asked for."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class StatementOfAccount(models.Model):
    """A statement of a customer's account with a provider for a time, asked for and then drawn by a worker.

    Until `drawn_at` there is neither hash nor file. `trouble` is what stopped the drawing the last time. Who
    draws it has it until `leased_until`; nobody begins before that.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits to be made")
        BEING_DRAWN = "being_drawn", _("Being made")
        READY = "ready", _("Ready")

    provider = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="+", verbose_name=_("provider")
    )
    organisation = models.ForeignKey(
        "organisations.Organisation", models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    from_day = models.DateField(_("Statement from"))
    to_day = models.DateField(_("Statement to"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("Asked at"))
    document_hash = models.CharField(_("Document hash"), max_length=64, blank=True)
    pdf = models.FileField(_("PDF"), upload_to="statements/", blank=True)
    pdf_hash = models.CharField(_("PDF hash"), max_length=64, blank=True)
    drawn_at = models.DateTimeField(_("Made at"), null=True, blank=True)
    trouble = models.TextField(_("Trouble"), blank=True)
    worker = models.CharField(_("Worker"), max_length=200, blank=True)
    leased_until = models.DateTimeField(_("Leased until"), null=True, blank=True)

    class Meta:
        verbose_name = _("statement of account")
        verbose_name_plural = _("statements of account")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "organisation", "from_day", "to_day"],
                condition=Q(drawn_at__isnull=True),
                name="statement_waits_once",
            ),
            models.CheckConstraint(condition=Q(from_day__lte=F("to_day")), name="statement_days_in_order"),
            models.CheckConstraint(
                condition=Q(drawn_at__isnull=True) | ~Q(pdf="") & ~Q(pdf_hash=""),
                name="statement_drawn_is_kept",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "drawn_at"], name="statement_of_organisation")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.from_day:%Y-%m-%d} – {self.to_day:%Y-%m-%d}"

    @property
    def state(self) -> State:
        if self.drawn_at:
            return self.State.READY
        return self.State.BEING_DRAWN if self.worker else self.State.WAITING
