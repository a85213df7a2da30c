"""The staff's pages of differences: what they show, who decides, and where else they are told.

A seat of ct-e1 is 5,000 yen a month, and five were charged in September and October.
"""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from billing.approvals.differences import DIFFERENCE_WAIVER, DifferencesData
from billing.differences.listing import list_changed
from billing.differences.marks import fact_changed
from billing.models import ChargeDifference, Invoice
from contracts.extensions.panels import Slot
from contracts.extensions.registered import shown_in
from contracts.models import Contract, ContractItem, Service
from contracts.requests.decide import accept_request
from portal.approvals.decide import put_forward
from portal.approvals.models import Proposal, ProviderRule
from portal.audit.models import AuditEntry
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.approving import approve_it
from tests.billing_scene import add_price_list, load_priced_service
from tests.differences.months import (
    as_before_the_upgrade,
    bill_months,
    since_september,
    sixth_seat,
    stated,
)
from tests.scenes import again, at, day, staff_member

LIST = reverse("admin:billing_chargedifference_changelist")


@pytest.fixture
def accountant(make_staff, signed_in) -> Client:
    return signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))


@pytest.fixture(scope="module")
def five_seats(made_once) -> Contract:
    return since_september(load_priced_service("ct-e1"))


@pytest.fixture
def contract(five_seats, db) -> Contract:
    return again(five_seats)


@pytest.fixture
def ct_e1(contract) -> Service:
    return contract.service


@pytest.fixture
def two_too_little(ct_e1, contract) -> Contract:
    """The first comparison finds that seven seats are held, not five, in both months."""
    bill_months(ct_e1, 9, 10)
    ContractItem.objects.update(quantity=7)
    as_before_the_upgrade()
    list_changed()
    return contract


@pytest.fixture
def both_ways(two_too_little) -> Contract:
    """The same, and for September five seats are too many by one."""
    september = ChargeDifference.objects.filter(month=day("2026-09-01"))
    september.update(owed=20_000, amount=-5_000, cause="later_reduction")
    return two_too_little


def chosen(action: str, rows=None, **entered) -> dict:
    rows = ChargeDifference.objects.all() if rows is None else rows
    return {"action": action, "_selected_action": [row.pk for row in rows], **entered}


def confirmed(client: Client, action: str, rows=None, reason="確認済み", address=LIST, **entered):
    """Choose rows of the list, and send the form of the page that comes."""
    picked = chosen(action, rows, **entered)
    page = client.post(address, {**picked, "index": "0"})
    form = {"seen_hash": page.context["form"].initial["seen_hash"], "reason": reason, "confirm": "1"}
    return client.post(address, {**picked, **form})


@pytest.fixture
def second(make_staff):
    return make_staff("shonin@provider.example", StaffRole.BILLING)


def states() -> list[tuple[str, str, str]]:
    rows = ChargeDifference.objects.order_by("month")
    return [(f"{one.month:%Y-%m}", one.state, one.reason) for one in rows]


def test_the_list_says_what_was_charged_and_what_is_owed_and_what_happens_next(two_too_little, accountant):
    page = accountant.get(LIST).content.decode()
    invoice = Invoice.objects.get(month=day("2026-10-01"))
    for shown in (
        two_too_little.number,
        "2026-10",
        "シートライセンス",
        "25,000円 → 35,000円",
        "10,000円",
        "請求不足",
        "要確認",
        reverse("admin:billing_invoice_change", args=[invoice.pk]),
        "ここで扱いを決めるまで、追加請求も返還も行いません。",
    ):
        assert shown in page


def test_counts_and_sums_stand_above_the_list_by_state_and_cause(both_ways, accountant):
    (row,) = accountant.get(LIST).context["sums"]
    assert [cell and (cell["count"], cell["amount"]) for cell in row["cells"]] == [
        None,
        (1, "10,000円"),
        (1, "−5,000円"),
    ]
    assert (row["total"]["count"], row["total"]["amount"]) == (2, "5,000円")
    narrowed = accountant.get(f"{LIST}?{row['cells'][1]['query']}")
    assert [one.amount for one in narrowed.context["cl"].result_list] == [10_000]


