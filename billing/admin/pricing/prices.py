"""Price lists as they were published, and the prices of single contracts."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.adjustments.forms import EndForm, PriceChangeForm, SpecialPriceForm
from billing.admin.pages import run_list_action
from billing.calculation.prices import PriceListError
from billing.models import PriceListVersion, SpecialPrice
from billing.pricing.price_changes import PriceNotice, change_prices
from billing.pricing.special_prices import end_special_price, set_special_price
from contracts.admin.html import explained
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.models import TermsVersion
from contracts.wording.formats import yen_text
from contracts.wording.problems import problem_texts
from portal.organisations.models import User


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
        def act(staff: User, data: dict[str, Any]) -> str:
            notice = PriceNotice(data["channel"], data["sent_at"], data["arrived_at"])
            try:
                stored = change_prices(
                    data["service"], data["source"], notice, staff, data["override_reason"]
                )
            except PriceListError as error:
                raise ValidationError({"source": problem_texts(error.problems)}) from error
            return gettext("The price list is published: %(list)s.") % {"list": stored}

        page = ActionPage(title=_("Change prices"), button=_("Publish"), form=PriceChangeForm, act=act)
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
        def act(staff: User, data: dict[str, Any]) -> str:
            price = set_special_price(
                data["contract"],
                data["product"],
                data["unit_price"],
                data["starts_on"],
                data["reason"],
                staff,
                ends_on=data["ends_on"],
            )
            return gettext("%(contract)s pays %(price)s for %(product)s from %(day)s on.") % {
                "contract": price.contract,
                "price": yen_text(price.unit_price),
                "product": price.product,
                "day": price.starts_on,
            }

        page = ActionPage(title=_("Set a special price"), button=_("Set"), form=SpecialPriceForm, act=act)
        return run_list_action(self, request, page)

    @action(description=_("End the special price"), url_path="end-price", permissions=["act"])
    def end_price(self, request: HttpRequest, object_id: str) -> HttpResponse:
        price = get_object_or_404(SpecialPrice, pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            end_special_price(price, data["ends_on"], staff)
            return gettext("The special price ends on %(day)s.") % {"day": data["ends_on"]}

        page = ActionPage(
            title=_("End the special price"),
            button=_("End"),
            form=EndForm,
            act=act,
            facts=[(_("contract"), price.contract.number), (_("Product"), price.product)],
        )
        return run_action(self, request, object_id, page)
