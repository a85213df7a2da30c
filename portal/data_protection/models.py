"""Copies of what is held about somebody, and erasures: asked for, worked on in the background, recorded."""

from typing import cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from portal.frozen import NeverDeleted, gets_its_pdf_once
from portal.organisations.models import Organisation, User


class WorkedOn(models.Model):
    """What a worker does in the background, step by step; see `billing.runs.leases`.

    `done` of `of` steps are taken. `trouble` is what stopped it last.
    """

    done = models.PositiveIntegerField(_("Steps taken"), default=0)
    of = models.PositiveIntegerField(_("All steps"), default=0)
    trouble = models.TextField(_("Trouble"), blank=True)
    worker = models.CharField(_("Worker"), max_length=200, blank=True)
    leased_until = models.DateTimeField(_("Leased until"), null=True, blank=True)

    class Meta:
        abstract = True


class DataCopy(WorkedOn):
    """A file with all that is held about a person or an organisation (個人情報保護法33条).

    It can be fetched until `expires_at`; then the file goes, and this row stays as the record of it. `reason`
    is the request that staff answer with it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Asked for")
        BEING_MADE = "being_made", _("Being made")
        READY = "ready", _("Ready")
        GONE = "gone", _("Its time is over")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("Asked at"))
    reason = models.TextField(_("Request that it answers"), blank=True)
    file = models.FileField(_("File"), upload_to="copies/", blank=True)
    content_hash = models.CharField(_("Content hash"), max_length=64, blank=True)
    size = models.PositiveBigIntegerField(_("Size in bytes"), default=0)
    made_at = models.DateTimeField(_("Made at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("Can be fetched until"), null=True, blank=True)
    removed_at = models.DateTimeField(_("File removed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("copy of what is held")
        verbose_name_plural = _("copies of what is held")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) ^ Q(organisation__isnull=False), name="data_copy_of_one"
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(made_at__isnull=True), name="data_copy_of_person_waits_once"
            ),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(made_at__isnull=True),
                name="data_copy_of_organisation_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(made_at__isnull=True, expires_at__isnull=True, content_hash="")
                | (Q(made_at__isnull=False, expires_at__isnull=False) & ~Q(content_hash="")),
                name="data_copy_made_is_kept",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(file="", made_at__isnull=False),
                name="data_copy_removed_is_gone",
            ),
            models.CheckConstraint(condition=Q(done__lte=F("of")), name="data_copy_done_of_all"),
            NeverDeleted(name="data_copy_is_kept", says="that a copy was made is never deleted"),
        ]

    def __str__(self) -> str:
        return str(self.subject)

    @property
    def subject(self) -> User | Organisation:
        """Whom it tells of."""
        return cast("User | Organisation", self.person or self.organisation)

    @property
    def state(self) -> State:
        if self.made_at is None:
            return self.State.BEING_MADE if self.worker else self.State.WAITING
        return self.State.READY if self.is_ready else self.State.GONE

    @property
    def is_ready(self) -> bool:
        """Whether its file can be fetched now."""
        return self.removed_at is None and self.expires_at is not None and now() < self.expires_at


class Erasure(WorkedOn):
    """What two people decided to erase: what is due of a provider, or what somebody asked to be erased.

    `provider` is a code, "" for what belongs to no single provider. `report` states what went and what
    stays, by which law and until when, and is drawn as a PDF; `answer_to` is where that goes by e-mail, until
    it does. Each row that goes is an `ErasureItem`.
    """

    proposal = models.OneToOneField(
        "approvals.Proposal", models.PROTECT, related_name="+", verbose_name=_("proposal")
    )
    provider = models.CharField(_("Provider's code"), max_length=8, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
    )
    asked_on = models.DateField(_("Asked on"), null=True, blank=True)
    reason = models.TextField(_("Reason"), blank=True)
    answer_to = models.EmailField(_("Report goes to"), blank=True)
    begun_at = models.DateTimeField(_("Approved at"))
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Approved by")
    )
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)
    report = models.JSONField(_("Report"), default=dict, blank=True)
    pdf = models.FileField(_("PDF"), upload_to="erasures/", blank=True)
    pdf_hash = models.CharField(_("PDF hash"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("erasure of personal data")
        verbose_name_plural = _("erasures of personal data")
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(organisation__isnull=True), name="erasure_of_one_at_most"
            ),
            models.CheckConstraint(condition=Q(done__lte=F("of")), name="erasure_done_of_all"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(done=F("of")), name="erasure_finished_whole"
            ),
            gets_its_pdf_once("data_protection_erasure", "the report of an erasure"),
            NeverDeleted(name="erasure_is_kept", says="that something was erased is never deleted"),
        ]

    def __str__(self) -> str:
        return str(self.person or self.organisation or self.provider or _("The whole portal"))


class ErasureItem(models.Model):
    """A row whose personal data go by an erasure; `left`: it was not due any more when it came to it.

    It stays as the mark that they are gone, by the row's key alone.
    """

    erasure = models.ForeignKey(
        Erasure, models.PROTECT, related_name="items", verbose_name=_("erasure of personal data")
    )
    kind = models.CharField(_("Kind of data"), max_length=30)
    model = models.CharField(_("Kind of object"), max_length=100)
    object_id = models.BigIntegerField(_("Object"))
    done_at = models.DateTimeField(_("Erased at"), null=True, blank=True)
    left = models.BooleanField(_("Was not due any more"), default=False)

    class Meta:
        verbose_name = _("erased row")
        verbose_name_plural = _("erased rows")
        ordering = ["pk"]
        indexes = [models.Index(fields=["model", "object_id"], name="erasure_item_object")]
        constraints = [
            models.UniqueConstraint(
                fields=["erasure", "kind", "model", "object_id"], name="erasure_item_once"
            ),
            NeverDeleted(name="erasure_item_is_kept", says="that a row was erased is never deleted"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}"
