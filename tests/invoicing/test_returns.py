"""Return invoices and outage credits: what is returned, of which invoice, and nothing twice."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from billing.adjustments.outages import OutageReport, record_outage
from billing.calculation.returns import TooMuchReturnedError, return_totals
from billing.documents.einvoice import einvoice
from billing.invoicing.returns import return_all, return_lines
from billing.models import CreditBalance, Invoice
from billing.receivables.balances import State, state_of
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from contracts.rules.policy.charging import TaxRule
from tests.approving import approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.documents.jp_pint import problems
from tests.scenes import at, staff_member


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-11-20"), tick=False) as clock:
        yield clock


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def contract(service, organisation, user):
    items = {"line": 3, "seat": 1, "user": 3, "number-first": 1, "calls-international": 77}
    return make_contract(service, organisation, user, "C26-000001", items)


@pytest.fixture
def invoice(service, contract) -> Invoice:
    """21,457 yen without tax, 77 of them outside it: 3 lines, 1 seat, 2 users, a number, calls."""
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return Invoice.objects.get()


@pytest.fixture
def staff():
    return staff_member()


def open_amount(invoice: Invoice) -> int:
    return Invoice.objects.get(pk=invoice.pk).open_amount


def test_a_return_refers_to_its_invoice_and_has_numbers_of_its_own(invoice, staff):
    issued = return_lines(invoice, {0: 5_000}, "1回線の過請求", staff, approval=approved("return"))

    document = issued.document
    assert (issued.number, issued.kind, issued.original) == ("CD-R2026-000001", "return", invoice)
    assert (issued.net, issued.tax, issued.gross) == (-5_000, -500, -5_500)
    assert document["original"] == {
        "number": invoice.number,
        "issued_on": "2026-11-10",
        "period": {"from": "2026-10-01", "to": "2026-10-31"},
    }
    assert document["period"] == {"from": "2026-11-20", "to": "2026-11-20"}
    (line,) = document["lines"]
    assert (line["quantity"], line["unit_price"], line["amount"]) == (-1, 5_000, -5_000)
    assert problems(einvoice(document)) == []
    assert (
        return_lines(invoice, {0: 1}, "端数", staff, approval=approved("return")).number == "CD-R2026-000002"
    )
    assert Invoice.objects.get(kind="invoice").number == "CD-2026-000001"


def test_an_invoice_and_its_full_return_add_up_to_nothing(invoice, staff):
    issued = return_all(invoice, "契約がなかったため", staff, approval=approved("return"))
    assert (issued.net + invoice.net, issued.tax + invoice.tax, issued.gross + invoice.gross) == (0, 0, 0)
    assert [rate["tax"] for rate in issued.document["rates"]] == [-2_138, 0]
    assert open_amount(invoice) == 0
    with pytest.raises(ValidationError):
        return_all(invoice, "もう一度", staff, approval=approved("return"))


def test_parts_and_the_rest_add_up_to_the_invoice(invoice, staff):
    parts = [
        return_lines(invoice, {0: 333}, "一部", staff, approval=approved("return")),
        return_lines(invoice, {1: 7}, "一部", staff, approval=approved("return")),
    ]
    rest = return_all(invoice, "残り", staff, approval=approved("return"))
    returned = [*parts, rest]
    assert sum(each.gross for each in returned) == -invoice.gross
    assert sum(each.tax for each in returned) == -invoice.tax
    assert problems(einvoice(rest.document)) == []


@pytest.mark.parametrize("amounts", [{}, {0: 0}, {0: 15_001}, {99: 1}])
def test_impossible_amounts_are_refused(invoice, staff, amounts):
    with pytest.raises(ValidationError):
        return_lines(invoice, amounts, "誤り", staff, approval=approved("return"))
    assert not invoice.returns.exists()


def test_no_more_is_returned_than_is_left(invoice, staff):
    return_lines(invoice, {0: 15_000, 1: 5_000, 2: 1_000}, "一部", staff, approval=approved("return"))
    with pytest.raises(ValidationError, match="380"):
        return_lines(invoice, {0: 381}, "一部", staff, approval=approved("return"))


def test_a_return_needs_a_reason_and_an_invoice_that_stands(invoice, staff):
    with pytest.raises(ValidationError):
        return_lines(invoice, {0: 1}, " ", staff, approval=approved("return"))
    issued = return_lines(invoice, {0: 1}, "端数", staff, approval=approved("return"))
    with pytest.raises(ValidationError):
        return_all(issued, "返還の返還", staff, approval=approved("return"))


def test_what_was_paid_becomes_the_customers_credit(invoice, staff):
    record_payment(invoice, date(2026, 11, 15), invoice.gross, "bank-1", staff)
    issued = return_lines(invoice, {0: 5_000}, "過請求", staff, approval=approved("return"))
    assert CreditBalance.objects.get().amount == -issued.gross
    assert state_of(Invoice.objects.get(pk=issued.pk), date(2026, 12, 1)) == State.RETURNED


def test_an_outage_of_an_invoiced_month_is_returned(contract, invoice, staff):
    report = OutageReport(at("2026-10-05 00:00"), at("2026-10-08 05:00"), "ordinary")
    adjustment = record_outage(
        contract, report, "データセンターの停電", staff, approval=approved("outage")
    ).credit

    # Three units of 24 hours of a monthly fee of 21,380: 21,380 × 3 ÷ 31 = 2,069.03
    issued = adjustment.invoice
    assert (adjustment.amount, issued.net, issued.tax) == (-2_069, -2_069, -207)
    assert (issued.original, issued.document["month"]) == (invoice, "2026-10")
    assert "22-6" in issued.document["lines"][0]["articles"]
    assert {"outage.credit.days", "tax.returned", "return.gross"} <= {
        step["rule"] for step in issued.document["steps"]
    }
    with pytest.raises(ValidationError):
        record_outage(
            contract,
            OutageReport(at("2026-10-07"), at("2026-10-09"), "ordinary"),
            "",
            staff,
            approval=approved("outage"),
        )


def test_damages_of_an_outage_stand_on_the_next_invoice_outside_the_tax(service, organisation, user, staff):
    service = load_priced_service("partner-cloud-e")
    contract = make_contract(
        service, organisation, user, "C26-000002", {"base": 1}, billed_from=date(2026, 11, 1)
    )
    report = OutageReport(at("2026-11-05 00:00"), at("2026-11-06 00:00"), "ordinary", damage=5_000)
    adjustment = record_outage(contract, report, "", staff, approval=approved("outage")).credit
    assert (adjustment.amount, adjustment.invoice) == (-1_666, None)

    bill(service.provider, OCTOBER + 1, date(2026, 12, 1))

    issued = Invoice.objects.get(contract=contract)
    assert (issued.net, issued.tax) == (50_000 - 1_666, 5_000)
    assert problems(einvoice(issued.document)) == []


def test_an_outage_of_a_month_to_be_invoiced_lowers_its_invoice(contract, service, staff):
    report = OutageReport(at("2026-10-05 00:00"), at("2026-10-08 00:00"), "ordinary")
    adjustment = record_outage(contract, report, "", staff, approval=approved("outage")).credit
    assert adjustment.invoice is None

    bill(service.provider, OCTOBER, date(2026, 11, 10))

    issued = Invoice.objects.get(contract=contract)
    assert adjustment.amount in [line["amount"] for line in issued.document["lines"]]
    assert problems(einvoice(issued.document)) == []


def test_an_outage_that_cannot_have_been_is_refused(contract, staff):
    for known, restored, fault in (
        ("2026-10-08 00:00", "2026-10-05 00:00", "ordinary"),
        ("2026-11-19 00:00", "2026-11-25 00:00", "ordinary"),
    ):
        with pytest.raises(ValidationError):
            record_outage(
                contract, OutageReport(at(known), at(restored), fault), "", staff, approval=approved("outage")
            )


def rule(rounding: str) -> TaxRule:
    return TaxRule(article=("1",), rounding=rounding, rate_day="closing_date")


@given(
    st.lists(st.integers(1, 10**7), min_size=1, max_size=6),
    st.sampled_from(["floor", "ceiling", "half_up"]),
    st.sampled_from(["10", "8", "outside"]),
)
def test_however_it_is_returned_the_tax_returned_is_the_tax_charged(parts, rounding, label):
    charged = {label: sum(parts)}
    ((whole,), _steps) = return_totals(rule(rounding), charged, {}, charged)
    returned = tax = 0
    for part in parts:
        ((total,), _steps) = return_totals(rule(rounding), charged, {label: returned}, {label: part})
        exact = 0 if label == "outside" else part * int(label) / 100
        assert abs(total.tax + exact) < 1
        returned, tax = returned + part, tax + total.tax
    assert (tax, -returned) == (whole.tax, whole.net)
    with pytest.raises(TooMuchReturnedError):
        return_totals(rule(rounding), charged, {label: returned}, {label: 1})
