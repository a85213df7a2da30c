"""What is done to the accounts of the provider's staff: one function, one transaction, one audit entry."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.organisations.desk.reach import KEEPS_STAFF
from portal.organisations.models import User
from portal.staffing.models import Belonging
from portal.staffing.reach import within

_OWN_RIGHTS = "own_rights"


def assignable(staff: User) -> QuerySet[Any]:
    """The providers for which somebody may let others work: their own, or all for who keeps all staff."""
    model: Any = Belonging._meta.get_field("provider").related_model
    every: QuerySet[Any] = model.objects.all()
    return every if staff.has_perm(KEEPS_STAFF) else within(staff, every)


def ensure_not_own_rights(person: User, staff: User, given: Collection[object]) -> None:
    """ValidationError (code `own_rights`) where somebody would give roles or providers to themself."""
    if given and person.pk == staff.pk:
        raise ValidationError(
            _("Nobody gives a role or a provider to themself. Ask a colleague who keeps the people."),
            code=_OWN_RIGHTS,
        )


@transaction.atomic
def set_providers(person: User, providers: Collection[Any], staff: User) -> None:
    """Let somebody of the staff work for some providers alone; nothing happens where they do already.

    What `staff` may not give (`assignable`) is left as it is. ValidationError where they would give it to
    themself (`own_rights`), and for a provider that they may not give (`other_provider`).
    """
    wanted = {provider.pk: provider for provider in providers}
    may_give = set(assignable(staff).values_list("pk", flat=True))
    rows = Belonging.objects.select_for_update(of=("self",)).filter(staff=person)
    stored = {row.provider_id: row for row in rows.select_related("provider")}
    added = [wanted[key] for key in wanted.keys() - stored.keys()]
    removed = [stored[key] for key in (stored.keys() - wanted.keys()) & may_give]
    ensure_not_own_rights(person, staff, added)
    if not {provider.pk for provider in added} <= may_give:
        raise ValidationError(
            _("You let others work for the providers that you work for yourself."), code="other_provider"
        )
    if not added and not removed:
        return
    Belonging.objects.bulk_create(Belonging(staff=person, provider=provider) for provider in added)
    Belonging.objects.filter(pk__in=[row.pk for row in removed]).delete()
    record(
        "user.providers_set",
        staff,
        person,
        added=sorted(provider.code for provider in added),
        removed=sorted(row.provider.code for row in removed),
    )


@transaction.atomic
def end_sessions_of(person: User, staff: User) -> None:
    """Sign somebody out everywhere, as after the loss of a computer; they can sign in again."""
    current = User.objects.select_for_update().get(pk=person.pk)
    current.end_sessions()
    record("user.sessions_ended", staff, current)
