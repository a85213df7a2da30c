"""Costs that customers bear by their terms, and evaded fees: charged with article, reason and due day."""

from datetime import date

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError

from billing.adjustments.charges_and_credits import charge_surcharge, withdraw_adjustment
from billing.adjustments.costs import CostReport, charge_costs
from billing.documents.einvoice import einvoice
from billing.invoicing.corrections import reissue_invoice
from billing.models import Adjustment
from billing.receivables.balances import overdue_on
from billing.receivables.payments import record_payment
from contracts.rules.calendar.period import Month
from portal.outbox.worker import send_due
from tests.approving import approved
from tests.billing_scene import OCTOBER, billed, load_priced_service, make_contract
from tests.documents.jp_pint import problems
from tests.scenes import at, staff_member

NOVEMBER = Month(2026, 11)


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
def progoffice_contract(organisation, user):
    return make_contract(load_priced_service("progoffice"), organisation, user, "C26-000002")


@pytest.fixture
def staff():
    return staff_member()


def charged(contract, staff, ground, net=30_000, due_on=None, arose_on=date(2026, 11, 5)):
    report = CostReport(ground, arose_on, net, due_on)
    return charge_costs(contract, report, "調査報告書 No.12", staff, approval=approved("charged_costs"))


@pytest.mark.parametrize(
    ("ground", "article", "tax"),
    [
        ("setup_unfinished", "22-8", 3_000),
        ("equipment_installed", "28-2", 3_000),
        ("customer_works", "28-3", 3_000),
        ("works_for_changes", "28-4", 3_000),
        ("removal", "29", 3_000),
        ("repair", "31-2", 0),
        ("survey", "32-2", 3_000),
    ],
)
def test_costs_stand_on_a_line_of_their_own_with_article_and_reason(
    service, contract, staff, ground, article, tax
):
    charged(contract, staff, ground)
    invoice = billed(service, NOVEMBER)
    assert (invoice.net, invoice.tax) == (40_000, 1_000 + tax)
    line = invoice.document["lines"][-1]
    assert (line["adjustment"], line["amount"], line["articles"]) == ("costs", 30_000, [article])
    assert line["why"] == "調査報告書 No.12"


@pytest.mark.parametrize(
    ("ground", "article", "taxed"),
    [
        ("fault_caused", "24-3", "standard"),
        ("no_fault_found", "24-4", "standard"),
        ("equipment_damaged", "35-2", "outside"),
        ("prohibited_act", "37-2", "outside"),
    ],
)
def test_progoffice_charges_surveys_and_repairs(progoffice_contract, staff, ground, article, taxed):
    adjustment = charged(progoffice_contract, staff, ground)
    assert (adjustment.articles, adjustment.tax) == ([article], taxed)


def test_the_customer_is_told_reason_and_article_at_once(contract, staff):
    charged(contract, staff, "survey")
    send_due()
    (sent,) = mail.outbox
    assert "故障の調査または修理の費用" in sent.subject
    assert "第32条第2項" in sent.body
    assert "調査報告書 No.12" in sent.body
    assert "30,000円（別途消費税）" in sent.body


def test_a_charge_that_is_withdrawn_is_told_too(contract, staff):
    adjustment = charged(contract, staff, "survey")
    send_due()
    withdraw_adjustment(adjustment, "当社の調査の誤り", staff, approval=approved("adjustment_withdrawal"))
    send_due()
    assert "取り下げ" in mail.outbox[-1].subject
    assert "当社の調査の誤り" in mail.outbox[-1].body


