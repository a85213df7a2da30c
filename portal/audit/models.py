"""Who did what, when. Each entry seals the one before it, so that a later change shows."""

import hashlib
import json
from datetime import UTC
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

GENESIS = "0" * 64


class AppendOnly(models.QuerySet["AuditEntry"]):
    """Entries are read and appended; nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise PermissionDenied("Audit entries are not changed.")

    def delete(self) -> NoReturn:
        raise PermissionDenied("Audit entries are not deleted.")


class AuditEntry(models.Model):
    """One operation, as it was carried out. Written by `portal.audit.record.record` alone."""

    sequence = models.PositiveBigIntegerField(_("Number"), unique=True)
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
    previous_hash = models.CharField(_("Seal of the entry before"), max_length=64)
    hash = models.CharField(_("Seal"), max_length=64)

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-sequence"]
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise PermissionDenied("Audit entries are not changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise PermissionDenied("Audit entries are not deleted.")

    def seal(self) -> str:
        """The SHA-256, in hexadecimal, of all that the entry states and of the seal before it."""
        stated = {
            "sequence": self.sequence,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": self.actor_id,
            "action": self.action,
            "object": [self.object_type, self.object_id],
            "organisation": self.organisation_id,
            "data": self.data,
            "previous": self.previous_hash,
        }
        return hashlib.sha256(json.dumps(stated, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class AuditChain(models.Model):
    """The end of the chain: one row, locked while an entry is appended."""

    length = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="audit_chain_is_one")]

    def __str__(self) -> str:
        return f"{self.length} {self.last_hash}"
