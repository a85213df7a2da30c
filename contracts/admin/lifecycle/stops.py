"""Stops of the service, and the people who use it beside the customer."""

from collections.abc import Collection
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.forms import ConfirmForm, LiftForm
from contracts.admin.html import contract_link, explained
from contracts.admin.lifecycle.forms import BreachForm, GroundForm
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.lifecycle.authorised_users import cure_breach, record_breach, stop_authorised_user
from contracts.lifecycle.suspensions import lift_suspension
from contracts.models import AuthorisedUser, Suspension
from contracts.policies.rulebooks import governing_version
from contracts.wording.formats import day_text
from contracts.wording.products import product_lines
from contracts.wording.reasons import reason_choices, suspension_reason
from portal.organisations.models import User


@admin.register(Suspension)
class SuspensionAdmin(ReadOnlyAdmin):
    list_display = (
        "contract",
        "shown_organisation",
        "kind",
        "shown_product",
        "starts_on",
        "ends_on",
        "shown_state",
    )
    list_filter = ("kind", "contract__service")
    search_fields = ("contract__number", "contract__organisation__name")
    date_hierarchy = "starts_on"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "shown_contract",
                    "shown_organisation",
                    "kind",
                    "shown_product",
                    "shown_reason",
                    "note",
                )
            },
        ),
        (_("Period"), {"fields": ("starts_on", "ends_on", "lifted_at")}),
        (_("Decision of the rules"), {"fields": ("terms_version", "shown_decision")}),
    )
    actions_detail = ("resume",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suspension]:
        return (
            super()
            .get_queryset(request)
            .select_related(
                "contract__organisation", "contract__contracted_version__service", "terms_version__service"
            )
            .prefetch_related("contract__agreements")
        )

    def offered(self, obj: Suspension) -> Collection[str]:
        return ("resume",) if obj.ends_on is None or obj.ends_on >= localdate() else ()

    @display(description=_("contract"))
    def shown_contract(self, obj: Suspension) -> str:
        return contract_link(obj.contract)

    @display(description=_("Organisation"))
    def shown_organisation(self, obj: Suspension) -> str:
        return str(obj.contract.organisation)

    @display(description=_("Status"), label={"now": "warning", "coming": "info", "over": "default"})
    def shown_state(self, obj: Suspension) -> tuple[str, Any]:
        today = localdate()
        if obj.covers(today):
            return "now", _("Going on")
        return ("coming", _("Coming")) if obj.starts_on > today else ("over", _("Over"))

    @display(description=_("What is stopped"))
    def shown_product(self, obj: Suspension) -> str:
        if not obj.product:
            return str(_("The whole service"))
        (line,) = product_lines(obj.governing_version.policy, [(obj.product, 0)])
        return line.name

    @display(description=_("Reason"))
    def shown_reason(self, obj: Suspension) -> str:
        reason = suspension_reason(obj, obj.governing_version)
        return reason.text if reason else "—"

    @display(description=_("Decision of the rules"))
    def shown_decision(self, obj: Suspension) -> str:
        return explained(obj.decided, obj.governing_version)

    @action(
        description=_("Resume the service"),
        url_path="resume",
        permissions=["act"],
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
    )
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        stop = get_object_or_404(self.get_queryset(request), pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            lift_suspension(stop, staff, data["ends_on"], at=now())
            return gettext("The suspension of %(number)s ends on %(day)s.") % {
                "number": stop.contract.number,
                "day": day_text(data["ends_on"]),
            }

        page = ActionPage(
            title=_("Resume the service"),
            button=_("Resume the service"),
            form=partial(LiftForm, initial={"ends_on": localdate()}),
            act=act,
            facts=[
                (_("Contract number"), stop.contract.number),
                (_("Organisation"), stop.contract.organisation),
                (_("Reason"), self.shown_reason(stop)),
                (_("First day"), day_text(stop.starts_on)),
                (_("Last day"), day_text(stop.ends_on) if stop.ends_on else "—"),
            ],
        )
        return run_action(self, request, object_id, page)


@admin.register(AuthorisedUser)
class AuthorisedUserAdmin(ReadOnlyAdmin):
    list_display = ("name", "contract", "shown_organisation", "starts_on", "ends_on", "shown_state")
    list_filter = (("breach_on", admin.EmptyFieldListFilter), "contract__service")
    search_fields = ("name", "contract__number", "contract__organisation__name")
    fieldsets = (
        (None, {"fields": ("name", "address", "contact", "purpose", "shown_contract", "shown_organisation")}),
        (_("Period"), {"fields": ("starts_on", "ends_on", "request")}),
        (_("Breach"), {"fields": ("breach_on", "breach_note")}),
    )
    actions_detail = ("breach", "cured", "stop")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuthorisedUser]:
        users = super().get_queryset(request)
        return users.select_related("contract__organisation", "contract__service", "request")

    def offered(self, obj: AuthorisedUser) -> Collection[str]:
        over = obj.ends_on is not None and obj.ends_on < localdate()
        if over:
            return ()
        return ("cured", "stop") if obj.breach_on else ("breach",)

    @display(description=_("contract"))
    def shown_contract(self, obj: AuthorisedUser) -> str:
        return contract_link(obj.contract)

    @display(description=_("Organisation"))
    def shown_organisation(self, obj: AuthorisedUser) -> str:
        return str(obj.contract.organisation)

    @display(
        description=_("Status"),
        label={"breach": "danger", "authorised": "success", "coming": "info", "over": "default"},
    )
    def shown_state(self, obj: AuthorisedUser) -> tuple[str, Any]:
        today = localdate()
        if obj.ends_on and obj.ends_on < today:
            return "over", _("Over")
        if obj.breach_on:
            return "breach", _("Breach not cured")
        return ("coming", _("Coming")) if obj.starts_on > today else ("authorised", _("Authorised"))

    @action(
        description=_("Record a breach"),
        url_path="breach",
        permissions=["act"],
        icon="report",
        variant=ActionVariant.DANGER,
    )
    def breach(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self._user(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            record_breach(user, staff, data["breach_on"], data["note"])
            return gettext("The breach of %(name)s is recorded.") % {"name": user.name}

        form = partial(BreachForm, initial={"breach_on": localdate()})
        return self._run(request, user, _("Record a breach"), form, act, danger=True)

    @action(
        description=_("The breach is cured"),
        url_path="cured",
        permissions=["act"],
        icon="task_alt",
        variant=ActionVariant.PRIMARY,
    )
    def cured(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self._user(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            cure_breach(user, staff, now())
            return gettext("The breach of %(name)s is cured.") % {"name": user.name}

        return self._run(request, user, _("The breach is cured"), ConfirmForm, act)

    @action(
        description=_("Stop the use"),
        url_path="stop",
        permissions=["act"],
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def stop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self._user(request, object_id)
        version = governing_version(user.contract, localdate())
        rule = version.policy.termination
        grounds = [ground for ground in rule.grounds if ground.since == "breach"] if rule else []

        def act(staff: User, data: dict[str, Any]) -> str:
            stopped = stop_authorised_user(user, staff, data["ground"], now())
            shown = {"name": user.name, "day": day_text(stopped.ends_on or localdate())}
            return gettext("%(name)s may use the service until %(day)s.") % shown

        form = partial(GroundForm, {"ground": reason_choices(version, grounds)})
        return self._run(request, user, _("Stop the use"), form, act, danger=True)

    def _user(self, request: HttpRequest, object_id: str) -> AuthorisedUser:
        return get_object_or_404(self.get_queryset(request), pk=object_id)

    def _run(
        self,
        request: HttpRequest,
        user: AuthorisedUser,
        title: Any,
        form: Any,
        act: Any,
        *,
        danger: bool = False,
    ) -> HttpResponse:
        facts: list[tuple[Any, Any]] = [
            (_("Name"), user.name),
            (_("Contract number"), user.contract.number),
            (_("Organisation"), user.contract.organisation),
        ]
        if user.breach_on:
            facts.append((_("Breach"), f"{day_text(user.breach_on)} {user.breach_note}"))
        page = ActionPage(title=title, button=title, form=form, act=act, facts=facts, danger=danger)
        return run_action(self, request, str(user.pk), page)
