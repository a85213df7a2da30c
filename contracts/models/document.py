"""Documents: those that customers hand in, and the letters that the provider issues."""

import hashlib
import json
from datetime import date
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contracts.models.fields import private_name
from portal.frozen import NeverChanges, NeverDeleted, gets_its_pdf_once

PAPER = "paper"
"""The kind of the scanned paper by which something was asked for: it proves nothing beside that."""


class ContractDocument(models.Model):
    """A file that proves what an application or a request states, or an agreement as it was signed.

    Only the two sides may have it; that of an agreement goes with the contract to who takes it over.
    """

    application = models.ForeignKey(
        "Application",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("application"),
    )
    request = models.ForeignKey(
        "ContractRequest",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("request"),
    )
    agreement = models.ForeignKey(
        "IndividualAgreement",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("individual agreement"),
    )
    organisation = models.ForeignKey(
        "organisations.Organisation", models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    kind = models.SlugField(
        _("Kind"), max_length=40, blank=True, help_text=_("Which of the documents that the policy names")
    )
    name = models.CharField(_("File name"), max_length=200)
    content_type = models.CharField(_("Type"), max_length=40)
    size = models.PositiveIntegerField(_("Size in bytes"))
    content_hash = models.CharField(_("Content hash"), max_length=64)
    file = models.FileField(_("File"), upload_to=private_name)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("Uploaded at"))

    class Meta:
        verbose_name = _("document handed in")
        verbose_name_plural = _("documents handed in")
        ordering = ["uploaded_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(application__isnull=False) & Q(request__isnull=True) & Q(agreement__isnull=True))
                | (Q(application__isnull=True) & Q(request__isnull=False) & Q(agreement__isnull=True))
                | (Q(application__isnull=True) & Q(request__isnull=True) & Q(agreement__isnull=False)),
                name="document_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["request", "content_hash"],
                condition=Q(request__isnull=False),
                name="document_of_request_once",
            ),
            models.UniqueConstraint(
                fields=["application", "content_hash"],
                condition=Q(application__isnull=False),
                name="document_of_application_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def owner_id(self) -> int:
        """Whose it is on the customer's side now."""
        return self.agreement.contract.organisation_id if self.agreement else self.organisation_id

    @property
    def contract_pk(self) -> int | None:
        """The primary key of the contract that it is about; None as long as there is none."""
        if self.application:
            return self.application.contract_pk
        about = self.request or self.agreement
        return about.contract_id if about else None


class IssuedLetter(models.Model):
    """A letter as it was issued: its own copy of all that it states, and its PDF. Frozen."""

    class Kind(models.TextChoices):
        ACCEPTANCE = "acceptance", _("Acceptance notice")
        REFUSAL = "refusal", _("Refusal notice")
        ACTIVATION = "activation", _("Activation notice")
        COMPLETION = "completion", _("Notice of completed change")
        CANCELLATION_RECEIPT = "cancellation_receipt", _("Receipt of a cancellation")
        CURE_DEMAND = "cure_demand", _("Demand to cure")
        TERMINATION = "termination", _("Termination notice")
        NON_RENEWAL = "no_renewal", _("Notice that the contract is not renewed")
        SUSPENSION = "suspension", _("Notice of a stop")

    number = models.CharField(_("Number"), max_length=20, unique=True)
    kind = models.CharField(_("Kind"), max_length=20, choices=Kind.choices)
    organisation = models.ForeignKey(
        "organisations.Organisation", models.PROTECT, related_name="letters", verbose_name=_("organisation")
    )
    application = models.ForeignKey(
        "Application",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="letters",
        verbose_name=_("application"),
    )
    contract = models.ForeignKey(
        "Contract",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="letters",
        verbose_name=_("contract"),
    )
    request = models.ForeignKey(
        "ContractRequest",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="letters",
        verbose_name=_("request"),
    )
    issued_at = models.DateTimeField(_("Issued at"))
    document = models.JSONField(_("Document"))
    document_hash = models.CharField(_("Document hash"), max_length=64)
    pdf = models.FileField(_("PDF"), upload_to="letters/", blank=True)
    pdf_hash = models.CharField(_("PDF hash"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("issued letter")
        verbose_name_plural = _("issued letters")
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "kind"],
                condition=Q(request__isnull=False),
                name="letter_on_request_once",
            ),
            models.UniqueConstraint(
                fields=["application", "kind"],
                condition=Q(application__isnull=False),
                name="letter_on_application_once",
            ),
            NeverChanges(
                name="contracts_issuedletter_stays",
                except_fields=("pdf", "pdf_hash"),
                says="an issued letter never changes",
            ),
            gets_its_pdf_once("contracts_issuedletter", "an issued letter"),
            NeverDeleted(name="contracts_issuedletter_is_kept", says="an issued letter is never deleted"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise PermissionDenied("An issued letter never changes.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise PermissionDenied("An issued letter is not deleted.")

    @property
    def contract_pk(self) -> int | None:
        """The primary key of the contract that it is about; None as long as there is none."""
        if self.contract_id:
            return self.contract_id
        if self.request:
            return self.request.contract_id
        return self.application.contract_pk if self.application else None

    def content_digest(self) -> str:
        """The SHA-256, in hexadecimal, of all that the letter states."""
        stated = json.dumps(self.document, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(stated.encode()).hexdigest()

    @property
    def title(self) -> str:
        """What it is called: as the terms name it, or by its kind."""
        named = self.document.get("named")
        if named:
            return str(named["en" if (get_language() or "ja").startswith("en") else "ja"])
        return str(self.get_kind_display())

    @property
    def issued_on(self) -> date:
        """The day that the letter bears."""
        return date.fromisoformat(self.document["issued_on"])

    @property
    def file_name(self) -> str:
        return f"{self.number}.pdf"
