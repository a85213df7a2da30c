"""Who did what, when. Each entry seals the one before it, so that a later change shows."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.audit.sealing import ChainEnd, Sealed, SealedQuerySet, moment, stays_as_sealed

_PERSONAL = ("personal",)
_PLAIN: dict[str, object] = {"data": {}, "personal": None}


class AuditChain(ChainEnd):
    """The end of the audit trail."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="audit_chain_is_one")]


class AuditEntry(Sealed):
    """One operation, as it was carried out. Written by `portal.audit.record.record` alone.

    `personal` holds what it states of persons, and what people wrote; it can be erased.
    """

    END = AuditChain
    PERSONAL = _PERSONAL
    PLAIN = _PLAIN

    at = models.DateTimeField(_("At"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("By"),
        related_name="+",
    )
    action = models.CharField(_("Action"), max_length=100)
    object_type = models.CharField(_("Kind of object"), max_length=100)
    object_id = models.CharField(_("Object"), max_length=100)
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("organisation"),
        related_name="+",
    )
    data = models.JSONField(_("Data"), default=dict, encoder=DjangoJSONEncoder)
    personal = models.JSONField(_("Personal data"), null=True, blank=True)

    objects = SealedQuerySet["AuditEntry"].as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-sequence"]
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]
        constraints = stays_as_sealed("audit_auditentry", _PERSONAL, _PLAIN, "an audit entry")

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"

    @classmethod
    def told_of(cls, subject: models.Model) -> models.Q:
        if subject._meta.label_lower == "organisations.organisation":
            return models.Q(organisation=subject) | models.Q(organisation__united_into=subject)
        return models.Q(object_type=subject._meta.label_lower, object_id=str(subject.pk))

    def stated(self) -> dict[str, Any]:
        return {
            "at": moment(self.at),
            "actor": self.actor_id,
            "action": self.action,
            "object": [self.object_type, self.object_id],
            "organisation": self.organisation_id,
            "data": self.data,
        }

    def personal_values(self) -> Mapping[str, Any]:
        return self.personal or {}
