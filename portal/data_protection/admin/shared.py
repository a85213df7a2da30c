"""What the pages share: who may do it, and of which provider."""

from typing import cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest
from django.utils.translation import gettext

from contracts.deciding.customers import ensure_all_theirs
from contracts.models import Provider
from portal.organisations.models import Organisation, User
from portal.staffing.reach import providers_of


def ensure(request: HttpRequest, right: str) -> User:
    staff = cast(User, request.user)
    if not staff.has_perm(right):
        raise PermissionDenied
    return staff


def names() -> dict[str, str]:
    """What providers are called, by code; the whole installation for what belongs to no single one."""
    named = {provider.code: provider.name for provider in Provider.objects.all()}
    return {**named, "": gettext("The whole portal")}


def providers(request: HttpRequest) -> list[tuple[str, str]]:
    """Of these those that staff work for, in their order; the installation for who works for all."""
    reached = providers_of(request.user)
    offered = [(code, name) for code, name in names().items() if reached.every or code in reached.codes]
    if not offered:
        raise PermissionDenied
    return offered


def chosen_provider(request: HttpRequest) -> str:
    """The code that an address names; the first provider's without. Http404 for one that is not theirs."""
    codes = [code for code, _name in providers(request)]
    code = request.GET.get("provider", codes[0])
    if code not in codes:
        raise Http404
    return code


def ensure_theirs(staff: User, somebody: Organisation | User) -> None:
    """Http404 for somebody whom staff don't see in full, as if there were none."""
    try:
        ensure_all_theirs(staff, somebody)
    except ValidationError as refused:
        raise Http404 from refused
