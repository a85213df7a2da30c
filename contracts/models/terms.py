"""Versions of a service's terms: their text and their policy."""

import hashlib
from copy import copy
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.rules.policy.agreement import Agreement, agreed_policy
from contracts.rules.policy.schema import Policy, read_policy
from contracts.terms.markdown import parse
from contracts.terms.tree import Terms
from portal.frozen import NeverChanges, NeverDeleted

if TYPE_CHECKING:
    from contracts.models.service import Service


class TermsVersionQuerySet(models.QuerySet["TermsVersion"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def in_force(self, service: "Service", day: date) -> "TermsVersion | None":
        """The published version that governs a day; None before the first takes effect."""
        return (
            self.published().filter(service=service, effective_on__lte=day).order_by("-effective_on").first()
        )

    def announced(self, service: "Service", day: date) -> Self:
        """Published versions that take effect after a day, the next one first."""
        return self.published().filter(service=service, effective_on__gt=day).order_by("effective_on")

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.published().exists():
            raise PermissionDenied("A published version of the terms is not deleted.")
        return super().delete()


class TermsVersion(models.Model):
    """One version of the 約款: text and policy together.

    Once published it never changes: `save` refuses, and so does a trigger in the database.
    """

    service = models.ForeignKey("Service", models.PROTECT, related_name="versions", verbose_name=_("service"))
    name = models.CharField(_("Version"), max_length=40)
    title = models.CharField(_("Title"), max_length=200)
    revised_on = models.DateField(_("Revision date"), null=True, blank=True)
    announced_on = models.DateField(_("Announcement date"), null=True, blank=True)
    # A draft may lack the day and the policy; the type says what holds for all that is published.
    effective_on: "models.DateField[date | None, date]" = models.DateField(  # type: ignore[misc]
        _("Effective date"), null=True, blank=True
    )
    text = models.TextField(_("Text"), help_text=_("Markdown"))
    policy_source = models.TextField(_("Policy"), blank=True, help_text=_("TOML"))
    content_hash = models.CharField(_("Content hash"), max_length=64, editable=False)
    published_at = models.DateTimeField(_("Published at"), null=True, blank=True, editable=False)

    objects = TermsVersionQuerySet.as_manager()

    agreements: tuple[Agreement, ...] = ()
    """What goes before the policy for the one contract that this copy was made for."""

    class Meta:
        verbose_name = _("terms version")
        verbose_name_plural = _("terms versions")
        ordering = ["service", "-effective_on"]
        constraints = [
            models.UniqueConstraint(fields=["service", "name"], name="terms_version_name_once"),
            models.UniqueConstraint(fields=["service", "effective_on"], name="terms_version_day_once"),
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=True) | models.Q(effective_on__isnull=False),
                name="terms_version_published_with_day",
            ),
            NeverChanges(
                name="contracts_termsversion_stays",
                when="OLD.published_at IS NOT NULL",
                says="a published version of the terms never changes",
            ),
            NeverDeleted(
                name="contracts_termsversion_is_kept",
                when="OLD.published_at IS NOT NULL",
                says="a published version of the terms is never deleted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_when_published()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_when_published()
        return super().delete(*args, **kwargs)

    def _refuse_when_published(self) -> None:
        if type(self).objects.published().filter(pk=self.pk).exists():
            raise PermissionDenied("A published version of the terms never changes; publish a new one.")

    @property
    def terms(self) -> Terms:
        return _parsed_text(self.text)

    @property
    def policy(self) -> Policy:
        if self.agreements:
            return _agreed_policy(self.policy_source, self.agreements)
        return _parsed_policy(self.policy_source)

    def with_agreements(self, agreements: tuple[Agreement, ...]) -> "TermsVersion":
        """The version as it governs one contract: the same text, its policy with what was agreed."""
        if agreements == self.agreements:
            return self
        agreed = copy(self)
        agreed.agreements = agreements
        return agreed

    def content_digest(self) -> str:
        """The SHA-256, in hexadecimal, of the text and the policy together."""
        return hashlib.sha256(f"{self.text}\0{self.policy_source}".encode()).hexdigest()


@lru_cache(maxsize=64)
def _parsed_text(text: str) -> Terms:
    return parse(text)


@lru_cache(maxsize=64)
def _parsed_policy(source: str) -> Policy:
    return read_policy(source)


@lru_cache(maxsize=256)
def _agreed_policy(source: str, agreements: tuple[Agreement, ...]) -> Policy:
    return agreed_policy(source, agreements)
