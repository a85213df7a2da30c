"""Facts that come after their month was invoiced: the next billing settles the difference, and once only.

The amounts are computed by hand from the catalog's first price list of ct-e1: a seat is 5,000 yen a month.
"""

from billing.invoicing.corrections import cancel_invoice, reissue_invoice
from billing.invoicing.pdfs import make_pdf
from billing.invoicing.returns import return_lines
from billing.models import Comparison, Invoice
from billing.runs.preview import preview
from billing.runs.states import approve, begin, calculate, settle, submit
from billing.runs.work import advance_run
from contracts.requests.decide import accept_request
from contracts.requests.product_forms import ProductChangeData
from contracts.rules.calendar.period import Month
from tests import scenes
from tests.approving import approved
from tests.billing_scene import add_price_list
from tests.differences.months import bill_months, contract, ct_e1, end_in_november, sixth_seat, stated
from tests.scenes import at, day, staff_member

__all__ = ["contract", "ct_e1"]


def test_an_increase_accepted_late_is_charged_for_each_month_with_the_next_invoice(ct_e1, contract):
    request = sixth_seat(contract)
    bill_months(ct_e1, 9, 10, 11)
    october, november = Invoice.objects.filter(month__gte=day("2026-10-01")).order_by("month")
    accept_request(request, staff_member(), at("2026-12-05"))

    found = preview(ct_e1.provider, Month(2026, 12)).corrections
    assert [(one.contract, str(one.month), one.charged, one.owed, one.invoice) for one in found] == [
        (contract.number, "2026-10", 25_000, 30_000, october.number),
        (contract.number, "2026-11", 25_000, 30_000, november.number),
    ]

    bill_months(ct_e1, 12)
    assert stated(12) == [
        ("seat", 6, 30_000, None),
        ("seat", 1, 5_000, "2026-10-01"),
        ("seat", 1, 5_000, "2026-11-01"),
    ]
    december = Invoice.objects.get(month=day("2026-12-01"))
    assert [line.get("follows") for line in december.document["lines"]] == [
        None,
        october.number,
        november.number,
    ]
    assert (december.net, december.tax) == (40_000, 4_000)
    bill_months(ct_e1, 13)
    assert stated(13) == [("seat", 6, 30_000, None)]


def test_what_an_end_that_came_late_leaves_charged_is_returned(ct_e1, contract):
    """Ended with 30 November: nothing is owed for December (19-2)."""
    bill_months(ct_e1, 9, 10, 11, 12)
    december = Invoice.objects.get(month=day("2026-12-01"))
    end_in_november(contract)

    bill_months(ct_e1, 13)
    returned = Invoice.objects.get(kind="return")
    assert (returned.original, returned.net, returned.tax) == (december, -25_000, -2_500)
    assert returned.document["corrects"] is True
    december.refresh_from_db()
    assert december.open_amount == 0
    bill_months(ct_e1, 14)
    assert Invoice.objects.filter(kind="return").count() == 1
    assert not Invoice.objects.filter(month__gt=day("2026-12-01"), kind="invoice").exists()


def test_a_reduction_takes_back_part_of_the_line(ct_e1, contract):
    """From 5 seats to 2, asked in time for 1 November."""
    data = ProductChangeData(product="seat", quantity=2, wanted_on=day("2026-11-01"))
    request = scenes.ask(contract, "quantity_down", data, at("2026-09-28"))
    bill_months(ct_e1, 10, 11)
    accept_request(request, staff_member(), at("2026-12-05"))
    bill_months(ct_e1, 12)
    returned = Invoice.objects.get(kind="return")
    assert [(line["quantity"], line["amount"]) for line in returned.document["lines"]] == [(-3, -15_000)]
    assert stated(12) == [("seat", 2, 10_000, None)]