def test_the_list_is_filtered_by_month_and_searched(two_too_little, accountant):
    def found(**query) -> list[str]:
        listed = accountant.get(LIST, query).context["cl"].result_list
        return sorted(f"{one.month:%Y-%m}" for one in listed)

    assert found(month="2026-09") == ["2026-09"]
    assert found(month="nonsense") == ["2026-09", "2026-10"]
    assert found(q=two_too_little.number) == ["2026-09", "2026-10"]
    assert found(q=Invoice.objects.get(month=day("2026-10-01")).number) == ["2026-10"]
    assert found(contract__service__id__exact=str(two_too_little.service_id)) == ["2026-09", "2026-10"]
    assert found(state__exact="waived") == []


def test_many_rows_take_no_more_queries_than_one(ct_e1, two_too_little, accountant):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as taken:
            assert accountant.get(LIST).status_code == 200
        return len(taken)

    accountant.get(LIST)
    few = queries()
    other = scenes.accept(scenes.apply(ct_e1, {"seat": 1}, at("2026-07-10")), at("2026-07-12"))
    for one in (two_too_little, other):
        ChargeDifference.objects.bulk_create(
            ChargeDifference(
                contract=one,
                month=day(f"2020-{month:02}-01"),
                product="seat",
                owed=1,
                charged=0,
                amount=1,
                cause="later_charge",
                found_at=at("2026-11-06"),
            )
            for month in range(1, 13)
        )
    assert queries() == few


def test_a_page_asks_for_the_reason_and_says_what_follows(both_ways, accountant):
    page = accountant.post(LIST, {**chosen("accept"), "index": "0"}).content.decode()
    assert "1件（税抜 計10,000円）" in page
    assert "1件（税抜 計−5,000円）" in page
    assert ChargeDifference.objects.filter(state="listed").count() == 2
    refused = confirmed(accountant, "accept", reason=" ")
    assert "reason" in refused.context["form"].errors
    assert ChargeDifference.objects.filter(state="listed").count() == 2


def test_what_is_accepted_is_charged_with_the_next_invoice(ct_e1, two_too_little, accountant):
    october = ChargeDifference.objects.filter(month=day("2026-10-01"))
    reply = confirmed(accountant, "accept", october, address=f"{LIST}?state__exact=listed")
    assert reply.url == f"{LIST}?state__exact=listed"
    assert states() == [("2026-09", "listed", ""), ("2026-10", "accepted", "確認済み")]
    assert october.get().settled_by.email == "keiri@provider.example"
    bill_months(ct_e1, 11)
    assert stated(11) == [("seat", 7, 35_000, None), ("seat", 2, 10_000, "2026-10-01")]


def test_all_that_a_filter_finds_is_decided_at_once(two_too_little, accountant, second):
    first = ChargeDifference.objects.all()[:1]
    confirmed(accountant, "waive", first, select_across="1", address=f"{LIST}?month=2026-10")
    assert {state for _month, state, _reason in states()} == {"listed"}
    approve_it(second)
    assert states() == [("2026-09", "listed", ""), ("2026-10", "waived", "確認済み")]
    confirmed(accountant, "waive", first, select_across="1")
    approve_it(second)
    assert [state for _month, state, _reason in states()] == ["waived", "waived"]


def test_the_history_of_the_contract_tells_who_decided_and_why(two_too_little, accountant):
    confirmed(accountant, "accept", reason="お客様に確認済み")
    entry = AuditEntry.objects.get(action="difference.accepted")
    assert entry.data == {
        "products": ["seat"],
        "amount": 20_000,
        "months": {"2026-09": 10_000, "2026-10": 10_000},
    }
    address = reverse("admin:contracts_contract_history", args=[two_too_little.pk])
    page = accountant.get(address).content.decode()
    for shown in ("税抜 計20,000円", "2026年9月 10,000円", "お客様に確認済み", "keiri@provider.example"):
        assert shown in page


def test_what_is_to_the_customers_advantage_is_accepted_and_the_rest_waived(both_ways, accountant, second):
    confirmed(accountant, "decide_for_customers", reason="初回の確認")
    proposed = Proposal.objects.get()
    assert [(line["label"], line["before"]) for line in proposed.lines][:2] == [
        (f"{both_ways.number} 2026-10 シートライセンス（通話録音8時間分を含む）", "10,000円"),
        ("精算しない：お客様に不利な差額（追加請求しない）", "10,000円"),
    ]
    approve_it(second)
    assert states() == [("2026-09", "accepted", "初回の確認"), ("2026-10", "waived", "初回の確認")]


