"""Whom the terms name hears of what touches a contract, beside its people and where its invoices go."""

import uuid

import pytest
import time_machine
from django.core import mail

from billing.adjustments.outage_claims import ClaimedOutage, claim_outage
from billing.adjustments.told import tell
from billing.models import Adjustment
from billing.pricing.deciding import Kind, decide
from billing.receivables.set_offs import declare_set_off
from contracts.models import Contract
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Decision
from portal.outbox.kinds import kind_of
from portal.outbox.models import Mail
from portal.outbox.worker import send_due
from tests import scenes
from tests.billing_scene import OCTOBER, billed, load_priced_service, make_contract
from tests.scenes import at, staff_member

PERSON = "resp@yamada.example"
NOW = at("2026-11-10 10:00")


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def contract(organisation, user) -> Contract:
    service = load_priced_service("partner-cloud-e")
    made = make_contract(service, organisation, user, "C26-000001", {"base": 1})
    made.application.particulars = {"responsible_person": f"責任 者子 / {PERSON}"}
    made.application.save()
    return Contract.objects.get(pk=made.pk)


def told() -> set[str]:
    send_due()
    return {address for message in mail.outbox for address in message.to}


@pytest.fixture
def cost(contract) -> Adjustment:
    """Costs that are charged once."""
    version = contract.contracted_version
    month, net, decision = Month(2026, 11), 1_000, Decision(steps=())
    return decide(contract, Kind.COSTS, month, net, "standard", decision, version, staff_member(), NOW)


def test_of_a_claim_for_an_outage(contract, user):
    outage = ClaimedOutage(at("2026-11-01"), at("2026-11-03"), "使えない", damage=1)
    claim_outage(contract, user, outage, NOW, uuid.uuid4())
    assert told() == {user.email, PERSON}


def test_of_a_set_off_that_is_declared(contract, user):
    invoice = billed(contract.service, OCTOBER)
    Mail.objects.all().delete()
    declare_set_off(invoice, user, 100, "二重の支払い", NOW, uuid.uuid4())
    assert told() == {user.email, PERSON}


def test_but_not_of_what_one_declares_who_is_no_longer_the_customer(contract, user):
    invoice = billed(contract.service, OCTOBER)
    Mail.objects.all().delete()
    Contract.objects.filter(pk=contract.pk).update(organisation=scenes.suzuki())
    declare_set_off(invoice, user, 100, "二重の支払い", NOW, uuid.uuid4())
    assert told() == {user.email}


def test_of_a_charge_and_of_its_withdrawal_beside_the_address_of_invoices(contract, cost):
    tell(cost)
    assert told() == {contract.organisation.invoice_email, PERSON}
    mail.outbox.clear()
    cost.withdrawn_at = NOW
    cost.withdrawal_reason = "誤り"
    cost.save()
    tell(cost)
    assert told() == {contract.organisation.invoice_email, PERSON}
    assert all("取り下げ" in message.subject for message in mail.outbox)


def test_what_goes_to_whom_the_terms_name_goes_there_again_and_is_over_when_withdrawn(contract, cost):
    tell(cost)
    invoices, person = Mail.objects.order_by("pk")
    contract.organisation.invoice_email = "new@yamada.example"
    contract.organisation.save()
    addresses = [kind_of(one.kind).address(one) for one in (invoices, person)]
    assert addresses == ["new@yamada.example", PERSON]
    Adjustment.objects.update(withdrawn_at=NOW, withdrawal_reason="誤り")
    assert [kind_of(one.kind).is_over(one) for one in (invoices, person)] == [True, True]


def test_invoices_go_where_invoices_go_alone(contract):
    billed(contract.service, OCTOBER)
    assert PERSON not in told()
