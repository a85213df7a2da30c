"""Running contracts of an old system: files that staff brought, staged until others confirm."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Takeover(models.Model):
    """A file of running contracts, from the dry run to the bringing in, and its annulment.

    Workers check the rows, and bring them in once a second person confirmed them; who works on it has it
    until `leased_until`. `loose` are lines of the file that belong to no contract of it; `trouble` is what
    stopped the work last. At `erased_at` what the file stated goes: rows keep their numbers and contracts.
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", pgettext_lazy("takeover", "Checked")
        BRINGING = "bringing", _("Being brought in")
        DONE = "done", pgettext_lazy("takeover", "Brought in")
        ANNULLED = "annulled", pgettext_lazy("takeover", "Annulled")
        DISCARDED = "discarded", pgettext_lazy("takeover", "Discarded")

    provider = models.ForeignKey(
        "Provider", models.PROTECT, related_name="takeovers", verbose_name=_("provider")
    )
    file_name = models.CharField(_("File"), max_length=255)
    file_hash = models.CharField(_("Hash"), max_length=64)
    state = models.CharField(_("Status"), max_length=10, choices=State.choices, default=State.CHECKING)
    loose = models.JSONField(_("Lines without a contract"), default=list)
    brought_at = models.DateTimeField(_("Uploaded at"))
    brought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    checked_at = models.DateTimeField(_("Checked at"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("Approved at"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    done_at = models.DateTimeField(_("Brought in at"), null=True, blank=True)
    annulled_at = models.DateTimeField(_("Annulled at"), null=True, blank=True)
    annul_reason = models.TextField(_("Reason for annulling"), blank=True)
    erased_at = models.DateTimeField(_("Lines erased at"), null=True, blank=True)
    trouble = models.TextField(_("Trouble"), blank=True)
    worker = models.CharField(_("Worker"), max_length=200, blank=True)
    leased_until = models.DateTimeField(_("Leased until"), null=True, blank=True)

    class Meta:
        verbose_name = _("contracts of an old system")
        verbose_name_plural = _("contracts of old systems")
        ordering = ["-brought_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(annulled_at__isnull=True, annul_reason="")
                | (Q(annulled_at__isnull=False, state="annulled") & ~Q(annul_reason="")),
                name="takeover_annulled_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["checking", "checked", "discarded"], confirmed_at__isnull=True)
                | Q(state__in=["bringing", "done", "annulled"], confirmed_at__isnull=False),
                name="takeover_confirmed_before_brought",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(state__in=["discarded", "done", "annulled"]),
                name="takeover_erased_when_over",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.provider.code})"

    @property
    def is_open(self) -> bool:
        """Whether it can still be confirmed, or let be."""
        return self.state in (self.State.CHECKING, self.State.CHECKED)


class TakeoverRow(models.Model):
    """One contract of such a file, with all lines that belong to it, and what the portal makes of them.

    `old_number` names the contract in the provider's old system: what was brought in under it is known ever
    after. `lines` are typed, by the keys of their sheets; `digest` covers them. `problems` say why it is
    refused, `remarks` what is unusual about it, `changes` what differs from what was brought in before.
    """

    class Verdict(models.TextChoices):
        UNCHECKED = "", _("Not checked yet")
        NEW = "new", pgettext_lazy("row", "New")
        KNOWN = "known", pgettext_lazy("row", "Unchanged")
        CHANGED = "changed", pgettext_lazy("row", "Changed")
        REFUSED = "refused", pgettext_lazy("row", "Refused")

    takeover = models.ForeignKey(
        Takeover, models.PROTECT, related_name="rows", verbose_name=_("contracts of an old system")
    )
    provider = models.ForeignKey("Provider", models.PROTECT, related_name="+", verbose_name=_("provider"))
    place = models.PositiveIntegerField(_("Row"))
    old_number = models.CharField(_("Number in the old system"), max_length=60)
    lines = models.JSONField(_("Lines"), default=dict)
    digest = models.CharField(_("Hash"), max_length=64)
    verdict = models.CharField(
        pgettext_lazy("row", "Verdict"), max_length=10, choices=Verdict.choices, blank=True
    )
    problems = models.JSONField(_("Problems"), default=list)
    remarks = models.JSONField(_("Remarks"), default=list)
    changes = models.JSONField(_("Changes"), default=list)
    foreseen = models.JSONField(_("What follows"), default=dict)
    contract = models.OneToOneField(
        "Contract",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="takeover_row",
        verbose_name=_("contract"),
    )
    brought_at = models.DateTimeField(_("Brought in at"), null=True, blank=True)
    annulled_at = models.DateTimeField(_("Annulled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("contract of an old system")
        verbose_name_plural = _("rows of contracts of old systems")
        ordering = ["takeover", "place"]
        indexes = [models.Index(fields=["takeover", "verdict", "place"], name="takeover_row_verdict")]
        constraints = [
            models.UniqueConstraint(fields=["takeover", "place"], name="takeover_row_place_once"),
            models.UniqueConstraint(
                fields=["provider", "old_number"],
                condition=Q(contract__isnull=False, annulled_at__isnull=True),
                name="takeover_row_brought_once",
            ),
            models.CheckConstraint(
                condition=Q(contract__isnull=True, brought_at__isnull=True)
                | Q(contract__isnull=False, brought_at__isnull=False),
                name="takeover_row_brought_at",
            ),
            models.CheckConstraint(
                condition=Q(annulled_at__isnull=True) | Q(brought_at__lte=F("annulled_at")),
                name="takeover_row_annulled_after",
            ),
        ]

    def __str__(self) -> str:
        return self.old_number
