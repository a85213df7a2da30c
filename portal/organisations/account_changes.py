"""What follows when somebody's second factor changes: other sessions end, and the audit trail tells of it."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from portal.audit.record import record


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