def test_a_price_that_was_wrong_is_corrected_by_an_invoice_that_names_the_old_one(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    old = Invoice.objects.get(month=day("2026-10-01"))
    add_price_list(ct_e1, day("2026-10-01"), {"seat": 4_000})
    bill_months(ct_e1, 11)
    october = Invoice.objects.charging().get(month=day("2026-10-01"))
    old.refresh_from_db()
    assert (old.is_cancelled, october.replaces, october.net) == (True, old, 20_000)
    assert october.document["original"]["number"] == old.number
    bill_months(ct_e1, 12)
    assert Invoice.objects.filter(month=day("2026-10-01")).count() == 2


def test_goodwill_is_not_charged_again(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    invoice = Invoice.objects.get(month=day("2026-10-01"))
    return_lines(invoice, {0: 5_000}, "お詫び", staff_member(), approval=approved("return"))
    Comparison.objects.all().delete()
    bill_months(ct_e1, 11)
    assert stated(11) == [("seat", 5, 25_000, None)]


def test_what_staff_returned_counts_towards_a_later_reduction(ct_e1, contract):
    bill_months(ct_e1, 11, 12)
    december = Invoice.objects.get(month=day("2026-12-01"))
    return_lines(december, {0: 10_000}, "お詫び", staff_member(), approval=approved("return"))
    end_in_november(contract)
    bill_months(ct_e1, 13)
    assert sorted(one.net for one in Invoice.objects.filter(kind="return")) == [-15_000, -10_000]


def test_a_month_that_was_left_out_is_charged_with_the_next_invoice(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    cancel_invoice(
        Invoice.objects.get(month=day("2026-10-01")),
        "誤り",
        staff_member(),
        approval=approved("invoice_cancellation"),
    )
    bill_months(ct_e1, 11)
    assert stated(11) == [("seat", 5, 25_000, None), ("seat", 5, 25_000, "2026-10-01")]
    bill_months(ct_e1, 10)
    assert not Invoice.objects.charging().filter(month=day("2026-10-01")).exists()


def test_an_invoice_issued_anew_states_later_charges_again(ct_e1, contract):
    request = sixth_seat(contract)
    bill_months(ct_e1, 9, 10)
    accept_request(request, staff_member(), at("2026-11-05"))
    bill_months(ct_e1, 11)
    old = Invoice.objects.charging().get(month=day("2026-11-01"))
    new = reissue_invoice(old, "宛名", staff_member(), approval=approved("invoice_reissue"))
    assert new.net == old.net == 35_000
    bill_months(ct_e1, 12)
    assert stated(12) == [("seat", 6, 30_000, None)]


def test_months_before_the_provider_billed_here_were_invoiced_elsewhere(ct_e1, contract):
    bill_months(ct_e1, 11)
    assert stated(11) == [("seat", 5, 25_000, None)]


def test_a_contract_is_marked_when_a_fact_of_it_changes(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    row = Comparison.objects.get(contract=contract)
    assert (row.through, row.changed_at) == (day("2026-10-01"), None)
    request = sixth_seat(contract)
    accept_request(request, staff_member(), at("2026-11-05"))
    row.refresh_from_db()
    assert row.changed_at is not None


def test_a_run_that_only_corrects_is_approved_like_any_other(ct_e1, contract):
    bill_months(ct_e1, 11, 12)
    end_in_november(contract)
    first, second = staff_member("佐藤"), staff_member("高橋")
    run = calculate(begin(ct_e1.provider, Month(2027, 1), day("2027-02-01"), first))
    assert run.preview["rows"][-1]["count"] == 0
    approve(submit(run, first), second)
    assert not Invoice.objects.filter(kind="return").exists()
    advance_run(run.pk, "worker", lambda chunk: None)
    returned = Invoice.objects.get(kind="return")
    assert returned.net == -25_000
    make_pdf(returned)
    assert settle(run).status == "done"


def test_what_is_corrected_is_what_was_approved(ct_e1, contract):
    bill_months(ct_e1, 11, 12)
    end_in_november(contract)
    first, second = staff_member("佐藤"), staff_member("高橋")
    run = calculate(begin(ct_e1.provider, Month(2027, 1), day("2027-02-01"), first))
    approve(submit(run, first), second)
    december = Invoice.objects.get(month=day("2026-12-01"))
    return_lines(december, {0: 10_000}, "お詫び", staff_member(), approval=approved("return"))
    advance_run(run.pk, "worker", lambda chunk: None)
    run.refresh_from_db()
    assert (run.status, Invoice.objects.filter(kind="return").count()) == ("previewed", 1)


def test_an_older_invoice_issued_anew_leaves_what_is_noted_of_later_months(ct_e1, contract):
    bill_months(ct_e1, 9, 10, 11, 12)
    end_in_november(contract)
    september = Invoice.objects.get(month=day("2026-09-01"))
    reissue_invoice(september, "宛名", staff_member(), approval=approved("invoice_reissue"))
    bill_months(ct_e1, 13)
    assert Invoice.objects.get(kind="return").original.month == day("2026-12-01")