def test_what_changed_since_it_was_shown_is_not_decided(two_too_little, accountant):
    page = accountant.post(LIST, {**chosen("accept"), "index": "0"})
    seen = page.context["form"].initial["seen_hash"]
    ChargeDifference.objects.filter(month=day("2026-10-01")).update(owed=40_000, amount=15_000)
    reply = accountant.post(LIST, chosen("accept", seen_hash=seen, reason="確認済み", confirm="1"))
    assert reply.context["form"].non_field_errors()
    assert ChargeDifference.objects.filter(state="listed").count() == 2


@pytest.mark.parametrize(("limit", "state"), [(19_999, "listed"), (20_000, "waived")])
def test_up_to_the_providers_amount_for_returns_one_person_waives_all_parts_together(
    two_too_little, accountant, limit, state
):
    ProviderRule.objects.create(
        provider=two_too_little.service.provider.code,
        amounts={"return": limit},
        reason="少額",
        switched_by=staff_member(),
        switched_at=at("2026-11-01"),
    )
    for part in ChargeDifference.objects.order_by("month"):
        confirmed(accountant, "waive", [part])
    assert states()[1][1] == state


def test_waivers_at_once_are_not_small_together(two_too_little, second):
    """What was judged before another difference of the contract was waived is judged again."""
    ProviderRule.objects.create(
        provider=two_too_little.service.provider.code,
        amounts={"return": 15_000},
        reason="少額",
        switched_by=staff_member(),
        switched_at=at("2026-11-01"),
    )
    judged_before = replace(DIFFERENCE_WAIVER, spared=lambda wanted, amount, staff: Proposal.Without.SMALL)
    rows = ChargeDifference.objects.order_by("month")
    wanted = [DifferencesData(waived=[one.pk], reason="確認済み") for one in rows]
    put_forward(judged_before, wanted[0], second, timezone.now())
    with pytest.raises(ValidationError) as refused:
        put_forward(judged_before, wanted[1], second, timezone.now())
    assert refused.value.code == "small_together"
    assert [one for _month, one, _reason in states()] == ["waived", "listed"]


def test_what_changed_before_the_approval_is_not_waived(two_too_little, accountant, second):
    confirmed(accountant, "waive")
    ContractItem.objects.update(quantity=8)
    fact_changed(two_too_little.pk)
    list_changed()
    assert approve_it(second).state == Proposal.State.OVERTAKEN
    assert {one for _month, one, _reason in states()} == {"listed"}


def test_what_is_decided_of_another_month_overtakes_no_proposal(two_too_little, accountant, second):
    september, october = ChargeDifference.objects.order_by("month")
    confirmed(accountant, "waive", [september])
    confirmed(accountant, "accept", [october])
    list_changed()
    assert approve_it(second).state == Proposal.State.APPROVED
    list_changed()
    assert [state for _month, state, _reason in states()] == ["waived", "accepted"]


def test_what_is_decided_already_stays(two_too_little, accountant, second):
    confirmed(accountant, "waive", reason="初回の確認")
    approve_it(second)
    reply = accountant.post(LIST, {**chosen("accept"), "index": "0"}, follow=True)
    assert "この操作の対象となるものがありません" in reply.content.decode()
    assert {state for _month, state, _reason in states()} == {"waived"}


def test_a_settled_difference_leads_to_the_document_that_settled_it(ct_e1, two_too_little, accountant):
    confirmed(accountant, "accept")
    bill_months(ct_e1, 11)
    november = Invoice.objects.get(month=day("2026-11-01"))
    assert {state for _month, state, _reason in states()} == {"settled"}
    address = reverse("admin:billing_invoice_change", args=[november.pk])
    page = accountant.get(f"{LIST}?state__exact=settled").content.decode()
    assert "精算済み" in page
    assert page.count(address) == 2


def test_the_page_of_a_difference_says_who_decided_and_why(two_too_little, accountant, second):
    confirmed(accountant, "waive", reason="当社の遅れによるため")
    approve_it(second)
    one = ChargeDifference.objects.first()
    page = accountant.get(reverse("admin:billing_chargedifference_change", args=[one.pk])).content.decode()
    for shown in ("シートライセンス", "当社の遅れによるため", ">精算しない<", "keiri@provider.example"):
        assert shown in page.replace("\n", "").replace("  ", "")


@pytest.mark.parametrize("role", list(StaffRole))
def test_billing_staff_and_managers_decide(two_too_little, make_staff, signed_in, role):
    client = signed_in(make_staff("staff@provider.example", role))
    may = role in (StaffRole.BILLING, StaffRole.MANAGER)
    reads = may or role == StaffRole.AUDITOR
    assert client.get(LIST).status_code == (200 if reads else 403)
    client.post(LIST, {**chosen("waive"), "index": "0", "confirm": "1"})
    reply = client.post(LIST, {**chosen("waive"), "index": "0"})
    assert ("seen_hash" in reply.content.decode()) == may
    assert {state for _month, state, _reason in states()} == {"listed"}


