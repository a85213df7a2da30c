"""Devices: sent once they are paid, replaced, and charged for where they are not sent back."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.correspondence.told_mails import device_charged, device_dispatched, device_replaced
from contracts.deciding.guards import field_error, locked_contract
from contracts.extensions.registered import is_paid_once, price_when_made
from contracts.lifecycle.tasks import ensure_undone
from contracts.models import Claim, Contract, Task
from contracts.models.limits import ensure_amount
from contracts.policies.rulebooks import governing_version, rulebook_for
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.device import DeviceReturn
from contracts.rules.policy.products import Product
from contracts.rules.policy.schema import Policy
from contracts.rules.stored import to_stored
from contracts.wording.formats import day_text, yen_text
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

DEVICE_CHARGE = "device_charge"
"""The kind of proposal that charges a customer for a device."""


@transaction.atomic
def dispatch_device(task: Task, staff: User, dispatched_on: date, at: datetime) -> Task:
    """Record that a device was sent, and tell the customer; from that day on it is in use.

    ValidationError (`dispatched_on`) before it is paid (`not_paid`), for a day to come or before the
    contract, and when the task is done or about something else.
    """
    contract = locked_contract(task.contract)
    current = Task.objects.select_for_update().get(pk=task.pk)
    ensure_undone(current)
    if current.kind != Task.Kind.DEVICE_DISPATCH:
        raise ValidationError(_("This task is not about a device."), code="other_task")
    _check_day(contract, dispatched_on, japan_date(at))
    product = current.detail["product"]
    if not is_paid_once(contract, product):
        message = _("The device is not paid yet; by the terms it is sent then.")
        raise field_error("dispatched_on", message, "not_paid")
    if contract.ends_on is None or dispatched_on <= contract.ends_on:
        waiting = contract.items.filter(product=product, quantity=current.detail["quantity"])
        begun = waiting.order_by("pk").first()
        if begun:
            contract.items.filter(pk=begun.pk).update(starts_on=dispatched_on, ends_on=dispatched_on)
    current.detail = {**current.detail, "dispatched_on": dispatched_on.isoformat()}
    current.done_at, current.done_by = at, staff
    current.save()
    device_dispatched(current)
    record(
        "device.dispatched",
        staff,
        contract,
        task=current.pk,
        product=product,
        quantity=current.detail["quantity"],
        dispatched_on=dispatched_on,
        at=at,
    )
    return current


def _check_day(contract: Contract, dispatched_on: date, today: date) -> None:
    if dispatched_on > today:
        raise field_error("dispatched_on", _("This day is to come."), "to_come")
    if contract.formed_on is None or dispatched_on < contract.formed_on:
        raise field_error("dispatched_on", _("That day lies before the contract."), "before")


@transaction.atomic
def replace_device(
    contract: Contract, staff: User, product: str, received_on: date, list_price: int | None, at: datetime
) -> Task:
    """Record that a customer received a replacement: the old device goes back by the day that the terms set.

    `list_price` is the price of the product when the contract was made, in yen without tax; it is asked for
    where no price list knows that. The customer is told. ValidationError names `product` or `list_price`, or
    says that the terms know no such return.
    """
    current = locked_contract(contract)
    version = governing_version(current, received_on)
    if version.policy.device_return is None:
        raise ValidationError(_("The terms know no return of devices."), code="not_provided")
    if product not in {one.key for one in devices_of(version.policy)}:
        raise ValidationError({"product": _("Choose a device.")})
    price = _price_when_made(current, product, list_price)
    decision = rulebook_for(version).device_return(received_on, None, received_on, price)
    task = Task.objects.create(
        contract=current,
        kind=Task.Kind.DEVICE_RETURN,
        due_on=decision.return_by,
        detail={"product": product, "received_on": received_on.isoformat(), "list_price": price},
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
    device_replaced(task)
    return task


def devices_of(policy: Policy) -> list[Product]:
    """The products that are devices; where the terms name none, all that are charged once."""
    once = [one for one in policy.products if one.kind == "one_time"]
    return [one for one in once if one.device] or once


def _price_when_made(contract: Contract, product: str, entered: int | None) -> int:
    """The price by the list of the day of formation; what was entered where there is none."""
    known = price_when_made(contract, product)
    if known is not None and entered not in (None, known):
        message = _("When the contract was made the price was %(price)s; leave this empty.")
        raise ValidationError({"list_price": message % {"price": yen_text(known)}})
    price = entered if known is None else known
    if price is None:
        raise ValidationError(
            {"list_price": _("No price list of that day knows the device; enter its price.")}
        )
    if price < 0:
        raise ValidationError({"list_price": _("Enter an amount of zero or more.")})
    ensure_amount(price, "list_price")
    return price


def judge_device(task: Task, on: date) -> DeviceReturn:
    """What a device costs that was not sent back by a day, by the terms.

    ValidationError while there is still time, and for a task about something else.
    """
    if task.kind != Task.Kind.DEVICE_RETURN:
        raise ValidationError(_("This task is not about a device."), code="other_task")
    received_on = date.fromisoformat(task.detail["received_on"])
    version = task.contract.layered(task.governing_version, received_on)
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
    device_charged(current, claim.net)
    record("device.charged", staff, contract, task=current.pk, claim=claim.pk, net=claim.net, at=at)
    return claim
