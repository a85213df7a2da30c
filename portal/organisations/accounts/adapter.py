"""How the portal's accounts differ from allauth's own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.installation.mail_server import is_failing
from portal.organisations.accounts.changes import tell_of_change
from portal.organisations.accounts.profile import in_language_of
from portal.organisations.models import User
from portal.outbox.kinds import Kind
from portal.outbox.links import own_links
from portal.outbox.queue import Sender, enqueue
from portal.outbox.secrets import PLACE

CODE_OR_LINK = Kind(
    key="code_or_link", label=gettext_lazy("Code or link to sign in"), model="organisations.user"
)
_SECRETS = {
    "account/email/email_confirmation": "code",
    "account/email/email_confirmation_signup": "code",
    "account/email/password_reset_key": "password_reset_url",
}
"""What is secret in e-mails, by the prefix of allauth's templates; others say whether there is an account."""

_ABOUT_LINKS = ("account/email/password_reset_key", "account/email/unknown_account")


class AccountAdapter(DefaultAccountAdapter):
    """What changes an account stands in the audit trail, in the same transaction; e-mails follow it.

    Codes and links by which people come in go out before all other e-mails, and not at all once they have
    expired: who asked for one asks for another then. Who has no account gets an e-mail that says so, put into
    the outbox in the same way, so that nothing tells who has one.
    """

    @transaction.atomic
    def set_password(self, user: User, password: str) -> None:
        """Store a password that the person chose: signed in, or by the link from an e-mail."""
        super().set_password(user, password)
        record("user.password_changed", user, user)

    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Confirm an address; a new one is added to the account by it (`changes.address_added`)."""
        return bool(super().confirm_email(request, email_address))

    @transaction.atomic
    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """Put a code or a link that somebody asked for into the outbox; while none can go out, say so.

        It speaks the language that the person chose, where they have an account.
        """
        secret = _SECRETS.get(template_prefix)
        shown = own_links({"request": self.request, "email": email, **context})
        hidden = {secret: PLACE} if secret else {}
        person = context.get("user")
        with in_language_of(person):
            message = self.render_mail(template_prefix, email, {**shown, **hidden})
            enqueue(
                CODE_OR_LINK.key,
                person.pk if person else 0,
                email,
                Sender(settings.MFA_TOTP_ISSUER, ""),
                key=f"{CODE_OR_LINK.key}:{uuid4().hex}",
                secret=shown[secret] if secret else "",
                language=get_language() or settings.LANGUAGE_CODE,
                subject=message.subject,
                text=str(message.body),
                expires_at=timezone.now() + _valid_for(template_prefix),
            )
        if is_failing() and self.request:
            messages.warning(
                self.request,
                _("E-mails are delayed at the moment: yours goes out once the mail server answers again."),
            )

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Where security keys are offered, they are called what they are called on the other pages."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        named = {"mfa_reauthenticate:webauthn": _("Use a passkey")}
        return [{**one, "description": named.get(one["id"], one["description"])} for one in methods]

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        """Put what tells the person of a change into the outbox: nobody waits for it."""
        _Notifying(user, self.request).send_notification_mail(template_prefix, user, *args, **kwargs)


class _Notifying(DefaultAccountAdapter):
    """What allauth tells a person of their account, on its way into the outbox."""

    def __init__(self, person: User, request: HttpRequest | None) -> None:
        super().__init__(request)
        self._person = person

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        tell_of_change(self._person, template_prefix, email, context)


def _valid_for(template_prefix: str) -> timedelta:
    if template_prefix in _ABOUT_LINKS:
        return timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return timedelta(seconds=settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT)
