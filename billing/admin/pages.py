"""What lists share: pages that carry out an operation, and the number and sum of what a row holds."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from contracts.admin.pages import ActionPage, ReadOnlyAdmin
from contracts.admin.proposing import fill_in, second_person
from contracts.forms.problems import add_problems
from contracts.wording.formats import yen_text
from portal.organisations.models import User


def run_list_action(admin: ModelAdmin, request: HttpRequest, page: ActionPage) -> HttpResponse:
    """Show an action page of a list, or carry it out and go back to the list.

    What the address names of its fields is filled in, and what stood in a proposal that was sent back.
    """
    opts = admin.opts
    list_url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    form = page.form(request.POST if request.method == "POST" else None)
    fill_in(request, form)
    if request.method == "POST" and form.is_valid():
        try:
            message = page.act(cast(User, request.user), form.cleaned_data)
        except ValidationError as error:
            add_problems(form, error)
        else:
            messages.success(request, message)
            return redirect(list_url)
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "opts": opts,
        "title": page.title,
        "page": page,
        "form": form,
        "detail_url": list_url,
        **second_person(page.kind, request),
    }
    return TemplateResponse(request, "admin/contracts/action.html", context)


class SummedAdmin(ReadOnlyAdmin):
    """A list of what holds lines with an `amount`: `summed` is the name of their relation."""

    summed = "lines"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request)
        counted: QuerySet[Any] = found.annotate(
            count=Count(self.summed), total=Sum(f"{self.summed}__amount", default=0)
        )
        return counted

    @display(description=_("How many"), ordering="count")
    def shown_count(self, obj: Any) -> int:
        return int(obj.count)

    @display(description=_("Total"), ordering="total")
    def shown_total(self, obj: Any) -> str:
        return yen_text(obj.total)
