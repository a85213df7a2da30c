"""Applications that are not sent yet, as far as somebody got with them."""

import uuid
from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models.fields import private_name
from contracts.rules.calendar.period import japan_date
from portal.retention.models import days_kept


class ApplicationDraft(models.Model):
    """What a person of an organisation has typed so far into the application for a service.

    `fields` is what was typed, by the names of the form's fields. `key` belongs to this very content: the
    page that shows it sends it back, and it becomes the application's submission key.
    """

    organisation = models.ForeignKey(
        "organisations.Organisation", models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    service = models.ForeignKey("Service", models.CASCADE, related_name="+", verbose_name=_("service"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person")
    )
    fields = models.JSONField(default=dict)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("Begun at"))
    updated_at = models.DateTimeField(_("Last changed at"))

    class Meta:
        verbose_name = _("draft of an application")
        verbose_name_plural = _("drafts of applications")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "service", "person"], name="application_draft_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} ({self.person})"

    @property
    def kept_until(self) -> date:
        """The last day on which it is there, if nobody touches it."""
        return japan_date(self.updated_at) + timedelta(days=days_kept(self.service.provider.code, "drafts"))


class DraftDocument(models.Model):
    """A document that goes with an application once it is sent."""

    draft = models.ForeignKey(ApplicationDraft, models.CASCADE, related_name="documents")
    kind = models.SlugField(_("Document"), max_length=40)
    name = models.CharField(_("File name"), max_length=200)
    size = models.PositiveIntegerField(_("Size in bytes"))
    content_hash = models.CharField(_("Content hash"), max_length=64)
    file = models.FileField(_("File"), upload_to=private_name)
    uploaded_at = models.DateTimeField(_("Uploaded at"))

    class Meta:
        verbose_name = _("document of a draft")
        verbose_name_plural = _("documents of drafts")
        ordering = ["uploaded_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "content_hash"], name="draft_document_once"),
        ]

    def __str__(self) -> str:
        return self.name
