"""Where what a contract owes is not what its documents charge, and up to where both were compared."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Comparison(models.Model):
    """Up to which month a contract's charges are known to be those that its facts give.

    `digest` covers all that the charges up to the month `through` follow from. `changed_at` is when a fact
    changed since. `listed_at` is the change that was last listed for staff. `first_listed` is False
    for a contract that was invoiced before the portal compared: its differences are listed first, and
    settled one by one.
    """

    contract = models.OneToOneField(
        "contracts.Contract",
        models.PROTECT,
        primary_key=True,
        related_name="comparison",
        verbose_name=_("contract"),
    )
    digest = models.CharField(max_length=64, blank=True)
    through = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    listed_at = models.DateTimeField(null=True, blank=True)
    first_listed = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("comparison of charges")
        verbose_name_plural = _("comparisons of charges")
        indexes = [
            models.Index(
                fields=["changed_at"], condition=Q(changed_at__isnull=False), name="comparison_changed"
            )
        ]

    def __str__(self) -> str:
        return str(self.contract)


class InvoicedElsewhere(models.Model):
    """Up to which day a contract was invoiced before it came into the portal; that counts as charged."""

    contract = models.OneToOneField(
        "contracts.Contract",
        models.PROTECT,
        primary_key=True,
        related_name="invoiced_elsewhere",
        verbose_name=_("contract"),
    )
    through = models.DateField(_("Invoiced elsewhere through"), help_text=_("The last day of a month"))
    reason = models.TextField(_("Reason"))
    recorded_at = models.DateTimeField(_("Recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )

    class Meta:
        verbose_name = _("months invoiced elsewhere")
        verbose_name_plural = _("months invoiced elsewhere")

    def __str__(self) -> str:
        return f"{self.contract} {self.through:%Y-%m-%d}"


class ChargeDifferenceQuerySet(models.QuerySet["ChargeDifference"]):
    def open(self) -> "ChargeDifferenceQuerySet":
        """What waits: for the next billing, or for somebody who decides."""
        return self.filter(state__in=(ChargeDifference.State.FOUND, ChargeDifference.State.LISTED))

    def against_customers(self) -> "ChargeDifferenceQuerySet":
        """What customers would pay more."""
        return self.filter(amount__gt=0)

    def for_customers(self) -> "ChargeDifferenceQuerySet":
        """What customers would pay less, or the same by another document."""
        return self.filter(amount__lte=0)

    def set_aside(self) -> "ChargeDifferenceQuerySet":
        """What no billing settles: it is not decided yet, or was waived."""
        return self.filter(state__in=(ChargeDifference.State.LISTED, ChargeDifference.State.WAIVED))

    def waived(self) -> "ChargeDifferenceQuerySet":
        """What is neither charged nor returned, now or later."""
        return self.filter(state=ChargeDifference.State.WAIVED)


class ChargeDifference(models.Model):
    """A product of a month that is owed another amount than documents charge, in yen without tax.

    `amount` is what is missing, below zero what is too much. One that is `found` is settled by the next
    billing; one of the first comparison is `listed`, and nothing follows until it is accepted or waived. The
    billing that settles it notes the `document` that charges, returns or states anew what was owed.
    """

    class State(models.TextChoices):
        FOUND = "found", _("For the next billing")
        LISTED = "listed", _("To decide")
        ACCEPTED = "accepted", pgettext_lazy("difference", "Accepted")
        SETTLED = "settled", pgettext_lazy("difference", "Settled")
        WAIVED = "waived", pgettext_lazy("difference", "Waived")

    class Cause(models.TextChoices):
        ERROR = "error", _("Price or tax")
        LATER_CHARGE = "later_charge", _("Charged too little")
        LATER_REDUCTION = "later_reduction", _("Charged too much")

    contract = models.ForeignKey(
        "contracts.Contract", models.PROTECT, related_name="charge_differences", verbose_name=_("contract")
    )
    month = models.DateField(_("Month"), help_text=_("Its first day"))
    product = models.SlugField(_("Product"))
    owed = models.BigIntegerField(_("Owed"))
    charged = models.BigIntegerField(_("Charged"))
    amount = models.BigIntegerField(_("Difference"))
    cause = models.CharField(pgettext_lazy("difference", "Cause"), max_length=16, choices=Cause.choices)
    invoice = models.CharField(_("Invoice"), max_length=24, blank=True)
    found_at = models.DateTimeField(_("Found at"))
    state = models.CharField(_("State"), max_length=10, choices=State.choices, default=State.FOUND)
    reason = models.TextField(_("Reason"), blank=True)
    settled_at = models.DateTimeField(_("Decided at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    document = models.ForeignKey(
        "Invoice",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="settled_differences",
        verbose_name=_("Settled with"),
    )

    objects = ChargeDifferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("difference from what is owed")
        verbose_name_plural = _("differences from what is owed")
        ordering = ["contract", "month", "product", "pk"]
        indexes = [
            models.Index(
                fields=["contract", "state"],
                condition=Q(state__in=["found", "listed"]),
                name="charge_difference_open",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "month", "product"],
                condition=Q(state__in=["found", "listed"]),
                name="charge_difference_open_once",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="charge_difference_month_first_day"),
            models.CheckConstraint(
                condition=Q(state__in=["found", "listed", "settled"], settled_at__isnull=True)
                | (Q(state__in=["accepted", "settled", "waived"], settled_at__isnull=False) & ~Q(reason="")),
                name="charge_difference_settled_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="settled", document__isnull=False)
                | (~Q(state="settled") & Q(document__isnull=True)),
                name="charge_difference_settled_by_a_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.month:%Y-%m} {self.product} {self.amount}"
