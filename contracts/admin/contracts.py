"""Contracts: their dates and contents, and the steps from acceptance to the start of service."""

from collections.abc import Collection, Iterator
from datetime import date
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts import waiting
from contracts.admin.forms import ActivationForm, ConfirmForm, LiftForm, RegistrationForm, SuspensionForm
from contracts.admin.html import explained, lines, link, version_link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.formats import day_text
from contracts.models import Contract, Suspension, TermsVersion
from contracts.operations.acceptance import send_acceptance
from contracts.operations.activation import complete_registration, issue_activation_notice
from contracts.operations.suspensions import lift_suspension, suspend
from contracts.products_shown import product_lines
from contracts.reasons import reason_choices, suspension_reason
from portal.organisations.models import User

STATE_COLOURS = {
    "forming": "info",
    "running": "success",
    "changing": "info",
    "suspended": "warning",
    "paused": "warning",
    "interrupted": "warning",
    "ending": "warning",
    "ended": "default",
}
WAITING = {
    "acceptance_mail": (_("Acceptance not sent"), waiting.for_acceptance_mail),
    "registration": (_("Registration"), waiting.for_registration),
    "activation": (_("Activation notice"), waiting.for_activation_notice),
}


class WaitingFilter(admin.SimpleListFilter):
    title = _("Waiting for")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, label) for key, (label, _contracts) in WAITING.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contract]) -> QuerySet[Contract]:
        chosen = WAITING.get(self.value() or "")
        return queryset.filter(pk__in=chosen[1]()) if chosen else queryset


