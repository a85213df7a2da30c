"""Requests of a customer on a running contract."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models.contract import Contract
from contracts.models.terms import TermsVersion


class ContractRequest(models.Model):
    """A cancellation or change that a customer asked for, with the decision of the rules on it."""

    class Kind(models.TextChoices):
        CANCELLATION = "cancellation", _("Cancellation")
        ADD_ITEM = "add_item", _("Additional product")
        ADD_OPTION = "add_option", _("Additional option")
        DROP_ITEM = "drop_item", _("Cancellation of a product")
        DROP_OPTION = "drop_option", _("Cancellation of an option")
        QUANTITY_UP = "quantity_up", _("More of a product")
        QUANTITY_DOWN = "quantity_down", _("Less of a product")

    class Status(models.TextChoices):
        SUBMITTED = "submitted", _("Received")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")

    number = models.CharField(_("Reception number"), max_length=20, unique=True)
    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="requests", verbose_name=_("contract")
    )
    terms_version = models.ForeignKey(
        TermsVersion, models.PROTECT, related_name="+", verbose_name=_("terms version")
    )
    kind = models.CharField(_("Kind"), max_length=20, choices=Kind.choices)
    status = models.CharField(_("Status"), max_length=10, choices=Status.choices, default=Status.SUBMITTED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    submitted_at = models.DateTimeField(_("Submitted at"))
    wanted_on = models.DateField(_("Wanted date"), null=True, blank=True)
    product = models.SlugField(_("Product"), blank=True)
    quantity = models.PositiveIntegerField(_("Quantity"), default=0)
    user_ids_deleted = models.BooleanField(_("User IDs deleted"), default=False)
    decision = models.JSONField(_("Decision"), default=dict)
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["-submitted_at", "-pk"]
        indexes = [models.Index(fields=["status", "submitted_at"], name="request_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["contract"],
                condition=models.Q(kind="cancellation", status__in=["submitted", "accepted"]),
                name="request_one_cancellation",
            )
        ]

    def __str__(self) -> str:
        return self.number
