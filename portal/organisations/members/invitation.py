"""People who were asked to become members."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.organisations.members.rights import Entitled


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Neither accepted nor withdrawn; they may have expired."""
        return self.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)


class Invitation(Entitled):
    """An e-mail address whose person is asked to become a member, and what they would be given.

    Of the link in the e-mail the SHA-256 of its token alone is kept; a later sending has another one.
    """

    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.CASCADE,
        related_name="invitations",
        verbose_name=_("organisation"),
    )
    email = models.EmailField(_("E-mail address"), max_length=254)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    times_sent = models.PositiveSmallIntegerField(_("Times sent"), default=1)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Invited by")
    )
    invited_at = models.DateTimeField(_("Invited at"))
    expires_at = models.DateTimeField(_("Valid until"))
    withdrawn_at = models.DateTimeField(_("Withdrawn at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("Accepted at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta(Entitled.Meta):
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-invited_at", "-pk"]
        constraints = [
            *Entitled.Meta.constraints,
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="invitation_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("invited_at")), name="invitation_expires_later"
            ),
        ]

    @property
    def inviter(self) -> str:
        """Who invites, as who is invited reads it: of the provider's staff not by name."""
        return gettext("The provider's staff") if self.invited_by.is_staff else str(self.invited_by)

    def __str__(self) -> str:
        return f"{self.email} – {self.organisation}"
