"""How the portal's accounts differ from allauth's own."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.http import HttpRequest

from portal.audit.record import record
from portal.installation.mail_server import PATIENCE, is_away, noting_trouble
from portal.organisations.account_changes import tell_of_change
from portal.organisations.models import User


class NotSentError(OSError):
    """The mail server did not take an e-mail with a code or a link that somebody waits for."""


class AccountAdapter(DefaultAccountAdapter):
    """What changes an account stands in the audit trail, in the same transaction; e-mails follow it."""

    @transaction.atomic
    def set_password(self, user: User, password: str) -> None:
        """Store a password that the person chose: signed in, or by the link from an e-mail."""
        super().set_password(user, password)
        record("user.password_changed", user, user)

    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Confirm an address; a new one is added to the account by it (`account_changes.address_added`)."""
        return bool(super().confirm_email(request, email_address))

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """Hand an e-mail over at once, as who asked for a code or a link waits for it. Raises NotSentError.

        It does not go through the outbox: people sign in while that is held back.
        """
        if is_away():
            raise NotSentError("the mail server did not answer just now")
        try:
            with noting_trouble():
                super().send_mail(*args, **kwargs)
        except OSError as trouble:
            raise NotSentError(f"{type(trouble).__name__}: {trouble}") from trouble

    def render_mail(self, *args: Any, **kwargs: Any) -> EmailMessage:
        """The message, for a mail server that has a few seconds to answer: a page waits for that."""
        message: EmailMessage = super().render_mail(*args, **kwargs)
        message.connection = get_connection(timeout=PATIENCE)
        return message

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
