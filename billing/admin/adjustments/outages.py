"""Outages: recorded here, credited as the terms say."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.adjustments.outages import what_was_out, withdraw_outage
from billing.admin.adjustments.forms import OutageForm
from billing.admin.forms import ReasonForm
from billing.approvals.credits import OUTAGE, OutageData
from billing.models import RecordedOutage
from billing.pricing.deciding import version_on
from contracts.admin.html import explained
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action, run_list_action
from contracts.admin.proposing import proposing
from contracts.rules.calendar.period import japan_date
from contracts.wording.formats import yen_text
from portal.organisations.models import User


@admin.register(RecordedOutage)
class RecordedOutageAdmin(ReadOnlyAdmin):
    list_display = ("contract", "known_at", "restored_at", "shown_hours", "fault", "shown_credit")
    list_select_related = ("contract__service", "credit__invoice")
    list_filter = (
        ("credit", admin.EmptyFieldListFilter),
        ("withdrawn_at", admin.EmptyFieldListFilter),
        "fault",
        "contract__service",
    )
    search_fields = ("contract__number", "contract__organisation__name")
    date_hierarchy = "known_at"
    fields = (
        "contract",
        "known_at",
        "restored_at",
        "shown_hours",
        "fault",
        "shown_product",
        "damage",
        "claimed_at",
        "reason",
        "shown_decision",
        "shown_credit",
        "recorded_at",
        "recorded_by",
        "withdrawn_at",
        "withdrawal_reason",
    )
    actions_list = ("record",)
    actions_detail = ("withdraw",)

    def offered(self, obj: RecordedOutage) -> Collection[str]:
        return () if obj.credit_id or obj.withdrawn_at else ("withdraw",)

    @display(description=_("What was out"))
    def shown_product(self, obj: RecordedOutage) -> str:
        return what_was_out(obj.contract, obj.product, obj.known_at)

    @display(description=_("Hours down"))
    def shown_hours(self, obj: RecordedOutage) -> str:
        return f"{(obj.restored_at - obj.known_at).total_seconds() / 3600:,.1f}"

    @display(description=_("Outage credit"))
    def shown_credit(self, obj: RecordedOutage) -> str:
        if obj.withdrawn_at:
            return gettext("Withdrawn")
        if obj.credit is None:
            return gettext("None yet")
        where = obj.credit.invoice.number if obj.credit.invoice else gettext("Waits for an invoice")
        return f"{yen_text(-obj.credit.amount)} ({where})"

    @display(description=_("Steps"))
    def shown_decision(self, obj: RecordedOutage) -> str:
        return explained(obj.decided, version_on(obj.contract, japan_date(obj.known_at)))

    @action(
        description=_("Record an outage"),
        url_path="record",
        permissions=["act"],
        variant=ActionVariant.PRIMARY,
    )
    def record(self, request: HttpRequest) -> HttpResponse:
        def wanted(data: dict[str, Any]) -> OutageData:
            return OutageData(**{**data, "contract": data["contract"].number})

        page = ActionPage(
            title=_("Record an outage"),
            button=_("Propose"),
            form=OutageForm,
            act=proposing(request, OUTAGE, wanted),
            kind=OUTAGE,
        )
        return run_list_action(self, request, page)

    @action(description=_("Withdraw"), url_path="withdraw", permissions=["act"], variant=ActionVariant.DANGER)
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        outage = get_object_or_404(RecordedOutage, pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            withdraw_outage(outage, data["reason"], staff)
            return gettext("The outage was withdrawn.")

        page = ActionPage(
            title=_("Withdraw an outage"), button=_("Withdraw"), form=ReasonForm, act=act, danger=True
        )
        return run_action(self, request, object_id, page)
