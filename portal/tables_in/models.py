"""Tables that staff brought in: who, what, when, and what became of each row."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class TableImport(models.Model):
    """A table as it was shown, and since `taken_at` as it was taken in.

    `digest` is the SHA-256 of what becomes of its rows, `rows` what pages show of them. File and rows go at
    `cleared_at`; who brought in what, when, and how much of it, stays.
    """

    provider = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="+", verbose_name=_("provider")
    )
    kind = models.CharField(_("Kind of table"), max_length=40)
    file_name = models.CharField(_("File name"), max_length=255)
    file = models.FileField(_("File"), upload_to="tables/", blank=True)
    content_hash = models.CharField(_("Content hash"), max_length=64)
    brought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Brought in by")
    )
    shown_at = models.DateTimeField(_("Shown at"))
    taken_at = models.DateTimeField(_("Taken in at"), null=True, blank=True)
    cleared_at = models.DateTimeField(_("File removed at"), null=True, blank=True)
    digest = models.CharField(_("Digest of what was shown"), max_length=64)
    rows = models.JSONField(_("Rows"), default=list, blank=True)
    new = models.PositiveIntegerField(_("New rows"))
    changed = models.PositiveIntegerField(_("Changed rows"))
    unchanged = models.PositiveIntegerField(_("Unchanged rows"))
    refused = models.PositiveIntegerField(_("Refused rows"))

    class Meta:
        verbose_name = _("table brought in")
        verbose_name_plural = _("tables brought in")
        ordering = ["-shown_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True) | Q(taken_at__gte=F("shown_at")),
                name="table_import_taken_after_shown",
            ),
            models.CheckConstraint(
                condition=Q(cleared_at__isnull=True) & ~Q(file="") | Q(cleared_at__isnull=False, file=""),
                name="table_import_cleared_is_gone",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def waits(self) -> bool:
        """Whether it was shown, and can still be taken in."""
        return self.taken_at is None and self.cleared_at is None

    @property
    def proposed(self) -> int:
        """How many rows take effect when a second person approves them."""
        return sum(bool(row.get("waits")) for row in self.rows)

    @property
    def effective(self) -> int:
        """How many rows change anything."""
        return self.new + self.changed
