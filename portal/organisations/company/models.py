"""What an organisation reports for a day to come, who asks to be let in, which e-mails people do not want."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ComingDetails(models.Model):
    """What an organisation is to state of itself from a day to come on, by the names of its fields."""

    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.CASCADE,
        related_name="coming_details",
        verbose_name=_("organisation"),
    )
    starts_on = models.DateField(_("Starts on"))
    details = models.JSONField(_("Details"))
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Reported by")
    )
    reported_at = models.DateTimeField(_("Reported at"), auto_now_add=True)

    class Meta:
        verbose_name = _("coming details of an organisation")
        verbose_name_plural = _("coming details of organisations")
        ordering = ["starts_on", "pk"]

    def __str__(self) -> str:
        return f"{self.organisation} {self.starts_on:%Y-%m-%d}"


class JoinRequest(models.Model):
    """A person who knows an organisation's corporate number and asks its owners to be let in."""

    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.CASCADE,
        related_name="join_requests",
        verbose_name=_("organisation"),
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person")
    )
    message = models.CharField(_("Message to the owners"), max_length=300, blank=True)
    asked_at = models.DateTimeField(_("Asked at"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Answered by"),
    )
    answered_at = models.DateTimeField(_("Answered at"), null=True, blank=True)
    let_in = models.BooleanField(_("Let in"), default=False)

    class Meta:
        verbose_name = _("request to join an organisation")
        verbose_name_plural = _("requests to join organisations")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "person"],
                condition=models.Q(answered_at__isnull=True),
                name="join_request_waits_once",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, answered_by__isnull=True, let_in=False)
                | models.Q(answered_at__isnull=False, answered_by__isnull=False),
                name="join_request_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.organisation}"


class NotificationPreference(models.Model):
    """A class of e-mails about an organisation that a person does not want; what is not here is wanted."""

    class Topic(models.TextChoices):
        CONTRACTS = "contracts", _("Applications, requests and contracts")
        BILLING = "billing", _("Invoices and payments")
        NOTICES = "notices", _("Notices of the terms and the services")
        REMINDERS = "reminders", _("Reminders of dates")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="notification_preferences",
        verbose_name=_("person"),
    )
    organisation = models.ForeignKey(
        "organisations.Organisation", models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    topic = models.CharField(_("Class of e-mails"), max_length=10, choices=Topic.choices)

    class Meta:
        verbose_name = _("class of e-mails not wanted")
        verbose_name_plural = _("classes of e-mails not wanted")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "topic"], name="notification_preference_once"
            ),
            models.CheckConstraint(
                condition=models.Q(topic__in=["contracts", "billing", "notices", "reminders"]),
                name="notification_preference_topic_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.topic}"
