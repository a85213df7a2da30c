"""Asking to be let into an organisation, and answering those who ask."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _

from portal.organisations.access import OrganisationRequest, right_required
from portal.organisations.company.forms import JoinForm
from portal.organisations.company.joining import ask_to_join, let_in, turn_away, waiting_for
from portal.organisations.members.rights import Right
from portal.organisations.models import JoinRequest, User
from portal.typed import whole_number


@login_required
def join(request: HttpRequest) -> HttpResponse:
    """Ask the owners of an organisation to be let in; the answer is the same whether there is one or not."""
    user = cast(User, request.user)
    if user.is_staff:
        return redirect("admin:index")
    form = JoinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        ask_to_join(user, **form.cleaned_data, at=now())
        messages.success(
            request,
            _(
                "Thank you. If an organisation with this corporate number uses the portal, its owners have"
                " got your request, and you hear of their answer by e-mail."
            ),
        )
        return redirect("home")
    return render(request, "organisations/company/join.html", {"form": form})


@right_required(Right.OWN)
def joining(request: OrganisationRequest) -> HttpResponse:
    """For owners: who asks to be let in, and the answer to them."""
    if request.method == "POST":
        return _answered(request)
    waiting = waiting_for(request.organisation)
    is_agent = request.organisation.sales_agents.exists()
    roles = [(value, label) for value, label in Right.choices if value != Right.SALES or is_agent]
    return render(request, "organisations/company/joining.html", {"waiting": waiting, "roles": roles})


def _answered(request: OrganisationRequest) -> HttpResponse:
    asked = get_object_or_404(
        JoinRequest, pk=whole_number(request.POST.get("asked", "")), organisation=request.organisation
    )
    try:
        if request.POST.get("answer") == "let_in":
            let_in(asked, request.user, request.POST.get("role", ""), now())
            told = _("%(name)s is a member now.")
        else:
            turn_away(asked, request.user, now())
            told = _("%(name)s is not let in, and is told so by e-mail.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, told % {"name": asked.person})
    return redirect("organisations:joining")
