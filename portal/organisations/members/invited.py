"""The pages of who was invited: the link from the e-mail, and accepting."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from portal.organisations.access import act_for
from portal.organisations.members.inviting import (
    accept,
    ensure_acceptable,
    ensure_open,
    invitation_at,
    invitations_to,
)
from portal.organisations.models import Invitation, User


@cache_control(private=True, no_store=True)
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link leads: visitors sign in or up, who has the address accepts, others read why not."""
    found = invitation_at(token)
    if found is None:
        return render(request, "organisations/members/invitation.html", status=404)
    shown = {"invitation": found, "refusal": _refusal(request, found), "here": request.path}
    return render(request, "organisations/members/invitation.html", shown)


@login_required
@require_POST
def accept_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Become a member, and act for that organisation from now on; Http404 for what went to somebody else."""
    person = cast(User, request.user)
    found = get_object_or_404(invitations_to(person).select_related("organisation"), pk=pk)
    try:
        accept(found, person, now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        act_for(request, found.organisation_id)
        messages.success(request, _("You are a member of %(name)s now.") % {"name": found.organisation})
    return redirect("home")


def _refusal(request: HttpRequest, found: Invitation) -> str:
    """Why an invitation leads nowhere; for visitors as far as it does so for everybody."""
    try:
        if request.user.is_authenticated:
            ensure_acceptable(found, request.user, now())
        else:
            ensure_open(found, now())
    except ValidationError as error:
        return str(error.messages[0])
    return ""
