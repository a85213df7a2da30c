"""One-off charges and credits: decided here, stated by the contract's next invoice."""

from collections.abc import Collection
from functools import partial
from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.adjustments.forms import CostsForm, DamagesForm, SurchargeForm
from billing.admin.forms import ReasonForm
from billing.approvals.charges import COSTS, SURCHARGE, CostsData, SurchargeData
from billing.approvals.credits import DAMAGES, DamagesData
from billing.approvals.decided_amounts import GIVEN_AS_CREDIT, WITHDRAWAL, GivenAsCreditData, WithdrawalData
from billing.models import Adjustment
from contracts.admin.forms import ConfirmForm
from contracts.admin.html import explained
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action, run_list_action
from contracts.admin.proposing import proposing
from contracts.models.fields import in_current_language
from contracts.wording.formats import yen_text


class PendingFilter(admin.SimpleListFilter):
    title = _("Status")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Waits for an invoice")), ("no", _("Stated or withdrawn"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        waiting = Adjustment.objects.pending()
        match self.value():
            case "yes":
                return queryset.filter(pk__in=waiting)
            case "no":
                return queryset.exclude(pk__in=waiting)
            case _:
                return queryset


@admin.register(Adjustment)
class AdjustmentAdmin(ReadOnlyAdmin):
    list_display = ("decided_at", "contract", "shown_name", "shown_month", "shown_amount", "shown_where")
    list_select_related = ("contract", "invoice", "terms_version__service")
    list_filter = (PendingFilter, "kind", "contract__service")
    search_fields = ("contract__number", "contract__organisation__name", "invoice__number")
    date_hierarchy = "decided_at"
    fields = (
        "contract",
        "shown_name",
        "shown_month",
        "shown_amount",
        "tax",
        "due_on",
        "reason",
        "shown_decision",
        "decided_at",
        "decided_by",
        "origin",
        "invoice",
        "withdrawn_at",
        "withdrawal_reason",
    )
    actions_list = ("charge_costs", "charge_surcharge", "book_damages")
    actions_detail = ("withdraw", "give_as_credit")

    def offered(self, obj: Adjustment) -> Collection[str]:
        if not obj.is_pending:
            return ()
        owed = obj.amount < 0 and obj.tax == Adjustment.Treatment.OUTSIDE
        return ("withdraw", "give_as_credit") if owed else ("withdraw",)

    @display(description=_("Name"))
    def shown_name(self, obj: Adjustment) -> str:
        return in_current_language(obj.names)

    @display(description=_("Month"), ordering="month")
    def shown_month(self, obj: Adjustment) -> str:
        return f"{obj.month:%Y-%m}"

    @display(description=_("Amount"), ordering="amount")
    def shown_amount(self, obj: Adjustment) -> str:
        return yen_text(obj.amount)

    @display(description=_("Stated by"))
    def shown_where(self, obj: Adjustment) -> str:
        if obj.withdrawn_at:
            return gettext("Withdrawn")
        if obj.credit_entry_id:
            return gettext("Given as credit")
        return obj.invoice.number if obj.invoice else gettext("Waits for an invoice")

    @display(description=_("Steps"))
    def shown_decision(self, obj: Adjustment) -> str:
        return explained(obj.decided, obj.terms_version)

    @action(description=_("Charge costs"), url_path="costs", permissions=["act"])
    def charge_costs(self, request: HttpRequest) -> HttpResponse:
        page = ActionPage(
            title=_("Charge costs that the customer bears"),
            button=_("Propose"),
            form=CostsForm,
            act=proposing(request, COSTS, partial(_of_contract, CostsData)),
            kind=COSTS,
        )
        return run_list_action(self, request, page)

    @action(description=_("Charge a surcharge"), url_path="surcharge", permissions=["act"])
    def charge_surcharge(self, request: HttpRequest) -> HttpResponse:
        page = ActionPage(
            title=_("Charge a surcharge"),
            button=_("Propose"),
            form=SurchargeForm,
            act=proposing(request, SURCHARGE, partial(_of_contract, SurchargeData)),
            kind=SURCHARGE,
        )
        return run_list_action(self, request, page)

    @action(description=_("Book damages"), url_path="damages", permissions=["act"])
    def book_damages(self, request: HttpRequest) -> HttpResponse:
        page = ActionPage(
            title=_("Book damages"),
            button=_("Propose"),
            form=DamagesForm,
            act=proposing(request, DAMAGES, partial(_of_contract, DamagesData)),
            kind=DAMAGES,
        )
        return run_list_action(self, request, page)

    @action(description=_("Give as credit"), url_path="credit", permissions=["act"])
    def give_as_credit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        adjustment = get_object_or_404(Adjustment, pk=object_id)

        def wanted(data: dict[str, Any]) -> GivenAsCreditData:
            return GivenAsCreditData(adjustment=adjustment.pk)

        page = ActionPage(
            title=_("Give as credit"),
            button=_("Propose"),
            form=ConfirmForm,
            act=proposing(request, GIVEN_AS_CREDIT, wanted),
            kind=GIVEN_AS_CREDIT,
            facts=[
                (_("Name"), in_current_language(adjustment.names)),
                (_("Amount"), yen_text(-adjustment.amount)),
            ],
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Withdraw"), url_path="withdraw", permissions=["act"], variant=ActionVariant.DANGER)
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        adjustment = get_object_or_404(Adjustment, pk=object_id)

        def wanted(data: dict[str, Any]) -> WithdrawalData:
            return WithdrawalData(adjustment=adjustment.pk, reason=data["reason"])

        page = ActionPage(
            title=gettext("Withdraw “%(name)s”") % {"name": in_current_language(adjustment.names)},
            button=_("Propose"),
            form=ReasonForm,
            act=proposing(request, WITHDRAWAL, wanted),
            kind=WITHDRAWAL,
        )
        return run_action(self, request, object_id, page)


D = TypeVar("D", SurchargeData, CostsData, DamagesData)


def _of_contract(data: type[D], entered: dict[str, Any]) -> D:
    return data(**{**entered, "contract": entered["contract"].number})
