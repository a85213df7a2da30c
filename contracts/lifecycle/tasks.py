"""What staff do by a day: data erased, devices returned, letters posted."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.deciding.guards import locked_contract
from contracts.models import Claim, Contract, Task, TermsVersion
from contracts.models.limits import ensure_amount
from contracts.policies.rulebooks import governing_version, rulebook_for
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.device import DeviceReturn
from contracts.rules.stored import to_stored
from contracts.wording.formats import day_text
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

DEVICE_CHARGE = "device_charge"
"""The kind of proposal that charges a customer for a device."""


def ensure_undone(task: Task) -> None:
    """ValidationError when somebody has done the task."""
    if task.done_at:
        raise ValidationError(_("This task is done already. Nothing was changed."), code="already_done")


@transaction.atomic
def complete_task(task: Task, staff: User, note: str, at: datetime) -> Task:
    """Record that a task was carried out: data erased, a device come back, a ground dealt with.

    ValidationError when it is done already, wants an amount (`claims.record_costs`), or when data would be
    erased before the contract has ended.
    """
    contract = locked_contract(task.contract)
    current = Task.objects.select_for_update().get(pk=task.pk)
    ensure_undone(current)
    if current.kind in (Task.Kind.ENTER_COSTS, Task.Kind.ENTER_FEE):
        raise ValidationError(_("Enter the amount to settle this task."), code="other_task")
    if current.kind == Task.Kind.DATA_ERASURE:
        _ensure_ended(contract, japan_date(at))
    current.done_at, current.done_by, current.note = at, staff, note.strip()
    current.save()
    record(
        "task.done",
        staff,
        contract,
        task=current.pk,
        kind=current.kind,
        at=at,
        personal={"note": current.note},
    )
    return current


def _ensure_ended(contract: Contract, today: date) -> None:
    if contract.ends_on and today < contract.ends_on:
        message = _("The contract runs until %(day)s; its data can't be erased before.")
        raise ValidationError(message, code="not_ended", params={"day": day_text(contract.ends_on)})


@transaction.atomic
def replace_device(
    contract: Contract, staff: User, product: str, received_on: date, list_price: int, at: datetime
) -> Task:
    """Record that a customer received a replacement: the old device goes back by the day that the terms set.

    `list_price` is the price of the product when the contract was made, in yen without tax.
    ValidationError names `product` or `list_price`, or says that the terms know no such return.
    """
    current = locked_contract(contract)
    version = governing_version(current, received_on)
    if version.policy.device_return is None:
        raise ValidationError(_("The terms know no return of devices."), code="not_provided")
    if product not in {one.key for one in version.policy.products if one.kind == "one_time"}:
        raise ValidationError({"product": _("Choose a device.")})
    if list_price < 0:
        raise ValidationError({"list_price": _("Enter an amount of zero or more.")})
    ensure_amount(list_price, "list_price")
    decision = rulebook_for(version).device_return(received_on, None, received_on, list_price)
    task = Task.objects.create(
        contract=current,
        kind=Task.Kind.DEVICE_RETURN,
        due_on=decision.return_by,
        detail={"product": product, "received_on": received_on.isoformat(), "list_price": list_price},
        decision=to_stored(decision),
        terms_version=version,
        created_at=at,
    )
    record(
        "device.replaced",
        staff,
        current,
        task=task.pk,
        product=product,
        received_on=received_on,
        return_by=decision.return_by,
    )
    return task


def ask_to_post(contract: Contract, version: TermsVersion, letter: str, at: datetime) -> None:
    """Give staff the task to post a letter, by its number, where the acceptance is to follow on paper."""
    rule = version.policy.written_acceptance
    if rule is None or rule.within is None or not letter:
        return
    on = japan_date(at)
    Task.objects.create(
        contract=contract,
        kind=Task.Kind.POST_ACCEPTANCE,
        due_on=rule.within.after(on, rulebook_for(version).calendars_on(at)["company"]),
        detail={"letter": letter},
        terms_version=version,
        created_at=at,
    )


def judge_device(task: Task, on: date) -> DeviceReturn:
    """What a device costs that was not sent back by a day, by the terms.

    ValidationError while there is still time, and for a task about something else.
    """
    if task.kind != Task.Kind.DEVICE_RETURN:
        raise ValidationError(_("This task is not about a device."), code="other_task")
    received_on = date.fromisoformat(task.detail["received_on"])
    version = task.contract.agreed(task.governing_version, received_on)
    decision = rulebook_for(version).device_return(received_on, None, on, task.detail["list_price"])
    if decision.in_time:
        message = _("The device can be sent back until %(day)s.")
        raise ValidationError(message, code="too_early", params={"day": day_text(decision.return_by)})
    return decision


@transaction.atomic
def charge_for_device(task: Task, staff: User, at: datetime, *, approval: Proposal | None = None) -> Claim:
    """Charge the penalty for a device that was not sent back in time; the task is settled with it.

    ValidationError without the approval of a second person (`second_person`), while there is still time, when
    the task is done or is about something else, and for staff's own organisation (`own_request`).
    """
    ensure_second_person(approval, DEVICE_CHARGE)
    contract = locked_contract(task.contract)
    ensure_no_own_cause(staff, contract.organisation)
    current = Task.objects.select_for_update().get(pk=task.pk)
    ensure_undone(current)
    today = japan_date(at)
    decision = judge_device(current, today)
    claim = Claim.objects.create(
        contract=contract,
        kind=Claim.Kind.DEVICE_PENALTY,
        net=decision.penalty,
        tax=Claim.Treatment.STANDARD,
        arose_on=today,
        terms_version=current.terms_version,
        decision=to_stored(decision),
        task=current,
        recorded_by=staff,
    )
    current.done_at, current.done_by = at, staff
    current.save()
    record("device.charged", staff, contract, task=current.pk, claim=claim.pk, net=claim.net, at=at)
    return claim
