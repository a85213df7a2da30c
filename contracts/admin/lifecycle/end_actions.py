"""What the provider does for good: it demands a cure, terminates; and what it records on a contract."""

from datetime import date
from functools import partial
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant

from contracts.admin.decisions.successors import alike, chosen_successor
from contracts.admin.html import explained, lines, target_link
from contracts.admin.lifecycle.forms import (
    CureForm,
    DeclineForm,
    DeviceForm,
    RepresentativeForm,
    TerminationForm,
)
from contracts.admin.lifecycle.provider_side import ContractPages, Facts, contract_facts, governing
from contracts.admin.pages import ActionPage, run_action
from contracts.lifecycle.authorised_users import time_to_cure
from contracts.lifecycle.devices import devices_of, replace_device
from contracts.lifecycle.provider_ends.non_renewals import (
    coming_term_ends,
    decline_renewal,
    judge,
    may_decline,
)
from contracts.lifecycle.provider_ends.terminations import demand_cure, judge_termination, terminate
from contracts.models import Contract, ContractRequest, TermsVersion
from contracts.policies.rulebooks import rulebook_for
from contracts.requests.successors import Successor, name_representative
from contracts.wording.formats import day_text
from contracts.wording.local_text import localised
from contracts.wording.reasons import reason_choices
from portal.organisations.models import User

TERMS_OFFERED = 13


class EndActions(ContractPages):
    """The pages on ends and records, for the admin of contracts."""

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
                (_("By these articles"), explained(decision.as_demanded(), version)),
                (_("Letter"), _letter_on_demand(data)),
            ]

        def act(staff: User, data: dict[str, Any]) -> str:
            task = demand_cure(
                contract,
                staff,
                data["ground"],
                data["since_on"],
                data["note"],
                now(),
                evidence=data["evidence"],
            )
            said = (
                gettext("The demand is recorded; the task for it is due on %(day)s.")
                if data["evidence"]
                else gettext("The demand is being sent; the task for it is due on %(day)s.")
            )
            return said % {"day": day_text(task.due_on)}

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

    @action(description=_("Not renew"), url_path="decline", permissions=["act"], icon="event_busy")
    def decline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self.target(request, object_id)
        version = governing(contract)
        if not may_decline(contract, localdate()):
            raise Http404

        def preview(data: dict[str, Any]) -> Facts:
            decision = judge(contract, data["term_ends_on"], now())
            return [
                (_("Contract ends on"), _day(decision.ends_on)),
                (_("Deadline"), _day(decision.deadline_on)),
                (_("Charged until"), _day(decision.billed_through_on)),
                (_("By these articles"), explained(decision, version)),
                (_("Letter"), _("The notice goes out by e-mail, with its PDF.")),
            ]

        def act(staff: User, data: dict[str, Any]) -> str:
            ended = decline_renewal(contract, staff, data["term_ends_on"], now(), note=data["note"])
            shown = {"number": contract.number, "day": _day(ended.ends_on)}
            return gettext("Contract %(number)s is not renewed and ends on %(day)s.") % shown

        ends = [(day.isoformat(), day_text(day)) for day in coming_term_ends(contract, now(), TERMS_OFFERED)]
        page = ActionPage(
            title=_("Not renew"),
            button=_("Send the notice"),
            form=partial(DeclineForm, {"term_ends_on": ends}),
            act=act,
            facts=contract_facts(contract),
            danger=True,
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
                ends_on=data["ends_on"],
                urgent=data.get("urgent", ""),
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
            reported = Successor.model_validate(successors[data["representative"]])
            name_representative(
                contract,
                staff,
                data["representative"],
                data["on"],
                organisation=chosen_successor(data, reported),
            )
            return gettext("The representative of %(number)s is named.") % {"number": contract.number}

        choices = {
            "representative": [(str(place), one["name"]) for place, one in enumerate(successors)],
            "successor": alike(
                tuple(Successor.model_validate(one) for one in successors), cast(User, request.user)
            ),
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
        devices = devices_of(policy)

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


def _letter_on_demand(data: dict[str, Any]) -> Any:
    if data["evidence"]:
        return _("None; the demand was made elsewhere.")
    return _("A demand to cure goes out by e-mail, with its PDF.")


def _after_termination(contract: Contract, version: TermsVersion, data: dict[str, Any]) -> Facts:
    """What a termination would lead to, before it is confirmed."""
    decision = judge_termination(
        contract,
        data["ground"],
        data.get("since_on"),
        now(),
        data["ends_on"],
        urgent=data.get("urgent", ""),
    )
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
        (_("By these articles"), explained(decision, version)),
        (_("Requests that are closed"), lines(target_link(one) for one in waiting)),
    ]
    if version.policy.data_erasure:
        erasure = rulebook_for(version).data_erasure(ends_on)
        facts.append((_("Data are erased by"), day_text(erasure.erase_by)))
    facts.append((_("Letter"), _("A termination notice goes out by e-mail, with its PDF.")))
    return facts


def _day(day: date | None) -> str:
    return day_text(day) if day else "—"
