"""A provider's bank accounts, and what came in on them."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contracts.models.limits import amount_at_most


def _digits(count: int) -> RegexValidator:
    return RegexValidator(rf"^[0-9]{{{count}}}$", _("Write digits alone, with the zeros in front."))


class AccountKind(models.TextChoices):
    """預金種目, by the codes of bank files."""

    ORDINARY = "1", _("Ordinary account")
    CURRENT = "2", _("Current account")
    SAVINGS = "4", _("Savings account")
    OTHER = "9", _("Other account")


class AccountFields(models.Model):
    """An account at a bank, by the codes that bank files use; names in half-width kana."""

    bank_code = models.CharField(_("Bank code"), max_length=4, validators=[_digits(4)])
    bank_name = models.CharField(_("Bank's name in kana"), max_length=15, blank=True)
    branch_code = models.CharField(_("Branch code"), max_length=3, validators=[_digits(3)])
    branch_name = models.CharField(_("Branch's name in kana"), max_length=15, blank=True)
    account_kind = models.CharField(_("Kind of account"), max_length=1, choices=AccountKind.choices)
    account_number = models.CharField(_("Account number"), max_length=7, validators=[_digits(7)])

    class Meta:
        abstract = True


class BankAccount(AccountFields):
    """An account on which a provider is paid.

    `consignor_code` is what the bank gave for direct debits, `transfer_code` for files of transfers; without
    one there are none. `csv_columns` maps
    the columns of the bank's CSV files, in the shape of `Columns` in billing/documents/bank_files.
    """

    provider = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="bank_accounts", verbose_name=_("provider")
    )
    holder = models.CharField(_("Account holder in kana"), max_length=40)
    consignor_code = models.CharField(
        _("Consignor code"), max_length=10, blank=True, validators=[_digits(10)]
    )
    transfer_code = models.CharField(
        _("Client code for transfers"), max_length=10, blank=True, validators=[_digits(10)]
    )
    csv_columns = models.JSONField(_("Columns of CSV files"), default=dict, blank=True)

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        ordering = ["provider", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bank_code", "branch_code", "account_kind", "account_number"],
                name="bank_account_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.bank_code}-{self.branch_code} {self.account_number} {self.holder}"


class BankImport(models.Model):
    """A bank file that was taken in, once."""

    account = models.ForeignKey(
        BankAccount, models.PROTECT, related_name="imports", verbose_name=_("bank account")
    )
    file_name = models.CharField(_("File"), max_length=200)
    content_hash = models.CharField(_("Content hash"), max_length=64)
    at = models.DateTimeField(_("Imported at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("imported by"),
    )
    known = models.PositiveIntegerField(_("Known already"), default=0)
    outgoing = models.PositiveIntegerField(_("Went out"), default=0)

    class Meta:
        verbose_name = _("bank file")
        verbose_name_plural = _("bank files")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "content_hash"], name="bank_file_once"),
        ]

    def __str__(self) -> str:
        return self.file_name


class BankTransaction(models.Model):
    """An amount that came in on a bank account, as the bank states it.

    `fingerprint` tells entries apart: the same entry in another file has the same one. `allocated` is how
    much of the amount went to invoices and to the customer's credit: all or nothing. What is for no invoice
    is parked with a note.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("To be matched")
        SETTLED = "settled", _("Matched")
        PARKED = "parked", _("Parked")

    account = models.ForeignKey(
        BankAccount, models.PROTECT, related_name="transactions", verbose_name=_("bank account")
    )
    bank_import = models.ForeignKey(
        BankImport, models.PROTECT, related_name="transactions", verbose_name=_("bank file")
    )
    line = models.PositiveIntegerField(_("Line"))
    booked_on = models.DateField(_("Booked on"))
    value_on = models.DateField(_("Value date"))
    amount = models.PositiveBigIntegerField(_("Amount"))
    payer = models.CharField(_("Payer"), max_length=100, blank=True)
    reference = models.CharField(_("Reference"), max_length=100, blank=True)
    remark = models.CharField(_("Remark"), max_length=200, blank=True)
    fingerprint = models.CharField(_("Fingerprint"), max_length=64)
    status = models.CharField(_("Status"), max_length=8, choices=Status.choices, default=Status.OPEN)
    allocated = models.PositiveBigIntegerField(_("Allocated"), default=0)
    note = models.CharField(_("Note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("bank entry")
        verbose_name_plural = _("bank entries")
        ordering = ["-booked_on", "-pk"]
        indexes = [models.Index(fields=["status", "booked_on"], name="bank_entry_queue")]
        constraints = [
            models.UniqueConstraint(fields=["account", "fingerprint"], name="bank_entry_once"),
            models.CheckConstraint(condition=Q(amount__gte=1), name="bank_entry_positive"),
            amount_at_most("amount", "bank_entry_in_reach"),
            models.CheckConstraint(
                condition=Q(status="settled", allocated=F("amount"))
                | (~Q(status="settled") & Q(allocated=0)),
                name="bank_entry_allocated_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status="parked") | ~Q(note=""), name="bank_entry_parked_with_note"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booked_on:%Y-%m-%d} {self.payer} {self.amount}"

    @property
    def texts(self) -> tuple[str, ...]:
        """What may hold the number of an invoice, beside the payer's name."""
        return tuple(filter(None, (self.reference, self.remark)))


class PayerName(models.Model):
    """A name in kana under which a customer paid before; the next payment is recognised by it."""

    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="payer_names",
        verbose_name=_("organisation"),
    )
    name = models.CharField(_("Payer"), max_length=100)

    class Meta:
        verbose_name = _("payer's name")
        verbose_name_plural = _("payers' names")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="payer_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="payer_name_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name
