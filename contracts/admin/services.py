"""Services and providers, as their files in the catalog describe them."""

from collections.abc import Collection
from datetime import datetime, time
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.html import explained, lines, link, target_link
from contracts.admin.lifecycle_forms import EndForm
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.formats import day_text
from contracts.local_text import localised
from contracts.models import Provider, Service
from contracts.operations.offers import end_offer, ensure_possible, going_on, judge_end
from contracts.operations.rulebooks import version_in_force
from contracts.rules.notice import Channel
from contracts.rules.period import JAPAN
from contracts.sentences import WORDS
from portal.organisations.models import User

CONTRACTS_SHOWN = 50
NOON = time(12)


@admin.register(Service)
class ServiceAdmin(ReadOnlyAdmin):
    list_display = ("shown_name", "slug", "provider")
    list_select_related = ("provider",)
    search_fields = ("slug", "provider__name")
    fields = ("shown_name", "slug", "provider", "shown_summary", "shown_sample_note", "shown_pages")
    actions_detail = ("end",)

    def offered(self, obj: Service) -> Collection[str]:
        version = version_in_force(obj, localdate())
        return ("end",) if version and version.policy.endings else ()

    @display(description=_("Name"))
    def shown_name(self, obj: Service) -> str:
        return obj.name

    @display(description=_("Summary"))
    def shown_summary(self, obj: Service) -> str:
        return obj.summary

    @display(description=_("What is sample data"))
    def shown_sample_note(self, obj: Service) -> str:
        return obj.sample_note or "—"

    @display(description=_("Public pages"))
    def shown_pages(self, obj: Service) -> str:
        service = link(reverse("contracts:service-detail", args=[obj.slug]), obj.name)
        terms = link(reverse("contracts:terms-history", args=[obj.slug]), _("History of the terms"))
        return lines([service, terms])

    @action(
        description=_("End an option or the service"),
        url_path="end",
        permissions=["act"],
        icon="event_busy",
        variant=ActionVariant.DANGER,
    )
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        service = get_object_or_404(Service, pk=object_id)

        def preview(data: dict[str, Any]) -> list[tuple[Any, Any]]:
            channel, sent_at, arrived_at = _notice(data)
            decision, version = judge_end(
                service, data["product"], data["ends_on"], channel, sent_at, arrived_at
            )
            ensure_possible(decision)
            ending = going_on(service, data["product"], data["ends_on"])
            shown = [target_link(one) for one in ending.select_related("service")[:CONTRACTS_SHOWN]]
            return [
                (_("Last day"), day_text(decision.ends_on)),
                (_("Charged until"), day_text(decision.billed_through_on)),
                (_("By these articles"), explained(decision.to_json(), version)),
                (_("Contracts that it ends in"), lines([str(ending.count()), *shown])),
            ]

        def act(staff: User, data: dict[str, Any]) -> str:
            channel, sent_at, arrived_at = _notice(data)
            ended = end_offer(
                service,
                staff,
                data["product"],
                data["ends_on"],
                channel,
                sent_at,
                now(),
                arrived_at=arrived_at,
            )
            return ngettext(
                "It ends in %(count)s contract on %(day)s.",
                "It ends in %(count)s contracts on %(day)s.",
                len(ended),
            ) % {"count": len(ended), "day": day_text(data["ends_on"])}

        page = ActionPage(
            title=_("End an option or the service"),
            button=_("End it"),
            form=partial(EndForm, _offers(service)),
            act=act,
            facts=[(_("Service"), service), (_("Provider"), service.provider)],
            danger=True,
            preview=preview,
        )
        return run_action(self, request, object_id, page)


def _offers(service: Service) -> dict[str, list[tuple[str, str]]]:
    """What can end by the terms in force, and the ways in which its notice may have gone out."""
    version = version_in_force(service, localdate())
    if version is None:
        return {"product": [], "channel": []}
    policy = version.policy
    whole = [("", gettext("The whole service"))] if "service" in policy.endings else []
    options = [(one.key, localised(one.name)) for one in policy.products if one.kind == "option"]
    channels: list[tuple[str, str]] = [
        (key, str(WORDS["channel"].get(key, key))) for key in policy.notices.channels
    ]
    return {"product": [*whole, *(options if "option" in policy.endings else [])], "channel": channels}


def _notice(data: dict[str, Any]) -> tuple[Channel, datetime, datetime | None]:
    """The channel of the notice, and the moments at which it was sent and arrived: at noon of their days."""
    arrived_on = data["arrived_on"]
    return (
        data["channel"],
        datetime.combine(data["sent_on"], NOON, JAPAN),
        datetime.combine(arrived_on, NOON, JAPAN) if arrived_on else None,
    )


@admin.register(Provider)
class ProviderAdmin(ReadOnlyAdmin):
    list_display = ("name", "code", "registration_number", "phone")
    search_fields = ("name", "code", "registration_number")
    fields = (
        "code",
        "name",
        "name_en",
        "registration_number",
        "postal_code",
        "address",
        "phone",
        "email",
        "shown_bank_account",
        "shown_reminders",
        "fiscal_year_starts_in",
        "shown_services",
        "shown_calendar",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provider]:
        return super().get_queryset(request).prefetch_related("services")

    @display(description=_("Calendar"))
    def shown_calendar(self, obj: Provider) -> str:
        return link(reverse("contracts:calendar-provider", args=[obj.code]), _("Dates of all contracts"))

    @display(description=_("Payment reminders"))
    def shown_reminders(self, obj: Provider) -> str:
        text = _("after %(after_days)s days, %(days_to_pay)s days to pay")
        return lines(text % step for step in obj.reminders)

    @display(description=_("Bank account"))
    def shown_bank_account(self, obj: Provider) -> str:
        account: dict[str, Any] = obj.bank_account
        return " ".join(str(account.get(part, "")) for part in ("bank", "branch", "kind", "number", "holder"))

    @display(description=_("services"))
    def shown_services(self, obj: Provider) -> str:
        return "、".join(service.name for service in obj.services.all())
