"""Letters about what is owed: reminders and statements of set-off, frozen when they are issued."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.frozen import NeverChanges, NeverDeleted, gets_its_pdf_once


class Letter(models.Model):
    """A document to a customer: its content as it was issued, and its PDF once a worker has drawn it."""

    provider = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="+", verbose_name=_("provider")
    )
    issued_on = models.DateField(_("Issue date"))
    document = models.JSONField(_("Document"))
    document_hash = models.CharField(_("Document hash"), max_length=64)
    pdf = models.FileField(_("PDF"), upload_to="letters/", blank=True)
    pdf_hash = models.CharField(_("PDF hash"), max_length=64, blank=True)

    class Meta:
        abstract = True


def stays_as_issued(table: str, except_fields: tuple[str, ...] = ()) -> list[models.BaseConstraint]:
    """The constraints of a table of letters: none is deleted, or changes but in the given fields.

    Each gets its PDF once.
    """
    return [
        NeverChanges(
            name=f"{table}_stays",
            except_fields=("pdf", "pdf_hash", *except_fields),
            says="an issued letter never changes",
        ),
        gets_its_pdf_once(table, "an issued letter"),
        NeverDeleted(name=f"{table}_is_kept", says="an issued letter is never deleted"),
    ]


class Reminder(Letter):
    """A payment reminder (督促状) to a customer for invoices that are overdue."""

    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="reminders",
        verbose_name=_("organisation"),
    )
    step = models.PositiveSmallIntegerField(_("Reminder"))
    pay_by = models.DateField(_("To be paid by"))
    open_amount = models.BigIntegerField(_("Open amount"))
    interest = models.BigIntegerField(_("Late interest"))
    sent_to = models.EmailField(_("Sent to"), blank=True)
    sent_at = models.DateTimeField(_("Sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("payment reminder")
        verbose_name_plural = _("payment reminders")
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(open_amount__gte=1), name="reminder_of_something_open"),
            *stays_as_issued("billing_reminder", except_fields=("sent_to", "sent_at")),
        ]

    def __str__(self) -> str:
        return f"{self.issued_on:%Y-%m-%d} {self.organisation}"


class ReminderLine(models.Model):
    """An invoice in a reminder, with what was open and what late interest it had by then, in yen."""

    reminder = models.ForeignKey(
        Reminder, models.PROTECT, related_name="lines", verbose_name=_("payment reminder")
    )
    invoice = models.ForeignKey(
        "Invoice", models.PROTECT, related_name="reminder_lines", verbose_name=_("invoice")
    )
    step = models.PositiveSmallIntegerField(_("Reminder"))
    open_amount = models.BigIntegerField(_("Open amount"))
    interest = models.BigIntegerField(_("Late interest"))

    class Meta:
        verbose_name = _("reminded invoice")
        verbose_name_plural = _("reminded invoices")
        ordering = ["reminder", "invoice"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "step"], name="reminder_step_once"),
            models.CheckConstraint(condition=Q(step__gte=1), name="reminder_step_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.step}"


class SetOff(Letter):
    """A set-off (相殺) of a customer's credit against open invoices, with its written statement."""

    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="set_offs",
        verbose_name=_("organisation"),
    )
    amount = models.PositiveBigIntegerField(_("Amount"))
    payments = models.ManyToManyField("billing.Payment", related_name="set_offs", verbose_name=_("payments"))

    class Meta:
        verbose_name = _("set-off")
        verbose_name_plural = _("set-offs")
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=1), name="set_off_positive"),
            *stays_as_issued("billing_setoff"),
        ]

    def __str__(self) -> str:
        return f"{self.issued_on:%Y-%m-%d} {self.organisation}"
