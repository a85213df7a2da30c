"""Termination by the provider: a demand to cure, and the termination itself."""

from datetime import date, datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.correspondence import contract_mails as mail
from contracts.correspondence import letters
from contracts.deciding.guards import field_error, locked_contract
from contracts.lifecycle.authorised_users import time_to_cure
from contracts.lifecycle.endings import settle_end
from contracts.lifecycle.grounds import ensure_so, last_day_of_suspension
from contracts.lifecycle.items import end_contract
from contracts.models import Contract, ContractRequest, IssuedLetter, Task, TermsVersion
from contracts.policies.rulebooks import governing_version
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.termination import Termination, TerminationGround, TerminationNoticeRule
from contracts.rules.stored import to_stored
from contracts.wording.formats import day_text
from contracts.wording.reasons import NOT_POSSIBLE
from portal.audit.record import record
from portal.organisations.models import User


@transaction.atomic
def demand_cure(
    contract: Contract,
    staff: User,
    ground_key: str,
    since_on: date,
    note: str,
    at: datetime,
    *,
    evidence: str = "",
) -> Task:
    """Demand that the customer cures a ground for termination, and note the day on which the time is over.

    `since_on` is the day that the ground's time counts from: the breach, the due date, the last day that is
    set, or the day of this demand, which goes out now. With `evidence` it was made elsewhere on an earlier
    day, and no letter goes out. The task falls due on the first day on which the contract can be terminated.
    ValidationError names `ground` where it leaves no time to cure, or `since_on`.
    """
    current = locked_contract(contract)
    today, evidence = japan_date(at), evidence.strip()
    _ensure_running(current, today)
    decision = time_to_cure(current, ground_key, today, since_on)
    if decision.cure_by is None:
        raise field_error("ground", _("This ground leaves no time to cure."), "at_once")
    ground = _ground(current, ground_key, today)
    if ground and ground.since == "notice":
        _ensure_demanded_on(current, since_on, today, evidence)
    version = _governing(current, at)
    task = Task.objects.create(
        contract=current,
        kind=Task.Kind.CURE_PERIOD,
        due_on=decision.possible_from,
        detail={
            "ground": ground_key,
            "since_on": since_on.isoformat(),
            "note": note.strip(),
            "evidence": evidence,
        },
        decision=to_stored(decision),
        terms_version=version,
        created_at=at,
    )
    if not evidence:
        letter = letters.on_ground(
            current, IssuedLetter.Kind.CURE_DEMAND, ground_key, decision, note, version, at
        )
        mail.provider_letter(letter.pk)
    record(
        "contract.cure_demanded",
        staff,
        current,
        ground=ground_key,
        since_on=since_on,
        cure_by=decision.cure_by,
        at=at,
        personal={"note": note.strip(), "evidence": evidence},
    )
    return task


def _ensure_demanded_on(contract: Contract, since_on: date, today: date, evidence: str) -> None:
    """ValidationError for a day on which the demand can't have been made."""
    if since_on > today:
        raise field_error("since_on", _("This day is still to come."), "to_come")
    if since_on < today and not evidence:
        message = _("The demand goes out today. One that was made elsewhere before needs its evidence.")
        raise field_error("since_on", message, "not_sent")
    if contract.formed_on and since_on < contract.formed_on:
        raise field_error("since_on", _("The contract was not formed yet on that day."), "not_formed")


@transaction.atomic
def terminate(
    contract: Contract,
    staff: User,
    ground_key: str,
    since_on: date | None,
    at: datetime,
    *,
    note: str = "",
    debts_due_on: date | None = None,
    ends_on: date | None = None,
    urgent: str = "",
) -> Contract:
    """Terminate a contract on a ground that the terms in force list; the service ends with the day.

    That is today, or a later day `ends_on`, of which the customer is told today. Where the terms want the
    customer to be told beforehand, it is a later day, unless `urgent` says why that can't wait.

    `since_on` as for `demand_cure`; None where the ground needs none. Where the time counts from a demand,
    the day of the first that was made counts, and after a suspension the last day of that. `debts_due_on` is
    the day by which open debts are paid, where the terms let the provider set one. ValidationError names
    `ground`, `since_on` or `ends_on`, or says from when termination is possible (code `too_early`).
    """
    current = locked_contract(contract)
    demanded = _demands(current, ground_key)
    since_on = _counted_from(current, ground_key, since_on, japan_date(at))
    decision = judge_termination(current, ground_key, since_on, at, ends_on, urgent=urgent)
    version = _governing(current, at)
    letter = letters.on_ground(
        current, IssuedLetter.Kind.TERMINATION, ground_key, decision, note, version, at, debts_due_on
    )
    end_contract(
        current,
        cast(date, decision.ends_on),
        decision.billed_through_on,
        Contract.EndKind.TERMINATED,
    )
    _refuse_what_waits(current, staff, at)
    due_on = decision.open_debts_due_on or debts_due_on
    settle_end(current, version, cast(date, decision.ends_on), at, due_on)
    for task in demanded:
        task.done_at, task.done_by = at, staff
        task.save()
    mail.provider_letter(letter.pk)
    record(
        "contract.terminated",
        staff,
        current,
        ground=ground_key,
        since_on=since_on,
        decision=decision.to_json(),
        debts_due_on=decision.open_debts_due_on or debts_due_on,
        at=at,
        personal={"note": note.strip(), "urgent": urgent.strip()},
    )
    return current


