"""How something reached the provider otherwise than through the portal."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from contracts.models.application import Application
    from contracts.models.request import ContractRequest


class Receipt(models.Model):
    """An application or a request that staff, or a sales agent, entered for a customer, as it came on paper.

    It has two moments: the rules count from `received_at`, which is when it is submitted, and `entered_at`
    tells when it was typed in. `entered_for` is the sales agent that took it in; none: the provider. `sender`
    is who sent or called, as the paper says; `exception` why a way was taken that the terms do not name.
    Where `original_awaited`, the paper itself is to follow what came by another way. The scanned paper is a
    document of what was asked for.
    """

    class Channel(models.TextChoices):
        LETTER = "letter", _("By post, or handed in")
        FAX = "fax", pgettext_lazy("way of receipt", "Fax")
        EMAIL = "email", pgettext_lazy("way of receipt", "E-mail")
        PHONE = "phone", _("Telephone")

    application = models.OneToOneField(
        "Application",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="receipt",
        verbose_name=_("application"),
    )
    request = models.OneToOneField(
        "ContractRequest",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="receipt",
        verbose_name=_("request"),
    )
    channel = models.CharField(_("Way of receipt"), max_length=10, choices=Channel.choices)
    received_at = models.DateTimeField(_("Received at"))
    entered_at = models.DateTimeField(_("Entered at"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    entered_for = models.ForeignKey(
        "SalesAgent",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entered for the sales agent"),
    )
    sender = models.CharField(_("Sent by"), max_length=200)
    note = models.TextField(_("Note"), blank=True)
    exception = models.TextField(_("Why this way was taken"), blank=True)
    original_awaited = models.BooleanField(_("The paper itself is to follow"), default=False)
    original_received_on = models.DateField(_("Paper received on"), null=True, blank=True)
    original_noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("receipt of the paper noted by"),
    )

    class Meta:
        verbose_name = _("receipt beside the portal")
        verbose_name_plural = _("receipts beside the portal")
        ordering = ["-entered_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(application__isnull=False, request__isnull=True)
                | Q(application__isnull=True, request__isnull=False),
                name="receipt_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["letter", "fax", "email", "phone"]), name="receipt_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(received_at__lte=F("entered_at")), name="receipt_before_its_entry"
            ),
            models.CheckConstraint(
                condition=Q(original_received_on__isnull=True, original_noted_by__isnull=True)
                | Q(original_received_on__isnull=False, original_noted_by__isnull=False),
                name="receipt_original_noted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked} {self.get_channel_display()}"

    @property
    def asked(self) -> "Application | ContractRequest | None":
        """What was received."""
        return self.application or self.request

    @property
    def waits_for_original(self) -> bool:
        """Whether the paper itself is still to come."""
        return self.original_awaited and self.original_received_on is None
