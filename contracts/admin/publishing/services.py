"""Services, as their files in the catalog describe them."""

from collections.abc import Collection
from datetime import date
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.html import explained, lines, link, target_link
from contracts.admin.lifecycle.forms import EndForm
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.proposing import proposing
from contracts.approvals.deadlines import LATE_END, LateEndData
from contracts.lifecycle.ending_notices import EndingNotice, ending_notices
from contracts.lifecycle.provider_ends.service_ends import end_offer, ensure_possible, going_on, judge_end
from contracts.models import Notice, Service
from contracts.policies.rulebooks import version_in_force
from contracts.wording.formats import day_text
from contracts.wording.local_text import localised
from portal.organisations.models import User

CONTRACTS_SHOWN = 50


@admin.register(Service)
class ServiceAdmin(ReadOnlyAdmin):
    list_display = ("shown_name", "slug", "provider")
    list_select_related = ("provider",)
    list_prefetch_related = ("provider__particulars",)
    search_fields = ("slug", "provider__particulars__name")
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

        notices = list(ending_notices(service.pk))

        def judged(data: dict[str, Any]) -> EndingNotice:
            return judge_end(data["notice"], data["product"], data["ends_on"])

        def preview(data: dict[str, Any]) -> list[tuple[Any, Any]]:
            found, ends_on = judged(data), data["ends_on"]
            ensure_possible(found, ends_on, data["override_reason"])
            decision = found.ending(ends_on)
            shown = [target_link(one) for one in found.contracts.select_related("service")[:CONTRACTS_SHOWN]]
            return [
                (_("Last day"), day_text(decision.ends_on)),
                (_("Days of notice"), _days_of_notice(found, ends_on)),
                (_("Charged until"), day_text(decision.billed_through_on)),
                (_("By these articles"), explained(decision, found.version)),
                (_("Contracts that it ends in"), lines([str(found.contracts.count()), *shown])),
                (
                    _("Contracts without an effective notice"),
                    lines(target_link(one) for one in found.not_told),
                ),
            ]

        def wanted(data: dict[str, Any]) -> LateEndData:
            return LateEndData(**{**data, "notice": data["notice"].pk})

        propose = proposing(request, LATE_END, wanted)

        def act(staff: User, data: dict[str, Any]) -> str:
            if ensure_possible(judged(data), data["ends_on"], data["override_reason"]):
                return propose(staff, data)
            ended = end_offer(data["notice"], staff, data["product"], data["ends_on"], now())
            return ngettext(
                "It ends in %(count)s contract on %(day)s.",
                "It ends in %(count)s contracts on %(day)s.",
                len(ended),
            ) % {"count": len(ended), "day": day_text(data["ends_on"])}

        page = ActionPage(
            title=_("End an option or the service"),
            button=_("End it"),
            form=partial(EndForm, notices, _offers(service)),
            act=act,
            facts=[
                (_("Service"), service),
                (_("Provider"), service.provider),
                (
                    _("Notices that were sent"),
                    lines(_earliest(notice) for notice in notices)
                    if notices
                    else _("Send a notice of the end first, and choose it here."),
                ),
            ],
            danger=True,
            preview=preview,
            kind=LATE_END if request.POST.get("override_reason", "").strip() else None,
        )
        return run_action(self, request, object_id, page)


def _offers(service: Service) -> list[tuple[str, str]]:
    """What can end by the terms in force."""
    version = version_in_force(service, localdate())
    if version is None:
        return []
    policy = version.policy
    whole = [("", gettext("The whole service"))] if "service" in policy.endings else []
    options = [(one.key, localised(one.name)) for one in policy.products if one.kind == "option"]
    return [*whole, *(options if "option" in policy.endings else [])]


def _days_of_notice(found: EndingNotice, ends_on: date) -> str:
    if found.effective_on is None:
        return "—"
    days = (ends_on - found.effective_on).days
    text = ngettext(
        "%(count)s day, from %(day)s, when the notice had taken effect for all whom it has reached",
        "%(count)s days, from %(day)s, when the notice had taken effect for all whom it has reached",
        days,
    )
    return text % {"count": days, "day": day_text(found.effective_on)}


def _earliest(notice: Notice) -> str:
    """A notice with the earliest last day that it allows, of what it announced."""
    product = notice.product
    found = EndingNotice(notice, product, going_on(notice.service, product, notice.effective_on))
    shown = {"notice": notice.subject, "day": "—", "waiting": len(found.not_told)}
    if notice.purpose == Notice.Purpose.OPTION_END and not product:
        return gettext("%(notice)s: for the option that you choose") % shown
    if found.earliest_on is None:
        return gettext("%(notice)s: has not taken effect for anybody yet") % shown
    text = ngettext(
        "%(notice)s: last day %(day)s or later; not effective yet for %(waiting)s contract",
        "%(notice)s: last day %(day)s or later; not effective yet for %(waiting)s contracts",
        len(found.not_told),
    )
    return text % {**shown, "day": day_text(found.earliest_on)}
