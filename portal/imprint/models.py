"""Texts of the operator in versions, and which of them people were shown when they signed up."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.formats.prose import to_html
from portal.frozen import NeverChanges
from portal.language import in_english


class TextQuerySet(models.QuerySet["PublishedText"]):
    def of(self, kind: str) -> Self:
        """The versions of a text, the newest first."""
        return self.filter(kind=kind).order_by(F("starts_on").desc(nulls_last=True), "-version")

    def in_force(self, kind: str, day: date) -> "PublishedText | None":
        """The version of a text that holds on a day; None where there is none."""
        return self.of(kind).filter(Q(starts_on__isnull=True) | Q(starts_on__lte=day)).first()


class PublishedText(models.Model):
    """One version of a text in both languages; the first one, which the portal brings along, holds from ever.

    It is never changed, which a trigger keeps: people agreed to it.
    """

    class Kind(models.TextChoices):
        OPERATOR = "operator", _("Operator")
        PRIVACY = "privacy", _("Privacy policy")
        TERMS = "terms", _("Terms of use of the portal")
        ACCESSIBILITY = "accessibility", _("Accessibility")
        CONTACT = "contact", _("Contact us")

    AT_SIGN_UP = (Kind.TERMS, Kind.PRIVACY)
    """Those that who signs up reads, and agrees to."""

    kind = models.CharField(pgettext_lazy("of the operator", "Text"), max_length=15, choices=Kind.choices)
    version = models.PositiveIntegerField(_("Version"))
    starts_on = models.DateField(_("Holds from"), null=True, blank=True)
    text_ja = models.TextField(_("Text in Japanese"))
    text_en = models.TextField(_("Text in English"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Published by"),
    )
    published_at = models.DateTimeField(_("Published at"), null=True, blank=True)

    objects = models.Manager.from_queryset(TextQuerySet)()

    class Meta:
        verbose_name = _("text of the operator")
        verbose_name_plural = _("texts of the operator")
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="published_text_version"),
            models.CheckConstraint(condition=~Q(text_ja="") & ~Q(text_en=""), name="published_text_in_both"),
            NeverChanges(name="imprint_publishedtext_stays", says="a text of the operator never changes"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"

    @property
    def html(self) -> str:
        """The text in the language of the interface."""
        return to_html(self.text_en if in_english() else self.text_ja)


class AgreedText(models.Model):
    """Which version of a text somebody read, and agreed to, when they signed up."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="agreed_texts", verbose_name=_("person")
    )
    text = models.ForeignKey(
        PublishedText, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("of the operator", "Text")
    )
    at = models.DateTimeField(_("At"))

    class Meta:
        verbose_name = _("agreed text of the operator")
        verbose_name_plural = _("agreed texts of the operator")
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["person", "text"], name="agreed_text_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.text_id}"
