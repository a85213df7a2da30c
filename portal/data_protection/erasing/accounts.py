"""Erasing a person's account: what they did stays, without saying who they were."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.lifecycle.forgetting import ERASED, remove_draft
from contracts.models import ApplicationDraft
from portal.audit.erasing import erase_personal
from portal.audit.record import record
from portal.data_protection.copies.asking import expire_copies
from portal.organisations.accounts.closing import end_account, obstacles
from portal.organisations.models import User


@transaction.atomic
def forget_account(person: User, staff: User, at: datetime) -> None:
    """Erase name, addresses, password, second factors and sign-ins of a person, and let nobody in any more.

    Their memberships, drafts, copies of their data and what the trail tells of the account go, too.
    ValidationError as `ensure_not_needed`.
    """
    current = User.objects.select_for_update().get(pk=person.pk)
    ensure_not_needed(current)
    for draft in ApplicationDraft.objects.filter(person=current):
        remove_draft(draft)
    end_account(current, f"erased-{current.pk}@erased.invalid", at)
    current.sign_ins.all().delete()
    expire_copies(current, at)
    current.display_name, current.last_login = ERASED, None
    current.save(update_fields=["display_name", "last_login"])
    erase_personal(current, staff)
    record("user.erased", staff, current)


def ensure_not_needed(person: User) -> None:
    """ValidationError for staff (`is_staff`), and for a last owner who is still needed (`last_owner`)."""
    if person.is_staff or person.is_superuser:
        raise ValidationError(
            _(
                "This is an account of the provider's staff. Take their rights away first; what they decided"
                " stays with their name in the documents that say so."
            ),
            "is_staff",
        )
    for obstacle in obstacles(person):
        raise ValidationError(
            _(
                "%(person)s is the last owner of %(organisation)s, which has other members, or something that"
                " is open. Another owner has to be there first: otherwise nobody could act for it."
            )
            % {"person": person, "organisation": obstacle.organisation},
            "last_owner",
        )
