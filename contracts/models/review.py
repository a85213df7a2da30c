"""What staff found when they checked an application or a request before deciding."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReviewCheck(models.Model):
    """The result of one check, with who made it. Checked again, the newer result stands in its place."""

    class Kind(models.TextChoices):
        CREDIT = "credit", pgettext_lazy("check of a customer", "Credit")
        ANTISOCIAL_FORCES = "antisocial_forces", _("Anti-social forces")
        DUPLICATES = "duplicates", _("Duplicates")
        IDENTITY = "identity", _("Identity of the applicant")

    class Result(models.TextChoices):
        CLEAR = "clear", _("Nothing against it")
        CONCERN = "concern", _("Something speaks against it")

    application = models.ForeignKey(
        "Application",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="checks",
        verbose_name=_("application"),
    )
    request = models.ForeignKey(
        "ContractRequest",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="checks",
        verbose_name=_("request"),
    )
    kind = models.CharField(_("Check"), max_length=20, choices=Kind.choices)
    result = models.CharField(_("Result"), max_length=8, choices=Result.choices)
    note = models.TextField(_("Note"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By"))
    at = models.DateTimeField(_("At"))

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(application__isnull=False) ^ Q(request__isnull=False),
                name="review_check_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["application", "kind"],
                condition=Q(application__isnull=False),
                name="review_check_of_application_once",
            ),
            models.UniqueConstraint(
                fields=["request", "kind"],
                condition=Q(request__isnull=False),
                name="review_check_of_request_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_result_display()}"


class IdentityCheck(models.Model):
    """That an applicant's identity is to be proved, and how that was done.

    It is demanded with a `reason`; `seen_on` is the day on which staff saw the document, itself or as a copy
    that was handed in, and `person` who was identified by it. Copies are erased then, and no copy of what it
    states is kept but this.
    """

    class How(models.TextChoices):
        COPY = "copy", _("By a copy that was handed in")
        IN_PERSON = "in_person", _("In person")

    class Document(models.TextChoices):
        DRIVING_LICENCE = "driving_licence", _("Driving licence")
        MY_NUMBER_CARD = "my_number_card", _("My Number card (front)")
        PASSPORT = "passport", _("Passport")
        RESIDENCE_CARD = "residence_card", _("Residence card")
        OTHER = "other", _("Another document with a photograph")

    application = models.OneToOneField(
        "Application", models.PROTECT, related_name="identity", verbose_name=_("application")
    )
    reason = models.TextField(_("Reason"), blank=True)
    demanded_at = models.DateTimeField(_("Demanded at"), null=True, blank=True)
    demanded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("demanded by"),
    )
    how = models.CharField(_("How"), max_length=10, choices=How.choices, blank=True)
    document = models.CharField(_("Document"), max_length=20, choices=Document.choices, blank=True)
    person = models.CharField(_("Person identified"), max_length=100, blank=True)
    seen_on = models.DateField(_("Seen on"), null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("seen by"),
    )

    class Meta:
        verbose_name = _("proof of identity")
        verbose_name_plural = _("proofs of identity")
        constraints = [
            models.CheckConstraint(
                condition=Q(seen_on__isnull=True, how="", document="", person="", seen_by__isnull=True)
                | (
                    Q(seen_on__isnull=False, seen_by__isnull=False)
                    & ~Q(how="")
                    & ~Q(document="")
                    & ~Q(person="")
                ),
                name="identity_seen_wholly",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application}"
