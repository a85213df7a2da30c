"""Whole lives of contracts that a service has as examples, and how they come out by a draft of its terms."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ExampleLife(models.Model):
    """What happens to one contract and what must be true in the end, as worked examples write it (JSON).

    A catalog brings them. `accepted_for` is the version for which staff accepted another outcome than the
    catalog's: what they accepted stays.
    """

    service = models.ForeignKey("Service", models.PROTECT, related_name="lives", verbose_name=_("service"))
    name = models.CharField(_("Name"), max_length=200)
    source = models.JSONField(_("Life"))
    accepted_for = models.ForeignKey(
        "TermsVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("outcome accepted for version"),
    )

    class Meta:
        verbose_name = _("life of a contract")
        verbose_name_plural = _("lives of contracts")
        ordering = ["service", "name"]
        constraints = [models.UniqueConstraint(fields=["service", "name"], name="example_life_name_once")]

    def __str__(self) -> str:
        return f"{self.service} {self.name}"


class LivesRun(models.Model):
    """The lives of a service as they come out without a draft of its terms, and with it.

    `digest` is the SHA-256 of all that they were played by: with anything else they count as not played.
    `done` of `of` steps are taken; a life is played twice. `results` are there once `finished_at` is, and
    name the lives that come out otherwise than they are written, or than without the draft. `trouble` is
    what stopped them. Who plays them has the run until `leased_until`; nobody begins before that.
    """

    version = models.OneToOneField(
        "TermsVersion", models.CASCADE, related_name="lives_run", verbose_name=_("terms version")
    )
    digest = models.CharField(_("Hash of what they are played by"), max_length=64, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("Asked at"))
    done = models.PositiveIntegerField(_("Steps taken"), default=0)
    of = models.PositiveIntegerField(_("All steps"), default=0)
    results = models.JSONField(_("Results"), default=list, blank=True)
    finished_at = models.DateTimeField(_("Finished at"), null=True, blank=True)
    trouble = models.TextField(_("Trouble"), blank=True)
    worker = models.CharField(_("Worker"), max_length=200, blank=True)
    leased_until = models.DateTimeField(_("Leased until"), null=True, blank=True)

    class Meta:
        verbose_name = _("playing of lives")
        verbose_name_plural = _("playings of lives")
        constraints = [
            models.CheckConstraint(condition=Q(done__lte=F("of")), name="lives_run_done_of_all"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(done=F("of"), trouble="") & ~Q(digest=""),
                name="lives_run_finished_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.version)


class AcceptedOutcome(models.Model):
    """That a life comes out otherwise by a version than before it, accepted by somebody for a reason.

    `seen` is the digest of both outcomes: another one is not accepted by it.
    """

    version = models.ForeignKey(
        "TermsVersion", models.CASCADE, related_name="accepted_outcomes", verbose_name=_("terms version")
    )
    life = models.CharField(_("life of a contract"), max_length=200)
    seen = models.CharField(_("Hash of what was seen"), max_length=64)
    reason = models.TextField(_("Reason"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("accepted by")
    )
    accepted_at = models.DateTimeField(_("Accepted at"))

    class Meta:
        verbose_name = _("accepted outcome")
        verbose_name_plural = _("accepted outcomes")
        ordering = ["version", "life"]
        constraints = [
            models.UniqueConstraint(fields=["version", "life"], name="outcome_accepted_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="outcome_accepted_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.life}"
