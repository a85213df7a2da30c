"""Payouts of credit: what waits for a file of transfers, the files, what came back."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.pages import SummedAdmin
from billing.admin.receivables.forms import PayoutBackForm, TransfersForm
from billing.approvals.payouts import TRANSFERS, TransfersData
from billing.models import Payout, PayoutBatch
from billing.receivables.payouts import take_payout_back
from contracts.admin.html import lines, link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action, run_list_action
from contracts.admin.proposing import proposing
from contracts.wording.formats import day_text, yen_text
from portal.organisations.models import User


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_display = ("decided_at", "shown_customer", "shown_amount", "shown_state")
    list_display_links = ("decided_at", "shown_customer")
    list_select_related = ("balance__organisation", "batch")
    list_filter = (("batch", admin.EmptyFieldListFilter), "balance__provider")
    search_fields = ("balance__organisation__name", "balance__organisation__kana", "holder")
    date_hierarchy = "decided_at"
    fields = (
        "shown_customer",
        "shown_amount",
        "bank_code",
        "bank_name",
        "branch_code",
        "branch_name",
        "account_kind",
        "account_number",
        "holder",
        "shown_state",
        "return_reason",
        "decided_at",
        "decided_by",
    )
    actions_detail = ("take_back",)

    def offered(self, obj: Any) -> tuple[str, ...]:
        return ("take_back",) if obj.batch_id and not obj.returned_on else ()

    @display(description=_("organisation"), ordering="balance__organisation__name")
    def shown_customer(self, obj: Payout) -> str:
        return obj.balance.organisation.name

    @display(description=_("Amount"), ordering="amount")
    def shown_amount(self, obj: Payout) -> str:
        return yen_text(obj.amount)

    @display(description=_("Status"))
    def shown_state(self, obj: Payout) -> str:
        if obj.returned_on:
            return gettext("Came back on %(day)s") % {"day": day_text(obj.returned_on)}
        if obj.batch is None:
            return gettext("Waits for a transfer file")
        return gettext("In the transfers of %(day)s") % {"day": day_text(obj.batch.pay_on)}

    @action(description=_("Note that it came back"), url_path="came-back", permissions=["act"], icon="undo")
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        payout = get_object_or_404(Payout.objects.select_related("balance__organisation"), pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            take_payout_back(payout, data["on"], data["reason"], staff)
            return gettext("The amount is the customer's credit again.")

        page = ActionPage(
            title=_("Note that a payout came back"),
            button=_("Store"),
            form=PayoutBackForm,
            act=act,
            facts=[
                (_("organisation"), payout.balance.organisation.name),
                (_("Amount"), yen_text(payout.amount)),
            ],
        )
        return run_action(self, request, object_id, page)


@admin.register(PayoutBatch)
class PayoutBatchAdmin(SummedAdmin):
    summed = "payouts"
    list_display = ("pay_on", "account", "shown_count", "shown_total")
    list_select_related = ("account",)
    list_filter = ("account",)
    date_hierarchy = "pay_on"
    fields = ("account", "pay_on", "shown_file", "shown_total", "shown_payouts", "made_at", "made_by")
    actions_list = ("make_transfers",)

    @display(description=_("Transfer file"))
    def shown_file(self, obj: PayoutBatch) -> str:
        return link(reverse("billing:payout-file", args=[obj.pk]), gettext("Download"))

    @display(description=_("payouts"))
    def shown_payouts(self, obj: PayoutBatch) -> str:
        return lines(
            f"{payout.balance.organisation.name} {yen_text(payout.amount)}"
            for payout in obj.payouts.select_related("balance__organisation")
        )

    @action(
        description=_("Make a transfer file"),
        url_path="make",
        permissions=["act"],
        icon="account_balance",
        variant=ActionVariant.PRIMARY,
    )
    def make_transfers(self, request: HttpRequest) -> HttpResponse:
        def wanted(data: dict[str, Any]) -> TransfersData:
            return TransfersData(account=data["account"].pk, pay_on=data["pay_on"])

        page = ActionPage(
            title=_("Make a transfer file"),
            button=_("Propose"),
            form=TransfersForm,
            act=proposing(request, TRANSFERS, wanted),
            kind=TRANSFERS,
        )
        return run_list_action(self, request, page)
