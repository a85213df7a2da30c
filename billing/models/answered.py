"""What customers send about money, and staff answer."""

from __future__ import annotations

from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

SUBMITTED = "submitted"

M = TypeVar("M", bound=models.Model)


class AnsweredQuerySet(models.QuerySet[M]):
    def waiting(self) -> Self:
        """What staff have to answer."""
        return self.filter(state=SUBMITTED)


class Answered(models.Model):
    """Sent once, and answered once by staff. A model of it has a `state`, which is `SUBMITTED` until then."""

    state: models.CharField[str, str]
    submission_key = models.UUIDField(unique=True)
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    reason = models.TextField(_("Reason"), blank=True)

    class Meta:
        abstract = True

    @property
    def waits(self) -> bool:
        """Whether staff have not answered yet, and it was not taken back."""
        return self.state == SUBMITTED
