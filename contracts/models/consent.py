"""Who agreed to which version of the terms. Each record seals the one before it, so that a change shows."""

import hashlib
import json
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

GENESIS = "0" * 64


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Consents are read and appended; nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise PermissionDenied("Consents are not changed.")

    def delete(self) -> NoReturn:
        raise PermissionDenied("Consents are not deleted.")


class Consent(models.Model):
    """An organisation's consent to a version, or its refusal.

    Written by `contracts.consents.answers` alone. `at` is when the version was agreed to, or counts as
    agreed to; `recorded_at` is when the record was made, which for a deemed consent may be later.
    """

    class How(models.TextChoices):
        APPLICATION = "application", _("With the application")
        RENEWED = "renewed", _("Renewed consent")
        DEEMED_BY_USE = "deemed_by_use", _("Deemed by use")
        DEEMED_BY_NOTICE = "deemed_by_notice", _("Deemed by notice")
        REFUSED = "refused", pgettext_lazy("consent", "Refused")

    sequence = models.PositiveBigIntegerField(_("Number"), unique=True)
    organisation = models.ForeignKey(
        "organisations.Organisation", models.PROTECT, related_name="consents", verbose_name=_("organisation")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    terms_version = models.ForeignKey(
        "TermsVersion", models.PROTECT, related_name="consents", verbose_name=_("terms version")
    )
    content_hash = models.CharField(_("Content hash"), max_length=64)
    how = models.CharField(_("How"), max_length=20, choices=How.choices)
    application = models.ForeignKey(
        "Application",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="consents",
        verbose_name=_("application"),
    )
    notice = models.ForeignKey(
        "Notice",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="consents",
        verbose_name=_("notice"),
    )
    at = models.DateTimeField(_("At"))
    recorded_at = models.DateTimeField(_("Recorded at"), default=timezone.now)
    ip_address = models.GenericIPAddressField(
        pgettext_lazy("address of a device", "From"), null=True, blank=True
    )
    previous_hash = models.CharField(_("Seal of the consent before"), max_length=64)
    hash = models.CharField(_("Seal"), max_length=64)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-sequence"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(how="deemed_by_notice"), name="consent_names_its_person"
            ),
            models.UniqueConstraint(
                fields=["organisation", "terms_version"],
                condition=Q(how__in=["deemed_by_use", "deemed_by_notice"]),
                name="consent_deemed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.organisation} – {self.terms_version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise PermissionDenied("Consents are not changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise PermissionDenied("Consents are not deleted.")

    def seal(self) -> str:
        """The SHA-256, in hexadecimal, of all that the consent states and of the seal before it."""
        stated = {
            "sequence": self.sequence,
            "organisation": self.organisation_id,
            "person": self.person_id,
            "terms_version": self.terms_version_id,
            "content_hash": self.content_hash,
            "how": self.how,
            "application": self.application_id,
            "notice": self.notice_id,
            "at": _moment(self.at),
            "recorded_at": _moment(self.recorded_at),
            "from": ip_address(self.ip_address).exploded if self.ip_address else None,
            "previous": self.previous_hash,
        }
        return hashlib.sha256(json.dumps(stated, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def is_intact(self) -> bool:
        """Whether the record still states what was sealed, of the version as it was agreed to."""
        return self.hash == self.seal() and self.content_hash == self.terms_version.content_digest()


class ConsentChain(models.Model):
    """The end of the chain: one row, locked while a consent is appended."""

    length = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="consent_chain_is_one")]

    def __str__(self) -> str:
        return f"{self.length} {self.last_hash}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