@pytest.mark.parametrize(
    ("report", "field"),
    [
        (CostReport("no_fault_found", date(2026, 11, 5), 1_000), "ground"),
        (CostReport("survey", date(2026, 11, 11), 1_000), "arose_on"),
        (CostReport("survey", date(2026, 9, 30), 1_000), "arose_on"),
        (CostReport("survey", date(2026, 11, 5), 0), "net"),
        (CostReport("survey", date(2026, 11, 5), 1_000, date(2026, 12, 1)), "due_on"),
    ],
)
def test_what_the_terms_do_not_give_is_not_charged(contract, staff, report, field):
    with pytest.raises(ValidationError) as refused:
        charge_costs(contract, report, "理由", staff, approval=approved("charged_costs"))
    assert field in refused.value.error_dict
    assert not Adjustment.objects.exists()


def test_costs_want_a_reason(contract, staff):
    with pytest.raises(ValidationError):
        report = CostReport("survey", date(2026, 11, 5), 1_000)
        charge_costs(contract, report, " ", staff, approval=approved("charged_costs"))


def test_an_evaded_fee_is_charged_beside_its_surcharge_by_the_day_that_is_set(service, contract, staff, now):
    due_on = date(2027, 1, 20)
    approval = approved("surcharge")
    charge_surcharge(contract, 10_000, "無断の再販売", staff, due_on=due_on, with_fee=True, approval=approval)

    invoice = billed(service, NOVEMBER)

    assert [line["amount"] for line in invoice.document["lines"]] == [10_000, 10_000, 20_000]
    assert [line.get("adjustment") for line in invoice.document["lines"]] == [None, "evaded-fee", "surcharge"]
    assert (invoice.due_on, invoice.gross) == (date(2026, 11, 30), 44_000)
    assert (invoice.added, invoice.added_due_on) == (33_000, due_on)
    assert "33,000円のお支払期日は2027年1月20日です" in invoice.document["notes"][-1]["ja"]
    now.move_to(at("2026-12-20"))
    record_payment(invoice, date(2026, 12, 20), 11_000, "bank-1", staff)
    assert not overdue_on(date(2027, 1, 20)).exists()
    assert overdue_on(date(2027, 1, 21)).get() == invoice


def test_a_set_day_stays_when_the_invoice_is_issued_anew(service, contract, staff):
    due_on = date(2027, 1, 20)
    charge_surcharge(contract, 10_000, "無断の再販売", staff, due_on=due_on, approval=approved("surcharge"))
    invoice = billed(service, NOVEMBER)
    again = reissue_invoice(invoice, "宛名の変更", staff, approval=approved("invoice_reissue"))
    assert (again.added, again.added_due_on) == (22_000, due_on)
    assert len(again.document["notes"]) == len(invoice.document["notes"])


def test_what_a_new_invoice_adds_beside_a_set_day_is_due_no_earlier(service, contract, staff):
    invoice = billed(service, OCTOBER)
    due_on = date(2027, 1, 20)
    charge_surcharge(contract, 10_000, "無断の再販売", staff, due_on=due_on, approval=approved("surcharge"))
    Adjustment.objects.update(month=date(2026, 10, 1))
    again = reissue_invoice(invoice, "割増金を含める", staff, approval=approved("invoice_reissue"))
    assert (again.gross, again.added, again.added_due_on) == (33_000, 22_000, due_on)


def test_a_past_day_can_not_be_set(contract, staff):
    with pytest.raises(ValidationError) as refused:
        charge_surcharge(
            contract, 10_000, "", staff, due_on=date(2026, 11, 9), approval=approved("surcharge")
        )
    assert "due_on" in refused.value.error_dict


def test_the_e_invoice_states_taxed_and_untaxed_costs_and_a_set_day(service, contract, staff):
    charged(contract, staff, "survey")
    charged(contract, staff, "repair", 7_000)
    due_on = date(2027, 1, 20)
    charge_surcharge(contract, 10_000, "無断の再販売", staff, due_on=due_on, approval=approved("surcharge"))
    invoice = billed(service, NOVEMBER)
    xml = einvoice(invoice.document)
    assert not problems(xml)
    assert "当社施設の修復費用" in xml.decode()
    assert "お支払期日は2027年1月20日です" in xml.decode()
