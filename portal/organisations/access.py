"""Whose page is this? What belongs to somebody else does not exist for the one who asks."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from portal.organisations.members.rights import Right
from portal.organisations.models import Membership, Organisation, User
from portal.staffing.models import CustomerView
from portal.staffing.reach import within
from portal.staffing.viewing import view_of

P = ParamSpec("P")
Owned = TypeVar("Owned", bound=models.Model)


class OrganisationRequest(HttpRequest):
    """A request of somebody who acts for an organisation, as its member."""

    user: User
    organisation: Organisation
    membership: Membership
    htmx: HtmxDetails


View = Callable[Concatenate[OrganisationRequest, P], HttpResponseBase]
Guarded = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

_CHOSEN = "organisation"
_KNOWN = "_own_memberships"
_LOOKING = ("GET", "HEAD", "OPTIONS")


def own_memberships(request: HttpRequest) -> list[Membership]:
    """The memberships of the person of a request, the first at the front.

    Read once for a request; none for visitors, and none for staff, who act for the provider alone. Staff who
    see as a customer sees have that one, to read.
    """
    if not request.user.is_authenticated:
        return []
    if request.user.is_staff:
        view = view_of(request)
        return [_seen_through(view)] if view else []
    if not hasattr(request, _KNOWN):
        joined = (
            Membership.objects.filter(user=request.user).select_related("organisation", "user").order_by("pk")
        )
        setattr(request, _KNOWN, list(joined))
    known: list[Membership] = getattr(request, _KNOWN)
    return known


def _seen_through(view: CustomerView) -> Membership:
    """As whom staff look at a customer's pages: as a member who is stored nowhere and can send nothing.

    That is an owner; of who is a customer of other providers as well, somebody limited to the contracts that
    the staff reach.
    """
    if not view.is_limited:
        return Membership(user=view.staff, organisation=view.organisation, role=Membership.Role.OWNER)
    member = Membership(
        user=view.staff,
        organisation=view.organisation,
        role=Membership.Role.MEMBER,
        handles_contracts=True,
        handles_billing=True,
        is_limited=True,
    )
    contracts: Any = Membership._meta.get_field("contracts").related_model
    found = contracts._default_manager
    former = found.formerly_of(view.organisation).values("pk")
    had = found.filter(models.Q(organisation=view.organisation) | models.Q(pk__in=former))
    member.only = within(view.staff, had)
    return member


def own_organisations(request: HttpRequest) -> list[Organisation]:
    """The organisations that the person of a request is a member of, the one joined first at the front."""
    return [membership.organisation for membership in own_memberships(request)]


def acting_membership(request: HttpRequest) -> Membership | None:
    """As whose member the person of a request acts; None before there is any.

    That is the organisation chosen in the session while the membership lasts; otherwise the one joined first.
    """
    own = own_memberships(request)
    chosen = request.session.get(_CHOSEN) if own else None
    return next((one for one in own if one.organisation_id == chosen), own[0] if own else None)


def acting_organisation(request: HttpRequest) -> Organisation | None:
    """The organisation that the person of a request acts for; None before there is any."""
    membership = acting_membership(request)
    return membership.organisation if membership else None


def act_for(request: HttpRequest, organisation_pk: int) -> Organisation:
    """Let the person of a request act for another of their organisations; Http404 for one of others."""
    own = Membership.objects.acting().filter(user=request.user.pk, organisation=organisation_pk)
    membership = get_object_or_404(own.select_related("organisation"))
    request.session[_CHOSEN] = membership.organisation_id
    return membership.organisation


def may_see(
    request: HttpRequest,
    organisation_id: int,
    permission: str,
    of: models.Model,
    contract_id: int | None = None,
) -> bool:
    """Whether a request comes from a member of an organisation who sees a contract, or from staff.

    Without a `contract_id` it is about the organisation as a whole, of which who is limited to certain
    contracts sees nothing; what belongs to one that was united into it is its own. Staff need the permission
    for the object that the page is `of`, which belongs to a provider that they work for.
    """
    own = acting_membership(request)
    seen = own is not None and own.acts_for(organisation_id) and own.sees(contract_id)
    return seen or request.user.has_perm(permission, of)


def _to_register(request: HttpRequest) -> str:
    """Where one registers an organisation first, and from where one comes back to the page at hand."""
    register = reverse("organisations:create")
    if request.method not in _LOOKING or request.path == reverse("home"):
        return register
    return f"{register}?{urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})}"


def organisation_required(view: View[P]) -> Guarded[P]:
    """Let a view run only for members, with `request.organisation` and `request.membership` set.

    Who is not signed in is asked to; who has no organisation yet is led to register one, staff to the admin.
    """

    @login_required
    @wraps(view)
    def guarded(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        membership = acting_membership(request)
        if membership is None:
            return redirect("admin:index" if request.user.is_staff else _to_register(request))
        request.membership, request.organisation = membership, membership.organisation
        return view(request, *args, **kwargs)

    return guarded


def right_required(
    right: Right, *, whole: bool = False, looking: bool = False
) -> Callable[[View[P]], Guarded[P]]:
    """As `organisation_required`, for members with a right; others read whom to ask for it.

    `whole` where it is about the organisation as a whole, and not for who is limited to certain contracts.
    With `looking` all members may look at the page, and the right is needed to send something.
    """

    def for_who_may(view: View[P]) -> Guarded[P]:
        @wraps(view)
        def checked(request: OrganisationRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            own = request.membership
            is_free = looking and request.method in _LOOKING
            if is_free or (own.may_on(right) if whole else own.may(right)):
                return view(request, *args, **kwargs)
            return not_allowed(request, right)

        return organisation_required(checked)

    return for_who_may


def not_allowed(request: OrganisationRequest, right: Right) -> HttpResponse:
    """The page for who has not the needed right, or only for certain contracts; it names the owners."""
    shown = {
        "right": right,
        "has_it_for_some": request.membership.may(right),
        "owners": Membership.objects.owners()
        .filter(organisation=request.organisation)
        .select_related("user"),
    }
    return render(request, "organisations/not_allowed.html", shown, status=403)


def own_or_404(
    request: OrganisationRequest,
    owned: type[Owned] | models.QuerySet[Owned],
    *,
    through: str = "organisation",
    contract: str | None = None,
    **lookup: Any,
) -> Owned:
    """The object that matches `lookup`, belongs to the request's organisation, and is seen by its member.

    `through` is the path of relations from the object to its organisation, `contract` that to its contract,
    such as `contract__organisation` and `contract`; `pk` for a contract itself. What has no contract is not
    seen by who is limited to certain ones; what belongs to an organisation that was united into it is its
    own. Otherwise Http404.
    """
    queryset: models.QuerySet[Owned] = (
        owned if isinstance(owned, models.QuerySet) else owned._default_manager.all()
    )
    found = queryset.filter(**{f"{through}__in": request.organisation.as_one()})
    if contract:
        found = request.membership.seen_of(found, contract)
    elif request.membership.is_limited:
        raise Http404
    return get_object_or_404(found, **lookup)
