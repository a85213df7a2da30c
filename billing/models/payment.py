"""Money received for invoices, and what customers have to their credit."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contracts.models.limits import amount_at_most


class PaymentQuerySet(models.QuerySet["Payment"]):
    def standing(self) -> Self:
        """Payments that were not taken back."""
        return self.filter(withdrawn_at__isnull=True)


class Payment(models.Model):
    """An amount in yen that was paid on an invoice on a day, all or in part.

    What was matched wrongly is taken back and stays as a fact; only standing payments count.
    """

    class Kind(models.TextChoices):
        ENTERED = "entered", _("Entered by staff")
        TRANSFER = "transfer", _("Bank transfer")
        DEBIT = "debit", _("Direct debit")
        SET_OFF = "set_off", _("Set off")

    invoice = models.ForeignKey("Invoice", models.PROTECT, related_name="payments", verbose_name=_("invoice"))
    paid_on = models.DateField(_("Paid on"))
    amount = models.PositiveBigIntegerField(_("Amount"))
    reference = models.CharField(_("Reference"), max_length=100)
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind.choices, default=Kind.ENTERED)
    transaction = models.ForeignKey(
        "BankTransaction",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        verbose_name=_("bank entry"),
    )
    withdrawn_at = models.DateTimeField(_("Taken back at"), null=True, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["paid_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=1), name="payment_positive"),
            # What is set off was not entered: it follows from an invoice and a credit.
            amount_at_most("amount", "payment_in_reach", unless=Q(kind="set_off")),
            models.UniqueConstraint(
                fields=["reference"], condition=Q(withdrawn_at__isnull=True), name="payment_reference_once"
            ),
            models.UniqueConstraint(
                fields=["transaction", "invoice"],
                condition=Q(withdrawn_at__isnull=True),
                name="payment_once_of_transaction",
            ),
            models.CheckConstraint(
                condition=~Q(kind="transfer") | Q(transaction__isnull=False),
                name="payment_transfer_has_transaction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.amount}"


class CreditBalance(models.Model):
    """What a customer has paid a provider beyond its invoices: the sum of the entries, never below zero."""

    provider = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="+", verbose_name=_("provider")
    )
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="credit_balances",
        verbose_name=_("organisation"),
    )
    amount = models.BigIntegerField(_("Credit"), default=0)

    class Meta:
        verbose_name = _("credit balance")
        verbose_name_plural = _("credit balances")
        ordering = ["organisation", "provider"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "organisation"], name="credit_balance_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="credit_balance_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} – {self.provider}"


class CreditEntry(models.Model):
    """A change of a credit balance in yen: above zero when money is kept, below when it is used."""

    class Kind(models.TextChoices):
        OVERPAID = "overpaid", _("Paid beyond what was open")
        HELD = "held", _("Kept until the full amount has come in")
        SET_OFF = "set_off", _("Set off")
        TAKEN_BACK = "taken_back", _("Taken back")
        OWED = "owed", _("Owed by the provider")
        PAID_OUT = "paid_out", _("Paid out")

    balance = models.ForeignKey(
        CreditBalance, models.PROTECT, related_name="entries", verbose_name=_("credit balance")
    )
    on = models.DateField(_("On"))
    amount = models.BigIntegerField(_("Amount"))
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind.choices)
    reference = models.CharField(_("Reference"), max_length=100)
    transaction = models.ForeignKey(
        "BankTransaction",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_entries",
        verbose_name=_("bank entry"),
    )

    class Meta:
        verbose_name = _("credit entry")
        verbose_name_plural = _("credit entries")
        ordering = ["on", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="credit_entry_not_zero"),
            models.UniqueConstraint(
                fields=["reference"], condition=Q(kind__in=["overpaid", "held"]), name="credit_reference_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.amount}"
