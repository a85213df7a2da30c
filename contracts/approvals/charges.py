"""What a customer is charged once by what staff enter: costs and devices, as proposals to a manager."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.lifecycle.claims import COSTS as COSTS_KEY
from contracts.lifecycle.claims import record_costs
from contracts.lifecycle.devices import DEVICE_CHARGE as DEVICE_CHARGE_KEY
from contracts.lifecycle.devices import charge_for_device, judge_device
from contracts.models import Task
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text, yen_text
from contracts.wording.products import product_line
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal

APPROVES = "contracts.change_claim"
"""The right to what customers owe once; reception staff, who propose it, have none."""


class CostsData(Strict):
    """What a task, by its key, brings the customer to owe, in yen without tax; 0: nothing."""

    task: int
    net: int
    note: str = ""


class DeviceChargeData(Strict):
    """A task, by its key, about a device that was not sent back."""

    task: int


def _task(wanted: CostsData | DeviceChargeData) -> Task:
    found = Task.objects.select_related(
        "contract__service__provider", "contract__organisation", "terms_version__service"
    )
    task = found.get(pk=wanted.task)
    if task.done_at:
        raise OvertakenError(gettext("This task is done already. Nothing was changed."))
    return task


def _subject(wanted: CostsData | DeviceChargeData) -> Subject:
    task = _task(wanted)
    contract = task.contract
    return Subject(
        about=task,
        name=f"{contract.number} {contract.organisation.name}",
        provider=contract.service.provider.code,
        organisation=contract.organisation,
    )


def _charged(net: int) -> str:
    return gettext("%(amount)s without tax will be charged.") % {"amount": yen_text(net)}


def _costs_lines(wanted: CostsData) -> Iterator[Line]:
    task = _task(wanted)
    yield Line(gettext("Task"), "", task.get_kind_display())
    yield Line(gettext("Amount without tax"), "", yen_text(wanted.net))
    if wanted.note:
        yield Line(gettext("Note"), "", wanted.note)


def _record(wanted: CostsData, approval: Proposal, at: datetime) -> str:
    staff = approval.proposed_by
    claim = record_costs(_task(wanted), staff, wanted.net, wanted.note, at, approval=approval)
    return _charged(claim.net) if claim else gettext("The task is done; nothing is charged.")


def _entered(wanted: CostsData) -> dict[str, Any]:
    return {"net": wanted.net, "note": wanted.note}


COSTS = Kind(
    key=COSTS_KEY,
    label=_("Costs that a customer owes once"),
    data=CostsData,
    right="contracts.change_task",
    subject=_subject,
    lines=_costs_lines,
    carry_out=_record,
    form=lambda wanted: reverse("admin:contracts_task_costs", args=[wanted.task]),
    entered=_entered,
    right_to_approve=lambda wanted: APPROVES,
)


def _device_lines(wanted: DeviceChargeData) -> Iterator[Line]:
    task = _task(wanted)
    decision = judge_device(task, localdate())
    device = product_line(task.governing_version.policy, task.detail["product"], 1).name
    received_on = date.fromisoformat(task.detail["received_on"])
    yield Line(gettext("Device"), "", device)
    yield Line(gettext("Replacement received on"), "", day_text(received_on))
    yield Line(gettext("To be returned by"), "", day_text(decision.return_by))
    yield Line(gettext("List price"), "", yen_text(task.detail["list_price"]))
    yield Line(gettext("Penalty without tax"), "", yen_text(decision.penalty))


def _charge(wanted: DeviceChargeData, approval: Proposal, at: datetime) -> str:
    return _charged(charge_for_device(_task(wanted), approval.proposed_by, at, approval=approval).net)


DEVICE_CHARGE = Kind(
    key=DEVICE_CHARGE_KEY,
    label=_("Charge for a device that was not sent back"),
    data=DeviceChargeData,
    right="contracts.change_task",
    subject=_subject,
    lines=_device_lines,
    carry_out=_charge,
    form=lambda wanted: reverse("admin:contracts_task_charge", args=[wanted.task]),
    right_to_approve=lambda wanted: APPROVES,
)
