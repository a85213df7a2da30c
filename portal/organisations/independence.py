"""Who can be a second person beside whom. An account that nobody has confirmed speaks for who let it in."""

from datetime import datetime, timedelta

from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.organisations.models import User

MANAGES = "approvals.change_providerrule"
"""The right that makes somebody a manager, from whatever group, of whatever name, it comes."""

REMEMBERED = timedelta(days=30)
"""For how long who was a manager still counts against another's being the only one."""


def managers() -> QuerySet[User]:
    """The provider's managers who may sign in; who may do everything counts as one."""
    app, _dot, codename = MANAGES.partition(".")
    right = Permission.objects.filter(content_type__app_label=app, codename=codename)
    is_manager = Q(groups__permissions__in=right) | Q(user_permissions__in=right) | Q(is_superuser=True)
    return User.objects.filter(is_manager, is_active=True, is_staff=True).distinct().order_by("pk")


def is_only_manager(staff: User, at: datetime) -> bool:
    """Whether nobody else is a manager, nor was one shortly before: nobody gets alone by removing others."""
    removed = User.objects.filter(manager_until__gt=at - REMEMBERED).exclude(pk=staff.pk)
    return list(managers()) == [staff] and not removed.exists()


def note_manager(person: User, at: datetime) -> None:
    """Note on an account that is about to be changed that it is a manager's until then, if it is."""
    if managers().filter(pk=person.pk).exists():
        person.manager_until = at


def are_independent(one: User, other: User) -> bool:
    """Whether two accounts are those of two people, as far as somebody else than their makers said so."""
    return not _speaks_for(one) & _speaks_for(other)


def ensure_independent(second: User, first: User) -> None:
    """ValidationError where somebody can't be the second person beside another.

    Code `same_person` for the same account, `not_confirmed` where one was let in by the other, directly or
    through accounts between, and no other manager has confirmed that.
    """
    if second == first:
        raise ValidationError(
            _("You proposed this yourself: somebody else has to approve it."), "same_person"
        )
    if not are_independent(second, first):
        raise ValidationError(
            _(
                "One of the accounts, yours or that of %(name)s, was made by the other and is not confirmed"
                " yet. Another manager confirms it on the page of the person; or somebody else approves."
            )
            % {"name": first},
            "not_confirmed",
        )


def let_in(person: User, staff: User, before: User | None) -> None:
    """Note on an account that is about to be stored who lets it in; it then waits to be confirmed.

    That is who makes it, makes it staff, or lets staff sign in again; `before` is the account as it was, None
    for a new one. Who let it in before stays one of its makers until somebody has confirmed it.
    """
    was_in = before is not None and before.is_staff and before.is_active
    if before is None or (person.is_staff and person.is_active and not was_in):
        if before is not None:
            _keep_maker(person, before)
        person.created_by, person.confirmed_by, person.confirmed_at = staff, None, None


def _keep_maker(person: User, before: User) -> None:
    if before.is_confirmed:
        person.earlier_makers.clear()
    elif before.created_by:
        person.earlier_makers.add(before.created_by)


def may_confirm(person: User, staff: User) -> bool:
    """Whether a manager can say of an account that it is that of another person."""
    return not person.is_confirmed and are_independent(staff, person) and staff in managers()


@transaction.atomic
def confirm_account(person: User, staff: User, at: datetime) -> User:
    """Say as a manager that an account is that of a person of its own, who can be second to its maker.

    ValidationError where it is confirmed already (code `confirmed`), and for who is no manager, made it, or
    was let in by the same person (`not_independent`).
    """
    current = User.objects.select_for_update().get(pk=person.pk)
    if current.is_confirmed:
        raise ValidationError(_("This account is confirmed already."), "confirmed")
    if not may_confirm(current, staff):
        raise ValidationError(
            _("A manager confirms an account, but not who made it. Ask another manager."), "not_independent"
        )
    current.confirmed_by, current.confirmed_at = staff, at
    current.save(update_fields=["confirmed_by", "confirmed_at"])
    record("user.confirmed", staff, current, created_by=current.created_by_id)
    return current


def _speaks_for(person: User) -> set[int]:
    """An account, and those who let it in one after the other, up to those that were confirmed."""
    found: set[int] = set()
    waiting = [person]
    while waiting:
        at_hand = waiting.pop()
        if at_hand.pk not in found and at_hand.created_by and not at_hand.is_confirmed:
            waiting += [at_hand.created_by, *at_hand.earlier_makers.all()]
        found.add(at_hand.pk)
    return found
