from typing import cast

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.organisations.access import act_for, acting_organisation
from portal.organisations.addresses import LOOK_UP, address_for, with_address
from portal.organisations.fields import ADDRESS_NAME
from portal.organisations.forms import AddressForm, OrganisationForm
from portal.organisations.members.inviting import open_invitations_to
from portal.organisations.models import User
from portal.organisations.operations import create_organisation
from portal.typed import whole_number


@login_required
def create(request: HttpRequest) -> HttpResponse:
    """Ask somebody who has just signed up for their organisation, or to accept an invitation."""
    user = cast(User, request.user)
    if user.is_staff:
        return redirect("admin:index")
    if acting_organisation(request):
        return redirect("home")
    invitations = open_invitations_to(user, now())
    if LOOK_UP in request.POST:
        found = address_for(request.POST)
        form = OrganisationForm(initial=with_address(request.POST.dict(), found))
        shown = {"form": form, "found": found, "invitations": invitations}
        return render(request, "organisations/create.html", shown)
    form = OrganisationForm(request.POST or None, initial={"invoice_email": user.email})
    if request.method == "POST" and form.is_valid():
        create_organisation(user, form.details())
        messages.success(request, _("Your organisation is registered. You can now apply for services."))
        return redirect(_page_before(request))
    return render(request, "organisations/create.html", {"form": form, "invitations": invitations})


def _page_before(request: HttpRequest) -> str:
    """The page that led here, such as the application for a service; the first page without one."""
    page = request.GET.get(REDIRECT_FIELD_NAME, "")
    is_own = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if is_own else reverse("home")


@login_required
def address_of_code(request: HttpRequest) -> HttpResponse:
    """A piece of a form: the field of the address, filled in for the postal code as it was typed."""
    found = address_for(request.GET)
    name = request.GET.get(LOOK_UP, "") + ADDRESS_NAME
    form = AddressForm(name, initial=with_address(request.GET.dict(), found))
    return render(request, "organisations/_address.html", {"field": form[name], "found": found})


@login_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Act for another of one's organisations from now on; what is shown begins at the home page."""
    chosen = whole_number(request.POST.get("organisation", ""))
    if chosen is None:
        raise Http404
    organisation = act_for(request, chosen)
    messages.success(request, _("You now act for %(organisation)s.") % {"organisation": organisation})
    return redirect("home")
