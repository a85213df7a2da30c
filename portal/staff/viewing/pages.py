"""The pages on which a look at a customer's pages begins and ends."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.signals import user_logged_out
from django.core.exceptions import PermissionDenied, ValidationError
from django.dispatch import receiver
from django.forms import CharField, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminTextareaWidget

from contracts.admin.pages import ActionPage
from contracts.forms.problems import add_problems
from portal.organisations.models import Organisation, User
from portal.staff.viewing.operations import LASTS, RIGHT, end_view, ensure_may_view, start_view
from portal.staffing.models import CustomerView
from portal.staffing.reach import within
from portal.staffing.viewing import KEY


class ReasonForm(Form):
    reason = CharField(
        label=_("Reason"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("Who called, and about what. The trail keeps it, with beginning and end."),
    )


def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, and then lead to the customer's first page."""
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    organisation = get_object_or_404(within(request.user, Organisation.objects.all()), pk=pk)
    staff = cast(User, request.user)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    try:
        ensure_may_view(organisation, staff)
        if form.is_valid():
            view = start_view(organisation, staff, form.cleaned_data["reason"], now())
            request.session[KEY] = view.pk
            return redirect("home")
    except ValidationError as refused:
        form.full_clean()
        _say(request, form, refused)
    return TemplateResponse(request, "admin/contracts/action.html", _context(request, organisation, form))


def _say(request: HttpRequest, form: Form, refused: ValidationError) -> None:
    if form.is_bound:
        add_problems(form, refused)
    else:
        messages.error(request, " ".join(refused.messages))


def _context(request: HttpRequest, organisation: Organisation, form: Form) -> dict[str, Any]:
    page = ActionPage(
        title=_("See as the customer sees"),
        button=_("Open the customer's pages"),
        form=ReasonForm,
        act=lambda staff, data: "",
        facts=[
            (_("organisation"), organisation),
            (
                _("What you can do"),
                _("Read alone. It ends by itself after %(minutes)s minutes.") % _minutes(),
            ),
        ],
    )
    return {
        **admin.site.each_context(request),
        "opts": Organisation._meta,
        "original": organisation,
        "title": page.title,
        "page": page,
        "form": form,
        "detail_url": reverse("admin:organisations_organisation_change", args=[organisation.pk]),
    }


def _minutes() -> dict[str, int]:
    return {"minutes": LASTS.seconds // 60}


@login_required
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End the look, and go back to the organisation; without one, to the first page."""
    view = _ended(request)
    if view is None:
        return redirect("admin:index")
    said = gettext("You no longer see the pages of %(name)s.")
    messages.success(request, said % {"name": view.organisation})
    return redirect("admin:organisations_organisation_change", view.organisation_id)


@receiver(user_logged_out)
def signed_out(request: HttpRequest | None, user: User | None, **kwargs: Any) -> None:
    """Who signs out sees nothing of the customer any more."""
    if request is not None and user is not None:
        _ended(request, user)


def _ended(request: HttpRequest, user: User | None = None) -> CustomerView | None:
    staff = user or request.user
    found = CustomerView.objects.filter(pk=request.session.pop(KEY, None), staff=staff.pk)
    view = found.select_related("organisation").first()
    if view:
        end_view(view, now())
    return view
