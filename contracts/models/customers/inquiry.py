"""What customers ask a provider, and what is answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Inquiry(models.Model):
    """A question of a customer to a provider, with what it is about.

    What it is about is kept by its kind and number (`contracts/extensions/subjects.py` lists the kinds), and
    by a `day` where it is a date. `contract` is the contract that this belongs to: of the customer's members
    those see the inquiry who see the contract; without one, those who are not limited to certain contracts.
    `handled_by` is who of the staff answers. It is open while the customer's last words wait for an answer;
    what is written after it was closed opens it again. `language` is the one it was asked in.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Waits for an answer")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", _("Closed")

    number = models.CharField(_("Number"), max_length=20, unique=True)
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="inquiries",
        verbose_name=_("organisation"),
    )
    provider = models.ForeignKey(
        "Provider", models.PROTECT, related_name="inquiries", verbose_name=_("provider")
    )
    contract = models.ForeignKey(
        "Contract",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="inquiries",
        verbose_name=_("contract"),
    )
    about_kind = models.CharField(_("What it is about"), max_length=20)
    about_number = models.CharField(_("Its number"), max_length=40)
    day = models.DateField(_("Date it is about"), null=True, blank=True)
    subject = models.CharField(_("Subject"), max_length=100)
    status = models.CharField(_("Status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("a question", "asked by"),
    )
    asked_at = models.DateTimeField(_("Date of the inquiry"))
    waits_since = models.DateTimeField(_("Waits for an answer since"))
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)
    language = models.CharField(_("Language"), max_length=2, choices=settings.LANGUAGES)
    submission_key = models.UUIDField(unique=True, editable=False)

    class Meta:
        verbose_name = _("inquiry")
        verbose_name_plural = _("inquiries")
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["status", "waits_since"], name="inquiry_queue")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False)
                | (~Q(status="closed") & Q(closed_at__isnull=True)),
                name="inquiry_closed_at",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_closed(self) -> bool:
        return self.status == self.Status.CLOSED


class InquiryMessage(models.Model):
    """What a customer wrote, or an answer of the staff."""

    inquiry = models.ForeignKey(Inquiry, models.PROTECT, related_name="messages", verbose_name=_("inquiry"))
    by_staff = models.BooleanField(_("Of the provider"))
    text = models.TextField(_("Text"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By"))
    at = models.DateTimeField(_("At"))

    class Meta:
        verbose_name = _("message of an inquiry")
        verbose_name_plural = _("messages of inquiries")
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="inquiry_message_says_something")]

    def __str__(self) -> str:
        return f"{self.inquiry} {self.at:%Y-%m-%d}"
