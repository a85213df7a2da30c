"""Sign-ins of people: the history of their accounts, and the sessions that began with them."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.limits.sessions import limits_of
from portal.organisations.accounts.devices import device_of

NOTED_AGAIN = timedelta(minutes=5)
"""The last use of a session is noted so often at most."""


class SignInQuerySet(models.QuerySet["SignIn"]):
    def live(self, person: Any, at: datetime) -> Self:
        """Those of a person whose session is open: it fits password and generation, its time is not over."""
        unused, whole = limits_of(staff=person.is_staff)
        return self.filter(
            user=person,
            outcome=SignIn.Outcome.SIGNED_IN,
            ended_at=None,
            session_hash=person.get_session_auth_hash(),
            last_used_at__gt=at - unused - NOTED_AGAIN,
            at__gt=at - whole,
        )


class SignIn(models.Model):
    """One attempt to sign in; where it led in, also the session that began with it.

    `user` is nobody for an address without an account, of which nothing else is kept: it must take as long as
    one that has an account. `session_hash` is what Django checks the session against; another one by now, as
    after a new password, means that it ended.
    """

    class Outcome(models.TextChoices):
        SIGNED_IN = "signed_in", _("Signed in")
        WRONG_PASSWORD = "wrong_password", _("Wrong password")
        WRONG_CODE = "wrong_code", _("Wrong code")

    class Means(models.TextChoices):
        PASSWORD = "password", _("Password")
        APP = "totp", _("Password and authenticator app")
        RECOVERY_CODE = "recovery_codes", _("Password and recovery code")
        SECOND_PASSKEY = "webauthn", _("Password and passkey")
        PASSKEY = "passkey", _("Passkey")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="sign_ins",
        verbose_name=_("person"),
    )
    at = models.DateTimeField(_("Time"), db_index=True)
    outcome = models.CharField(_("Outcome"), max_length=20, choices=Outcome.choices)
    means = models.CharField(_("Signed in with"), max_length=20, choices=Means.choices, blank=True)
    ip = models.GenericIPAddressField(_("IP address"), null=True)
    user_agent = models.CharField(_("Browser"), max_length=300, blank=True)
    session_hash = models.CharField(max_length=64, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("Last used"))
    ended_at = models.DateTimeField(_("Ended at"), null=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="signed_in", user__isnull=False)
                | models.Q(session_hash="", ended_at=None) & ~models.Q(outcome="signed_in"),
                name="sign_in_session_only_where_it_led_in",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device} ({self.get_outcome_display()})"

    @property
    def device(self) -> str:
        """Browser and system in words."""
        return device_of(self.user_agent)
