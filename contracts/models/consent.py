"""Who agreed to which version of the terms. Each record seals the one before it, so that a change shows."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.audit.sealing import ChainEnd, Sealed, SealedQuerySet, moment, stays_as_sealed
from portal.organisations.models import Membership

_PERSONAL = ("ip_address",)
_PLAIN = {"ip_address": None}


class ConsentChain(ChainEnd):
    """The end of the chain of consents."""

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="consent_chain_is_one")]


class ConsentQuerySet(SealedQuerySet["Consent"]):
    def shown_to(self, membership: Membership) -> Self:
        """Those of a member's organisation that hold for contracts which the member sees."""
        own = self.filter(organisation__in=membership.organisation.as_one())
        if not membership.is_limited:
            return own
        renewed = Q(
            application__isnull=True, terms_version__service__in=membership.seen_contracts.values("service")
        )
        return own.filter(renewed | Q(application__contract__in=membership.seen_contracts))


class Consent(Sealed):
    """An organisation's consent to a version, or its refusal.

    Written by `contracts.consents.answers` alone. `at` is when the version was agreed to, or counts as
    agreed to; `recorded_at` is when the record was made, which may be later for one that is deemed, or that
    came on paper. `person` is who agreed; of one that was `received` beside the portal, who entered it.
    """

    class How(models.TextChoices):
        APPLICATION = "application", _("With the application")
        RECEIVED = "received", _("On paper or otherwise beside the portal; entered by staff")
        RENEWED = "renewed", _("Renewed consent")
        DEEMED_BY_USE = "deemed_by_use", _("Deemed by use")
        DEEMED_BY_NOTICE = "deemed_by_notice", _("Deemed by notice")
        REFUSED = "refused", pgettext_lazy("consent", "Refused")

    END = ConsentChain
    PERSONAL = _PERSONAL
    PLAIN = _PLAIN

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
            *stays_as_sealed("contracts_consent", _PERSONAL, _PLAIN, "a consent"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.organisation} – {self.terms_version}"

    @classmethod
    def told_of(cls, subject: models.Model) -> Q:
        is_organisation = subject._meta.label_lower == "organisations.organisation"
        own = Q(organisation=subject) | Q(organisation__united_into=subject)
        return own if is_organisation else Q(person=subject) & ~Q(how=cls.How.RECEIVED)

    def stated(self) -> dict[str, Any]:
        return {
            "organisation": self.organisation_id,
            "person": self.person_id,
            "terms_version": self.terms_version_id,
            "content_hash": self.content_hash,
            "how": self.how,
            "application": self.application_id,
            "notice": self.notice_id,
            "at": moment(self.at),
            "recorded_at": moment(self.recorded_at),
        }

    def personal_values(self) -> Mapping[str, Any]:
        return {"from": ip_address(self.ip_address).exploded if self.ip_address else None}

    @property
    def is_intact(self) -> bool:
        """Whether the record still states what was sealed, of the version as it was agreed to."""
        return self.is_as_sealed and self.content_hash == self.terms_version.content_digest()
