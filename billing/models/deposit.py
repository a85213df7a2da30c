"""Deposits against unpaid fees (利用保証金)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.calculation.deposit import Deposit as DepositDecision
from billing.models.letters import Letter, stays_as_issued
from contracts.models.limits import amount_at_most
from contracts.rules.stored import read


class Deposit(models.Model):
    """An amount in yen that was asked for, without tax and interest; then received, used, returned.

    `adjustment` puts it on an invoice, where the terms let it be billed. `expected` is the monthly fee, in
    yen without tax, that was to be expected, where that was the reason, and `reason` why. Once nothing is
    left of it, it is used up, and another one can be asked for.
    """

    contract = models.ForeignKey(
        "contracts.Contract", models.PROTECT, related_name="deposits", verbose_name=_("contract")
    )
    amount = models.PositiveBigIntegerField(_("Amount"))
    asked_on = models.DateField(_("Asked on"))
    pay_by = models.DateField(_("To be paid by"))
    expected = models.PositiveBigIntegerField(_("Expected monthly fee"), null=True, blank=True)
    reason = models.TextField(_("Reason"), blank=True)
    decision = models.JSONField(_("Decision"), default=dict)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    adjustment = models.OneToOneField(
        "Adjustment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deposit",
        verbose_name=_("one-off charge or credit"),
    )
    received_on = models.DateField(pgettext_lazy("money", "Received on"), null=True, blank=True)
    reference = models.CharField(_("Reference"), max_length=100, blank=True)
    used_up_on = models.DateField(_("Used up on"), null=True, blank=True)
    returned_on = models.DateField(_("Returned on"), null=True, blank=True)
    returned_amount = models.PositiveBigIntegerField(_("Returned amount"), default=0)

    class Meta:
        verbose_name = _("deposit")
        verbose_name_plural = _("deposits")
        ordering = ["-asked_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=1), name="deposit_positive"),
            amount_at_most("amount", "deposit_in_reach"),
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(returned_on__isnull=True, used_up_on__isnull=True),
                name="deposit_one_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["reference"], condition=~Q(reference=""), name="deposit_reference_once"
            ),
            models.CheckConstraint(
                condition=Q(returned_on__isnull=True, returned_amount=0)
                | Q(returned_on__isnull=False, received_on__isnull=False),
                name="deposit_returned_after_receipt",
            ),
            models.CheckConstraint(
                condition=Q(used_up_on__isnull=True)
                | Q(received_on__isnull=False, used_up_on__isnull=False, returned_on__isnull=True),
                name="deposit_used_up_after_receipt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.amount}"

    @property
    def decided(self) -> DepositDecision | None:
        """Whether the terms let it be asked."""
        return read(self.decision, DepositDecision)


class DepositUse(models.Model):
    """A part of a deposit that was set against an invoice: the payment that it became."""

    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="uses", verbose_name=_("deposit"))
    payment = models.OneToOneField(
        "Payment", models.PROTECT, related_name="deposit_use", verbose_name=_("payment")
    )

    class Meta:
        verbose_name = _("use of a deposit")
        verbose_name_plural = _("uses of deposits")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.deposit} → {self.payment}"


class DepositLetter(Letter):
    """What a customer is told of a deposit: that it is asked for, came in, was used, was returned.

    Each `use` has a letter of its own.
    """

    class Kind(models.TextChoices):
        ASKED = "asked", _("Request for a deposit")
        RECEIVED = "received", _("Receipt of a deposit")
        USED = "used", _("Use of a deposit")
        RETURNED = "returned", _("Return of a deposit")

    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="letters", verbose_name=_("deposit"))
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="deposit_letters",
        verbose_name=_("organisation"),
    )
    use = models.OneToOneField(
        DepositUse,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="letter",
        verbose_name=_("use of a deposit"),
    )
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind.choices)

    class Meta:
        verbose_name = _("letter about a deposit")
        verbose_name_plural = _("letters about deposits")
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["deposit", "kind"], condition=Q(use__isnull=True), name="deposit_letter_once"
            ),
            *stays_as_issued("billing_depositletter"),
        ]

    def __str__(self) -> str:
        return f"{self.deposit} {self.get_kind_display()}"
