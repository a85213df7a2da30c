"""What the admin's pages share: read-only details, and pages that carry out an operation."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import DateField, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.dataclasses import UnfoldAction
from unfold.widgets import UnfoldAdminSingleDateWidget

from contracts.admin.proposing import fill_in, second_person
from contracts.forms.fields import DayField
from contracts.forms.problems import add_problems
from portal.approvals.decide import second_persons
from portal.approvals.kinds import Kind, kind_of, visible_to
from portal.approvals.models import Proposal
from portal.audit.exports.admin import ExportedAdmin
from portal.audit.history import HistoryAdmin
from portal.organisations.models import User
from portal.staffing.admin import keep_within

DAYS: Any = {DateField: {"form_class": DayField, "widget": UnfoldAdminSingleDateWidget}}
"""For the days that staff edit in the forms of models: as on all other pages."""


class ReadOnlyAdmin(HistoryAdmin, ExportedAdmin, ModelAdmin):
    """Facts are shown, never edited: operations are their only writers."""

    compressed_fields = True
    list_per_page = 50
    show_full_result_count = False
    list_prefetch_related: tuple[str, ...] = ()
    """What a list shows that `list_select_related` can't fetch, such as the names of providers."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found.prefetch_related(*self.list_prefetch_related) if self.list_prefetch_related else found

    change_form_outer_before_template = "admin/approvals/_about.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """With what waits for approval about the object."""
        waiting = {"proposals": _waiting_about(self.model, object_id, cast(User, request.user))}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **waiting})

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether somebody may carry out operations: the right to change, though nothing is edited here."""
        return super().has_change_permission(request)

    def offered(self, obj: Any) -> Collection[str]:
        """The names of the detail actions that make sense for an object as it is now."""
        return ()

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        obj = self.get_object(request, str(object_id))
        offered = self.offered(obj) if obj else ()
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        return [
            action
            for action in super().get_actions_detail(request, object_id)
            if action.action_name.removeprefix(prefix) in offered
        ]


@dataclass(frozen=True)
class WaitingProposal:
    """A proposal as the page of its object names it, with those who could approve it."""

    pk: int
    label: Any
    persons: list[User]


def _waiting_about(model: type[Model], object_id: str, staff: User) -> list[WaitingProposal]:
    about = Proposal.objects.filter(visible_to(staff), about_type=model._meta.label_lower, about_id=object_id)
    return [
        WaitingProposal(found.pk, kind_of(found).label, second_persons(found))
        for found in about.filter(state=Proposal.State.WAITS)
    ]


@dataclass(frozen=True, kw_only=True)
class ActionPage:
    """A page that asks for what an operation needs, and carries it out.

    `act` gets who acts and the form's cleaned data, and gives the message to show; ValidationErrors come
    back to the form. With `preview`, what it gives for the data is shown before, and has to be confirmed. A
    file can't be carried from page to page: a form's file fields are asked for beside the preview. `kind` is
    what `act` proposes, where that takes a second person; `approves`: `act` is that person's approval.
    """

    title: Any
    button: Any
    form: Callable[..., forms.Form]
    act: Callable[[User, dict[str, Any]], Any]
    facts: list[tuple[Any, Any]] = field(default_factory=list)
    danger: bool = False
    preview: Callable[[dict[str, Any]], list[tuple[Any, Any]]] | None = None
    kind: Kind[Any] | None = None
    approves: bool = False

    @property
    def looks_first(self) -> bool:
        """Whether there is a preview to confirm; templates would call `preview` itself."""
        return self.preview is not None


def run_action(admin: ModelAdmin, request: HttpRequest, object_id: str, page: ActionPage) -> HttpResponse:
    """Show an action page, or carry it out and go back to the object."""
    opts = admin.opts
    detail_url = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[object_id])
    form = page.form(
        request.POST if request.method == "POST" else None,
        **({"files": request.FILES} if request.FILES else {}),
    )
    fill_in(request, form)
    preview = None
    if request.method == "POST" and "edit" not in request.POST and form.is_valid():
        try:
            if page.preview and "confirm" not in request.POST:
                preview = page.preview(form.cleaned_data)
            else:
                messages.success(request, page.act(cast(User, request.user), form.cleaned_data))
                return redirect(detail_url)
        except ValidationError as error:
            add_problems(form, error)
            if page.preview and set(form.errors) <= _file_fields(form):
                preview = page.preview(form.cleaned_data)
    context = {
        **admin.admin_site.each_context(request),
        "opts": opts,
        "original": get_object_or_404(admin.model, pk=object_id),
        "title": page.title,
        "page": page,
        "form": form,
        "preview": preview,
        "detail_url": detail_url,
        **second_person(page.kind, request, approves=page.approves),
    }
    return TemplateResponse(request, "admin/contracts/action.html", context)


def run_list_action(admin: ModelAdmin, request: HttpRequest, page: ActionPage) -> HttpResponse:
    """Show an action page of a list, or carry it out and go back to the list.

    What the address names of its fields is filled in, and what stood in a proposal that was sent back.
    """
    opts = admin.opts
    list_url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    form = page.form(request.POST if request.method == "POST" else None)
    fill_in(request, form)
    return _run_of_list(admin, request, page, form, list_url)


def run_chosen_action(admin: ModelAdmin, request: HttpRequest, page: ActionPage) -> HttpResponse:
    """The same for rows that were chosen in a list, which comes back as it was filtered."""
    form = page.form(request.POST if "confirm" in request.POST else None)
    keep_within(request.user, form)
    kept = ("action", "select_across", ACTION_CHECKBOX_NAME)
    chosen = [(name, value) for name in kept for value in request.POST.getlist(name)]
    return _run_of_list(admin, request, page, form, request.get_full_path(), chosen)


def _run_of_list(
    admin: ModelAdmin,
    request: HttpRequest,
    page: ActionPage,
    form: forms.Form,
    list_url: str,
    chosen: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    """`chosen` is what the page sends again with its form, by name."""
    if form.is_bound and form.is_valid():
        try:
            message = page.act(cast(User, request.user), form.cleaned_data)
        except ValidationError as error:
            add_problems(form, error)
        else:
            messages.success(request, message)
            return redirect(list_url)
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": page.title,
        "page": page,
        "form": form,
        "chosen": chosen,
        "detail_url": list_url,
        **second_person(page.kind, request),
    }
    return TemplateResponse(request, "admin/contracts/action.html", context)


def _file_fields(form: forms.Form) -> set[str]:
    return {name for name, asked in form.fields.items() if isinstance(asked, forms.FileField)}
