"""An approval is for what each contract is charged and who receives it: nothing else is issued under it."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils.timezone import localdate

from billing.invoicing.drafts import MonthlyCharges
from billing.models import BillingRun, Invoice, PreviewLine, SpecialPrice
from billing.pricing.special_prices import set_special_price
from billing.runs import chunks
from billing.runs.bill import bill
from billing.runs.preview import preview
from billing.runs.states import (
    StoppedError,
    approve,
    begin,
    calculate,
    cancel,
    confirm,
    submit,
)
from billing.runs.work import advance_run
from billing.tasks import look_for_work
from contracts.models import Contract, ContractItem, ContractParticular
from portal.audit.models import AuditEntry
from portal.organisations.models import Organisation, User
from tests import approving
from tests.billing_scene import (
    ISSUE_DAY,
    OCTOBER,
    hold,
    load_priced_service,
    make_contract,
    make_contracts,
    submitted_run,
)
from tests.scenes import restated, staff_member

Status = BillingRun.Status
NUMBERS = ["C26-000001", "C26-000002", "C26-000003"]


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def contracts(service, organisation, user) -> list[Contract]:
    """Of two lines and one to three seats: 16,500, 22,000 and 27,500 yen."""
    return make_contracts(service, organisation, user, NUMBERS)


@pytest.fixture
def run(service, contracts) -> BillingRun:
    return submitted_run(service, staff_member())


def set_price(contract: Contract, unit_price: int, product: str = "line") -> SpecialPrice:
    return set_special_price(
        contract,
        product,
        unit_price,
        OCTOBER.first,
        "見積りのとおり",
        staff_member(),
        approval=approving.approved("special_price"),
    )


def approved(run: BillingRun) -> BillingRun:
    return approve(run, staff_member(), seen_hash=BillingRun.objects.get().preview_hash)


def confirmed(run: BillingRun) -> BillingRun:
    """Approved, and found unchanged: the next step is to issue."""
    assert confirm(approved(run))
    return BillingRun.objects.get()


def issue(run: BillingRun) -> BillingRun:
    advance_run(run.pk, "test", lambda chunk: None)
    look_for_work()
    return BillingRun.objects.get()


def issued() -> dict[str, int]:
    return dict(Invoice.objects.order_by("sequence").values_list("contract__number", "gross"))


def changed(run: BillingRun) -> list[tuple[str, int | None, int | None]]:
    return [(line["contract"], line["before"], line["now"]) for line in run.preview["changed"]]


def reasons(run: BillingRun) -> dict[str, str]:
    return {problem["contract"]: problem["reason"] for problem in run.problems}


def test_prices_that_add_up_to_the_same_total_wait_for_approval_again(run, contracts):
    approved(run)
    set_price(contracts[0], 5_050)
    set_price(contracts[2], 4_950)

    run = issue(run)

    assert (run.status, run.approved_by, issued()) == (Status.PREVIEWED, None, {})
    assert run.preview["rows"][-1]["gross"] == 66_000, "the sum is what it was"
    assert changed(run) == [("C26-000001", 16_500, 16_610), ("C26-000003", 27_500, 27_390)]
    assert "2件" in run.trouble
    assert AuditEntry.objects.get(action="billing_run.changed").data["contracts"] == 2
    approved(run)
    run = issue(run)
    assert run.status == Status.DONE
    assert issued() == {"C26-000001": 16_610, "C26-000002": 22_000, "C26-000003": 27_390}


def test_a_preview_with_the_same_totals_is_not_the_one_that_was_seen(run, contracts):
    seen = run.preview_hash
    set_price(contracts[0], 5_050)
    set_price(contracts[2], 4_950)
    again = submitted_run(run.provider.services.get(), staff_member())
    with pytest.raises(ValidationError, check=lambda error: error.code == "not_seen"):
        approve(again, staff_member(), seen_hash=seen)
    assert approve(again, staff_member(), seen_hash=again.preview_hash).status == Status.APPROVED
    trail = AuditEntry.objects.get(action="billing_run.approved")
    assert trail.data["preview"] == again.preview_hash


def report_address(contract: Contract) -> None:
    """From the issue date on."""
    ContractParticular.objects.create(
        contract=contract, key="address", value="東京都港区見本1-2-3", starts_on=ISSUE_DAY
    )


def report_email(contract: Contract) -> None:
    ContractParticular.objects.create(
        contract=contract, key="invoice_email", value="keiri@elsewhere.example", starts_on=localdate()
    )


def name_another_place(contract: Contract) -> None:
    ContractParticular.objects.create(
        contract=contract, key="billing_address", value="〒100-0001 見本町9", starts_on=ISSUE_DAY
    )


def trade_a_line_for_a_seat(contract: Contract) -> None:
    """Both cost 5,000 yen."""
    ContractItem.objects.filter(contract=contract, product="line").update(quantity=1)
    ContractItem.objects.filter(contract=contract, product="seat").update(quantity=2)


@pytest.mark.parametrize(
    "change", [report_address, report_email, name_another_place, trade_a_line_for_a_seat]
)
def test_the_same_amount_to_somebody_else_or_for_something_else_waits_for_approval_again(
    run, contracts, change
):
    approved(run)
    change(contracts[0])
    assert not confirm(BillingRun.objects.get())
    run.refresh_from_db()
    assert (run.status, changed(run)) == (Status.PREVIEWED, [("C26-000001", 16_500, 16_500)])


@pytest.mark.parametrize("what", ["name", "account"])
def test_another_name_or_bank_account_changes_every_contract(run, what):
    approved(run)
    if what == "name":
        Organisation.objects.update(name="山田見本株式会社")
    else:
        account = {**run.provider.on(ISSUE_DAY).bank_account, "number": "7654321"}
        with time_machine.travel(ISSUE_DAY, tick=False):
            restated(run.provider, ISSUE_DAY, bank_account=account)
    assert not confirm(BillingRun.objects.get())
    run.refresh_from_db()
    assert [number for number, _before, _now in changed(run)] == NUMBERS


def test_contracts_that_came_or_went_are_named(run, service, contracts, organisation, user):
    approved(run)
    make_contract(service, organisation, user, "C26-000004", {"line": 1})
    ContractItem.objects.filter(contract=contracts[1]).delete()
    assert not confirm(BillingRun.objects.get())
    run.refresh_from_db()
    assert changed(run) == [("C26-000002", 22_000, None), ("C26-000004", None, 5_500)]


def test_nothing_that_changes_after_the_last_look_is_issued(run, service, contracts, organisation, user):
    run = confirmed(run)
    set_price(contracts[0], 5_050)
    make_contract(service, organisation, user, "C26-000004", {"line": 1})

    run = issue(run)

    assert issued() == {"C26-000002": 22_000, "C26-000003": 27_500}
    assert (run.status, run.waits_for_correction) == (Status.ISSUING, True)
    assert list(reasons(run)) == ["C26-000001", "C26-000004"]
    assert "16,500円 → 16,610円" in reasons(run)["C26-000001"]
    assert "承認された内容に含まれていません" in reasons(run)["C26-000004"]
    approved(submitted_run(service, staff_member()))
    run = issue(run)
    assert (run.status, run.problems) == (Status.DONE, [])
    assert issued() == {
        "C26-000001": 16_610,
        "C26-000002": 22_000,
        "C26-000003": 27_500,
        "C26-000004": 5_500,
    }


def test_another_recipient_after_the_last_look_is_not_written_to(run, contracts):
    run = confirmed(run)
    report_address(contracts[0])
    report_email(contracts[1])
    run = issue(run)
    assert list(issued()) == ["C26-000003"]
    assert list(reasons(run)) == ["C26-000001", "C26-000002"]


def test_the_first_chunks_are_issued_though_a_later_one_changes(run, contracts, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 1)
    run = approved(run)
    told: list[int] = []

    def change_the_last(chunk) -> None:
        if not told:
            set_price(contracts[2], 1)
        told.append(chunk.pk)

    advance_run(run.pk, "test", change_the_last)
    run.refresh_from_db()
    assert (len(told), list(issued()), list(reasons(run))) == (2, NUMBERS[:2], NUMBERS[2:])


@pytest.mark.parametrize("free_of_charge", [False, True])
def test_what_was_approved_and_went_is_named_and_the_rest_can_be_finished(run, contracts, free_of_charge):
    run = confirmed(run)
    if free_of_charge:
        set_price(contracts[1], 0)
        set_price(contracts[1], 0, "seat")
    else:
        ContractItem.objects.filter(contract=contracts[1]).delete()

    run = issue(run)

    assert (run.status, list(issued())) == (Status.ISSUING, ["C26-000001", "C26-000003"])
    assert reasons(run) == {"C26-000002": "承認されましたが、請求する金額がなくなりました。"}
    calculate(begin(run.provider, OCTOBER, ISSUE_DAY, staff_member()))
    run.refresh_from_db()
    assert (run.status, run.problems, len(issued())) == (Status.DONE, [], 2)


def test_who_had_nothing_to_pay_is_not_charged_under_the_approval(service, contracts, organisation, user):
    free = make_contract(service, organisation, user, "C26-000004")
    run = confirmed(submitted_run(service, staff_member()))
    assert PreviewLine.objects.count() == 3
    hold(free, "line", 1, OCTOBER.first)
    run = issue(run)
    assert (list(issued()), list(reasons(run))) == (NUMBERS, ["C26-000004"])


def test_the_terminal_issues_what_was_approved_and_nothing_else(run, contracts):
    run = confirmed(run)
    set_price(contracts[0], 5_050)
    result = bill(run.provider, OCTOBER, ISSUE_DAY)
    assert (result.issued, result.finished) == (2, False)
    assert [problem.contract for problem in result.problems] == ["C26-000001"]


def test_the_terminal_bills_without_approval_what_an_approval_has_left(run, contracts):
    run = confirmed(run)
    set_price(contracts[0], 5_050)
    issue(run)
    by = User.objects.create_superuser("root@provider.example").email
    call_command("bill", "2026-10", by=by, reason="部長が不在")
    run.refresh_from_db()
    assert (run.status, issued()["C26-000001"]) == (Status.DONE, 16_610)


def test_a_run_without_approval_is_not_bound_to_any(contracts, service):
    result = bill(service.provider, OCTOBER, ISSUE_DAY)
    assert (result.finished, result.issued, PreviewLine.objects.count()) == (True, 3, 0)


def from_before_the_upgrade(run: BillingRun, status: Status) -> BillingRun:
    """As a version left it that kept the totals alone."""
    run.refresh_from_db()
    del run.preview["digest"]
    run.status, run.calculation = status, None
    run.save()
    PreviewLine.objects.all().delete()
    return run


@pytest.mark.parametrize("status", [Status.PREVIEWED, Status.APPROVED, Status.ISSUING])
def test_a_run_from_before_the_upgrade_waits_for_approval_again(run, status):
    if status != Status.PREVIEWED:
        approved(run)
    from_before_the_upgrade(run, status)
    if status == Status.PREVIEWED:
        approved(run)

    run = issue(run)

    assert (run.status, run.approved_by, issued()) == (Status.PREVIEWED, None, {})
    assert "計算し直しました" in run.trouble
    assert "changed" not in run.preview
    approved(run)
    assert issue(run).status == Status.DONE


def test_the_terminal_does_not_go_on_with_a_run_from_before_the_upgrade(run):
    approved(run)
    from_before_the_upgrade(run, Status.ISSUING)
    with pytest.raises(CommandError):
        call_command("bill", "2026-10")
    run.refresh_from_db()
    assert (run.status, issued()) == (Status.PREVIEWED, {})


def test_a_run_that_was_issued_in_part_before_the_upgrade_keeps_that(run, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 1)
    run = confirmed(run)
    chunks.issue_chunk(run, MonthlyCharges(OCTOBER), "", run.issued_on, None)
    from_before_the_upgrade(run, Status.ISSUING)
    run = issue(run)
    assert (run.status, list(issued())) == (Status.PREVIEWED, NUMBERS[:1])
    assert run.preview["rows"][-1]["count"] == 2
    approved(run)
    run = issue(run)
    assert (run.status, list(issued())) == (Status.DONE, NUMBERS)


def test_the_digest_is_the_same_however_the_contracts_are_chunked(run, monkeypatch):
    digest = run.preview["digest"]
    monkeypatch.setattr(chunks, "CHUNK", 1)
    again = calculate(begin(run.provider, OCTOBER, ISSUE_DAY, staff_member()))
    assert again.preview["digest"] == digest


def test_lines_are_kept_while_a_run_is_under_way(run):
    assert PreviewLine.objects.filter(calculation=run.calculation).count() == 3
    begun = begin(run.provider, OCTOBER, ISSUE_DAY, staff_member())
    assert (begun.calculation, PreviewLine.objects.count()) == (None, 0)
    submit(calculate(begun), staff_member())
    cancel(begun, staff_member())
    assert PreviewLine.objects.count() == 0
    run = confirmed(submitted_run(run.provider.services.get(), staff_member()))
    assert PreviewLine.objects.filter(calculation=run.calculation).count() == 3
    assert issue(run).status == Status.DONE
    assert PreviewLine.objects.count() == 0


def test_a_preview_in_the_terminal_keeps_nothing(contracts, service):
    preview(service.provider, OCTOBER, ISSUE_DAY)
    assert PreviewLine.objects.count() == 0


def test_what_a_stopped_calculation_left_counts_for_nothing(run, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 1)
    begun = begin(run.provider, OCTOBER, ISSUE_DAY, staff_member())
    stop_after_the_second(calculate, begun)
    assert PreviewLine.objects.count() == 2
    submit(calculate(begun), staff_member())
    assert PreviewLine.objects.count() == 3
    stop_after_the_second(confirm, approved(run))
    assert PreviewLine.objects.count() == 5
    run = issue(run)
    assert (run.status, list(issued())) == (Status.DONE, NUMBERS)


def stop_after_the_second(work, run: BillingRun) -> None:
    """As if the process were killed there."""
    seen: list[None] = []

    def stop() -> None:
        seen.append(None)
        if len(seen) == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        work(run, stop)


@pytest.mark.parametrize("change", [False, True])
def test_two_that_look_again_at_once_do_not_disturb_each_other(run, contracts, change, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 1)
    run = approved(run)
    answers: list[bool] = []

    def let_the_other_finish() -> None:
        if not answers:
            if change:
                set_price(contracts[0], 5_050)
            answers.append(confirm(BillingRun.objects.get()))

    with pytest.raises(StoppedError):
        confirm(run, let_the_other_finish)
    assert answers == [not change]
    current = BillingRun.objects.get()
    assert PreviewLine.objects.filter(calculation=current.calculation).count() == 3
    if change:
        approved(current)
    assert issue(current).status == Status.DONE
    assert len(issued()) == 3


def test_who_stood_still_until_another_approval_issues_what_that_is_for(run, contracts):
    old = approved(run)
    set_price(contracts[0], 5_050)
    assert not confirm(BillingRun.objects.get())
    assert confirm(approved(run))
    assert [found.contract for found in chunks.vanished(old, [])] == NUMBERS
    chunk = chunks.issue_chunk(old, MonthlyCharges(OCTOBER), "", old.issued_on, None)
    assert (len(chunk.drafts), chunk.problems, issued()["C26-000001"]) == (3, [], 16_610)
    assert chunks.vanished(old, []) == []


def test_an_issue_date_of_another_day_is_another_approval(run, service):
    later = begin(service.provider, OCTOBER, ISSUE_DAY + timedelta(days=1), staff_member())
    submit(calculate(later), staff_member())
    with pytest.raises(ValidationError, check=lambda error: error.code == "not_seen"):
        approve(later, staff_member(), seen_hash=run.preview_hash)


def test_a_month_without_any_invoice_is_not_called_done(service, organisation, user):
    make_contract(service, organisation, user, "C26-000001", billed_from=date(2026, 10, 1))
    run = calculate(begin(service.provider, OCTOBER, ISSUE_DAY, staff_member()))
    assert (run.status, run.finished_at) == (Status.CALCULATED, None)
