"""What staff can do to the account of a person. Nobody sets another person's password."""

from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.organisations.accounts.changes import tell_of_change
from portal.organisations.models import User


def send_password_link(person: User, staff: User, request: HttpRequest) -> str:
    """Send somebody the link with which they set a new password themselves; gives the address it went to.

    `request` is that of the staff, from which allauth makes the link and counts how many were sent. Raises
    ValidationError when the person may not sign in, when the address leads to another account, and when too
    many links were sent.
    """
    if not person.is_active:
        raise ValidationError(_("This person may not sign in. Make them active first, then send the link."))
    address = EmailAddress.objects.get_primary_email(person) or ""
    form = ResetPasswordForm({"email": address})
    if not form.is_valid() or form.users != [person]:
        raise ValidationError(
            _("%(email)s is an address of another account, too. No link was sent.") % {"email": address}
        )
    if not ratelimit.consume(request, action="reset_password", key=address.lower()):
        raise ValidationError(_("Too many links were sent. Please try again in a few minutes."))
    with transaction.atomic():
        record("user.password_link_sent", staff, person, personal={"email": address})
        form.save(request)
    return address


@transaction.atomic
def remove_second_factor(person: User) -> None:
    """Take the second factor and the recovery codes from somebody who lost them, and tell them by e-mail.

    Their sessions end, and the audit trail tells of it (`changes.factor_removed`). Raises
    ValidationError when there is no second factor.
    """
    factors = Authenticator.objects.filter(user=person)
    if not factors:
        raise ValidationError(_("This person has no second factor."))
    factors.delete()
    address = EmailAddress.objects.get_primary_email(person) or person.email
    tell_of_change(person, "account/email/second_factor_removed", address, {})
