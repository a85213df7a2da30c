"""Outages of contracts as they were reported (障害の記録)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from billing.calculation.outage import Outage
from billing.models.answered import Answered, AnsweredQuerySet
from contracts.rules.stored import read


class OutageQuerySet(models.QuerySet["RecordedOutage"]):
    def standing(self) -> "OutageQuerySet":
        """What was not recorded by mistake."""
        return self.filter(withdrawn_at__isnull=True)


class RecordedOutage(models.Model):
    """A time during which a contract's service could not be used, and what the terms give for it.

    It is kept also where it brings nothing: the terms may add up outages within a month. `product` is the
    option that alone was out; `damage` is the actual damage in yen, where the terms owe that. `credit` is the
    amount that it counts in; `decision` is what was decided when it was recorded.
    """

    class Fault(models.TextChoices):
        ORDINARY = "ordinary", _("not the customer's")
        GROSS = "gross", _("the provider's intent or gross negligence")
        CUSTOMER = "customer", _("the customer's")
        EXTERNAL = "external", _("outside the service")

    contract = models.ForeignKey(
        "contracts.Contract", models.PROTECT, related_name="outages", verbose_name=_("contract")
    )
    known_at = models.DateTimeField(_("Known to the provider at"))
    restored_at = models.DateTimeField(_("Restored at"))
    fault = models.CharField(_("By whose fault"), max_length=10, choices=Fault.choices)
    product = models.SlugField(_("Option"), blank=True, help_text=_("Empty: the whole service."))
    damage = models.PositiveBigIntegerField(_("Actual damage"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("Claimed by the customer at"), null=True, blank=True)
    reason = models.TextField(_("Reason"), blank=True)
    decision = models.JSONField(_("Decision"), default=dict)
    credit = models.ForeignKey(
        "Adjustment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="outages",
        verbose_name=_("Outage credit"),
    )
    recorded_at = models.DateTimeField(_("Recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    withdrawn_at = models.DateTimeField(_("Withdrawn at"), null=True, blank=True)
    withdrawal_reason = models.TextField(_("Reason for withdrawing"), blank=True)

    objects = OutageQuerySet.as_manager()

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        ordering = ["-known_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(restored_at__gt=F("known_at")), name="outage_in_order"),
            models.UniqueConstraint(
                fields=["contract", "known_at"],
                condition=Q(withdrawn_at__isnull=True),
                name="outage_recorded_once",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawal_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
                name="outage_withdrawn_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {localtime(self.known_at):%Y-%m-%d %H:%M}"

    @property
    def decided(self) -> Outage | None:
        """What was decided when it was recorded."""
        return read(self.decision, Outage)


class OutageClaim(Answered):
    """An outage as a customer reports it, to be made good; staff record it as it was, or refuse it.

    `claimed_at` is the moment of the claim, by which a right that lapses is kept. `damage` is the damage in
    yen, where the terms owe that. `outage` is what it was accepted as.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Waiting for a decision")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    contract = models.ForeignKey(
        "contracts.Contract", models.PROTECT, related_name="outage_claims", verbose_name=_("contract")
    )
    organisation = models.ForeignKey(
        "organisations.Organisation", models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("claimed by")
    )
    claimed_at = models.DateTimeField(_("Claim sent at"))
    begins_at = models.DateTimeField(_("Down since"))
    ends_at = models.DateTimeField(_("Down until"))
    product = models.SlugField(_("Option"), blank=True, help_text=_("Empty: the whole service."))
    what = models.TextField(_("What could not be used"))
    damage = models.PositiveBigIntegerField(_("Actual damage"), null=True, blank=True)
    state = models.CharField(_("Status"), max_length=10, choices=State.choices, default=State.SUBMITTED)
    outage = models.ForeignKey(
        RecordedOutage,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="claims",
        verbose_name=_("outage"),
    )

    objects = AnsweredQuerySet["OutageClaim"].as_manager()

    class Meta:
        verbose_name = _("claim for an outage")
        verbose_name_plural = _("claims for outages")
        ordering = ["-claimed_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="outage_claim_in_order"),
            models.CheckConstraint(
                condition=Q(state="accepted", outage__isnull=False)
                | (~Q(state="accepted") & Q(outage__isnull=True)),
                name="outage_claim_accepted_as_an_outage",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="outage_claim_refused_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {localtime(self.begins_at):%Y-%m-%d %H:%M}"
