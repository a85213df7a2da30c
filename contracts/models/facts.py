"""What changes about a contract's customer, as dated rows: particulars, parties, authorised users."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ContractParticular(models.Model):
    """A particular of the customer as it is from a day on: the name, an address, a contact.

    Before the first row of a key the application's particulars hold, and the organisation's own data.
    """

    contract = models.ForeignKey(
        "Contract", models.PROTECT, related_name="particulars", verbose_name=_("contract")
    )
    key = models.SlugField(_("Particular"), max_length=40)
    value = models.CharField(_("Value"), max_length=600, blank=True)
    starts_on = models.DateField(_("Starts on"))
    request = models.ForeignKey(
        "ContractRequest",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("request"),
    )

    class Meta:
        verbose_name = _("particular of a contract")
        verbose_name_plural = _("particulars of contracts")
        ordering = ["contract", "key", "starts_on", "pk"]

    def __str__(self) -> str:
        return f"{self.contract} {self.key}"


class ContractParty(models.Model):
    """Who is the customer from a day on. The first customer has no row: it is the application's.

    `successors` are all who took over together, as they were reported; `organisation` acts for them. Up to
    release 0.1.0 nothing was stored of debts, and `takes_debts` is None; it also is until those are chosen
    that the plan of a split, or an agreement, names.
    """

    class NamedBy(models.TextChoices):
        CUSTOMER = "customer", _("Named by the successors")
        PROVIDER = "provider", _("Picked by the provider")

    contract = models.ForeignKey(
        "Contract", models.PROTECT, related_name="parties", verbose_name=_("contract")
    )
    organisation = models.ForeignKey(
        "organisations.Organisation", models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    starts_on = models.DateField(_("Starts on"))
    named_by = models.CharField(
        _("Representative"), max_length=8, choices=NamedBy.choices, default=NamedBy.CUSTOMER
    )
    representative = models.PositiveSmallIntegerField(_("Place of the representative"), default=0)
    successors = models.JSONField(_("Successors"), default=list)
    cause = models.CharField(_("Cause"), max_length=20, blank=True)
    takes_debts = models.BooleanField(_("Takes over the open debts"), null=True, blank=True)
    request = models.ForeignKey(
        "ContractRequest",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("request"),
    )

    class Meta:
        verbose_name = _("party to a contract")
        verbose_name_plural = _("parties to contracts")
        ordering = ["contract", "starts_on", "pk"]

    def __str__(self) -> str:
        return f"{self.contract} {self.organisation}"


class AuthorisedUserQuerySet(models.QuerySet["AuthorisedUser"]):
    def on(self, day: date) -> Self:
        """Those who may use the service on a day."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))


class AuthorisedUser(models.Model):
    """Somebody who may use the service beside the customer, by approval of the provider.

    `breach_on` is the day of a breach that is not cured.
    """

    contract = models.ForeignKey(
        "Contract", models.PROTECT, related_name="authorised_users", verbose_name=_("contract")
    )
    name = models.CharField(_("Name"), max_length=300)
    address = models.CharField(_("Address"), max_length=300)
    contact = models.CharField(_("Contact"), max_length=300)
    purpose = models.CharField(_("Purpose"), max_length=300, blank=True)
    starts_on = models.DateField(_("Starts on"))
    ends_on = models.DateField(_("Ends on"), null=True, blank=True)
    breach_on = models.DateField(_("Breach on"), null=True, blank=True)
    breach_note = models.TextField(_("Breach"), blank=True)
    request = models.ForeignKey(
        "ContractRequest",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("request"),
    )

    objects = AuthorisedUserQuerySet.as_manager()

    class Meta:
        verbose_name = _("authorised user")
        verbose_name_plural = _("authorised users")
        ordering = ["contract", "starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="authorised_user_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.name
