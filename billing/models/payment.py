"""Money received for invoices, and what customers have to their credit."""

from typing import Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts.models.limits import amount_at_most
from portal.frozen import NeverChanges, NeverDeleted


class PaymentQuerySet(models.QuerySet["Payment"]):
    def standing(self) -> Self:
        """Payments of which anything is left, with what is `left` after all that was taken back of them."""
        taken = Payment.objects.filter(takes_back=OuterRef("pk")).order_by().values("takes_back")
        left = F("amount") + Coalesce(Subquery(taken.annotate(sum=Sum("amount")).values("sum")), 0)
        return self.filter(takes_back__isnull=True).annotate(left=left).filter(left__gt=0)


class Payment(models.Model):
    """An amount in yen that counts as paid on an invoice from a day on, all or in part; it never changes.

    What turns out otherwise is a row of its own, below zero, which names the payment that it takes back, all
    or in part. What was paid on a document that another one replaces is paid on that one, on the same day:
    the new row names the earlier one in `continues`. So what was known at a moment is what was recorded by
    then. `debtor` is who owed the invoice at that moment; in rows of earlier releases, its customer.
    """

    class Kind(models.TextChoices):
        ENTERED = "entered", _("Entered by staff")
        TRANSFER = "transfer", _("Bank transfer")
        DEBIT = "debit", _("Direct debit")
        SET_OFF = "set_off", _("Set off")
        HELD = "held", _("Kept until the full amount has come in")

    invoice = models.ForeignKey("Invoice", models.PROTECT, related_name="payments", verbose_name=_("invoice"))
    paid_on = models.DateField(_("Paid on"))
    amount = models.BigIntegerField(_("Amount"))
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
    recorded_at = models.DateTimeField(_("Recorded at"), default=timezone.now)
    debtor = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("debtor"),
    )
    takes_back = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="taken_back_by",
        verbose_name=_("payment that this one takes back"),
    )
    continues = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="continued_by",
        verbose_name=_("payment that this one continues"),
    )

    left: int
    """What is left of a payment that stands, in yen: `standing` gives it."""

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["paid_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=1, takes_back__isnull=True)
                | Q(amount__lte=-1, takes_back__isnull=False, continues__isnull=True),
                name="payment_or_taken_back",
            ),
            # What is set off was not entered: it follows from an invoice and a credit.
            amount_at_most("amount", "payment_in_reach", unless=Q(kind="set_off")),
            models.UniqueConstraint(
                fields=["reference"],
                condition=Q(takes_back__isnull=True, continues__isnull=True),
                name="payment_reference_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind="transfer") | Q(transaction__isnull=False),
                name="payment_transfer_has_transaction",
            ),
            NeverChanges(name="billing_payment_stays", says="a recorded payment never changes"),
            NeverDeleted(name="billing_payment_is_kept", says="a recorded payment is never deleted"),
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
    """A change of a credit balance in yen: above zero when money is kept, below when it is used.

    What is kept for one invoice, until the rest of it has come in, names it as its `claim`.
    """

    class Kind(models.TextChoices):
        OVERPAID = "overpaid", _("Paid beyond what was open")
        HELD = "held", _("Kept until the full amount has come in")
        SET_OFF = "set_off", _("Set off")
        TAKEN_BACK = "taken_back", _("Taken back")
        OWED = "owed", _("Owed by the provider")
        PAID_OUT = "paid_out", _("Paid out")
        USED = "used", _("Used for the invoice for which it was kept")
        RELEASED = "released", _("No longer kept for an invoice")
        UNITED = "united", _("Booked over, as two organisations became one")
        BROUGHT = "brought", _("Brought in from an old system")

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
    claim = models.ForeignKey(
        "Invoice",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="held",
        verbose_name=_("invoice for which it is kept"),
    )
    recorded_at = models.DateTimeField(_("Recorded at"), default=timezone.now)

    class Meta:
        verbose_name = _("credit entry")
        verbose_name_plural = _("credit entries")
        ordering = ["on", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="credit_entry_not_zero"),
            models.UniqueConstraint(
                fields=["reference"], condition=Q(kind__in=["overpaid", "held"]), name="credit_reference_once"
            ),
            NeverChanges(name="billing_creditentry_stays", says="a credit entry never changes"),
            NeverDeleted(name="billing_creditentry_is_kept", says="a credit entry is never deleted"),
        ]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.amount}"
