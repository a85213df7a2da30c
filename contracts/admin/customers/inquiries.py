"""Questions of customers: staff see what they are about and whose they are, answer, and close them."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from contracts.admin.forms import ConfirmForm
from contracts.admin.html import customer_link, link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.waiting_filter import WaitingFilter
from contracts.extensions.registered import debts_of
from contracts.inquiries.operations import LONGEST, answer, close, take
from contracts.inquiries.subjects import about_of, short
from contracts.models import Inquiry
from contracts.wording.formats import day_text, yen_text
from portal.organisations.models import User

STATUS_COLOURS = {"open": "warning", "answered": "success", "closed": "default"}
_MINE, _NOBODY = "mine", "nobody"

Facts = list[tuple[Any, Any]]


class AnswerForm(forms.Form):
    """What the customer reads in the portal; the e-mail says that it is there."""

    text = forms.CharField(
        label=_("Answer"),
        max_length=LONGEST,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("The customer reads it in the portal; an e-mail tells that it is there."),
    )


class HandlerFilter(admin.SimpleListFilter):
    """What one answers oneself, and what nobody answers yet."""

    title = _("Who answers")
    parameter_name = "handler"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(_MINE, _("Myself")), (_NOBODY, _("Nobody yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == _MINE:
            return queryset.filter(handled_by=request.user.pk)
        return queryset.filter(handled_by__isnull=True) if self.value() == _NOBODY else queryset


@admin.register(Inquiry)
class InquiryAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "subject",
        "shown_short",
        "organisation",
        "shown_status",
        "handled_by",
        "provider",
        "asked_at",
    )
    export_more = ("waits_since", "closed_at")
    list_select_related = ("organisation", "provider", "handled_by")
    list_prefetch_related = ("provider__particulars",)
    list_filter = (WaitingFilter, "status", HandlerFilter, "provider", "about_kind")
    search_fields = ("number", "subject", "about_number", "organisation__name", "organisation__kana")
    date_hierarchy = "asked_at"
    fieldsets = (
        (None, {"fields": ("number", "subject", "status", "shown_about", "provider", "handled_by")}),
        (_("Customer"), {"fields": ("shown_customer", "asked_by", "shown_phone", "shown_debts")}),
        (_("Questions and answers"), {"fields": ("shown_messages",)}),
    )
    actions_detail = ("answer", "take_on", "close")

    class Media:
        css = {"all": ("css/staff-work.css", "css/staff-sheets.css")}

    def offered(self, obj: Inquiry) -> Collection[str]:
        return ("answer",) if obj.is_closed else ("answer", "take_on", "close")

    @display(description=_("What it is about"), ordering="about_number")
    def shown_short(self, obj: Inquiry) -> str:
        return short(obj)

    @display(description=_("Status"), ordering="status", label=STATUS_COLOURS)
    def shown_status(self, obj: Inquiry) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=_("What it is about"))
    def shown_about(self, obj: Inquiry) -> str:
        about = about_of(obj)
        named = link(about.staff_url, about.label) if about else short(obj)
        return format_html("{} {}", named, day_text(obj.day)) if obj.day else named

    @display(description=_("Organisation"))
    def shown_customer(self, obj: Inquiry) -> str:
        return customer_link(obj.organisation)

    @display(description=_("Phone"))
    def shown_phone(self, obj: Inquiry) -> str:
        return obj.organisation.phone

    @display(description=_("What the customer owes"))
    def shown_debts(self, obj: Inquiry) -> str:
        debts = debts_of(obj.organisation, obj.provider, localdate())
        context = {
            "debts": debts,
            "open_text": yen_text(debts.open),
            "overdue_text": yen_text(debts.overdue),
        }
        return render_to_string("admin/contracts/_debts.html", context)

    @display(description=_("Questions and answers"))
    def shown_messages(self, obj: Inquiry) -> str:
        messages = obj.messages.select_related("by")
        return render_to_string("admin/contracts/_inquiry.html", {"inquiry_messages": messages})

    @action(
        description=_("Answer"),
        url_path="answer",
        permissions=["act"],
        icon="reply",
        variant=ActionVariant.PRIMARY,
    )
    def answer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        inquiry = self._target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            answer(inquiry, staff, data["text"], now())
            return gettext("The answer to %(number)s is stored; an e-mail tells of it.") % {
                "number": inquiry.number
            }

        page = ActionPage(
            title=_("Answer"),
            button=_("Send the answer"),
            form=AnswerForm,
            act=act,
            facts=self._facts(inquiry),
        )
        return run_action(self, request, object_id, page)

    @action(description=_("I answer this"), url_path="take", permissions=["act"], icon="person_check")
    def take_on(self, request: HttpRequest, object_id: str) -> HttpResponse:
        inquiry = self._target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            take(inquiry, staff)
            return gettext("You answer %(number)s.") % {"number": inquiry.number}

        page = ActionPage(
            title=_("I answer this"),
            button=_("I answer this"),
            form=ConfirmForm,
            act=act,
            facts=self._facts(inquiry),
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Close"), url_path="close", permissions=["act"], icon="task_alt")
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        inquiry = self._target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            close(inquiry, staff, now())
            return gettext("%(number)s is closed.") % {"number": inquiry.number}

        page = ActionPage(
            title=_("Close the inquiry"),
            button=_("Close"),
            form=ConfirmForm,
            act=act,
            facts=self._facts(inquiry),
        )
        return run_action(self, request, object_id, page)

    def _target(self, request: HttpRequest, object_id: str) -> Inquiry:
        found: Inquiry = get_object_or_404(self.get_queryset(request), pk=object_id)
        return found

    def _facts(self, inquiry: Inquiry) -> Facts:
        return [
            (_("Number"), inquiry.number),
            (_("Subject"), inquiry.subject),
            (_("What it is about"), self.shown_about(inquiry)),
            (_("Organisation"), self.shown_customer(inquiry)),
            (_("What the customer owes"), self.shown_debts(inquiry)),
            (_("Questions and answers"), self.shown_messages(inquiry)),
        ]
