"""The ledgers of e-mails: about invoices, and about letters."""

from typing import Any, Self

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.models.invoice import Invoice


class MailQuerySet(models.QuerySet[Any]):
    def unclaimed(self) -> Self:
        """Those that nobody has begun to hand over."""
        return self.filter(claimed_at__isnull=True)

    def to_look_at(self) -> Self:
        """Those whose handing over was interrupted or refused: staff decide whether to send them again."""
        return self.filter(claimed_at__isnull=False, accepted_at__isnull=True)


class InvoiceMailQuerySet(MailQuerySet):
    def waiting(self, invoices: QuerySet[Invoice]) -> Self:
        """Those of invoices that nobody has begun to hand over.

        Of a cancelled invoice none goes out but the one that tells of the cancellation.
        """
        due = Q(about=InvoiceMail.About.CANCELLED) | Q(invoice__cancelled_on__isnull=True)
        return self.unclaimed().filter(due, invoice__in=invoices)


class Mail(models.Model):
    """An e-mail that goes out once.

    It is claimed before it is handed to the mail server and accepted after it. Between the two, after a
    process was killed, nobody knows whether it went out: it stays `interrupted` until staff send it again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits to be sent")
        INTERRUPTED = "interrupted", _("Handing over was interrupted")
        ACCEPTED = "accepted", _("Taken by the mail server")
        REFUSED = "refused", _("Refused by the mail server")

    address = models.EmailField(_("E-mail address"))
    language = models.CharField(_("Language"), max_length=5)
    claimed_at = models.DateTimeField(_("Sent at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("Taken by the mail server at"), null=True, blank=True)
    refusal = models.CharField(_("Refusal"), max_length=500, blank=True)

    class Meta:
        abstract = True

    @property
    def state(self) -> State:
        if self.refusal:
            return self.State.REFUSED
        if self.accepted_at:
            return self.State.ACCEPTED
        return self.State.INTERRUPTED if self.claimed_at else self.State.WAITING


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

    objects = InvoiceMailQuerySet.as_manager()

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

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("e-mail of a letter about a deposit")
        verbose_name_plural = _("e-mails of letters about deposits")
        ordering = ["-pk"]
        constraints = [_claimed_first("deposit_mail_claimed_first")]

    def __str__(self) -> str:
        return f"{self.letter} {self.address}"
