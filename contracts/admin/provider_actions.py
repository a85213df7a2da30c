"""What the provider may do to a contract: stop it, go on, demand, terminate; and what it records on it."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.timezone import localdate, now
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant

from contracts.admin.forms import LiftForm
from contracts.admin.html import article_links, explained, lines, target_link
from contracts.admin.lifecycle_forms import (
    CureForm,
    DeviceForm,
    RepresentativeForm,
    StopForm,
    SuspensionForm,
    TerminationForm,
)
from contracts.admin.pages import ActionPage, run_action
from contracts.duplicates import organisations_named
from contracts.formats import day_text
from contracts.local_text import localised
from contracts.models import Contract, ContractRequest, Suspension, TermsVersion
from contracts.operations.authorised_users import time_to_cure
from contracts.operations.rulebooks import rulebook_for
from contracts.operations.successions import name_representative
from contracts.operations.suspensions import lift_suspension, pause, suspend
from contracts.operations.tasks import replace_device
from contracts.operations.terminations import demand_cure, judge_termination, terminate
from contracts.products_shown import product_lines
from contracts.reasons import reason_choices, suspension_reason
from contracts.rules.policy import ListedReason
from contracts.rules.stop import SuspensionRule
from portal.organisations.models import Organisation, User

PROVIDER_ACTIONS = ("suspend", "pause", "lift", "demand", "terminate", "represent", "device")
Facts = list[tuple[Any, Any]]


def governing(contract: Contract) -> TermsVersion:
    """The version in force today; before the first, the one that was agreed to."""
    return TermsVersion.objects.select_related("service").in_force(contract.service, localdate()) or (
        contract.contracted_version
    )


def open_suspension(contract: Contract) -> Suspension | None:
    """The stop that goes on today, or the next one."""
    today = localdate()
    lasting = [stop for stop in contract.suspensions.all() if stop.ends_on is None or stop.ends_on >= today]
    return min(lasting, key=lambda stop: stop.starts_on, default=None)


def provider_offers(contract: Contract) -> Iterator[tuple[str, bool]]:
    """Each action, and whether it makes sense for a contract as it is now."""
    policy = governing(contract).policy
    today = localdate()
    ended = contract.state_on(today) == Contract.State.ENDED or contract.ends_on == today
    running = contract.service_starts_on is not None and not ended
    stopped = open_suspension(contract)
    yield "suspend", running and stopped is None and policy.suspension is not None
    yield "pause", running and stopped is None and policy.pause is not None
    yield "lift", stopped is not None
    formed = contract.formed_on is not None and not ended
    rule = policy.termination
    yield "demand", formed and rule is not None and any(ground.since for ground in rule.grounds)
    yield "terminate", formed and rule is not None
    last = contract.parties.order_by("starts_on", "pk").last()
    yield "represent", last is not None and len(last.successors) > 1
    yield "device", running and policy.device_return is not None


def contract_facts(contract: Contract) -> Facts:
    """What an action page says of the contract that it is about."""
    return [
        (_("Contract number"), contract.number),
        (_("Organisation"), contract.organisation),
        (_("Service"), contract.service),
        (_("Accepted at"), contract.accepted_at or "—"),
        (_("Formed on"), contract.formed_on or "—"),
        (_("Wanted start"), contract.wanted_start_on or "—"),
    ]


class ProviderActions:
    """The action pages, for the admin of contracts."""

    def target(self, request: HttpRequest, object_id: str) -> Contract:
        """The contract of an address; 404 where there is none."""
        raise NotImplementedError

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

        reason = suspension_reason(stop, stop.terms_version or contract.contracted_version)
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

    @action(description=_("Demand to cure"), url_path="demand", permissions=["act"], icon="assignment_late")
    def demand(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self.target(request, object_id)
        version = governing(contract)
        rule = version.policy.termination
        grounds = [ground for ground in rule.grounds if ground.since] if rule else []

        def preview(data: dict[str, Any]) -> Facts:
            decision = time_to_cure(contract, data["ground"], localdate(), data["since_on"])
            return [
                (_("Can be cured until"), _day(decision.cure_by)),
                (_("Termination possible from"), _day(decision.possible_from)),
                (_("By these articles"), explained(decision.to_json(), version)),
                (_("Letter"), _("A demand to cure goes out by e-mail, with its PDF.")),
            ]

        def act(staff: User, data: dict[str, Any]) -> str:
            task = demand_cure(contract, staff, data["ground"], data["since_on"], data["note"], now())
            return gettext("The demand is sent; the task for it is due on %(day)s.") % {
                "day": day_text(task.due_on)
            }

        page = ActionPage(
            title=_("Demand to cure"),
            button=_("Send the demand"),
            form=partial(
                CureForm, {"ground": reason_choices(version, grounds)}, initial={"since_on": localdate()}
            ),
            act=act,
            facts=contract_facts(contract),
            preview=preview,
        )
        return run_action(cast(Any, self), request, object_id, page)

    @action(
        description=_("Terminate"),
        url_path="terminate",
        permissions=["act"],
        icon="dangerous",
        variant=ActionVariant.DANGER,
    )
    def terminate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self.target(request, object_id)
        version = governing(contract)
        rule = version.policy.termination
        if rule is None:
            raise Http404

        def act(staff: User, data: dict[str, Any]) -> str:
            ended = terminate(
                contract,
                staff,
                data["ground"],
                data.get("since_on"),
                now(),
                note=data["note"],
                debts_due_on=data.get("debts_due_on"),
            )
            shown = {"number": contract.number, "day": _day(ended.ends_on)}
            return gettext("Contract %(number)s is terminated and ends on %(day)s.") % shown

        page = ActionPage(
            title=_("Terminate"),
            button=_("Terminate the contract"),
            form=partial(TerminationForm, rule, {"ground": reason_choices(version, rule.grounds)}),
            act=act,
            facts=contract_facts(contract),
            danger=True,
            preview=partial(_after_termination, contract, version),
        )
        return run_action(cast(Any, self), request, object_id, page)

    @action(description=_("Name the representative"), url_path="represent", permissions=["act"], icon="badge")
    def represent(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self.target(request, object_id)
        last = contract.parties.order_by("starts_on", "pk").last()
        successors = last.successors if last else []

        def act(staff: User, data: dict[str, Any]) -> str:
            chosen = data["organisation"]
            name_representative(
                contract,
                staff,
                data["representative"],
                data["on"],
                organisation=Organisation.objects.get(pk=chosen) if chosen else None,
            )
            return gettext("The representative of %(number)s is named.") % {"number": contract.number}

        offered: list[tuple[str, str]] = [("", gettext("A new organisation, as it was reported"))]
        for one in successors:
            alike = organisations_named(one["name"], one.get("corporate_number", ""))
            offered += [(str(known.pk), f"{known.name}（{known.address}）") for known in alike]
        choices = {
            "representative": [(str(place), one["name"]) for place, one in enumerate(successors)],
            "organisation": list(dict.fromkeys(offered)),
        }
        page = ActionPage(
            title=_("Name the representative"),
            button=_("Name the representative"),
            form=partial(RepresentativeForm, choices, initial={"on": localdate()}),
            act=act,
            facts=contract_facts(contract),
        )
        return run_action(cast(Any, self), request, object_id, page)

    @action(description=_("Record a replaced device"), url_path="device", permissions=["act"], icon="devices")
    def device(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self.target(request, object_id)
        policy = governing(contract).policy
        devices = [one for one in policy.products if one.kind == "one_time"]

        def act(staff: User, data: dict[str, Any]) -> str:
            task = replace_device(
                contract, staff, data["product"], data["received_on"], data["list_price"], now()
            )
            return gettext("The old device goes back by %(day)s.") % {"day": day_text(task.due_on)}

        choices = {"product": [(one.key, localised(one.name)) for one in devices]}
        page = ActionPage(
            title=_("Record a replaced device"),
            button=_("Record"),
            form=partial(DeviceForm, choices, initial={"received_on": localdate()}),
            act=act,
            facts=contract_facts(contract),
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


def _after_termination(contract: Contract, version: TermsVersion, data: dict[str, Any]) -> Facts:
    """What a termination would lead to, before it is confirmed."""
    decision = judge_termination(contract, data["ground"], data.get("since_on"), now())
    ends_on = cast(date, decision.ends_on)
    due_on = decision.open_debts_due_on or data.get("debts_due_on")
    waiting = contract.requests.filter(status__in=ContractRequest.OPEN)
    facts: Facts = [
        (_("Contract ends on"), day_text(ends_on)),
        (_("Charged until"), _day(decision.billed_through_on)),
        (
            _("What becomes due"),
            render_to_string("admin/contracts/_open_debts.html", {"contract": contract, "due_on": due_on}),
        ),
        (_("By these articles"), explained(decision.to_json(), version)),
        (_("Requests that are closed"), lines(target_link(one) for one in waiting)),
    ]
    if version.policy.data_erasure:
        erasure = rulebook_for(version).data_erasure(ends_on)
        facts.append((_("Data are erased by"), day_text(erasure.erase_by)))
    facts.append((_("Letter"), _("A termination notice goes out by e-mail, with its PDF.")))
    return facts


def _day(day: date | None) -> str:
    return day_text(day) if day else "—"