def judge_termination(
    contract: Contract,
    ground_key: str,
    since_on: date | None,
    at: datetime,
    ends_on: date | None = None,
    *,
    urgent: str = "",
) -> Termination:
    """What a termination would lead to, without storing it; arguments and errors as for `terminate`."""
    today = japan_date(at)
    on = ends_on or today
    if on < today:
        raise ValidationError({"ends_on": _("This day is past.")})
    _ensure_running(contract, on)
    counted_from = _counted_from(contract, ground_key, since_on, on)
    decision = time_to_cure(contract, ground_key, on, counted_from, told_on=today)
    if decision.outcome == "refused":
        message = _("Termination on this ground is possible from %(day)s on.")
        raise ValidationError(message, code="too_early", params={"day": day_text(decision.possible_from)})
    rule = governing_version(contract, on).policy.termination
    if rule:
        ground = rule.ground(ground_key)
        due_on = counted_from if ground.since == "due_date" else None
        ensure_so("ground", ground, contract, on, due_on)
        if rule.notice and on == today and not urgent.strip():
            raise field_error("ends_on", _told_first(rule.notice), "told_first")
    return decision


def _told_first(rule: TerminationNoticeRule) -> str:
    if rule.in_writing:
        return _(
            "By the terms the customer is told in writing beforehand: choose a later day, or say why it is"
            " urgent."
        )
    return _("By the terms the customer is told beforehand: choose a later day, or say why it is urgent.")


def _ground(contract: Contract, ground_key: str, day: date) -> TerminationGround | None:
    rule = governing_version(contract, day).policy.termination
    return next((one for one in rule.grounds if one.key == ground_key), None) if rule else None


def _counted_from(contract: Contract, ground_key: str, since_on: date | None, on: date) -> date | None:
    """The day that the time to cure counts from: as the ledger knows it, else the one given."""
    ground, demanded = _ground(contract, ground_key, on), _demands(contract, ground_key)
    if ground and ground.fact:
        since_on = last_day_of_suspension(ground.fact, contract) or since_on
    if ground and ground.since == "notice" and not demanded:
        message = _("Nothing was demanded on this ground yet; demand that it is cured first.")
        raise field_error("ground", message, "not_demanded")
    if demanded and (since_on is None or (ground and ground.since == "notice")):
        return date.fromisoformat(demanded[0].detail["since_on"])
    return since_on


def _governing(contract: Contract, at: datetime) -> TermsVersion:
    return governing_version(contract, japan_date(at))


def _demands(contract: Contract, ground_key: str) -> list[Task]:
    """The demands on a ground that are not settled, the earliest first."""
    undone = contract.tasks.filter(kind=Task.Kind.CURE_PERIOD, done_at__isnull=True).order_by("due_on", "pk")
    return [task for task in undone if task.detail["ground"] == ground_key]


def _ensure_running(contract: Contract, today: date) -> None:
    if contract.formed_on is None:
        raise ValidationError(_("The contract is not formed yet."), code="not_formed")
    if contract.ends_on and contract.ends_on < today:
        message = _("The contract ended on %(day)s.")
        raise ValidationError(message, code="ended", params={"day": day_text(contract.ends_on)})


def _refuse_what_waits(contract: Contract, staff: User, at: datetime) -> None:
    """What waits for a decision comes to nothing with the contract, and the customer is told."""
    for request in contract.requests.filter(status__in=ContractRequest.OPEN).select_for_update():
        request.status, request.refusal_reason = ContractRequest.Status.REFUSED, NOT_POSSIBLE
        request.decided_at, request.decided_by = at, staff
        request.save()
        request.contract = contract
        letters.on_request(request, IssuedLetter.Kind.REFUSAL, at)
        mail.request_decided(request.pk)
