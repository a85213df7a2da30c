"""Erasing a person's account: what they did stays, without saying who they were."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.lifecycle.forgetting import ERASED, remove_draft
from contracts.models import ApplicationDraft, Contract
from portal.audit.erasing import erase_personal
from portal.audit.record import record
from portal.organisations.models import Membership, User


@transaction.atomic
def forget_account(person: User, staff: User) -> None:
    """Erase name, addresses, password and second factors of a person, and let nobody in by them any more.

    Their memberships, drafts and what the trail tells of the account go, too. ValidationError as
    `ensure_not_needed`.
    """
    current = User.objects.select_for_update().get(pk=person.pk)
    ensure_not_needed(current)
    for draft in ApplicationDraft.objects.filter(person=current):
        remove_draft(draft)
    current.memberships.all().delete()
    EmailAddress.objects.filter(user=current).delete()
    Authenticator.objects.filter(user=current).delete()
    current.refresh_from_db()
    current.email = f"erased-{current.pk}@erased.invalid"
    current.display_name = ERASED
    current.is_active = False
    current.last_login = None
    current.session_generation += 1
    current.set_unusable_password()
    current.save()
    erase_personal(current, staff)
    record("user.erased", staff, current)


def ensure_not_needed(person: User) -> None:
    """ValidationError for staff (`is_staff`), and for a last owner where a contract runs (`last_owner`)."""
    if person.is_staff or person.is_superuser:
        raise ValidationError(
            _(
                "This is an account of the provider's staff. Take their rights away first; what they decided"
                " stays with their name in the documents that say so."
            ),
            "is_staff",
        )
    for membership in person.memberships.select_related("organisation"):
        if _is_last_owner(membership) and _has_contract(membership):
            raise ValidationError(
                _(
                    "%(person)s is the last owner of %(organisation)s, which has a contract that runs."
                    " Another owner has to be there first: otherwise nobody could act for the contract."
                )
                % {"person": person, "organisation": membership.organisation},
                "last_owner",
            )


def _is_last_owner(membership: Membership) -> bool:
    owners = Membership.objects.acting().filter(
        organisation=membership.organisation_id, role=Membership.Role.OWNER, user__is_active=True
    )
    return membership.role == Membership.Role.OWNER and not owners.exclude(pk=membership.pk).exists()


def _has_contract(membership: Membership) -> bool:
    return Contract.objects.filter(organisation=membership.organisation_id, ends_on__isnull=True).exists()
