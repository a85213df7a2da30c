"""Days on which a provider is closed. They shift deadlines, so each takes a second person."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget, UnfoldAdminTextInputWidget

from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action, run_list_action
from contracts.admin.proposing import proposing
from contracts.approvals.closures import CLOSURE, ClosureData
from contracts.forms.fields import DayField
from contracts.models import CompanyClosure, Provider


class ClosureForm(forms.Form):
    day = DayField(label=_("Day"), widget=UnfoldAdminSingleDateWidget)
    note = forms.CharField(label=_("Note"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget)


class NewClosureForm(ClosureForm):
    provider = forms.ModelChoiceField(
        Provider.objects.all(), label=_("provider"), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    field_order = ("provider", "day", "note")


@admin.register(CompanyClosure)
class CompanyClosureAdmin(ReadOnlyAdmin):
    list_display = ("day", "provider", "note")
    list_filter = ("provider",)
    list_select_related = ("provider",)
    list_prefetch_related = ("provider__particulars",)
    search_fields = ("note",)
    date_hierarchy = "day"
    fields = ("provider", "day", "note")
    actions_detail = ("move",)

    def offered(self, obj: CompanyClosure) -> Collection[str]:
        return ("move",)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_act_permission(request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The page on which a closed day is proposed."""
        if not self.has_add_permission(request):
            raise PermissionDenied

        def wanted(data: dict[str, Any]) -> ClosureData:
            return ClosureData(provider=data["provider"].code, day=data["day"], note=data["note"])

        page = ActionPage(
            title=_("Add a closed day"),
            button=_("Propose"),
            form=NewClosureForm,
            act=proposing(request, CLOSURE, wanted),
            kind=CLOSURE,
        )
        return run_list_action(self, request, page)

    @action(description=_("Move"), url_path="move", permissions=["act"], icon="edit")
    def move(self, request: HttpRequest, object_id: str) -> HttpResponse:
        closure = get_object_or_404(CompanyClosure.objects.select_related("provider"), pk=object_id)

        def form(data: Any = None) -> ClosureForm:
            return ClosureForm(data, initial={"day": closure.day, "note": closure.note})

        def wanted(data: dict[str, Any]) -> ClosureData:
            return ClosureData(
                provider=closure.provider.code, closure=closure.pk, day=data["day"], note=data["note"]
            )

        page = ActionPage(
            title=_("Move a closed day"),
            button=_("Propose"),
            form=form,
            act=proposing(request, CLOSURE, wanted),
            facts=[(_("provider"), closure.provider.name)],
            kind=CLOSURE,
        )
        return run_action(self, request, object_id, page)
