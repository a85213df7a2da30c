"""What was used and is charged by quantity, as it was imported from files."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.frozen import NeverChanges, NeverDeleted


class UsageImport(models.Model):
    """A file of usage that was imported: how many rows were taken, known already, or refused.

    Before anything of it is invoiced it can be undone as a whole.
    """

    file_name = models.CharField(_("File"), max_length=255)
    file_hash = models.CharField(_("Hash"), max_length=64)
    imported_at = models.DateTimeField(_("Imported at"))
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("imported by"),
    )
    taken = models.PositiveIntegerField(_("Taken"), default=0)
    duplicates = models.PositiveIntegerField(_("Known already"), default=0)
    refused = models.PositiveIntegerField(pgettext_lazy("rows", "Refused"), default=0)
    undone_at = models.DateTimeField(_("Undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("undone by"),
    )
    undoing_reason = models.TextField(_("Reason for undoing"), blank=True)

    class Meta:
        verbose_name = _("usage import")
        verbose_name_plural = _("usage imports")
        ordering = ["-imported_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undoing_reason="")
                | (Q(undone_at__isnull=False) & ~Q(undoing_reason="")),
                name="usage_import_undone_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.imported_at:%Y-%m-%d %H:%M})"


class UsageRecordQuerySet(models.QuerySet["UsageRecord"]):
    def standing(self) -> "UsageRecordQuerySet":
        """What was not taken back."""
        return self.filter(withdrawn_at__isnull=True)


class UsageRecord(models.Model):
    """A quantity of a usage product that a contract used in a month; `reference` names it in its source.

    `invoice` is the live invoice that charges it. Where the unit is the yen, the quantity is an amount. What
    was imported by mistake is taken back, and owed no longer; its reference stays used, but where the whole
    import was undone.
    """

    contract = models.ForeignKey(
        "contracts.Contract", models.PROTECT, related_name="usage_records", verbose_name=_("contract")
    )
    product = models.SlugField(_("Product"))
    month = models.DateField(_("Month of use"), help_text=_("Its first day"))
    quantity = models.PositiveBigIntegerField(_("Quantity"))
    occurred_on = models.DateField(_("Day of use"))
    reference = models.CharField(_("Reference"), max_length=100)
    imported = models.ForeignKey(
        UsageImport, models.PROTECT, related_name="records", verbose_name=_("usage import")
    )
    invoice = models.ForeignKey(
        "Invoice",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="usage_records",
        verbose_name=_("invoice"),
    )
    withdrawn_at = models.DateTimeField(_("Withdrawn at"), null=True, blank=True)
    withdrawal_reason = models.TextField(_("Reason for withdrawing"), blank=True)
    undone = models.BooleanField(_("Import undone"), default=False)

    objects = UsageRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("usage record")
        verbose_name_plural = _("usage records")
        ordering = ["-occurred_on", "-pk"]
        indexes = [
            models.Index(
                fields=["contract", "month"], condition=Q(invoice__isnull=True), name="usage_not_charged"
            ),
            models.Index(fields=["month", "contract"], name="usage_month"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["reference"], condition=Q(undone=False), name="usage_reference_once"
            ),
            models.CheckConstraint(
                condition=Q(undone=False) | Q(withdrawn_at__isnull=False, invoice__isnull=True),
                name="usage_undone_before_invoiced",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="usage_month_first_day"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawal_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
                name="usage_withdrawn_for_a_reason",
            ),
            NeverChanges(
                name="billing_usagerecord_stays",
                except_fields=("invoice", "withdrawn_at", "withdrawal_reason", "undone"),
                says="imported usage never changes",
            ),
            NeverDeleted(name="billing_usagerecord_is_kept", says="imported usage is never deleted"),
        ]

    def __str__(self) -> str:
        return self.reference


class RefusedUsage(models.Model):
    """A row of a file that was not taken, as it was written, until somebody has settled it."""

    imported = models.ForeignKey(
        UsageImport, models.PROTECT, related_name="refused_rows", verbose_name=_("usage import")
    )
    row_number = models.PositiveIntegerField(_("Row"))
    values = models.JSONField(_("Values"))
    reasons = models.JSONField(_("Reasons"))
    settled_at = models.DateTimeField(_("Settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("settled by"),
    )
    settlement = models.TextField(_("How it was settled"), blank=True)

    class Meta:
        verbose_name = _("refused usage row")
        verbose_name_plural = _("refused usage rows")
        ordering = ["-imported", "row_number"]
        constraints = [
            models.UniqueConstraint(fields=["imported", "row_number"], name="refused_usage_once"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settlement="")
                | (Q(settled_at__isnull=False) & ~Q(settlement="")),
                name="refused_usage_settled_somehow",
            ),
            NeverDeleted(name="billing_refusedusage_is_kept", says="a refused row is never deleted"),
        ]

    def __str__(self) -> str:
        return f"{self.imported.file_name}: {self.row_number}"
