"""Providers and the services that they offer under terms of their own."""

from datetime import date
from typing import TYPE_CHECKING

from django.core.validators import RegexValidator
from django.db import models
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from contracts.models.fields import in_current_language
from contracts.rules.policy.service_file import USUAL_REMINDERS
from portal.frozen import NeverChanges
from portal.organisations.corporate_number import validate_corporate_number

if TYPE_CHECKING:
    from contracts.models.agents import SalesAgent


def usual_reminders() -> list[dict[str, int]]:
    return [step.model_dump() for step in USUAL_REMINDERS]


class IssuerManager(models.Manager["Provider"]):
    """All who issue invoices, with their particulars, without which none can be named."""

    def get_queryset(self) -> models.QuerySet["Provider"]:
        return super().get_queryset().prefetch_related("particulars")


class ProviderManager(IssuerManager):
    """Those of them who offer services."""

    def get_queryset(self) -> models.QuerySet["Provider"]:
        return super().get_queryset().filter(principal__isnull=True)


class Provider(models.Model):
    """A company that issues invoices and is owed what they charge.

    That is who offers services and accepts applications; or a sales agent that sells them as the customers'
    counterparty. Such a one has a `principal`: the provider of these services, whose staff keep its books.

    What it is called, where it is, its registration number and its account are particulars with dates (`on`).
    Its corporate number is given once and never changes (法人番号; 番号法39条).
    """

    class PaymentOrder(models.TextChoices):
        LAW = "law", _("In the order of the law (Civil Code 488-4)")
        DUE_FIRST = "due_first", _("Those due first, as the provider names them (Civil Code 488-2)")

    code = models.CharField(
        _("Code"),
        max_length=8,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9]+$", _("Use capital letters and digits."))],
        help_text=_("Begins every invoice number."),
    )
    corporate_number = models.CharField(
        _("Corporate number"), max_length=13, blank=True, validators=[validate_corporate_number]
    )
    reminders = models.JSONField(
        _("Payment reminders"),
        default=usual_reminders,
        help_text=_("For each: from how many days after the due date, and how many days it gives to pay"),
    )
    payment_order = models.CharField(
        _("Invoices that a payment meets"),
        max_length=10,
        choices=PaymentOrder.choices,
        default=PaymentOrder.LAW,
        help_text=_("Where the payer names none. Customers see it beside their balance."),
    )
    fiscal_year_starts_in = models.PositiveSmallIntegerField(_("First month of the fiscal year"), default=4)
    principal = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="issuing_agents",
        verbose_name=_("sells services of"),
        help_text=_("Of a sales agent that issues invoices of its own."),
    )

    objects = ProviderManager()
    issuers = IssuerManager()

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(fiscal_year_starts_in__range=(1, 12)), name="provider_fiscal_year_month"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kept_by(self) -> "Provider":
        """Whose staff keep its books, and decide by the rules set for them."""
        return self.principal or self

    @property
    def name(self) -> str:
        """What it is called today."""
        return self.on(localdate()).name

    @property
    def phone(self) -> str:
        """By which telephone it is reached today."""
        return self.on(localdate()).phone

    @property
    def email(self) -> str:
        """Where answers to e-mails of today go."""
        return self.on(localdate()).email

    def on(self, day: date) -> "ProviderParticulars":
        """The particulars that hold on a day. For many providers, prefetch `particulars`."""
        models.prefetch_related_objects([self], "particulars")
        return next(row for row in self.particulars.all() if row.starts_on is None or row.starts_on <= day)

    @property
    def issuing_keys(self) -> list[int]:
        """The primary keys of who issues invoices for its services: its own, and those of agents."""
        return [self.pk, *Provider.issuers.filter(principal=self.pk).values_list("pk", flat=True)]

    def is_registered_on(self, day: date) -> bool:
        """Whether what it supplies on a day is supplied with a registration number (消費税法57条の2)."""
        return bool(self.on(day).registration_number)


