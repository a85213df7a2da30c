"""Whose customers they are: of the providers that one of the staff works for alone, or of others as well."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.models import Application, Contract, ContractParty
from portal.organisations.models import Organisation, User
from portal.staffing.reach import providers_of, reaches, within

_OF_PROVIDERS: tuple[Any, ...] = (Application, Contract, ContractParty)
"""What makes an organisation a provider's customer."""


def is_of_others(staff: User, organisation: Organisation) -> bool:
    """Whether a customer has, or had, something with a provider that somebody does not work for."""
    if providers_of(staff).every:
        return False
    found = (model._default_manager.filter(organisation=organisation) for model in _OF_PROVIDERS)
    return any(rows.exclude(pk__in=within(staff, rows).values("pk")).exists() for rows in found)


def ensure_all_theirs(staff: User, *concerned: Organisation | User) -> None:
    """ValidationError where staff would deal with all of somebody who is not of their providers alone.

    Codes: `other_provider` for a customer of others, or for a person who is a member of none of theirs;
    `also_of_others` for one of theirs and of others.
    """
    if providers_of(staff).every:
        return
    for one in concerned:
        organisations = [one] if isinstance(one, Organisation) else _organisations_of(one)
        if not organisations or not all(reaches(staff, organisation) for organisation in organisations):
            raise ValidationError(
                _("This belongs to another provider. Only its own staff can do that."), "other_provider"
            )
        if any(is_of_others(staff, organisation) for organisation in organisations):
            raise ValidationError(
                _(
                    "This is about a customer of another provider, too. Only somebody who works for all"
                    " of its providers can do that."
                ),
                "also_of_others",
            )


def _organisations_of(person: User) -> list[Organisation]:
    return list(Organisation.objects.filter(memberships__user=person))
