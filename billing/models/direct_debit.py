"""Direct debits: whose account, what was asked of the bank, what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.bank import AccountFields


class DebitMandate(AccountFields):
    """The account from which a customer lets a provider take what is due (口座振替依頼)."""

    provider = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="debit_mandates", verbose_name=_("provider")
    )
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="debit_mandates",
        verbose_name=_("organisation"),
    )
    holder = models.CharField(_("Account holder in kana"), max_length=30)
    customer_number = models.CharField(_("Customer number"), max_length=20, unique=True)
    used = models.BooleanField(_("Debited before"), default=False)
    ended_on = models.DateField(_("Ended on"), null=True, blank=True)

    class Meta:
        verbose_name = _("direct debit mandate")
        verbose_name_plural = _("direct debit mandates")
        ordering = ["organisation", "provider", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "organisation"],
                condition=Q(ended_on__isnull=True),
                name="debit_mandate_open_once",
            ),
            models.CheckConstraint(
                condition=Q(customer_number__regex=r"^[0-9]{20}$"), name="debit_mandate_20_digits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.bank_code}-{self.branch_code} {self.account_number}"


class DirectDebitBatch(models.Model):
    """A request to the bank for one day; `request` is the file as it goes to the bank."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Waiting for results")
        SETTLED = "settled", _("Results are in")

    account = models.ForeignKey(
        "BankAccount", models.PROTECT, related_name="debit_batches", verbose_name=_("bank account")
    )
    debit_on = models.DateField(_("Debit day"))
    status = models.CharField(_("Status"), max_length=10, choices=Status.choices, default=Status.REQUESTED)
    request = models.TextField(_("Request file"))
    requested_at = models.DateTimeField(_("Made at"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )
    settled_at = models.DateTimeField(_("Results at"), null=True, blank=True)

    class Meta:
        verbose_name = _("direct debit")
        verbose_name_plural = _("direct debits")
        ordering = ["-debit_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "debit_on"],
                condition=Q(status="requested"),
                name="debit_batch_open_once",
            ),
            models.CheckConstraint(
                condition=Q(status="requested", settled_at__isnull=True)
                | Q(status="settled", settled_at__isnull=False),
                name="debit_batch_settled_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.debit_on:%Y-%m-%d} {self.account}"


class DirectDebitLine(models.Model):
    """An invoice in a request; without a result the bank has not answered."""

    class Result(models.TextChoices):
        """振替結果コード"""

        DONE = "0", _("Done")
        FUNDS = "1", _("Insufficient funds")
        ACCOUNT = "2", _("No such account")
        HOLDER = "3", _("Stopped by the account holder")
        MANDATE = "4", _("No mandate at the bank")
        CONSIGNOR = "8", _("Stopped by the provider")
        OTHER = "9", _("Another reason")

    batch = models.ForeignKey(
        DirectDebitBatch, models.PROTECT, related_name="lines", verbose_name=_("direct debit")
    )
    sequence = models.PositiveIntegerField(_("Line"))
    invoice = models.ForeignKey(
        "Invoice", models.PROTECT, related_name="debit_lines", verbose_name=_("invoice")
    )
    mandate = models.ForeignKey(
        DebitMandate, models.PROTECT, related_name="lines", verbose_name=_("direct debit mandate")
    )
    amount = models.PositiveBigIntegerField(_("Amount"))
    result = models.CharField(_("Result"), max_length=1, choices=Result.choices, blank=True)

    class Meta:
        verbose_name = _("debited invoice")
        verbose_name_plural = _("debited invoices")
        ordering = ["batch", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "sequence"], name="debit_line_sequence_once"),
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(result=""), name="debit_line_invoice_waits_once"
            ),
            models.CheckConstraint(condition=Q(amount__gte=1), name="debit_line_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.amount}"
