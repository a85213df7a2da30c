"""Facts, runs and decisions in orders that nobody would choose: what is owed is charged once all the same.

A seat of ct-e1 is 5,000 yen a month, and the contract has five from September 2026 on.
"""

from collections import Counter

import pytest
import time_machine
from django.core.exceptions import ValidationError

from billing.differences.deciding import waive_differences
from billing.differences.listing import list_changed, unmarked_differences
from billing.differences.marks import fact_changed
from billing.invoicing.corrections import cancel_invoice, reissue_invoice
from billing.invoicing.returns import return_lines
from billing.models import BillingRun, ChargeDifference, Comparison, Invoice, UsageRecord
from billing.pricing.usage import import_usage, withdraw_usage
from billing.receivables.claims import sums_that_differ
from billing.runs.bill import bill
from billing.runs.chunks import unbilled
from billing.runs.states import approve, begin, calculate, cancel, submit
from billing.runs.work import advance_run
from contracts.lifecycle.items import end_contract
from contracts.models import Contract, Service
from contracts.publishing.revisions import correct_reading
from contracts.rules.calendar.period import Month
from tests.approving import approved
from tests.billing_scene import add_price_list, make_contract
from tests.differences.months import bill_months, contract, ct_e1
from tests.scenes import accept, apply, at, day, staff_member, suzuki
from tests.usage_files import row, usage_file

__all__ = ["contract", "ct_e1"]


def holds(contract: Contract, quantity: int, product: str = "seat") -> None:
    contract.items.filter(product=product).update(quantity=quantity)
    fact_changed(contract.pk)


def charged() -> dict[str, int]:
    """The fees of each month of use, by all documents that stand."""
    sums: Counter[str] = Counter()
    for document in Invoice.objects.live().values_list("document", flat=True):
        for line in document["lines"]:
            month = line["period"]["from"][:7] if "period" in line else document["month"]
            sums[month] += line["amount"]
    return dict(sums)


def months(amount: int, *numbers: int) -> dict[str, int]:
    return {str(Month(2026, 1) + (number - 1)): amount for number in numbers}


def anew(month: int) -> None:
    invoice = Invoice.objects.charging().get(month=(Month(2026, 1) + (month - 1)).first)
    reissue_invoice(invoice, "宛名", staff_member(), approval=approved("invoice_reissue"))


def waive_all() -> None:
    list_changed()
    waive_differences(
        ChargeDifference.objects.filter(state="found"),
        "確認済み",
        staff_member(),
        approval=approved("difference_waiver"),
    )


