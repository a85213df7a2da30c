"""Issued invoices: frozen documents under gap-free numbers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.run import BillingRun
from contracts.models import Contract, Provider


class InvoiceCounter(models.Model):
    """The last invoice number that a provider gave in a fiscal year; its row is locked while one is given."""

    provider = models.ForeignKey(
        Provider, models.PROTECT, related_name="invoice_counters", verbose_name=_("provider")
    )
    fiscal_year = models.PositiveSmallIntegerField(_("Fiscal year"))
    last = models.PositiveIntegerField(_("Last number"), default=0)

    class Meta:
        verbose_name = _("invoice counter")
        verbose_name_plural = _("invoice counters")
        constraints = [
            models.UniqueConstraint(fields=["provider", "fiscal_year"], name="invoice_counter_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider.code}-{self.fiscal_year}: {self.last}"


class Invoice(models.Model):
    """A qualified invoice (適格請求書) as it was issued.

    `document` is its own copy of all that it states; the columns repeat what is searched by. Amounts are yen.
    The PDF is made from `document` alone, once.
    """

    provider = models.ForeignKey(
        Provider, models.PROTECT, related_name="invoices", verbose_name=_("provider")
    )
    fiscal_year = models.PositiveSmallIntegerField(_("Fiscal year"))
    sequence = models.PositiveIntegerField(_("Sequence"))
    number = models.CharField(_("Invoice number"), max_length=24, unique=True)
    run = models.ForeignKey(
        BillingRun, models.PROTECT, related_name="invoices", verbose_name=_("billing run")
    )
    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="invoices", verbose_name=_("contract")
    )
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="invoices",
        verbose_name=_("organisation"),
    )
    month = models.DateField(_("Month"), help_text=_("Its first day"))
    issued_on = models.DateField(_("Issue date"))
    due_on = models.DateField(_("Due date"))
    net = models.BigIntegerField(_("Net"))
    tax = models.BigIntegerField(_("Tax"))
    gross = models.BigIntegerField(_("Total"))
    document = models.JSONField(_("Document"))
    document_hash = models.CharField(_("Document hash"), max_length=64)
    pdf = models.FileField(_("PDF"), upload_to="invoices/", blank=True)
    pdf_hash = models.CharField(_("PDF hash"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-issued_on", "-number"]
        indexes = [
            models.Index(fields=["organisation", "issued_on"], name="invoice_customer_day"),
            models.Index(fields=["due_on"], name="invoice_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "fiscal_year", "sequence"], name="invoice_sequence_once"
            ),
            models.UniqueConstraint(fields=["contract", "month"], name="invoice_contract_month_once"),
            models.CheckConstraint(
                condition=models.Q(gross=models.F("net") + models.F("tax")), name="invoice_adds_up"
            ),
            models.CheckConstraint(condition=models.Q(month__day=1), name="invoice_month_first_day"),
        ]

    def __str__(self) -> str:
        return self.number
