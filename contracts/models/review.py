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
