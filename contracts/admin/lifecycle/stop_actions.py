"""What the provider does for a time: it suspends the service, pauses it, and goes on."""

from functools import partial
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant

from contracts.admin.forms import LiftForm
from contracts.admin.html import article_links, lines
from contracts.admin.lifecycle.forms import (
    StopForm,
    SuspensionForm,
)
from contracts.admin.lifecycle.provider_side import (
    ContractPages,
    Facts,
    contract_facts,
    governing,
    open_suspension,
)
from contracts.admin.pages import ActionPage, run_action
from contracts.lifecycle.suspensions import lift_suspension, pause, suspend
from contracts.models import Contract, TermsVersion
from contracts.rules.life.stop import SuspensionRule
from contracts.rules.policy.schema import ListedReason
from contracts.wording.formats import day_text
from contracts.wording.local_text import localised
from contracts.wording.products import product_lines
from contracts.wording.reasons import reason_choices, suspension_reason
from portal.organisations.models import User


class StopActions(ContractPages):
    """The pages on stops, for the admin of contracts."""

    @action(
        description=_("Suspend"),
        url_path="suspend",
        permissions=["act"],
        icon="pause",
        variant=ActionVariant.DANGER,
    )
    def suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self.target(request, object_id)
        version = governing(contract)
        rule = version.policy.suspension

        def act(staff: User, data: dict[str, Any]) -> str:
            suspend(
                contract,
                staff,
                data["reason"],
                data["starts_on"],
                data["ends_on"],
                data["note"],
                until_paid=data["until_paid"],
                product=data["product"],
                urgent=data["urgent"],
                at=now(),
            )
            return gettext("Contract %(number)s is suspended.") % {"number": contract.number}

        choices = _stop_choices(contract, version, rule.reasons if rule else ())
        page = ActionPage(
            title=_("Suspend"),
            button=_("Suspend"),
            form=partial(SuspensionForm, choices, initial={"starts_on": localdate()}),
            act=act,
            facts=[*contract_facts(contract), *(_limits(rule, version) if rule else [])],
            danger=True,
        )
        return run_action(cast(Any, self), request, object_id, page)

    @action(description=_("Pause"), url_path="pause", permissions=["act"], icon="pause_circle")
    def pause(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self.target(request, object_id)
        version = governing(contract)
        rule = version.policy.pause

        def act(staff: User, data: dict[str, Any]) -> str:
            pause(
                contract,
                staff,
                data["reason"],
                data["starts_on"],
                data["ends_on"],
                data["note"],
                product=data["product"],
            )
            return gettext("Contract %(number)s is paused.") % {"number": contract.number}

        choices = _stop_choices(contract, version, rule.reasons if rule else ())
        page = ActionPage(
            title=_("Pause"),
            button=_("Pause"),
            form=partial(StopForm, choices, initial={"starts_on": localdate()}),
            act=act,
            facts=contract_facts(contract),
            danger=True,
        )
        return run_action(cast(Any, self), request, object_id, page)

    @action(description=_("Lift the suspension"), url_path="lift", permissions=["act"], icon="play_arrow")
    def lift(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self.target(request, object_id)
        stop = open_suspension(contract)
        if stop is None:
            raise Http404

        def act(staff: User, data: dict[str, Any]) -> str:
            lift_suspension(stop, staff, data["ends_on"], at=now())
            return gettext("The suspension of %(number)s ends on %(day)s.") % {
                "number": contract.number,
                "day": day_text(data["ends_on"]),
            }

        reason = suspension_reason(stop, stop.governing_version)
        page = ActionPage(
            title=_("Lift the suspension"),
            button=_("Lift the suspension"),
            form=partial(LiftForm, initial={"ends_on": localdate()}),
            act=act,
            facts=[
                *contract_facts(contract),
                (_("Kind"), stop.get_kind_display()),
                (_("Reason"), reason.text if reason else "—"),
                (_("First day"), day_text(stop.starts_on)),
                (_("Last day"), day_text(stop.ends_on) if stop.ends_on else "—"),
            ],
        )
        return run_action(cast(Any, self), request, object_id, page)


def _stop_choices(
    contract: Contract, version: TermsVersion, reasons: tuple[ListedReason, ...]
) -> dict[str, list[tuple[str, str]]]:
    options = {one.key for one in version.policy.products if one.kind == "option"}
    held = [(key, 0) for key in contract.items_on(localdate()) if key in options]
    stoppable = [(line.key, line.name) for line in product_lines(version.policy, held)]
    return {
        "reason": reason_choices(version, reasons),
        "product": [("", gettext("The whole service")), *stoppable],
    }


def _limits(rule: SuspensionRule, version: TermsVersion) -> Facts:
    """How long the terms let a suspension last."""
    if rule.max_months is None:
        longest = gettext("The terms set no limit.")
    else:
        longest = ngettext("%(months)s month at most", "%(months)s months at most", rule.max_months) % {
            "months": rule.max_months
        }
    facts: Facts = [(_("Longest duration"), lines([longest, article_links(version, rule.article)]))]
    if rule.until_paid:
        reasons = {reason.key: localised(reason.text) for reason in rule.reasons}
        named = [reasons[key] for key in rule.until_paid.reasons]
        facts.append((_("Until paid"), lines([*named, article_links(version, rule.until_paid.article)])))
    return facts
