"""What staff do by a day: data erased, letters posted, devices sent."""

from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from contracts.deciding.guards import locked_contract
from contracts.models import Contract, Task, TermsVersion
from contracts.policies.rulebooks import rulebook_for
from contracts.rules.calendar.period import Month, japan_date
from contracts.wording.formats import day_text
from portal.audit.record import record
from portal.organisations.models import User


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
    if current.kind == Task.Kind.DEVICE_DISPATCH and not contract.ends_on:
        raise ValidationError(_("Enter the day on which the device was sent."), code="other_task")
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


def ask_to_dispatch(
    contract: Contract, version: TermsVersion, ordered: Mapping[str, int], billed_from: date
) -> None:
    """Give staff the task to send what was ordered of devices, by product key, once it is paid.

    It is due by the end of the month in which it is to be paid. Runs inside the caller's transaction.
    """
    devices = {one.key for one in version.policy.products if one.device}
    for product, quantity in ordered.items():
        if product in devices and quantity:
            Task.objects.create(
                contract=contract,
                kind=Task.Kind.DEVICE_DISPATCH,
                due_on=(Month.of(billed_from) + 1).last,
                detail={"product": product, "quantity": quantity},
                terms_version=version,
                created_at=now(),
            )
