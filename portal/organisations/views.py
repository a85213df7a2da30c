from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from portal.organisations.access import organisation_of
from portal.organisations.forms import OrganisationForm
from portal.organisations.models import User
from portal.organisations.operations import create_organisation


@login_required
def create(request: HttpRequest) -> HttpResponse:
    """Ask somebody who has just signed up for the organisation that they act for."""
    user = cast(User, request.user)
    if organisation_of(user):
        return redirect("home")
    form = OrganisationForm(request.POST or None, initial={"invoice_email": user.email})
    if request.method == "POST" and form.is_valid():
        create_organisation(user, form.details())
        messages.success(request, _("Your organisation is registered. You can now apply for services."))
        return redirect("home")
    return render(request, "organisations/create.html", {"form": form})
