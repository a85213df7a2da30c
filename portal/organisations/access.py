"""Whose page is this? What belongs to somebody else does not exist for the one who asks."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from portal.organisations.models import Organisation, User

P = ParamSpec("P")
Owned = TypeVar("Owned", bound=models.Model)


class OrganisationRequest(HttpRequest):
    """A request of somebody who acts for an organisation."""

    user: User
    organisation: Organisation


def organisation_of(user: User) -> Organisation | None:
    """The organisation that `user` acts for: the one joined first; None before there is any."""
    return Organisation.objects.filter(memberships__user=user).order_by("memberships__pk").first()


def organisation_required(
    view: Callable[Concatenate[OrganisationRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let a view run only for members, with `request.organisation` set.

    Who is not signed in is asked to; who has no organisation yet is led to register one, staff to the admin.
    """

    @login_required
    @wraps(view)
    def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        organisation = organisation_of(request.user)
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
