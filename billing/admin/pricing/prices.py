"""Price lists as they were published, and the prices of single contracts."""

from collections.abc import Collection
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.pricing.forms import EndForm, PriceChangeForm, SpecialPriceForm
from billing.approvals.price_lists import PRICE_LIST, PriceListData
from billing.approvals.special_prices import (
    SPECIAL_PRICE,
    SPECIAL_PRICE_END,
    SpecialPriceData,
    SpecialPriceEndData,
)
from billing.models import BroughtPriceList, PriceListVersion, SpecialPrice
from billing.pricing.brought_price_lists import set_aside
from contracts.admin.forms import ConfirmForm
from contracts.admin.html import explained
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action, run_list_action
from contracts.admin.proposing import proposing
from contracts.admin.waiting_filter import WaitingFilter
from contracts.models import TermsVersion
from contracts.wording.formats import day_text, yen_text
from portal.organisations.models import User
from portal.staffing.reach import within
from portal.typed import whole_number

BROUGHT = "brought"
"""Names in an address the price list of a catalog with which the form begins."""


def _shown(source: str) -> str:
    return format_html('<pre class="whitespace-pre-wrap">{}</pre>', source)


@admin.register(PriceListVersion)
class PriceListVersionAdmin(ReadOnlyAdmin):
    list_display = ("service", "effective_on", "shown_count")
    list_display_links = ("effective_on",)
    list_filter = ("service",)
    list_select_related = ("service",)
    fields = (
        "service",
        "effective_on",
        "shown_source",
        "announced_by",
        "evidence",
        "shown_notice",
        "override_reason",
    )
    actions_list = ("change_prices",)

    @display(description=_("Prices"))
    def shown_count(self, obj: PriceListVersion) -> int:
        return len(obj.prices.prices)

    @display(description=_("Price list"))
    def shown_source(self, obj: PriceListVersion) -> str:
        return _shown(obj.source)

    @display(description=_("Notice of the change"))
    def shown_notice(self, obj: PriceListVersion) -> str:
        notice = obj.decided_notice
        if notice is None:
            return "—"
        version = TermsVersion.objects.select_related("service").get(
            service=obj.service, name=notice.terms_version
        )
        return explained(notice, version)

    @action(
        description=_("Change prices"),
        url_path="change-prices",
        permissions=["act"],
        variant=ActionVariant.PRIMARY,
    )
    def change_prices(self, request: HttpRequest) -> HttpResponse:
        def wanted(data: dict[str, Any]) -> PriceListData:
            named = {"service": data["service"].slug, "channel": data["channel"] or None}
            return PriceListData(**{**data, **named, "notice": getattr(data["notice"], "pk", None)})

        page = ActionPage(
            title=_("Change prices"),
            button=_("Propose"),
            form=partial(PriceChangeForm, initial=_brought(request)),
            act=proposing(request, PRICE_LIST, wanted),
            kind=PRICE_LIST,
        )
        return run_list_action(self, request, page)


def _brought(request: HttpRequest) -> dict[str, Any]:
    """What the form of a new price list begins with, where the address names one of a catalog."""
    key = whole_number(request.GET.get(BROUGHT, ""))
    waiting = within(request.user, BroughtPriceList.objects.waiting())
    brought = waiting.filter(pk=key).first() if key else None
    return {"service": brought.service_id, "source": brought.source} if brought else {}


@admin.register(BroughtPriceList)
class BroughtPriceListAdmin(ReadOnlyAdmin):
    list_display = ("service", "effective_on", "brought_at", "set_aside_at")
    list_display_links = ("effective_on",)
    list_filter = (WaitingFilter, "service")
    list_select_related = ("service",)
    fields = ("service", "effective_on", "shown_source", "brought_at", "set_aside_at", "set_aside_by")
    actions_detail = ("propose", "set_aside")

    def offered(self, obj: BroughtPriceList) -> Collection[str]:
        return ("propose", "set_aside") if obj.waits else ()

    @display(description=_("Price list"))
    def shown_source(self, obj: BroughtPriceList) -> str:
        return _shown(obj.source)

    @action(
        description=_("Propose"),
        url_path="propose",
        permissions=["act"],
        icon="how_to_vote",
        variant=ActionVariant.PRIMARY,
    )
    def propose(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the form of a new price list, which holds this one."""
        brought = get_object_or_404(BroughtPriceList, pk=object_id)
        address = reverse("admin:billing_pricelistversion_change_prices")
        return redirect(f"{address}?{BROUGHT}={brought.pk}")

    @action(description=_("Set aside"), url_path="set-aside", permissions=["act"], icon="archive")
    def set_aside(self, request: HttpRequest, object_id: str) -> HttpResponse:
        brought = get_object_or_404(BroughtPriceList.objects.select_related("service"), pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            set_aside(brought, staff, now())
            return gettext("The price list is set aside; the next catalog does not bring it back.")

        page = ActionPage(
            title=_("Set aside"),
            button=_("Set aside"),
            form=ConfirmForm,
            act=act,
            facts=[
                (_("service"), brought.service.name),
                (_("Effective date"), day_text(brought.effective_on)),
            ],
        )
        return run_action(self, request, object_id, page)


@admin.register(SpecialPrice)
class SpecialPriceAdmin(ReadOnlyAdmin):
    list_display = ("contract", "product", "shown_unit_price", "starts_on", "ends_on", "reason")
    list_select_related = ("contract",)
    list_filter = ("contract__service", ("ends_on", admin.EmptyFieldListFilter))
    search_fields = ("contract__number", "contract__organisation__name", "product")
    fields = ("contract", "product", "shown_unit_price", "starts_on", "ends_on", "reason", "set_at", "set_by")
    actions_list = ("set_price",)
    actions_detail = ("end_price",)

    def offered(self, obj: SpecialPrice) -> Collection[str]:
        return () if obj.ends_on else ("end_price",)

    @display(description=_("Unit price (without tax)"), ordering="unit_price")
    def shown_unit_price(self, obj: SpecialPrice) -> str:
        return yen_text(obj.unit_price)

    @action(
        description=_("Set a special price"),
        url_path="set-price",
        permissions=["act"],
        variant=ActionVariant.PRIMARY,
    )
    def set_price(self, request: HttpRequest) -> HttpResponse:
        def wanted(data: dict[str, Any]) -> SpecialPriceData:
            return SpecialPriceData(**{**data, "contract": data["contract"].number})

        page = ActionPage(
            title=_("Set a special price"),
            button=_("Propose"),
            form=SpecialPriceForm,
            act=proposing(request, SPECIAL_PRICE, wanted),
            kind=SPECIAL_PRICE,
        )
        return run_list_action(self, request, page)

    @action(description=_("End the special price"), url_path="end-price", permissions=["act"])
    def end_price(self, request: HttpRequest, object_id: str) -> HttpResponse:
        price = get_object_or_404(SpecialPrice, pk=object_id)

        def wanted(data: dict[str, Any]) -> SpecialPriceEndData:
            return SpecialPriceEndData(price=price.pk, ends_on=data["ends_on"])

        page = ActionPage(
            title=_("End the special price"),
            button=_("Propose"),
            form=EndForm,
            act=proposing(request, SPECIAL_PRICE_END, wanted),
            facts=[(_("contract"), price.contract.number), (_("Product"), price.product)],
            kind=SPECIAL_PRICE_END,
        )
        return run_action(self, request, object_id, page)
