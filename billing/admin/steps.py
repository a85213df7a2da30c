"""Pages of a list that ask for something, show what it would do, and do it when that is confirmed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin

from contracts.admin.proposing import fill_in, second_person
from contracts.forms.problems import add_problems
from portal.approvals.kinds import Kind
from portal.organisations.models import User


@dataclass(frozen=True, kw_only=True)
class StepPage:
    """A page that carries out an operation for a list.

    `preview` gives what the template `shown` needs to show before; without it the form acts at once. `act`
    gets who acts and the form's data, and gives the message; ValidationErrors come back to the form. `kind`
    is what `act` proposes, where that takes a second person.
    """

    title: Any
    button: Any
    form: Callable[..., forms.Form]
    act: Callable[[User, dict[str, Any]], Any]
    preview: Callable[[dict[str, Any]], Any] | None = None
    shown: str = ""
    note: Any = ""
    kind: Kind[Any] | None = None

    @property
    def looks_first(self) -> bool:
        """Whether there is something to look at before it acts; templates would call `preview` itself."""
        return self.preview is not None


def run_steps(admin: ModelAdmin, request: HttpRequest, page: StepPage) -> HttpResponse:
    """Show the form, then the preview if there is one, then carry it out and go back to the list."""
    opts = admin.opts
    list_url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    form = page.form(request.POST or None, request.FILES or None)
    fill_in(request, form)
    preview = None
    if request.method == "POST" and form.is_valid():
        try:
            if page.preview and "confirm" not in request.POST:
                preview = page.preview(form.cleaned_data)
            else:
                message = page.act(cast(User, request.user), form.cleaned_data)
                messages.success(request, message)
                return redirect(list_url)
        except ValidationError as error:
            add_problems(form, error)
    context = {
        **admin.admin_site.each_context(request),
        "opts": opts,
        "title": page.title,
        "page": page,
        "form": form,
        "preview": preview,
        "back_url": list_url,
        **second_person(page.kind, request),
    }
    return TemplateResponse(request, "admin/billing/steps.html", context)