def test_who_may_only_see_invoices_sees_differences_and_decides_nothing(
    two_too_little, make_staff, signed_in
):
    person = make_staff("kansa@provider.example", StaffRole.RECEPTION)
    auditors = Group.objects.create(name="監査")
    auditors.permissions.add(Permission.objects.get(codename="view_invoice"))
    person.groups.add(auditors)
    client = signed_in(person)
    assert two_too_little.number in client.get(LIST).content.decode()
    form = {"seen_hash": "", "reason": "確認", "confirm": "1"}
    client.post(LIST, chosen("waive", **form))
    assert {state for _month, state, _reason in states()} == {"listed"}


def waiting(client: Client) -> dict[str, tuple[int, str]]:
    page = client.get(reverse("admin:index"))
    return {str(one.label): (one.count, one.url) for one in page.context["waiting"]}


def test_the_first_page_counts_what_is_to_decide_and_what_the_next_billing_settles(
    ct_e1, contract, accountant
):
    bill_months(ct_e1, 9, 10)
    ContractItem.objects.update(quantity=7)
    as_before_the_upgrade()
    list_changed()
    ChargeDifference.objects.filter(month=day("2026-09-01")).update(state="found")
    shown = waiting(accountant)
    assert shown["差額の確認待ち"] == (1, f"{LIST}?state__exact=listed")
    assert shown["次回の請求で精算する差額"] == (1, f"{LIST}?state__exact=found")
    for _count, address in (shown["差額の確認待ち"], shown["次回の請求で精算する差額"]):
        assert len(accountant.get(address).context["cl"].result_list) == 1


def test_before_a_termination_staff_see_the_differences_that_wait(ct_e1, contract):
    request = sixth_seat(contract)
    bill_months(ct_e1, 9, 10)
    accept_request(request, staff_member(), at("2026-11-05"))
    list_changed()
    shown = str(shown_in(Slot.STAFF_OPEN_DEBTS, contract))
    assert "2026-10: 5,000円 (次回の請求で精算)" in shown


def test_the_preview_of_a_run_says_what_is_corrected_and_how(
    ct_e1, contract, accountant, django_capture_on_commit_callbacks
):
    request = sixth_seat(contract)
    bill_months(ct_e1, 9, 10)
    october = Invoice.objects.get(month=day("2026-10-01"))
    accept_request(request, staff_member(), at("2026-11-05"))
    wanted = {"provider": ct_e1.provider.pk, "month": "2026-11", "issued_on": "2026-12-01"}
    with django_capture_on_commit_callbacks(execute=True):
        reply = accountant.post(reverse("admin:billing_billingrun_bill_month"), wanted)
    page = accountant.get(reply.url).content.decode()
    for shown in (
        f"{contract.number} / 2026-10",
        "シートライセンス",
        "25,000 → 30,000",
        f"{october.number}に追加して、今回請求します",
    ):
        assert shown in page


def test_the_preview_says_that_another_tax_rate_is_settled_by_amounts_beside_what_was_waived(
    ct_e1, contract, accountant, django_capture_on_commit_callbacks
):
    bill_months(ct_e1, 9, 10)
    october = Invoice.objects.get(month=day("2026-10-01"))
    add_price_list(ct_e1, day("2026-10-01"), {"seat": 5_000, "admin": 5_000}, tax="reduced")
    waived = {"month": "2026-10-01", "product": "admin", "owed": 5_000, "charged": 0, "amount": 5_000}
    ChargeDifference.objects.create(
        contract=contract,
        cause="later_charge",
        state="waived",
        found_at=at("2026-11-01"),
        reason="確認済み",
        settled_at=at("2026-11-01"),
        settled_by=staff_member(),
        **waived,
    )
    wanted = {"provider": ct_e1.provider.pk, "month": "2026-11", "issued_on": "2026-12-01"}
    with django_capture_on_commit_callbacks(execute=True):
        reply = accountant.post(reverse("admin:billing_billingrun_bill_month"), wanted)
    page = accountant.get(reply.url).content.decode()
    assert f"税率が異なるため、{october.number}の請求額を返還し、今回あらためて請求します" in page
