"""What follows when somebody's e-mail addresses or second factor change: the audit trail tells of it, other
sessions end, and the person is told by e-mail."""

from typing import Any

from allauth.account import signals
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from portal.audit.record import record
from portal.organisations.models import User


@receiver(signals.email_added)
def address_added(email_address: EmailAddress, **kwargs: Any) -> None:
    """Tell the main address of a further one."""
    user = email_address.user
    record("user.email_added", user, user, personal={"email": email_address.email})
    if not email_address.primary:
        get_adapter().send_notification_mail(
            "account/email/email_added", user, {"added_email": email_address.email}
        )


@receiver(signals.email_removed)
def address_removed(user: User, email_address: EmailAddress, **kwargs: Any) -> None:
    """Tell the removed address; allauth tells the main one."""
    record("user.email_removed", user, user, personal={"email": email_address.email})
    if email_address.verified:
        get_adapter().send_notification_mail(
            "account/email/email_deleted",
            user,
            {"deleted_email": email_address.email},
            email=email_address.email,
        )


@receiver(signals.email_changed)
def main_address_changed(
    user: User, from_email_address: EmailAddress | None, to_email_address: EmailAddress, **kwargs: Any
) -> None:
    """allauth tells the address that was the main one."""
    before = from_email_address.email if from_email_address else ""
    record(
        "user.main_email_changed", user, user, personal={"before": before, "after": to_email_address.email}
    )


@receiver(post_save, sender=Authenticator)
def factor_added(instance: Authenticator, created: bool, **kwargs: Any) -> None:
    """End the sessions that know nothing of the factor. The one that it was set up in has passed it."""
    if created:
        _factors_changed("user.factor_added", instance)
        request = context.request
        if request and request.user == instance.user:
            record_authentication(request, instance.user, "mfa", id=instance.pk, type=instance.type)


@receiver(post_delete, sender=Authenticator)
def factor_removed(instance: Authenticator, **kwargs: Any) -> None:
    """End the sessions that the factor let in, whoever removed it; the person's own at hand goes on."""
    _factors_changed("user.factor_removed", instance)


@transaction.atomic
def _factors_changed(action: str, factor: Authenticator) -> None:
    person, request = factor.user, context.request
    person.end_sessions()
    if request and request.user == person:
        update_session_auth_hash(request, person)
    actor = request.user if request and request.user.is_authenticated else None
    record(action, actor, person, factor=factor.type)
