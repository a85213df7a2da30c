"""Price lists as they were published, and the prices of single contracts."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html
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
from billing.models import PriceListVersion, SpecialPrice
from contracts.admin.html import explained
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action, run_list_action
from contracts.admin.proposing import proposing
from contracts.models import TermsVersion
from contracts.wording.formats import yen_text


@admin.register(PriceListVersion)
class PriceListVersionAdmin(ReadOnlyAdmin):
    list_display = ("service", "effective_on", "shown_count")
    list_display_links = ("effective_on",)
    list_filter = ("service",)
    list_select_related = ("service",)
    fields = ("service", "effective_on", "shown_source", "shown_notice", "override_reason")
    actions_list = ("change_prices",)

    @display(description=_("Prices"))
    def shown_count(self, obj: PriceListVersion) -> int:
        return len(obj.prices.prices)

    @display(description=_("Price list"))
    def shown_source(self, obj: PriceListVersion) -> str:
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', obj.source)

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
            return PriceListData(**{**data, "service": data["service"].slug})

        page = ActionPage(
            title=_("Change prices"),
            button=_("Propose"),
            form=PriceChangeForm,
            act=proposing(request, PRICE_LIST, wanted),
            kind=PRICE_LIST,
        )
        return run_list_action(self, request, page)


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
