"""What the pages share: who may do it, and of which provider."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils.translation import gettext

from contracts.models import Provider
from portal.organisations.models import User


def ensure(request: HttpRequest, right: str) -> User:
    staff = cast(User, request.user)
    if not staff.has_perm(right):
        raise PermissionDenied
    return staff


def providers() -> list[tuple[str, str]]:
    """The providers by code, and the whole installation for what belongs to no single one."""
    named = [(provider.code, provider.name) for provider in Provider.objects.all()]
    return [*named, ("", gettext("The whole portal"))]


def chosen_provider(request: HttpRequest) -> str:
    """The code that an address names; the first provider's without. Http404 for one that there is not."""
    codes = [code for code, _name in providers()]
    code = request.GET.get("provider", codes[0])
    if code not in codes:
        raise Http404
    return code
