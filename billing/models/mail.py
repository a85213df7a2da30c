"""The ledgers of e-mails from before the outbox (portal/outbox), which has taken over what stands here.

Nothing is written here any more; a later release drops them.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Mail(models.Model):
    """An e-mail that went out, or waited to, before the outbox was there."""

    address = models.EmailField(_("E-mail address"))
    language = models.CharField(_("Language"), max_length=5)
    claimed_at = models.DateTimeField(_("Sent at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("Taken by the mail server at"), null=True, blank=True)
    refusal = models.CharField(_("Refusal"), max_length=500, blank=True)

    class Meta:
        abstract = True


def _claimed_first(name: str) -> models.CheckConstraint:
    """What comes of handing an e-mail over is known only of one that was claimed."""
    return models.CheckConstraint(
        condition=Q(claimed_at__isnull=False) | Q(accepted_at__isnull=True, refusal=""), name=name
    )


class InvoiceMail(Mail):
    """The e-mail that tells a customer of an invoice, a return or a cancellation: one for each, ever."""

    class About(models.TextChoices):
        ISSUED = "issued", _("Issued")
        CANCELLED = "cancelled", _("Cancelled")

    invoice = models.ForeignKey(
        "Invoice",
        models.PROTECT,
        related_name="mails",
        related_query_name="mail",
        verbose_name=_("invoice"),
    )
    about = models.CharField(_("About"), max_length=10, choices=About.choices, default=About.ISSUED)

    class Meta:
        verbose_name = _("e-mail of an invoice")
        verbose_name_plural = _("e-mails of invoices")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["invoice"], name="invoice_mail_waiting", condition=Q(claimed_at__isnull=True)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "about"], name="invoice_mail_once"),
            _claimed_first("invoice_mail_claimed_first"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.address}"


class DepositMail(Mail):
    """The e-mail that brings a customer a letter about a deposit: one for each letter."""

    letter = models.OneToOneField(
        "DepositLetter", models.PROTECT, related_name="mail", verbose_name=_("letter about a deposit")
    )

    class Meta:
        verbose_name = _("e-mail of a letter about a deposit")
        verbose_name_plural = _("e-mails of letters about deposits")
        ordering = ["-pk"]
        constraints = [_claimed_first("deposit_mail_claimed_first")]

    def __str__(self) -> str:
        return f"{self.letter} {self.address}"