@admin.register(Contract)
class ContractAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "service",
        "organisation",
        "shown_state",
        "formed_on",
        "service_starts_on",
        "billed_from_on",
        "ends_on",
    )
    list_filter = (WaitingFilter, "service", "end_kind")
    search_fields = ("number", "application__number", "organisation__name", "organisation__kana")
    date_hierarchy = "applied_at"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "number",
                    "state_today",
                    "service",
                    "organisation",
                    "application",
                    "shown_version",
                    "shown_pages",
                )
            },
        ),
        (
            _("What happened"),
            {
                "fields": (
                    "applied_at",
                    "accepted_at",
                    "acceptance_sent_at",
                    "registered_at",
                    "activation_start_on",
                    "wanted_start_on",
                )
            },
        ),
        (
            _("What follows by the terms"),
            {"fields": ("formed_on", "service_starts_on", "billed_from_on", "shown_formation")},
        ),
        (_("Contents of the contract"), {"fields": ("shown_items", "payment_method")}),
        (_("Suspensions"), {"fields": ("shown_suspensions",)}),
        (_("End"), {"fields": ("ends_on", "billed_through_on", "end_kind")}),
    )
    actions_detail = ("send_acceptance", "register", "activate", "suspend", "lift")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contract]:
        return (
            super()
            .get_queryset(request)
            .select_related("service", "organisation", "application", "contracted_version__service")
            .prefetch_related("items", "suspensions")
        )

    def offered(self, obj: Contract) -> Collection[str]:
        return [name for name, fits in _offers(obj) if fits]

    @display(description=_("Status"), label=STATE_COLOURS)
    def shown_state(self, obj: Contract) -> tuple[str, str]:
        state = obj.state_on(localdate())
        return state.value, str(state.label)

    @display(description=_("Status"))
    def state_today(self, obj: Contract) -> str:
        return str(obj.state_on(localdate()).label)

    @display(description=_("terms version at formation"))
    def shown_version(self, obj: Contract) -> str:
        return version_link(obj.contracted_version)

    @display(description=_("Questions and history"))
    def shown_pages(self, obj: Contract) -> str:
        pages = (("contract-what-if", _t("What if?")), ("contract-timeline", _t("Timeline")))
        return lines(link(reverse(f"contracts:{name}", args=[obj.number]), label) for name, label in pages)

    @display(description=_("Decision on the formation"))
    def shown_formation(self, obj: Contract) -> str:
        return explained(obj.formation, obj.contracted_version)

    @display(description=_("Products"))
    def shown_items(self, obj: Contract) -> str:
        items = list(obj.items.all())
        found = product_lines(_governing(obj).policy, ((item.product, item.quantity) for item in items))
        return lines(
            f"{line.name} × {line.quantity} {line.unit}（{_days(item.starts_on, item.ends_on)}）"
            for item, line in zip(items, found, strict=True)
        )

    @display(description=_("Suspensions"))
    def shown_suspensions(self, obj: Contract) -> str:
        version = _governing(obj)
        reasons = ((stop, suspension_reason(stop, version)) for stop in obj.suspensions.all())
        return lines(
            f"{_days(stop.starts_on, stop.ends_on)} {reason.text if reason else ''} {stop.note}"
            for stop, reason in reasons
        )

    @action(
        description=_("Send the acceptance again"),
        url_path="send-acceptance",
        permissions=["act"],
        icon="mail",
    )
    def send_acceptance(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self._contract(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            send_acceptance(contract, staff)
            return _t("The acceptance of %(number)s is sent.") % {"number": contract.number}

        page = ActionPage(
            title=_("Send the acceptance again"),
            button=_("Send"),
            form=ConfirmForm,
            act=act,
            facts=_facts(contract),
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Complete the registration"),
        url_path="register",
        permissions=["act"],
        icon="how_to_reg",
        variant=ActionVariant.PRIMARY,
    )
    def register(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self._contract(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            complete_registration(contract, staff, now(), account_details=data["account_details"])
            return _t("The registration of %(number)s is completed.") % {"number": contract.number}

        page = ActionPage(
            title=_("Complete the registration"),
            button=_("Complete the registration"),
            form=RegistrationForm,
            act=act,
            facts=_facts(contract),
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Issue the activation notice"),
        url_path="activate",
        permissions=["act"],
        icon="rocket_launch",
        variant=ActionVariant.PRIMARY,
    )
    def activate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self._contract(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            issue_activation_notice(contract, staff, data["start_on"], now())
            return _t("The activation notice of %(number)s is issued.") % {"number": contract.number}

        page = ActionPage(
            title=_("Issue the activation notice"),
            button=_("Issue the notice"),
            form=partial(ActivationForm, initial={"start_on": contract.wanted_start_on}),
            act=act,
            facts=_facts(contract),
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Suspend"),
        url_path="suspend",
        permissions=["act"],
        icon="pause",
        variant=ActionVariant.DANGER,
    )
    def suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self._contract(request, object_id)
        version = _governing(contract)
        rule = version.policy.suspension

        def act(staff: User, data: dict[str, Any]) -> str:
            suspend(contract, staff, data["reason"], data["starts_on"], data["ends_on"], data["note"])
            return _t("Contract %(number)s is suspended.") % {"number": contract.number}

        page = ActionPage(
            title=_("Suspend"),
            button=_("Suspend"),
            form=partial(SuspensionForm, reason_choices(version, rule.reasons if rule else ())),
            act=act,
            facts=_facts(contract),
            danger=True,
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Lift the suspension"), url_path="lift", permissions=["act"], icon="play_arrow")
    def lift(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self._contract(request, object_id)
        suspension = _open_suspension(contract)
        if suspension is None:
            raise Http404

        def act(staff: User, data: dict[str, Any]) -> str:
            lift_suspension(suspension, staff, data["ends_on"])
            return _t("The suspension of %(number)s ends on %(day)s.") % {
                "number": contract.number,
                "day": day_text(data["ends_on"]),
            }

        page = ActionPage(
            title=_("Lift the suspension"),
            button=_("Lift the suspension"),
            form=partial(LiftForm, initial={"ends_on": localdate()}),
            act=act,
            facts=[*_facts(contract), (_("Suspensions"), self.shown_suspensions(contract))],
        )
        return run_action(self, request, object_id, page)

    def _contract(self, request: HttpRequest, object_id: str) -> Contract:
        return get_object_or_404(self.get_queryset(request), pk=object_id)


def _offers(contract: Contract) -> Iterator[tuple[str, bool]]:
    yield "send_acceptance", waiting.for_acceptance_mail().filter(pk=contract.pk).exists()
    yield "register", waiting.for_registration().filter(pk=contract.pk).exists()
    yield "activate", waiting.for_activation_notice().filter(pk=contract.pk).exists()
    running = (
        contract.service_starts_on is not None and contract.state_on(localdate()) != Contract.State.ENDED
    )
    stopped = _open_suspension(contract)
    yield "suspend", running and stopped is None and _governing(contract).policy.suspension is not None
    yield "lift", stopped is not None


def _open_suspension(contract: Contract) -> Suspension | None:
    """The suspension that goes on today, or the next one."""
    today = localdate()
    lasting = [stop for stop in contract.suspensions.all() if stop.ends_on is None or stop.ends_on >= today]
    return min(lasting, key=lambda stop: stop.starts_on, default=None)


def _governing(contract: Contract) -> TermsVersion:
    return TermsVersion.objects.select_related("service").in_force(contract.service, localdate()) or (
        contract.contracted_version
    )


def _days(first: date, last: date | None) -> str:
    return f"{day_text(first)} – {day_text(last) if last else ''}"


def _facts(contract: Contract) -> list[tuple[Any, Any]]:
    return [
        (_("Contract number"), contract.number),
        (_("Organisation"), contract.organisation),
        (_("Service"), contract.service),
        (_("Accepted at"), contract.accepted_at or "—"),
        (_("Formed on"), contract.formed_on or "—"),
        (_("Wanted start"), contract.wanted_start_on or "—"),
    ]
