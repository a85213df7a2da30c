"""Corrections of how a published version of the terms is read: its rules, never its text."""

import hashlib
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contracts.rules.calendar.period import japan_date
from portal.frozen import NeverChanges, NeverDeleted


class PolicyRevision(models.Model):
    """The rules of a published version as they are read since an error in them was corrected.

    The version's own row, policy and hash stay as they were published: they are what customers agreed to. A
    correction counts for decisions from the day on which it was put in force, or, where it `reaches_back`,
    from the version's first day. What a catalog brought waits without a number until somebody puts it in
    force or dismisses it, for a `reason`; from then on it never changes.
    """

    terms_version = models.ForeignKey(
        "TermsVersion", models.PROTECT, related_name="revisions", verbose_name=_("terms version")
    )
    number = models.PositiveSmallIntegerField(_("Number"), null=True, blank=True)
    policy_source = models.TextField(_("Policy"), help_text=_("TOML"))
    digest = models.CharField(_("Hash of the rules"), max_length=64, editable=False)
    reason = models.TextField(_("Reason"), blank=True)
    articles = models.JSONField(_("Articles"), default=list)
    reaches_back = models.BooleanField(_("From the version's first day"), default=False)
    stored_at = models.DateTimeField(_("Stored at"))
    in_force_at = models.DateTimeField(_("In force since"), null=True, blank=True)
    dismissed_at = models.DateTimeField(_("Dismissed at"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Proposed by"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Approved by"),
    )

    class Meta:
        verbose_name = _("corrected reading")
        verbose_name_plural = _("corrected readings")
        ordering = ["terms_version", "number"]
        constraints = [
            models.UniqueConstraint(fields=["terms_version", "number"], name="policy_revision_number_once"),
            models.UniqueConstraint(
                fields=["terms_version"],
                condition=Q(in_force_at__isnull=True, dismissed_at__isnull=True),
                name="policy_revision_one_waits",
            ),
            models.CheckConstraint(
                condition=Q(in_force_at__isnull=True, number__isnull=True)
                | (Q(in_force_at__isnull=False, number__gte=1) & ~Q(reason="")),
                name="policy_revision_in_force_says_why",
            ),
            models.CheckConstraint(
                condition=Q(dismissed_at__isnull=True) | (Q(in_force_at__isnull=True) & ~Q(reason="")),
                name="policy_revision_dismissed_says_why",
            ),
            NeverChanges(
                name="contracts_policyrevision_stays",
                when="OLD.in_force_at IS NOT NULL OR OLD.dismissed_at IS NOT NULL",
                says="a corrected reading that is in force never changes",
            ),
            NeverDeleted(
                name="contracts_policyrevision_is_kept",
                when="OLD.in_force_at IS NOT NULL OR OLD.dismissed_at IS NOT NULL",
                says="a corrected reading that is in force is never deleted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terms_version} R{self.number or '–'}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_in_force()
        self.digest = hashlib.sha256(self.policy_source.encode()).hexdigest()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_in_force()
        return super().delete(*args, **kwargs)

    def _refuse_in_force(self) -> None:
        if type(self).objects.filter(pk=self.pk, in_force_at__isnull=False).exists():
            raise PermissionDenied("A corrected reading in force never changes; correct it by the next one.")

    @property
    def waits(self) -> bool:
        """Whether a catalog brought it and nobody has put it in force or dismissed it."""
        return self.in_force_at is None and self.dismissed_at is None

    @property
    def in_force_on(self) -> date | None:
        """The day in Japan from which it counts, where it does not reach back; None while it waits."""
        return japan_date(self.in_force_at) if self.in_force_at else None

    def counts_on(self, day: date) -> bool:
        """Whether decisions of a day rest on it, as far as no later one goes before it."""
        return self.in_force_on is not None and (self.reaches_back or self.in_force_on <= day)
