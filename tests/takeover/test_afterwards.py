"""What was brought in lives on by the rules of every contract."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from billing.calculation.owed.appropriation import Claim as OpenClaim
from billing.calculation.owed.matching import Customer, Matcher, Received
from billing.invoicing.corrections import cancel_invoice
from billing.models import Invoice
from billing.receivables.late.due_reminders import due_reminders
from billing.receivables.payments import record_payment
from contracts.approvals.takeovers import ANNULMENT, AnnulmentData
from contracts.models import Contract, Takeover
from contracts.rules.calendar.period import Month
from portal.approvals.decide import put_forward
from tests.billing_scene import billed, load_priced_service
from tests.scenes import at, cancel, day, yamada
from tests.takeover_scene import CT_E1, LINES, annulled, brought, one, row_of, staged, told

OPEN = {
    "旧契約番号": "K-1",
    "書類番号": "SEI-0917",
    "発行日": "2026-09-10",
    "支払期日": "2026-09-30",
    "請求額": 11000,
}


@pytest.mark.django_db
def test_a_cancellation_in_time_ends_it_and_a_late_one_does_not(ct_e1, first, second):
    contract = brought(one(), ct_e1.provider, first, second)
    assert cancel(contract, day("2026-12-31"), at("2026-11-25")).decided.ends_on == day("2026-12-31")
    other = brought(
        {"契約": [{**CT_E1, "旧契約番号": "K-2"}], "品目": [{**LINES, "旧契約番号": "K-2"}]},
        ct_e1.provider,
        first,
        second,
    )
    assert cancel(other, day("2026-11-30"), at("2026-11-25")).status == "refused"


@pytest.mark.django_db
def test_its_first_month_is_billed_once_and_no_earlier_one(ct_e1, first, second):
    brought(one(), ct_e1.provider, first, second)
    with time_machine.travel(datetime(2026, 12, 5, 3, 0, tzinfo=UTC)):
        billed(ct_e1, Month(2026, 11))
    (invoice,) = Invoice.objects.charging()
    assert {line["product"] for line in invoice.document["lines"]} == {"line"}
    assert invoice.month == date(2026, 11, 1)
    assert not any("period" in line for line in invoice.document["lines"])


@pytest.mark.django_db
def test_open_items_are_reminded_of_and_paid_under_their_own_numbers(ct_e1, first, second):
    brought(one(open_items=[OPEN]), ct_e1.provider, first, second)
    claim = Invoice.objects.get()
    assert [due.invoice.number for due in due_reminders(date(2026, 11, 20))] == ["SEI-0917"]
    record_payment(claim, date(2026, 11, 20), 11000, "T-1", first)
    assert Invoice.objects.get().open_amount == 0
    with pytest.raises(ValidationError) as refused:
        cancel_invoice(claim, "間違い", first)
    assert refused.value.code in ("brought", "second_person")


def test_a_transfer_that_names_a_foreign_number_finds_its_claim():
    claims = tuple(
        OpenClaim(number, 11000, date(2026, 9, 30), 0, False) for number in ("SEI-0917", "SEI-0918")
    )
    matcher = Matcher([Customer(1, ("ヤマダ",), claims)])
    received = Received(11000, "カ）タロウ", date(2026, 11, 1), ("SEI 0918",))
    assert matcher.certain(received).parts == (("SEI-0918", 11000),)


@pytest.mark.django_db
def test_a_notice_that_was_given_ends_it_as_a_request_would(ct_e1, first, second):
    ending = {"解約通知受領日": "2026-11-10", "終了日": "2026-12-31"}
    contract = brought(one(ending), ct_e1.provider, first, second)
    assert (contract.ends_on, contract.billed_through_on) == (day("2026-12-31"), day("2026-12-31"))
    assert contract.requests.get().status == "accepted"


@pytest.mark.django_db
def test_what_was_annulled_is_marked_and_nothing_follows_from_it(ct_e1, first, second):
    sheets = one(
        open_items=[OPEN],
        credits=[{"旧契約番号": "K-1", "書類番号": "N", "発生日": "2026-10-01", "金額": 700}],
    )
    contract = brought(sheets, ct_e1.provider, first, second)
    takeover = annulled(Takeover.objects.get(), first, second)
    assert takeover.state == Takeover.State.ANNULLED
    assert not Contract.objects.exists()
    assert Contract.everything.get() == contract
    assert Invoice.objects.get().is_cancelled
    assert yamada().credit_balances.get().amount == 0
    assert not Invoice.objects.seen_by(yamada()).exists()
    assert row_of(staged(sheets, ct_e1.provider, first)).verdict == "new"


@pytest.mark.django_db
@pytest.mark.parametrize("done", ["request", "payment", "invoice"])
def test_what_was_done_since_stands_against_annulling_and_is_said(done, ct_e1, first, second):
    contract = brought(one(open_items=[OPEN]), ct_e1.provider, first, second)
    if done == "request":
        cancel(contract, day("2026-12-31"), at("2026-11-25"))
    elif done == "payment":
        record_payment(Invoice.objects.get(), date(2026, 11, 20), 500, "T-1", first)
    else:
        with time_machine.travel(datetime(2026, 12, 5, 3, 0, tzinfo=UTC)):
            billed(ct_e1, Month(2026, 11))
    takeover = Takeover.objects.get()
    with pytest.raises(ValidationError) as refused:
        put_forward(ANNULMENT, AnnulmentData(takeover=takeover.pk, reason="誤り"), first, timezone.now())
    assert [error.code for error in refused.value.error_list] == ["in_use"] * len(refused.value.error_list)
    assert Contract.objects.get().annulled_at is None


@pytest.mark.django_db
def test_partner_cloud_e_knows_the_term_its_minimum_and_agreements(first, second):
    yamada()
    service = load_priced_service("partner-cloud-e")
    line = {
        **CT_E1,
        "サービス": "partner-cloud-e",
        "成立日": "2025-01-20",
        "利用開始日": "2025-02-01",
        "現契約期間満了日": "2026-11-30",
    }
    sheets = {"契約": [line], "品目": [{**LINES, "品目": "base"}]}
    contract = brought(sheets, service.provider, first, second)
    assert contract.contracted_version.name == "1.1"
    in_time = cancel(contract, day("2027-01-31"), at("2026-11-25"))
    assert in_time.decided.outcome == "accepted"
    late = brought(
        {"契約": [{**line, "旧契約番号": "K-2"}], "品目": [{**LINES, "旧契約番号": "K-2", "品目": "base"}]},
        service.provider,
        first,
        second,
    )
    assert cancel(late, day("2026-12-01"), at("2026-11-25")).decided.outcome == "deemed"
    wrong = staged(
        {
            "契約": [{**line, "旧契約番号": "K-3", "現契約期間満了日": "2027-03-31"}],
            "品目": [{**LINES, "旧契約番号": "K-3", "品目": "base"}],
        },
        service.provider,
        first,
    )
    (text,) = told(row_of(wrong, "K-3"))
    assert text.startswith("契約 / 2行目 / 現契約期間満了日: 約款（第13条第1項")


@pytest.mark.django_db
def test_simpleconnect_charges_from_the_month_after_and_ends_with_a_month(first, second):
    yamada()
    service = load_priced_service("simpleconnect")
    line = {**CT_E1, "サービス": "simpleconnect", "成立日": "2026-03-10", "利用開始日": "2026-03-10"}
    sheets = {"契約": [line], "品目": [{**LINES, "品目": "id", "数量": 3}]}
    contract = brought(sheets, service.provider, first, second)
    assert contract.billed_from_on == day("2026-04-01")
    asked = cancel(contract, day("2027-01-31"), at("2026-11-25"))
    assert asked.decided.ends_on == day("2027-01-31")
    early = staged(
        {
            "契約": [{**line, "旧契約番号": "K-2", "課金開始日": "2026-03-10"}],
            "品目": [{**LINES, "旧契約番号": "K-2", "品目": "id"}],
        },
        service.provider,
        first,
    )
    (text,) = told(row_of(early, "K-2"))
    assert text.startswith("契約 / 2行目 / 課金開始日: 約款（")
