"""What decisions on contracts made customers owe once: billed by the next invoice, or waived here."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.forms import ReasonForm
from billing.approvals.decided_amounts import WAIVER, WaiverData
from contracts.admin.html import explained
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.proposing import proposing
from contracts.models import Claim
from contracts.wording.formats import yen_text


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    list_display = ("arose_on", "contract", "kind", "shown_net", "shown_state")
    list_display_links = ("arose_on", "contract")
    list_select_related = ("contract", "terms_version__service")
    list_filter = ("kind", "contract__service")
    search_fields = ("contract__number", "contract__organisation__name")
    date_hierarchy = "arose_on"
    fields = (
        "contract",
        "kind",
        "arose_on",
        "shown_net",
        "tax",
        "note",
        "shown_decision",
        "shown_state",
        "shown_waiver",
        "recorded_by",
    )
    actions_detail = ("waive",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("adjustments__invoice")

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Waiving is the work of those who decide on one-off amounts."""
        return request.user.has_perm("billing.change_adjustment")

    def offered(self, obj: Claim) -> Collection[str]:
        amount = obj.adjustments.first()
        return ("waive",) if amount is None or amount.is_pending else ()

    @display(description=_("Amount without tax"), ordering="net")
    def shown_net(self, obj: Claim) -> str:
        return yen_text(obj.net)

    @display(description=_("Status"))
    def shown_state(self, obj: Claim) -> str:
        amount = next(iter(obj.adjustments.all()), None)
        if amount and amount.withdrawn_at:
            return gettext("Waived")
        return amount.invoice.number if amount and amount.invoice else gettext("Waits for an invoice")

    @display(description=_("Reason for waiving"))
    def shown_waiver(self, obj: Claim) -> str:
        amount = next(iter(obj.adjustments.all()), None)
        return (amount.withdrawal_reason if amount else "") or "—"

    @display(description=_("Steps"))
    def shown_decision(self, obj: Claim) -> str:
        return explained(obj.decided, obj.terms_version)

    @action(description=_("Waive"), url_path="waive", permissions=["act"], variant=ActionVariant.DANGER)
    def waive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        claim = get_object_or_404(Claim.objects.select_related("contract"), pk=object_id)

        def wanted(data: dict[str, Any]) -> WaiverData:
            return WaiverData(claim=claim.pk, reason=data["reason"])

        page = ActionPage(
            title=_("Waive a claim"),
            button=_("Propose"),
            form=ReasonForm,
            act=proposing(request, WAIVER, wanted),
            kind=WAIVER,
            facts=[
                (_("contract"), claim.contract.number),
                (_("Kind"), claim.get_kind_display()),
                (_("Amount without tax"), yen_text(claim.net)),
            ],
        )
        return run_action(self, request, object_id, page)
