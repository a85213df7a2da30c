"""The members of an organisation: who they are, what each may do, how they go. Owners change that."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.organisations.access import (
    OrganisationRequest,
    organisation_required,
    own_or_404,
    right_required,
)
from portal.organisations.members.changing import change_member, hand_over, leave, remove_member
from portal.organisations.members.forms import InviteForm, RightsForm
from portal.organisations.members.inviting import LASTS, invite, send_again, withdraw
from portal.organisations.members.rights import Right
from portal.organisations.models import Invitation, Membership

LIST = "organisations:members"


@organisation_required
def members(request: OrganisationRequest) -> HttpResponse:
    """Owners see all members and invitations; others the owners, whom they may ask, and what they may do."""
    own = Membership.objects.filter(organisation=request.organisation).select_related("user")
    shown: dict[str, Any] = {"own": request.membership, "owners": own.owners()}
    if request.membership.may(Right.OWN):
        shown["members"] = own.prefetch_related("contracts").order_by("pk")
        shown["invitations"] = request.organisation.invitations.open().prefetch_related("contracts")
        shown["now"] = now()
    return render(request, "organisations/members/list.html", shown)


@right_required(Right.OWN)
def member(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Change what a member may do."""
    changed = _member(request, pk)
    form = RightsForm(request.organisation, request.POST if request.method == "POST" else None, changed)
    if request.method == "POST" and form.is_valid():
        try:
            change_member(changed, request.user, form.given())
        except ValidationError as error:
            form.refused(error)
        else:
            messages.success(request, _("The roles of %(name)s are changed.") % {"name": changed.user})
            return redirect(LIST)
    return render(request, "organisations/members/change.html", {"member": changed, "form": form})


@right_required(Right.OWN)
def remove(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Ask whether a member is to be taken out, and do it; who means themself is led to leaving."""
    going = _member(request, pk)
    if going == request.membership:
        return redirect("organisations:member-leave")
    if request.method == "POST":
        done = _("%(name)s is no longer a member.") % {"name": going.user}
        return _carried_out(request, lambda: remove_member(going, request.user), done)
    return render(request, "organisations/members/remove.html", {"member": going})


@right_required(Right.OWN)
def make_owner(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Ask whether a member is to be the owner in one's own place, and do it."""
    successor = _member(request, pk)
    if request.method == "POST":
        done = _("%(name)s is the owner now. You handle contracts and billing.") % {"name": successor.user}
        return _carried_out(request, lambda: hand_over(request.user, successor), done)
    return render(request, "organisations/members/hand_over.html", {"member": successor})


@organisation_required
def go(request: OrganisationRequest) -> HttpResponse:
    """Ask whether somebody wants to leave their organisation, and do it."""
    if request.method != "POST":
        return render(request, "organisations/members/leave.html")
    try:
        leave(request.membership)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(LIST)
    messages.success(request, _("You are no longer a member of %(name)s.") % {"name": request.organisation})
    return redirect("home")


@right_required(Right.OWN)
def new_invitation(request: OrganisationRequest) -> HttpResponse:
    """Ask for an e-mail address and what its person is given, and send the invitation."""
    form = InviteForm(request.organisation, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            invite(request.organisation, request.user, email, form.given(), now())
        except ValidationError as error:
            form.refused(error)
        else:
            messages.success(request, _("An invitation is being sent to %(email)s.") % {"email": email})
            return redirect(LIST)
    return render(request, "organisations/members/invite.html", {"form": form, "days": LASTS.days})


@right_required(Right.OWN)
@require_POST
def invite_again(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Send an invitation with a new link."""
    again = own_or_404(request, Invitation, pk=pk)
    done = _("The invitation is being sent again. The link before is no longer valid.")
    return _carried_out(request, lambda: send_again(again, request.user, now()), done)


@right_required(Right.OWN)
@require_POST
def withdraw_invitation(request: OrganisationRequest, pk: int) -> HttpResponse:
    """Withdraw an invitation."""
    withdrawn = own_or_404(request, Invitation, pk=pk)
    done = _("The invitation is withdrawn. Its link is no longer valid.")
    return _carried_out(request, lambda: withdraw(withdrawn, request.user, now()), done)


def _member(request: OrganisationRequest, pk: int) -> Membership:
    return own_or_404(request, Membership.objects.select_related("user", "organisation"), pk=pk)


def _carried_out(request: OrganisationRequest, operation: Callable[[], object], done: str) -> HttpResponse:
    """Back to the list, with what was done, or with why it could not be."""
    try:
        operation()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, done)
    return redirect(LIST)
