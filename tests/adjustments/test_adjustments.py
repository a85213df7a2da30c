"""Charges that follow from decisions: each waits for the next invoice and is stated there once."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from billing.adjustments.charges_and_credits import (
    charge_late_interest,
    charge_surcharge,
    withdraw_adjustment,
)
from billing.documents.invoice_document import month_of_use
from billing.invoicing.corrections import reissue_invoice
from billing.models import Adjustment
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from billing.runs.preview import preview
from contracts.models import Claim
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from tests.approving import approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, billed, claim, load_priced_service, make_contract
from tests.scenes import at, staff_member


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-11-10"), tick=False) as clock:
        yield clock


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def contract(service, organisation, user):
    return make_contract(service, organisation, user, "C26-000001", {"line": 2})


@pytest.fixture
def staff():
    return staff_member()


def test_a_surcharge_is_twice_the_evaded_fee_plus_tax(service, contract, staff):
    adjustment = charge_surcharge(contract, 12_345, "無断の再販売", staff, approval=approved("surcharge"))
    assert (adjustment.amount, adjustment.tax, adjustment.articles) == (
        24_690,
        "standard",
        ["25", "general-3", "general-5"],
    )

    invoice = billed(service, Month(2026, 11))
    assert (invoice.net, invoice.tax) == (10_000 + 24_690, 3_469)
    line = invoice.document["lines"][-1]
    assert (line["adjustment"], line["amount"], line["name"]["ja"]) == ("surcharge", 24_690, "割増金")
    explained = [invoice.document["steps"][place]["rule"] for place in line["reasons"]]
    assert explained[0] == "surcharge.net"
    adjustment.refresh_from_db()
    assert adjustment.invoice == invoice
    assert AuditEntry.objects.get(action="adjustment.decided").actor == staff


def test_an_amount_is_stated_once_and_not_before_its_month(service, contract, staff):
    charge_surcharge(contract, 1_000, "", staff, approval=approved("surcharge"))
    assert billed(service, OCTOBER).net == 10_000
    assert billed(service, Month(2026, 11)).net == 12_000
    assert billed(service, Month(2026, 12)).net == 10_000


def test_what_waits_after_the_end_gets_an_invoice_of_its_own(service, contract, staff):
    contract.ends_on = contract.billed_through_on = date(2026, 10, 31)
    contract.end_kind = "cancelled"
    contract.save()
    contract.items.update(ends_on=date(2026, 10, 31), billed_through_on=date(2026, 10, 31))
    charge_surcharge(contract, 1_000, "", staff, approval=approved("surcharge"))
    invoice = billed(service, Month(2026, 11))
    assert (invoice.net, invoice.gross) == (2_000, 2_200)


def test_what_contracts_claim_is_charged_once(service, contract):
    claimed = claim(contract)
    assert preview(service.provider, OCTOBER).total.net == 22_000
    assert not Adjustment.objects.exists()

    invoice = billed(service, OCTOBER)

    adjustment = claimed.adjustments.get()
    assert (invoice.net, invoice.tax, adjustment.invoice) == (22_000, 2_200, invoice)
    line = invoice.document["lines"][-1]
    assert (line["adjustment"], line["articles"]) == ("minimum-term", ["14"])
    assert line["name"]["ja"].endswith("（2026年11月）")
    assert line["cited"]["ja"] == "第14条"
    assert [invoice.document["steps"][place]["rule"] for place in line["reasons"]] == ["minimum_term.charge"]
    assert billed(service, Month(2026, 11)).net == 10_000


def test_claims_wait_for_their_month_and_outlive_the_contract(service, contract):
    claim(contract, arose_on=date(2026, 11, 30), kind=Claim.Kind.ACTUAL_DAMAGE, tax="outside")
    contract.ends_on = contract.billed_through_on = date(2026, 10, 31)
    contract.end_kind = "cancelled"
    contract.save()
    contract.items.update(ends_on=date(2026, 10, 31), billed_through_on=date(2026, 10, 31))
    assert billed(service, OCTOBER).net == 10_000
    last = billed(service, Month(2026, 11))
    assert (last.net, last.tax) == (12_000, 0)


def test_a_claim_of_a_cancelled_invoice_is_charged_by_the_one_in_its_place(service, contract, staff):
    claimed = claim(contract)
    reissued = reissue_invoice(
        billed(service, OCTOBER), "宛名の変更", staff, approval=approved("invoice_reissue")
    )
    assert (reissued.net, claimed.adjustments.get().invoice) == (22_000, reissued)


@pytest.mark.parametrize("kind", Claim.Kind.values)
def test_every_kind_of_claim_has_a_name_on_the_invoice(service, contract, kind):
    claim(contract, kind=kind)
    assert billed(service, OCTOBER).document["lines"][-1]["name"]["en"]


def test_late_interest_is_charged_once_all_is_paid_and_bears_none_itself(service, contract, staff, now):
    invoice = billed(service, OCTOBER)
    assert (invoice.gross, invoice.due_on) == (11_000, date(2026, 10, 31))
    with pytest.raises(ValidationError):
        charge_late_interest(invoice, staff, approval=approved("late_interest"))
    record_payment(invoice, date(2026, 11, 10), 11_000, "bank-1", staff)

    adjustment = charge_late_interest(invoice, staff, approval=approved("late_interest"))

    # Nine days from 1 to 9 November: 11,000 × 14.5 % × 9 ÷ 365 = 39.3
    assert (adjustment.amount, adjustment.tax, adjustment.origin) == (39, "outside", invoice)
    with pytest.raises(ValidationError):
        charge_late_interest(invoice, staff, approval=approved("late_interest"))

    now.move_to(at("2027-01-31"))
    following = billed(service, Month(2026, 11))
    assert (following.net, following.tax) == (10_039, 1_000)
    line = following.document["lines"][-1]
    assert line["name"]["ja"].endswith(f"（{invoice.number}、2026年11月1日～2026年11月9日）")
    assert line["cited"]["ja"] == "第26条、別記 料金通則第3項"
    assert month_of_use(line) is None
    record_payment(following, date(2027, 1, 31), following.gross, "bank-2", staff)
    # 61 days on 11,000, not on 11,039: 266.6
    assert charge_late_interest(following, staff, approval=approved("late_interest")).amount == 266


def test_an_amount_can_be_withdrawn_until_it_is_stated(service, contract, staff):
    first = charge_surcharge(contract, 1_000, "", staff, approval=approved("surcharge"))
    with pytest.raises(ValidationError):
        withdraw_adjustment(first, "", staff, approval=approved("adjustment_withdrawal"))
    withdraw_adjustment(first, "取り違え", staff, approval=approved("adjustment_withdrawal"))
    stated = charge_surcharge(contract, 2_000, "", staff, approval=approved("surcharge"))
    assert billed(service, Month(2026, 11)).net == 14_000
    with pytest.raises(ValidationError):
        withdraw_adjustment(stated, "取り違え", staff, approval=approved("adjustment_withdrawal"))


def test_a_stated_amount_is_frozen_and_none_is_deleted(service, contract, staff):
    charge_surcharge(contract, 1_000, "", staff, approval=approved("surcharge"))
    Adjustment.objects.update(reason="直した理由")
    billed(service, Month(2026, 11))
    with pytest.raises(DatabaseError), transaction.atomic():
        Adjustment.objects.update(amount=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Adjustment.objects.all().delete()


def test_a_credit_beyond_the_months_charges_is_reported(service, contract, staff):
    charge_surcharge(contract, 1_000, "", staff, approval=approved("surcharge"))
    Adjustment.objects.update(amount=-50_000, month=date(2026, 10, 1))
    (problem,) = bill(service.provider, OCTOBER, ISSUE_DAY).problems
    assert problem.contract == contract.number
