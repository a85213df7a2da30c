"""Whose page is this? What belongs to somebody else does not exist for the one who asks."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django_htmx.middleware import HtmxDetails

from portal.organisations.models import Organisation, User
from portal.staffing.viewing import view_of

P = ParamSpec("P")
Owned = TypeVar("Owned", bound=models.Model)


class OrganisationRequest(HttpRequest):
    """A request of somebody who acts for an organisation."""

    user: User
    organisation: Organisation
    htmx: HtmxDetails


_CHOSEN = "organisation"
_KNOWN = "_own_organisations"


def own_organisations(request: HttpRequest) -> list[Organisation]:
    """The organisations that the person of a request is a member of, the one joined first at the front.

    Read once for a request; none for visitors, and none for staff, who act for the provider alone. Staff who
    see as a customer sees have that one, to read.
    """
    if not request.user.is_authenticated:
        return []
    if request.user.is_staff:
        view = view_of(request)
        return [view.organisation] if view else []
    if not hasattr(request, _KNOWN):
        joined = Organisation.objects.filter(memberships__user=request.user).order_by("memberships__pk")
        setattr(request, _KNOWN, list(joined))
    known: list[Organisation] = getattr(request, _KNOWN)
    return known


def acting_organisation(request: HttpRequest) -> Organisation | None:
    """The organisation that the person of a request acts for; None before there is any.

    That is the one chosen in the session while the membership lasts; otherwise the one joined first.
    """
    own = own_organisations(request)
    chosen = request.session.get(_CHOSEN) if own else None
    return next((organisation for organisation in own if organisation.pk == chosen), own[0] if own else None)


def act_for(request: HttpRequest, organisation_pk: int) -> Organisation:
    """Let the person of a request act for another of their organisations; Http404 for one of others."""
    for organisation in own_organisations(request):
        if organisation.pk == organisation_pk:
            request.session[_CHOSEN] = organisation.pk
            return organisation
    raise Http404


def may_see(request: HttpRequest, organisation_id: int, permission: str, of: models.Model) -> bool:
    """Whether a request comes from somebody who acts for an organisation, or from staff with a permission.

    Staff need it for the object that the page is `of`, which belongs to a provider that they work for.
    """
    own = acting_organisation(request)
    return (own is not None and own.pk == organisation_id) or request.user.has_perm(permission, of)


def organisation_required(
    view: Callable[Concatenate[OrganisationRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let a view run only for members, with `request.organisation` set.

    Who is not signed in is asked to; who has no organisation yet is led to register one, staff to the admin.
    """

    @login_required
    @wraps(view)
    def guarded(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        organisation = acting_organisation(request)
        if organisation is None:
            return redirect("admin:index" if request.user.is_staff else "organisations:create")
        request.organisation = organisation
        return view(request, *args, **kwargs)

    return guarded


def own_or_404(
    request: OrganisationRequest,
    owned: type[Owned] | models.QuerySet[Owned],
    *,
    through: str = "organisation",
    **lookup: Any,
) -> Owned:
    """The object that matches `lookup` and belongs to the request's organisation; otherwise Http404.

    `through` is the path of relations from the object to its organisation, such as `contract__organisation`.
    """
    return get_object_or_404(owned, **{through: request.organisation}, **lookup)
