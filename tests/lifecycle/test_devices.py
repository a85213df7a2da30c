"""Devices (simpleconnect 10-4, 21): sent once paid, replaced, and charged for at their price then."""

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction

from billing.models import Invoice
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from contracts.lifecycle.devices import charge_for_device, devices_of, dispatch_device, replace_device
from contracts.lifecycle.tasks import complete_task
from contracts.models import Claim, Contract, Task
from contracts.rules.calendar.period import Month
from portal.outbox.models import Mail
from tests import scenes
from tests.approving import approved
from tests.billing_scene import load_priced_service
from tests.scenes import at, day, staff_member, yamada


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(at("2026-10-10"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def phones() -> Contract:
    """Two phones, ordered with the service; registered in October, charged with November."""
    service = load_priced_service("simpleconnect")
    applied = scenes.apply(service, {"id": 2, "sip-phone": 2, "setup": 1}, at("2026-10-10"))
    contract = scenes.accept(applied, at("2026-10-10"))
    return scenes.registered(contract, at("2026-10-12"))


def to_send(contract: Contract) -> Task:
    return contract.tasks.get(kind=Task.Kind.DEVICE_DISPATCH)


def test_a_device_is_sent_once_it_is_paid_and_in_use_from_then_on(phones, clock):
    task = to_send(phones)
    assert (task.detail, task.due_on) == ({"product": "sip-phone", "quantity": 2}, day("2026-12-31"))
    clock.move_to(at("2026-12-10"))
    with pytest.raises(ValidationError) as unpaid:
        dispatch_device(task, staff_member(), day("2026-12-10"), at("2026-12-10"))
    assert unpaid.value.error_dict["dispatched_on"][0].code == "not_paid"
    bill(phones.service.provider, Month(2026, 11), day("2026-12-10"))
    invoice = Invoice.objects.get()
    with pytest.raises(ValidationError):
        dispatch_device(task, staff_member(), day("2026-12-10"), at("2026-12-10"))
    record_payment(invoice, day("2026-12-10"), invoice.gross, "all", staff_member())
    done = dispatch_device(task, staff_member(), day("2026-12-10"), at("2026-12-10"))
    assert (done.done_at, done.detail["dispatched_on"]) == (at("2026-12-10"), "2026-12-10")
    contract = Contract.objects.get(pk=phones.pk)
    assert "sip-phone" not in contract.items_on(day("2026-12-09"))
    assert contract.items_on(day("2026-12-10"))["sip-phone"] == 2
    assert Mail.objects.get(kind="device_dispatched").number == contract.number


@pytest.mark.parametrize(("sent_on", "code"), [("2026-12-11", "to_come"), ("2026-10-11", "before")])
def test_it_is_sent_within_the_contract_and_not_in_the_future(phones, clock, sent_on, code):
    clock.move_to(at("2026-12-10"))
    with pytest.raises(ValidationError) as refused:
        dispatch_device(to_send(phones), staff_member(), day(sent_on), at("2026-12-10"))
    assert refused.value.error_dict["dispatched_on"][0].code == code


def test_the_task_is_done_by_its_day_alone_while_the_contract_goes_on(phones):
    with pytest.raises(ValidationError) as refused:
        complete_task(to_send(phones), staff_member(), "", at("2026-12-10"))
    assert refused.value.code == "other_task"
    Contract.objects.filter(pk=phones.pk).update(ends_on=day("2026-11-30"), end_kind="terminated")
    assert complete_task(to_send(phones), staff_member(), "取消", at("2026-12-10")).done_at


def test_only_devices_are_replaced_at_the_price_of_the_day_of_formation(phones, clock):
    assert [one.key for one in devices_of(phones.contracted_version.policy)] == ["sip-phone"]
    staff = staff_member()
    with pytest.raises(ValidationError) as no_device:
        replace_device(phones, staff, "setup", day("2026-12-01"), None, at("2026-12-01"))
    assert "product" in no_device.value.message_dict
    with pytest.raises(ValidationError) as typed:
        replace_device(phones, staff, "sip-phone", day("2026-12-01"), 12_001, at("2026-12-01"))
    assert "list_price" in typed.value.message_dict
    task = replace_device(phones, staff, "sip-phone", day("2026-12-01"), None, at("2026-12-01"))
    assert (task.detail["list_price"], task.due_on) == (12_000, day("2026-12-15"))
    told = Mail.objects.get(kind="device_replaced")
    assert "2026年12月15日" in told.text
    assert "12,000" in told.text


def test_what_the_penalty_is_is_told(phones, clock):
    task = replace_device(phones, staff_member(), "sip-phone", day("2026-12-01"), None, at("2026-12-01"))
    clock.move_to(at("2026-12-16"))
    with transaction.atomic():
        charge_for_device(task, staff_member(), at("2026-12-16"), approval=approved("device_charge"))
    assert Claim.objects.get().net == 12_000
    assert "12,000" in Mail.objects.get(kind="device_charged").text


def test_without_a_price_list_the_price_is_entered(simpleconnect):
    ids = scenes.accept(scenes.apply(simpleconnect, {"id": 1}, at("2026-10-10")), at("2026-10-10"))
    ids = scenes.registered(ids, at("2026-10-12"))
    with pytest.raises(ValidationError) as missing:
        replace_device(ids, staff_member(), "sip-phone", day("2026-12-01"), None, at("2026-12-01"))
    assert "list_price" in missing.value.message_dict
    task = replace_device(ids, staff_member(), "sip-phone", day("2026-12-01"), 9_000, at("2026-12-01"))
    assert task.detail["list_price"] == 9_000
    assert yamada() == ids.organisation
