"""Amounts that follow from decisions rather than from a price list."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.calculation.costs import Costs
from billing.calculation.damages import Damages
from billing.calculation.deposit import Deposit
from billing.calculation.interest import InterestOfPayments
from billing.calculation.outage import Outage
from billing.calculation.outage_months import OutagesOfMonth
from billing.calculation.surcharge import EvadedFee, Surcharge
from contracts.models.task import CLAIM_DECISIONS
from contracts.rules.decision import Decision
from contracts.rules.stored import read
from portal.frozen import NeverChanges, NeverDeleted

ADJUSTMENT_DECISIONS: tuple[type[Decision], ...] = (
    *CLAIM_DECISIONS,
    Costs,
    Damages,
    Deposit,
    EvadedFee,
    InterestOfPayments,
    Outage,
    OutagesOfMonth,
    Surcharge,
)
"""What can lead to an amount beside the price list."""


class AdjustmentQuerySet(models.QuerySet["Adjustment"]):
    def pending(self) -> "AdjustmentQuerySet":
        """What still waits for the invoice that states it."""
        return self.filter(invoice__isnull=True, withdrawn_at__isnull=True, credit_entry__isnull=True)


class Adjustment(models.Model):
    """An amount in yen, without tax, that is charged (or, below zero, credited) once for a decision.

    `month` is the month of supply: it decides the tax rate, and no invoice of an earlier month states the
    amount. `invoice` is the live document that does; from then on the rest stays as it is. `origin` is the
    invoice that the decision is about, `claim` what a decision on the contract brought. `once_key` tells
    decisions apart that must not be taken twice. `due_on` is the day that the provider set for it, where the
    terms let it. What no invoice will state, and the provider owes, becomes
    the customer's credit: `credit_entry`.
    """

    class Kind(models.TextChoices):
        MINIMUM_TERM = "minimum-term", _("Remaining minimum term")
        SURCHARGE = "surcharge", _("Surcharge")
        EVADED_FEE = "evaded-fee", _("Evaded fee")
        COSTS = "costs", _("Costs")
        LATE_INTEREST = "late-interest", _("Late interest")
        OUTAGE_CREDIT = "outage-credit", _("Outage credit")
        DAMAGES = "damages", _("Damages")
        DEPOSIT = "deposit", _("Deposit")

    class Treatment(models.TextChoices):
        STANDARD = "standard", _("Standard rate")
        REDUCED = "reduced", _("Reduced rate")
        OUTSIDE = "outside", _("Outside the tax")

    contract = models.ForeignKey(
        "contracts.Contract", models.PROTECT, related_name="adjustments", verbose_name=_("contract")
    )
    kind = models.CharField(_("Kind"), max_length=20, choices=Kind.choices)
    names = models.JSONField(_("Name"))
    month = models.DateField(_("Month"), help_text=_("Its first day"))
    amount = models.BigIntegerField(_("Amount"))
    tax = models.CharField(_("Tax"), max_length=10, choices=Treatment.choices)
    terms_version = models.ForeignKey(
        "contracts.TermsVersion", models.PROTECT, related_name="+", verbose_name=_("terms version")
    )
    articles = models.JSONField(_("Articles"))
    decision = models.JSONField(_("Decision"), default=dict)
    due_on = models.DateField(
        _("Set due date"), null=True, blank=True, help_text=_("Empty: with the invoice that states it.")
    )
    reason = models.TextField(_("Reason"), blank=True)
    once_key = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(_("Decided at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    origin = models.ForeignKey(
        "Invoice",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adjustments_about",
        verbose_name=_("invoice that it is about"),
    )
    claim = models.ForeignKey(
        "contracts.Claim",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adjustments",
        verbose_name=_("one-off claim"),
    )
    invoice = models.ForeignKey(
        "Invoice",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adjustments",
        verbose_name=_("invoice"),
    )
    credit_entry = models.ForeignKey(
        "CreditEntry",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adjustments",
        verbose_name=_("credit entry"),
    )
    withdrawn_at = models.DateTimeField(_("Withdrawn at"), null=True, blank=True)
    withdrawal_reason = models.TextField(_("Reason for withdrawing"), blank=True)

    objects = AdjustmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("one-off charge or credit")
        verbose_name_plural = _("one-off charges and credits")
        ordering = ["-decided_at", "-pk"]
        indexes = [
            models.Index(
                fields=["contract", "month"],
                condition=Q(invoice__isnull=True, withdrawn_at__isnull=True),
                name="adjustment_pending",
            )
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="adjustment_not_zero"),
            models.CheckConstraint(condition=Q(month__day=1), name="adjustment_month_first_day"),
            models.CheckConstraint(
                condition=Q(invoice__isnull=True) | Q(withdrawn_at__isnull=True),
                name="adjustment_invoiced_or_withdrawn",
            ),
            models.UniqueConstraint(
                fields=["contract", "kind", "once_key"],
                condition=~Q(once_key="") & Q(withdrawn_at__isnull=True),
                name="adjustment_decided_once",
            ),
            models.UniqueConstraint(
                fields=["credit_entry"],
                condition=Q(credit_entry__isnull=False),
                name="adjustment_credited_once",
            ),
            models.UniqueConstraint(
                fields=["claim"], condition=Q(claim__isnull=False), name="adjustment_of_claim_once"
            ),
            NeverChanges(
                name="billing_adjustment_stays",
                except_fields=("invoice", "credit_entry", "withdrawn_at", "withdrawal_reason"),
                when="OLD.invoice_id IS NOT NULL",
                says="an invoiced amount never changes",
            ),
            NeverDeleted(name="billing_adjustment_is_kept", says="a decided amount is never deleted"),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.get_kind_display()} {self.amount}"

    @property
    def decided(self) -> Decision | None:
        """The decision that it follows from."""
        return read(self.decision, *ADJUSTMENT_DECISIONS)

    @property
    def is_pending(self) -> bool:
        """Whether it still waits for the invoice that states it."""
        return not (self.invoice_id or self.withdrawn_at or self.credit_entry_id)
