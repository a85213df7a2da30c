"""The e-mail that invites somebody. The link in it is a secret, and a dead one is not sent."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from portal.organisations.models import Invitation
from portal.outbox.kinds import Kind
from portal.outbox.models import Mail
from portal.outbox.queue import Sender, enqueue
from portal.outbox.secrets import PLACE


def _is_over(mail: Mail) -> bool:
    sent = Invitation.objects.open().filter(pk=mail.data["invitation"], times_sent=mail.data["time"])
    return not sent.exists()


INVITATION = Kind(
    key="invitation",
    label=gettext_lazy("Invitation of a member"),
    model="organisations.organisation",
    is_over=_is_over,
)


def send_invitation(invitation: Invitation, token: str) -> Mail:
    """Put the e-mail with the link into the outbox, in the transaction of the operation."""
    organisation = invitation.organisation
    shown = {
        "organisation": organisation,
        "invited_by": invitation.inviter,
        "rights": invitation.rights,
        "url": PLACE,
        "expires_at": invitation.expires_at,
        "portal": settings.MFA_TOTP_ISSUER,
    }
    return enqueue(
        INVITATION.key,
        organisation.pk,
        invitation.email,
        Sender(settings.MFA_TOTP_ISSUER, ""),
        key=f"{INVITATION.key}:{invitation.pk}:{invitation.times_sent}",
        secret=str(settings.PORTAL_URL) + reverse("organisations:invitation", args=[token]),
        organisation=organisation,
        language=get_language() or settings.LANGUAGE_CODE,
        subject=_("Invitation to %(organisation)s") % {"organisation": organisation},
        text=render_to_string("organisations/email/invitation.txt", shown),
        data={"invitation": invitation.pk, "time": invitation.times_sent},
        expires_at=invitation.expires_at,
    )
