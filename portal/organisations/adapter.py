"""How the portal's accounts differ from allauth's own."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest

from portal.audit.record import record
from portal.organisations.models import User


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

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Tell the person of a change once it is stored; a mail that is not taken undoes nothing."""
        tell = super().send_notification_mail

        def on_commit() -> None:
            tell(*args, **kwargs)

        transaction.on_commit(on_commit, robust=True)
