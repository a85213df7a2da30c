"""Every operation of customers asks for the right that it needs, whatever page called it."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from billing.adjustments.outage_claims import ClaimedOutage, claim_outage
from billing.models import Invoice, OutageClaim, SetOffDeclaration, StatementOfAccount
from billing.receivables.set_offs import declare_set_off
from billing.runs.bill import bill
from billing.statements.asking import ask_for_statement
from contracts.applications.decide import submit_application
from contracts.applications.drafts import save_draft
from contracts.applications.questions import answer_question, ask_applicant
from contracts.applications.withdrawal import withdraw_application
from contracts.consents.answers import refuse_renewal, renew_consent
from contracts.lifecycle.documents import attach_document
from contracts.models import Contract
from contracts.requests.decide import submit_request
from contracts.requests.kinds.endings import CancellationData
from contracts.requests.questions import answer, ask_back
from contracts.requests.withdrawal import withdraw_request
from contracts.rules.calendar.period import Month
from portal.organisations.models import User
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.member_scene import BILLING, CONTRACTS, READER, join

MOMENT = scenes.at("2026-11-20")
Operation = Callable[[User], object]


@pytest.fixture
def contract(db) -> Contract:
    return scenes.running(load_priced_service("ct-e1"), {"line": 1}, scenes.yamada())


@pytest.fixture
def on_contracts(contract) -> dict[str, Operation]:
    """What needs the right to handle contracts."""
    yamada, service = contract.organisation, contract.service
    asked = scenes.cancel(contract, scenes.day("2027-03-31"), MOMENT)
    ask_back(asked, scenes.staff_member(), "理由をお知らせください。", MOMENT)
    applied = scenes.apply(service, {"line": 1}, MOMENT)
    ask_applicant(applied, scenes.staff_member(), "台数をお知らせください。", MOMENT)
    version = contract.contracted_version
    data = scenes.application_data(version, {"line": 1})
    wish = CancellationData(wanted_on=scenes.day("2027-04-30"))
    return {
        "apply": lambda one: submit_application(service, yamada, one, data, scenes.uuid4(), MOMENT, None),
        "draft": lambda one: save_draft(yamada, service, one, {"quantity_line": "1"}, MOMENT),
        "answer on an application": lambda one: answer_question(applied, one, "1台", MOMENT),
        "document": lambda one: attach_document(applied, one, "a.pdf", scenes.PDF, MOMENT),
        "withdraw an application": lambda one: withdraw_application(applied, one, MOMENT),
        "request": lambda one: submit_request(contract, one, "cancellation", wish, MOMENT, scenes.uuid4()),
        "answer on a request": lambda one: answer(asked, one, "移転のため", MOMENT),
        "document for a request": lambda one: attach_document(asked, one, "a.pdf", scenes.PDF, MOMENT),
        "withdraw a request": lambda one: withdraw_request(asked, one, MOMENT),
        "consent": lambda one: renew_consent(yamada, one, version, MOMENT, None),
        "refusal": lambda one: refuse_renewal(yamada, one, version, MOMENT, None),
    }


@pytest.fixture
def on_money(contract) -> dict[str, Operation]:
    """What needs the right to handle billing."""
    provider, yamada = contract.service.provider, contract.organisation
    bill(provider, Month(2026, 10), scenes.day("2026-11-10"))
    invoice = Invoice.objects.get(contract=contract)
    outage = ClaimedOutage(
        begins_at=scenes.at("2026-11-01 09:00"), ends_at=scenes.at("2026-11-03 09:00"), what="通話"
    )
    days = (scenes.day("2026-10-01"), scenes.day("2026-10-31"))
    return {
        "outage": lambda one: claim_outage(contract, one, outage, MOMENT, scenes.uuid4()),
        "set-off": lambda one: declare_set_off(invoice, one, 1, "売掛金", MOMENT, scenes.uuid4()),
        "statement": lambda one: ask_for_statement(provider, yamada, *days, one),
    }


def refusals(operations: dict[str, Operation], person: User) -> dict[str, object]:
    """The codes with which operations refuse a person."""
    found = {}
    for name, operation in operations.items():
        with pytest.raises(ValidationError) as refused:
            operation(person)
        found[name] = refused.value.code
    return found


@pytest.mark.parametrize("given", [READER, BILLING], ids=["reader", "billing"])
def test_who_does_not_handle_contracts_changes_nothing_of_them(contract, on_contracts, given):
    person = join(contract.organisation, given).user
    assert refusals(on_contracts, person) == dict.fromkeys(on_contracts, "no_right")
    assert contract.requests.count() == 1
    assert contract.organisation.applications.count() == 2


@pytest.mark.parametrize("given", [READER, CONTRACTS], ids=["reader", "contracts"])
def test_who_does_not_handle_billing_declares_and_claims_nothing(contract, on_money, given):
    person = join(contract.organisation, given).user
    assert refusals(on_money, person) == dict.fromkeys(on_money, "no_right")
    for model in (OutageClaim, SetOffDeclaration, StatementOfAccount):
        assert not model.objects.exists()


def test_strangers_are_told_that_it_is_not_theirs(on_contracts, on_money):
    stranger = scenes.owner_of(scenes.suzuki())
    operations = {**on_contracts, **on_money}
    assert refusals(operations, stranger) == dict.fromkeys(operations, "not_acting")
