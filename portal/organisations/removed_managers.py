"""Telling of a manager who is none any more: nobody takes the second person out unnoticed."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from portal.organisations.independence import managers
from portal.organisations.models import User
from portal.outbox.kinds import Kind
from portal.outbox.queue import Sender, enqueue

MANAGER_REMOVED = Kind(
    key="manager_removed", label=_("A manager is none any more"), model="organisations.user"
)


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


def _how(person: User) -> str:
    if not person.is_active:
        return gettext("They may not sign in any more.")
    if not person.is_staff:
        return gettext("They do not belong to the staff any more.")
    return gettext("They have lost the role of a manager.")