class ProviderParticulars(models.Model):
    """What is stated of a provider from a day on, until the next such row; the first holds from ever.

    A row is never changed, which a trigger keeps: documents rest on it. It can be withdrawn before it begins.
    """

    provider = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="particulars", verbose_name=_("provider")
    )
    starts_on = models.DateField(_("Starts on"), null=True, blank=True)
    name = models.CharField(_("Name"), max_length=200)
    name_en = models.CharField(_("Name in English"), max_length=200, blank=True)
    registration_number = models.CharField(
        _("Registration number"),
        max_length=14,
        blank=True,
        validators=[RegexValidator(r"^T[0-9]{13}$", _("Write T and 13 digits."))],
        help_text=_("Of the issuer of qualified invoices: T and 13 digits."),
    )
    postal_code = models.CharField(_("Postal code"), max_length=8)
    address = models.CharField(_("Address"), max_length=300)
    phone = models.CharField(_("Phone"), max_length=20)
    email = models.EmailField(_("E-mail address"))
    hours = models.CharField(
        _("Reception hours"),
        max_length=200,
        blank=True,
        help_text=_("On which days, and from when until when, customers reach somebody by telephone."),
    )
    bank_account = models.JSONField(
        _("Bank account"),
        default=dict,
        blank=True,
        help_text=_("bank, branch, kind, number and holder, as invoices show them"),
    )
    payment_note = models.CharField(
        _("Note on payments"), max_length=300, blank=True, help_text=_("Stands on every invoice.")
    )

    class Meta:
        verbose_name = _("particulars of a provider")
        verbose_name_plural = _("particulars of providers")
        ordering = ["provider", models.F("starts_on").desc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(fields=["provider", "starts_on"], name="particulars_once_a_day"),
            models.UniqueConstraint(
                fields=["provider"], condition=models.Q(starts_on__isnull=True), name="first_particulars_once"
            ),
            models.CheckConstraint(
                condition=models.Q(registration_number="")
                | models.Q(registration_number__regex=r"^T[0-9]{13}$"),
                name="provider_registration_number",
            ),
            NeverChanges(
                name="contracts_providerparticulars_stay", says="what was stated of a provider never changes"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CompanyClosure(models.Model):
    """A day on which the provider is closed beyond weekends, holidays and yearly closures."""

    provider = models.ForeignKey(
        Provider, models.CASCADE, related_name="closures", verbose_name=_("provider")
    )
    day = models.DateField(_("Day"))
    note = models.CharField(_("Note"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("company closure")
        verbose_name_plural = _("company closures")
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["provider", "day"], name="closure_once")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.note}".strip()


class Service(models.Model):
    """Something that customers contract for, governed by the versions of its terms."""

    slug = models.SlugField(_("Key"), unique=True)
    provider = models.ForeignKey(
        Provider, models.PROTECT, related_name="services", verbose_name=_("provider")
    )
    names = models.JSONField(_("Names"))
    summaries = models.JSONField(_("Summaries"))
    sample_notes = models.JSONField(_("What is sample data"), null=True, blank=True)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_current_language(self.names)

    @property
    def sellers(self) -> "list[SalesAgent]":
        """Its sales agents, the first one first. For many services, prefetch `agents__rules`."""
        models.prefetch_related_objects([self], "agents__rules")
        return list(self.agents.all())

    @property
    def first_agent(self) -> "SalesAgent | None":
        """The agent that counts where none is named; None where none sells the service."""
        return next(iter(self.sellers), None)

    @property
    def binds_customers(self) -> bool:
        """Whether it has contracts: what it publishes from then on binds customers."""
        return self.contracts.exists()

    @property
    def summary(self) -> str:
        return in_current_language(self.summaries)

    @property
    def sample_note(self) -> str:
        return in_current_language(self.sample_notes) if self.sample_notes else ""
