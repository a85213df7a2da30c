"""What follows when an account changes.

Of e-mail addresses and second factors the audit trail tells, other sessions end, and the person is told by
e-mail. Of a manager who is none any more they are told, and the others: nobody takes the second person out
unnoticed, nor puts one in, be it on the server.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from allauth.account import signals
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from portal.audit.record import record
from portal.organisations.accounts.profile import in_language_of
from portal.organisations.independence import managers
from portal.organisations.models import Membership, User
from portal.outbox.kinds import Kind
from portal.outbox.links import own_links
from portal.outbox.queue import Sender, enqueue
from portal.search.indexing import index_of

MANAGER_REMOVED = Kind(
    key="manager_removed", label=_("A manager is none any more"), model="organisations.user"
)
ACCOUNT_CHANGED = Kind(
    key="account_changed", label=_("Change of a person's account"), model="organisations.user"
)
MANAGERS_CHANGED = Kind(key="managers_changed", label=_("Who is a manager"), model="organisations.user")


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
    index_of(Membership, user=user)
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
def tell_of_change(person: User, template_prefix: str, address: str, shown: Mapping[str, Any]) -> None:
    """Put an e-mail on a person's account into the outbox, written by allauth's templates of a prefix.

    It speaks the language that the person chose.
    """
    with in_language_of(person):
        about = own_links({"request": context.request, "email": address, **shown})
        message = get_adapter().render_mail(template_prefix, address, about)
    enqueue(
        ACCOUNT_CHANGED.key,
        person.pk,
        address,
        Sender(settings.MFA_TOTP_ISSUER, ""),
        key=f"{ACCOUNT_CHANGED.key}:{uuid4().hex}",
        subject=message.subject,
        text=str(message.body),
    )


@transaction.atomic
def _factors_changed(action: str, factor: Authenticator) -> None:
    person, request = factor.user, context.request
    person.end_sessions()
    if request and request.user == person:
        update_session_auth_hash(request, person)
    actor = request.user if request and request.user.is_authenticated else None
    record(action, actor, person, factor=factor.type)


@dataclass(frozen=True)
class Manager:
    """A manager whose account is about to be changed, and the addresses that it has."""

    person: User
    addresses: tuple[str, ...]


def manager_before(person: User) -> Manager | None:
    """Somebody as a manager, before their account is changed; None for who is none."""
    if not managers().filter(pk=person.pk).exists():
        return None
    confirmed = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    main = User.objects.values_list("email", flat=True).get(pk=person.pk)
    return Manager(person, tuple(dict.fromkeys([main, *confirmed])))


@transaction.atomic
def tell_if_removed(before: Manager, staff: User, at: datetime) -> None:
    """Put e-mails into the outbox where a manager is none any more: to them, and to all who still are.

    They say who did that, and when. Runs after the account was changed, in the same transaction.
    """
    left = managers()
    if before.person in left:
        return
    person = User.objects.get(pk=before.person.pk)
    User.objects.filter(pk=person.pk).update(known_as_manager=False)
    with override("ja"):
        subject = gettext("%(name)s is no longer a manager") % {"name": person}
        text = render_to_string(
            "organisations/email/manager_removed.txt",
            {
                "person": person,
                "staff": staff,
                "at": at,
                "how": _how(person),
                "portal": settings.MFA_TOTP_ISSUER,
            },
        )
    for address in dict.fromkeys([*before.addresses, *(manager.email for manager in left)]):
        enqueue(
            MANAGER_REMOVED.key,
            person.pk,
            address,
            Sender(settings.MFA_TOTP_ISSUER, ""),
            key=f"{MANAGER_REMOVED.key}:{person.pk}:{at.isoformat()}:{address}",
            subject=subject,
            text=text,
        )


@transaction.atomic
def look_at_managers(at: datetime) -> None:
    """Tell all managers, and who was one, where somebody has become a manager or is none any more untold.

    That is what was done on the server, or made of new managers in the admin. Who is none any more counts for
    a while yet, as who was removed in the admin does. The first look tells nobody.
    """
    known = set(User.objects.select_for_update().filter(known_as_manager=True).order_by("pk"))
    found = set(managers())
    gone = [person.pk for person in known - found]
    User.objects.filter(pk__in=gone).update(known_as_manager=False, manager_until=at)
    User.objects.filter(pk__in=[person.pk for person in found - known]).update(known_as_manager=True)
    for person in sorted(known ^ found, key=lambda one: one.pk) if known else ():
        _tell_of_change(person, known | found, is_manager=person in found, at=at)


def _tell_of_change(person: User, told: set[User], *, is_manager: bool, at: datetime) -> None:
    with override("ja"):
        said = (
            gettext("%(name)s is a manager now") if is_manager else gettext("%(name)s is no longer a manager")
        )
        shown = {"person": person, "is_manager": is_manager, "at": at, "portal": settings.MFA_TOTP_ISSUER}
        text = render_to_string("organisations/email/managers_changed.txt", shown)
    for manager in told:
        enqueue(
            MANAGERS_CHANGED.key,
            person.pk,
            manager.email,
            Sender(settings.MFA_TOTP_ISSUER, ""),
            key=f"{MANAGERS_CHANGED.key}:{person.pk}:{at.isoformat()}:{manager.pk}",
            subject=said % {"name": person},
            text=text,
        )


def _how(person: User) -> str:
    if not person.is_active:
        return gettext("They may not sign in any more.")
    if not person.is_staff:
        return gettext("They do not belong to the staff any more.")
    return gettext("They have lost the role of a manager.")
