"""Paying customers back what they have to their credit."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.bank import AccountFields
from contracts.models.limits import amount_at_most


class PayoutBatch(models.Model):
    """A file of transfers for one day; `request` is the file as it goes to the bank."""

    account = models.ForeignKey(
        "BankAccount", models.PROTECT, related_name="payout_batches", verbose_name=_("bank account")
    )
    pay_on = models.DateField(_("Transfer day"))
    request = models.TextField(_("Transfer file"))
    made_at = models.DateTimeField(_("Made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )

    class Meta:
        verbose_name = _("transfer file")
        verbose_name_plural = _("transfer files")
        ordering = ["-pay_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.pay_on:%Y-%m-%d} {self.account}"


class Payout(AccountFields):
    """A part of a customer's credit that is paid to an account of the customer's.

    The credit is used from when it is decided: `entry`. It waits for a file of transfers: `batch`. Where the
    bank could not make the transfer, the credit came back: `returned_on`.
    """

    balance = models.ForeignKey(
        "CreditBalance", models.PROTECT, related_name="payouts", verbose_name=_("credit balance")
    )
    amount = models.PositiveBigIntegerField(_("Amount"))
    holder = models.CharField(_("Account holder in kana"), max_length=30)
    entry = models.OneToOneField(
        "CreditEntry", models.PROTECT, related_name="payout", verbose_name=_("credit entry")
    )
    decided_at = models.DateTimeField(_("Decided at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    batch = models.ForeignKey(
        PayoutBatch,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payouts",
        verbose_name=_("transfer file"),
    )
    returned_on = models.DateField(_("Came back on"), null=True, blank=True)
    return_reason = models.CharField(_("Why it came back"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ["-decided_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=1), name="payout_positive"),
            amount_at_most("amount", "payout_in_reach"),
            models.CheckConstraint(
                condition=Q(returned_on__isnull=True, return_reason="")
                | (Q(returned_on__isnull=False, batch__isnull=False) & ~Q(return_reason="")),
                name="payout_came_back_from_a_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.balance.organisation} {self.amount}"
