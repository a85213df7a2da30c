"""A month's billing for one provider."""

import hashlib
import json

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contracts.rules.calendar.period import Month
from portal.approvals.models import Proposal


class BillingRun(models.Model):
    """One month of one provider: calculated, submitted, approved by a second person, issued, done.

    Its invoices are issued by the provider, and by the agents that sell its services as counterparties.

    It may be cancelled at any time before it is done: what was issued by then stays, and a new calculation
    goes on with the rest. `preview` is what the approval is about, with the lines of its `calculation`
    (`PreviewLine`). While amounts are calculated, `contracts_done` tells how far that is. `issued_at` is when
    a pass over the contracts came to its end; `problems` are the contracts that it could not bill; `trouble`
    is what stopped the work the last time, or why it was sent back. `without_second` is why who submitted it
    could approve it as well. Who works on the run has it until `leased_until`.
    """

    class Status(models.TextChoices):
        CALCULATING = "calculating", _("Being calculated")
        CALCULATED = "calculated", _("Calculated")
        PREVIEWED = "previewed", _("Waits for approval")
        APPROVED = "approved", _("Approved")
        ISSUING = "issuing", _("Issuing")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    provider = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="billing_runs", verbose_name=_("provider")
    )
    month = models.DateField(_("Month"), help_text=_("Its first day"))
    issued_on = models.DateField(_("Issue date"))
    status = models.CharField(_("Status"), max_length=12, choices=Status.choices, default=Status.ISSUING)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    started_at = models.DateTimeField(_("Started at"))
    contracts_done = models.PositiveIntegerField(_("Contracts calculated"), default=0)
    contracts_all = models.PositiveIntegerField(_("Contracts to calculate"), default=0)
    preview = models.JSONField(_("Preview"), default=dict, blank=True)
    calculation = models.UUIDField(_("Calculation"), null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("Approved at"), null=True, blank=True)
    without_second = models.CharField(
        _("Without a second person"), max_length=12, choices=Proposal.Without.choices, blank=True
    )
    sends_mail = models.BooleanField(_("Send e-mails"), default=False)
    issued_at = models.DateTimeField(_("Issued at"), null=True, blank=True)
    problems = models.JSONField(_("Not billed"), default=list, blank=True)
    trouble = models.TextField(_("Trouble"), blank=True)
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)
    worker = models.CharField(_("Worker"), max_length=200, blank=True)
    leased_until = models.DateTimeField(_("Leased until"), null=True, blank=True)

    class Meta:
        verbose_name = _("billing run")
        verbose_name_plural = _("billing runs")
        ordering = ["-month", "provider"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "month"], name="billing_run_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="billing_run_month_first_day"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(started_by__isnull=True)
                | ~Q(approved_by=F("started_by"))
                | ~Q(without_second=""),
                name="billing_run_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.month:%Y-%m}"

    @property
    def billed_month(self) -> Month:
        return Month.of(self.month)

    @property
    def preview_hash(self) -> str:
        """The SHA-256, in hexadecimal, of what an approval is about: the preview and the issue date."""
        stated = json.dumps([self.issued_on.isoformat(), self.preview], sort_keys=True)
        return hashlib.sha256(stated.encode()).hexdigest()

    @property
    def issues_something(self) -> bool:
        """Whether its preview has anything to issue: invoices of the month, or what corrects earlier ones."""
        rows, counts = self.preview.get("rows"), self.preview.get("counts", {})
        return bool(rows and rows[-1]["count"]) or bool(counts.get("corrections"))

    @property
    def is_bound(self) -> bool:
        """Whether it may issue what was approved and nothing else: until a pass over the contracts ended."""
        return self.approved_at is not None and self.issued_at is None

    @property
    def waits_for_correction(self) -> bool:
        """Whether all that could be billed is, and the others wait for staff to correct what hinders it."""
        return self.status == self.Status.ISSUING and bool(self.issued_at and self.problems)


class PreviewLine(models.Model):
    """What a calculation of a run would issue to one contract: the amount, and a digest of all that matters.

    Without an invoice of the month, only earlier ones are corrected: it `charges` nothing.
    Those count that the run's preview came from: the run names their `calculation`. They are kept while the
    run is under way.
    """

    run = models.ForeignKey(
        BillingRun, models.CASCADE, related_name="lines", db_index=False, verbose_name=_("billing run")
    )
    calculation = models.UUIDField(_("Calculation"))
    contract = models.ForeignKey(
        "contracts.Contract", models.CASCADE, related_name="+", db_index=False, verbose_name=_("contract")
    )
    gross = models.BigIntegerField(_("Total"))
    charges = models.BooleanField(default=True)
    digest = models.CharField(_("Hash"), max_length=64)

    class Meta:
        verbose_name = _("line of a billing run's preview")
        verbose_name_plural = _("lines of billing runs' previews")
        constraints = [
            models.UniqueConstraint(fields=["run", "calculation", "contract"], name="preview_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.gross}"


class BillingChunk(models.Model):
    """Invoices of a run by one issuer that were issued in one transaction, by their numbers.

    Whoever draws their PDFs and sends their e-mails has the chunk until `leased_until`. It is `finished_at`
    when nothing of that is left.
    """

    run = models.ForeignKey(BillingRun, models.PROTECT, related_name="chunks", verbose_name=_("billing run"))
    issuer = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="+", db_index=False, verbose_name=_("issuer")
    )
    fiscal_year = models.PositiveSmallIntegerField(_("Fiscal year"))
    first = models.PositiveIntegerField(_("First number"))
    last = models.PositiveIntegerField(_("Last number"))
    worker = models.CharField(_("Worker"), max_length=200, blank=True)
    leased_until = models.DateTimeField(_("Leased until"), null=True, blank=True)
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("chunk of a billing run")
        verbose_name_plural = _("chunks of billing runs")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "issuer", "fiscal_year", "first"], name="billing_chunk_once"
            ),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="billing_chunk_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.first}–{self.last}"