def test_corrections_are_corrected_as_often_as_facts_change(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    for number, quantity in enumerate((6, 4, 7, 5, 5, 8, 3), 11):
        holds(contract, quantity)
        bill_months(ct_e1, number)
        assert charged() == months(quantity * 5_000, *range(9, number + 1))
    assert list(sums_that_differ()) == []
    assert list(unmarked_differences(ct_e1.provider)) == []


def test_goodwill_is_kept_through_corrections_to_either_side(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    october = Invoice.objects.get(month=day("2026-10-01"))
    return_lines(october, {0: 7_000}, "お詫び", staff_member(), approval=approved("return"))
    holds(contract, 6)
    bill_months(ct_e1, 11)
    assert charged()["2026-10"] == 30_000 - 7_000
    holds(contract, 3)
    bill_months(ct_e1, 12)
    assert charged()["2026-10"] == 15_000


def test_a_run_that_is_cancelled_before_its_approval_settles_nothing(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    holds(contract, 6)
    first, second = staff_member("佐藤"), staff_member("高橋")
    for approves in (False, True):
        run = calculate(begin(ct_e1.provider, Month(2026, 11), day("2026-12-01"), first))
        submit(run, first)
        if not approves:
            cancel(run, first)
            assert charged() == months(25_000, 9, 10)
            continue
        approve(run, second)
        advance_run(run.pk, "worker", lambda chunk: None)
    bill_months(ct_e1, 12)
    assert charged() == months(30_000, 9, 10, 11, 12)


def test_what_a_first_run_issued_before_it_was_cancelled_is_compared(ct_e1, contract):
    bill_months(ct_e1, 9)
    BillingRun.objects.update(status=BillingRun.Status.CANCELLED)
    bill_months(ct_e1, 10)
    holds(contract, 6)
    bill_months(ct_e1, 11)
    assert charged() == months(30_000, 9, 10, 11)


def test_months_whose_documents_were_all_cancelled_are_charged_once(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    for invoice in Invoice.objects.all():
        cancel_invoice(invoice, "誤り", staff_member(), approval=approved("invoice_cancellation"))
    bill_months(ct_e1, 11, 12)
    assert charged() == months(25_000, 9, 10, 11, 12)


def test_months_billed_out_of_order_are_charged_once(ct_e1, contract):
    bill_months(ct_e1, 9, 12, 10, 11)
    assert charged() == months(25_000, 9, 10, 11, 12)
    holds(contract, 6)
    bill_months(ct_e1, 13)
    assert charged() == months(30_000, 9, 10, 11, 12, 13)


def test_invoices_issued_anew_in_between_leave_nothing_charged_twice(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    holds(contract, 6)
    anew(10)
    bill_months(ct_e1, 11)  # with September's sixth seat
    anew(11)
    assert charged() == months(30_000, 9, 10, 11)
    anew(9)  # states it, too
    bill_months(ct_e1, 12)
    assert charged() == months(30_000, 9, 10, 11, 12)


def test_a_contract_that_ended_long_ago_is_corrected(ct_e1, contract):
    bill_months(ct_e1, 9, 10, 11)
    end_contract(Contract.objects.get(), day("2026-11-30"), day("2026-11-30"), Contract.EndKind.CANCELLED)
    bill_months(ct_e1, *range(12, 20))
    add_price_list(ct_e1, day("2026-11-01"), {"seat": 4_000})
    bill_months(ct_e1, 20)
    assert charged() == months(25_000, 9, 10) | months(20_000, 11)


def end_in(month: int) -> None:
    last = (Month(2026, 1) + (month - 1)).last
    end_contract(Contract.objects.get(), last, last, Contract.EndKind.CANCELLED)


def test_the_last_month_of_a_contract_is_charged_though_its_billing_was_left_out(ct_e1, contract):
    end_in(11)
    bill_months(ct_e1, 9)
    assert not Comparison.objects.filter(changed_at__isnull=False).exists()
    bill_months(ct_e1, 12)
    assert charged() == months(25_000, 9, 10, 11)
    assert not unbilled(ct_e1.provider, Month(2027, 1)).exists()


@pytest.mark.parametrize("end", [None, 11])
def test_months_between_an_older_first_billing_and_the_former_one_are_charged(ct_e1, contract, end):
    if end:
        end_in(end)
    bill_months(ct_e1, 12, 9)
    assert charged() == months(25_000, 9) | ({} if end else months(25_000, 12))
    bill_months(ct_e1, 13)
    assert charged() == months(25_000, 9, 10, 11) | ({} if end else months(25_000, 12, 13))
    assert list(unmarked_differences(ct_e1.provider)) == []


def test_months_left_out_are_listed_and_wait_for_the_next_invoice(ct_e1, contract):
    bill_months(ct_e1, 12, 9, 12)
    assert charged() == months(25_000, 9, 12)
    list_changed()
    listed = ChargeDifference.objects.order_by("month")
    assert list(listed.values_list("month", "amount", "state")) == [
        (day("2026-10-01"), 25_000, "found"),
        (day("2026-11-01"), 25_000, "found"),
    ]
    bill_months(ct_e1, 13)
    assert charged() == months(25_000, 9, 10, 11, 12, 13)
    assert set(listed.values_list("state", flat=True)) == {"settled"}


def test_the_first_month_billed_once_more_marks_nothing(ct_e1, contract):
    bill_months(ct_e1, 12, 9, 13)
    assert not Comparison.objects.filter(changed_at__isnull=False).exists()
    bill_months(ct_e1, 9)
    assert not Comparison.objects.filter(changed_at__isnull=False).exists()


def test_an_error_beside_something_waived_is_corrected_by_its_amount(ct_e1):
    """An invoice issued anew would charge what was waived."""
    application = apply(ct_e1, {"seat": 5, "admin": 1}, at("2026-07-10"), wanted_start_on=day("2026-09-01"))
    contract = accept(application, at("2026-07-12"))
    bill_months(ct_e1, 9, 10)
    holds(contract, 2, "admin")
    waive_all()
    add_price_list(ct_e1, day("2026-10-01"), {"seat": 4_000, "admin": 5_000})
    bill_months(ct_e1, 11)
    assert charged() == months(30_000, 9, 11) | months(25_000, 10)
    assert not Invoice.objects.filter(cancelled_on__isnull=False).exists()


@pytest.mark.parametrize("seat", [5_000, 6_000])
def test_a_wrong_tax_rate_beside_something_waived_is_returned_and_charged_at_the_right_one(ct_e1, seat):
    application = apply(ct_e1, {"seat": 5, "admin": 1}, at("2026-07-10"), wanted_start_on=day("2026-09-01"))
    contract = accept(application, at("2026-07-12"))
    bill_months(ct_e1, 9, 10)
    holds(contract, 2, "admin")
    waive_all()
    add_price_list(ct_e1, day("2026-10-01"), {"seat": seat, "admin": 5_000}, tax="reduced")
    add_price_list(ct_e1, day("2026-11-01"), {"seat": 5_000, "admin": 5_000})
    bill_months(ct_e1, 11)
    october = Invoice.objects.get(month=day("2026-10-01"), kind="invoice")
    returned, november = october.returns.get(), Invoice.objects.get(month=day("2026-11-01"))
    assert not october.is_cancelled
    assert (returned.net, returned.tax) == (-25_000, -2_500)
    rates = {(rate["rate"], rate["net"], rate["tax"]) for rate in november.document["rates"]}
    assert rates == {("10", 35_000, 3_500), ("8", 5 * seat, 5 * seat * 8 // 100)}
    bill_months(ct_e1, 12)
    assert charged() == months(30_000, 9) | months(5_000 + 5 * seat, 10) | months(35_000, 11, 12)
    assert list(unmarked_differences(ct_e1.provider)) == []


def rounds_otherwise(contract: Contract) -> None:
    """Tax was to be rounded up, by a reading that reaches back."""
    version = contract.contracted_version
    source = version.policy_source.replace(
        'rounding = "floor"\nrate_day', 'rounding = "ceiling"\nrate_day', 1
    )
    assert source != version.policy_source
    correct_reading(
        version,
        policy_source=source,
        reason="読み方の訂正",
        reaches_back=True,
        at=at("2026-11-06"),
        staff=None,
        approval=approved("correction"),
    )


def taxes() -> dict[str, list[int]]:
    """The tax of the invoices that stand, and of returns, by month."""
    found: dict[str, list[int]] = {}
    for month, tax in Invoice.objects.live().order_by("pk").values_list("document__month", "tax"):
        found.setdefault(month, []).append(tax)
    return found


def test_an_invoice_whose_tax_is_to_be_rounded_otherwise_is_issued_anew(ct_e1, contract):
    add_price_list(ct_e1, day("2026-09-01"), {"seat": 5_001})
    bill_months(ct_e1, 9, 10)
    assert taxes() == {"2026-09": [2_500], "2026-10": [2_500]}
    rounds_otherwise(contract)
    list_changed()
    listed = ChargeDifference.objects.values_list("product", "amount", "cause", "state")
    assert list(listed) == [("consumption-tax", 1, "error", "found")] * 2
    bill_months(ct_e1, 11)
    assert taxes() == {"2026-09": [2_501], "2026-10": [2_501], "2026-11": [2_501]}
    assert {one.state for one in ChargeDifference.objects.all()} == {"settled"}
    assert list(unmarked_differences(ct_e1.provider)) == []


def test_a_rounding_that_changed_with_a_quantity_is_settled_by_one_invoice(ct_e1, contract):
    add_price_list(ct_e1, day("2026-09-01"), {"seat": 5_001})
    bill_months(ct_e1, 9)
    rounds_otherwise(contract)
    holds(contract, 6)
    bill_months(ct_e1, 10)
    assert charged() == months(30_006, 9, 10)
    assert taxes() == {"2026-09": [3_001], "2026-10": [3_001]}


def test_a_rounding_beside_something_waived_stays(ct_e1, contract):
    add_price_list(ct_e1, day("2026-09-01"), {"seat": 5_001})
    bill_months(ct_e1, 9)
    holds(contract, 6)
    waive_all()
    rounds_otherwise(contract)
    bill_months(ct_e1, 10)
    assert taxes() == {"2026-09": [2_500], "2026-10": [3_001]}
    assert list(unmarked_differences(ct_e1.provider)) == []


def test_a_wrong_price_that_was_waived_stays(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    add_price_list(ct_e1, day("2026-10-01"), {"seat": 6_000})
    waive_all()
    bill_months(ct_e1, 11)
    assert charged() == months(25_000, 9, 10) | months(30_000, 11)
    assert not Invoice.objects.filter(cancelled_on__isnull=False).exists()


def test_two_services_of_one_provider_are_corrected_by_one_run(ct_e1, contract, user):
    other = Service.objects.get(pk=ct_e1.pk)
    other.pk, other.slug, other._state.adding = None, "ct-e2", True
    other.save()
    for one in (*ct_e1.versions.all(), *ct_e1.price_lists.all()):
        one.pk, one.service, one._state.adding = None, other, True
        one.save(force_insert=True)
    second = make_contract(other, suzuki(), user, "C26-900001", {"seat": 2}, billed_from=day("2026-09-01"))
    bill_months(ct_e1, 9, 10)
    for one in (contract, second):
        holds(one, 6)
    bill_months(ct_e1, 11)
    assert charged() == months(60_000, 9, 10, 11)
    bill_months(ct_e1, 12)
    assert charged() == months(60_000, 9, 10, 11, 12)


def test_each_month_is_corrected_at_the_tax_rate_of_its_supply(ct_e1, organisation, user):
    """8 % up to September 2019, 10 % from October on."""
    contract = make_contract(
        ct_e1, organisation, user, "C19-000001", {"seat": 5}, billed_from=day("2019-08-01")
    )
    for number in (8, 9, 10):
        bill(ct_e1.provider, Month(2019, number), (Month(2019, number) + 1).first)
    holds(contract, 6)
    bill(ct_e1.provider, Month(2019, 11), day("2019-12-01"))
    november = Invoice.objects.get(month=day("2019-11-01"))
    rates = {(rate["rate"], rate["net"], rate["tax"]) for rate in november.document["rates"]}
    assert rates == {("10", 35_000, 3_500), ("8", 10_000, 800)}
    holds(contract, 4)
    bill(ct_e1.provider, Month(2019, 12), day("2020-01-01"))
    returns = Invoice.objects.filter(kind="return").order_by("original__month")
    taxes = [(f"{one.original.month:%m}", one.net, one.tax) for one in returns]
    # What November's invoice charged of each month goes first: 10,000 at 8 %, with its own 15,000 at 10 %.
    assert taxes == [
        ("08", -5_000, -400),
        ("09", -5_000, -400),
        ("10", -5_000, -500),
        ("11", -25_000, -2_300),
    ]


def test_use_that_comes_late_is_charged_once_for_its_month(ct_e1, contract):
    bill_months(ct_e1, 9, 10, 11)
    with time_machine.travel(at("2026-12-10"), tick=False):
        import_usage(usage_file([row("a", contract.number, quantity="700")]), "calls.csv", staff_member())
    bill_months(ct_e1, 12, 13)
    assert charged() == months(25_000, 10, 11, 12, 13) | months(25_700, 9)
    assert list(unmarked_differences(ct_e1.provider)) == []


def test_use_that_is_withdrawn_is_returned_once_it_was_charged_and_else_never_charged(ct_e1, contract):
    rows = [row("a", contract.number, quantity="700"), row("b", contract.number, quantity="300")]
    with time_machine.travel(at("2026-10-05"), tick=False):
        import_usage(usage_file(rows), "calls.csv", staff_member())
    bill_months(ct_e1, 9, 10)
    with time_machine.travel(at("2026-11-10"), tick=False):
        import_usage(usage_file([row("c", contract.number)]), "calls.csv", staff_member())
    staff = staff_member()
    with pytest.raises(ValidationError):
        withdraw_usage(UsageRecord.objects.all(), " ", staff)
    withdraw_usage(UsageRecord.objects.filter(reference__in=["b", "c"]), "二重の取込み", staff)
    assert withdraw_usage(UsageRecord.objects.filter(reference="b"), "再度", staff) == 0
    bill_months(ct_e1, 11, 12)
    assert charged() == months(25_000, 10, 11, 12) | months(25_700, 9)
    anew(10)
    assert charged()["2026-09"] == 25_700
    assert list(unmarked_differences(ct_e1.provider)) == []


def test_use_from_longer_ago_than_the_terms_let_be_charged_is_refused(ct_e1, organisation, user):
    make_contract(ct_e1, organisation, user, "C20-000001", {"seat": 1}, billed_from=day("2020-01-01"))
    rows = [
        row("a", "C20-000001", month="2021-11", day="2021-11-05"),
        row("b", "C20-000001", month="2021-10", day="2021-10-05"),
    ]
    with time_machine.travel(at("2026-11-10"), tick=False):
        imported = import_usage(usage_file(rows), "calls.csv", staff_member())
    (refused,) = imported.refused_rows.all()
    assert (imported.taken, refused.values["month"]) == (1, "2021-10")
    assert refused.reasons == ["too_old"]
