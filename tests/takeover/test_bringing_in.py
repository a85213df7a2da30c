"""Running contracts of an old system: tried, confirmed by a second person, brought in."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from billing.models import Deposit, Invoice, InvoicedElsewhere, UsageRecord
from contracts.approvals.takeovers import TAKEOVER, TakeoverData
from contracts.models import Application, Consent, Contract, Takeover
from contracts.takeover.confirming import confirm
from contracts.takeover.staging import stage
from portal.approvals.decide import approve, put_forward
from portal.audit.models import AuditEntry
from tests.scenes import yamada
from tests.takeover_scene import CT_E1, LINES, book, brought, confirmed, one, row_of, staged, told


@pytest.mark.django_db
def test_the_dry_run_stores_no_contract_and_says_what_follows(ct_e1, first):
    takeover = staged(one(), ct_e1.provider, first)
    row = row_of(takeover)
    assert told(row) == []
    assert (takeover.state, row.verdict) == (Takeover.State.CHECKED, "new")
    assert not Contract.everything.exists()
    assert not AuditEntry.objects.filter(action="contract.taken_over").exists()
    dates = {stated["kind"]: stated for stated in row.foreseen["dates"]}
    assert dates["cancel_by"]["on"] == "2026-11-30"
    assert dates["cancel_by"]["articles"]["ja"].startswith("第")
    invoice = row.foreseen["invoice"]
    assert (invoice["month"], invoice["lines"][0]["quantity"]) == ("2026-11", 2)
    assert invoice["net"] == sum(line["amount"] for line in invoice["lines"]) > 0


@pytest.mark.django_db
def test_what_a_second_person_confirmed_is_a_contract_like_any_other(ct_e1, first, second):
    contract = brought(one(), ct_e1.provider, first, second)
    assert contract.organisation == yamada()
    assert (contract.formed_on, contract.service_starts_on) == (date(2024, 3, 25), date(2024, 4, 1))
    assert contract.billed_from_on == date(2024, 4, 1)
    assert contract.state_on(date(2026, 11, 20)) == Contract.State.RUNNING
    assert contract.items_on(date(2026, 11, 20)) == {"line": 2}
    assert InvoicedElsewhere.objects.get(contract=contract).through == date(2026, 10, 31)
    assert not Application.objects.exists()
    entry = AuditEntry.objects.get(action="contract.taken_over")
    assert entry.data["old_number"] == "K-1"


@pytest.mark.django_db
def test_one_person_alone_brings_nothing_in(ct_e1, first):
    takeover = staged(one(), ct_e1.provider, first)
    with pytest.raises(ValidationError) as refused:
        confirm(takeover, first, timezone.now())
    assert refused.value.code == "second_person"
    proposal = put_forward(TAKEOVER, TakeoverData(takeover=takeover.pk), first, timezone.now())
    with pytest.raises(ValidationError) as refused:
        approve(proposal, first, proposal.digest, timezone.now())
    assert refused.value.code == "same_person"
    assert Takeover.objects.get().state == Takeover.State.CHECKED


@pytest.mark.django_db
def test_the_same_file_twice_changes_nothing(ct_e1, first, second):
    confirmed(staged(one(), ct_e1.provider, first), first, second)
    again = staged(one(), ct_e1.provider, first)
    assert row_of(again).verdict == "known"
    with pytest.raises(ValidationError) as refused:
        put_forward(TAKEOVER, TakeoverData(takeover=again.pk), first, timezone.now())
    assert refused.value.code == "nothing"
    assert Contract.objects.count() == 1


@pytest.mark.django_db
def test_a_file_that_overlaps_says_by_cell_what_is_stated_otherwise(ct_e1, first, second):
    confirmed(staged(one(), ct_e1.provider, first), first, second)
    other = {**CT_E1, "旧契約番号": "K-2"}
    sheets = {
        "契約": [{**CT_E1, "支払方法": "振込"}, other],
        "品目": [{**LINES, "数量": 3}, {**LINES, "旧契約番号": "K-2"}],
    }
    takeover = staged(sheets, ct_e1.provider, first)
    changed = row_of(takeover)
    assert changed.verdict == "changed"
    assert changed.changes == [{"sheet": "products", "row": 2, "column": "quantity", "before": 2, "after": 3}]
    assert row_of(takeover, "K-2").verdict == "new"
    confirmed(takeover, first, second)
    assert sorted(c.items_on(date(2026, 11, 20))["line"] for c in Contract.objects.all()) == [2, 2]


REFUSED = {
    "unknown product": ({}, {"品目": "nothing"}, "品目 / 2行目 / 品目"),
    "quantity below one": ({}, {"数量": 0}, "品目 / 2行目 / 数量"),
    "no number": ({}, {"数量": "two"}, "品目 / 2行目 / 数量"),
    "charged before formation": ({"課金開始日": "2024-01-01"}, {}, "契約 / 2行目 / 課金開始日"),
    "use before formation": ({"利用開始日": "2024-03-01"}, {}, "契約 / 2行目 / 利用開始日"),
    "a version that there is not": ({"約款の版": "9.9"}, {}, "契約 / 2行目 / 約款の版"),
    "formed before any terms": (
        {"成立日": "2014-01-10", "利用開始日": "2014-02-01"},
        {},
        "契約 / 2行目 / 成立日",
    ),
    "a term that there is not": ({"現契約期間満了日": "2027-03-31"}, {}, "契約 / 2行目 / 現契約期間満了日"),
    "no such customer": ({"顧客名": "どこにもない株式会社"}, {}, "契約 / 2行目 / 顧客名"),
    "no such service": ({"サービス": "nothing"}, {}, "契約 / 2行目 / サービス"),
    "nothing said of invoices": ({"請求済み期間の末日": None}, {}, "契約 / 2行目 / 請求済み期間の末日"),
    "within a month": ({"請求済み期間の末日": "2026-10-15"}, {}, "契約 / 2行目"),
    "an end that the notice does not reach": (
        {"解約通知受領日": "2026-11-19", "終了日": "2026-11-25"},
        {},
        "契約 / 2行目 / 終了日",
    ),
    "an end without its notice": ({"終了日": "2026-12-31"}, {}, "契約 / 2行目 / 解約通知受領日"),
    "usage": ({}, {"品目": "calls-domestic"}, "品目 / 2行目 / 品目"),
    "an option alone": ({}, {"品目": "recording-16h"}, "契約 / 2行目"),
    "too many": ({}, {"品目": "delivery-base", "数量": 2}, "品目 / 2行目 / 数量"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_fit_is_refused_with_its_place(what, ct_e1, first):
    line, product, where = REFUSED[what]
    sheets = {"契約": [{**CT_E1, **line}], "品目": [{**LINES, **product}]}
    row = row_of(staged(sheets, ct_e1.provider, first))
    assert row.verdict == "refused"
    assert any(text.startswith(where) for text in told(row)), told(row)
    assert not Contract.everything.exists()


@pytest.mark.django_db
def test_money_use_and_consents_come_along(ct_e1, first, second):
    sheets = one(
        open_items=[
            {
                "旧契約番号": "K-1",
                "書類番号": "2026-009123",
                "発行日": "2026-09-10",
                "支払期日": "2026-09-30",
                "請求額": 11000,
                "未収額": 5000,
            }
        ],
        credits=[{"旧契約番号": "K-1", "書類番号": "N-7", "発生日": "2026-10-01", "金額": 700}],
        deposits=[{"旧契約番号": "K-1", "金額": 30000, "受領日": "2024-03-30"}],
        usage=[
            {
                "旧契約番号": "K-1",
                "品目": "calls-domestic",
                "利用月": "2026-10",
                "数量": 1234,
                "明細番号": "U-1",
            }
        ],
        consents=[{"旧契約番号": "K-1", "約款の版": ct_e1.versions.get().name, "同意日": "2024-03-20"}],
    )
    takeover = staged(sheets, ct_e1.provider, first)
    assert told(row_of(takeover)) == []
    confirmed(takeover, first, second)
    contract = Contract.objects.get()
    claim = Invoice.objects.get()
    assert (claim.number, claim.open_amount, claim.debtor) == ("2026-009123", 5000, yamada())
    assert yamada().credit_balances.get().amount == 700
    assert Deposit.objects.get(contract=contract).amount == 30000
    assert UsageRecord.objects.get().quantity == 1234
    consent = Consent.objects.get()
    assert (consent.how, consent.person) == ("received", first)


@pytest.mark.django_db
def test_others_providers_are_closed_to_staff(ct_e1, first, make_staff):
    from tests.billing_scene import load_service
    from tests.scenes import works_for

    other = load_service("simpleconnect")
    stranger = works_for(make_staff("other@provider.example"), other.provider)
    with pytest.raises(ValidationError) as refused:
        stage(ct_e1.provider, [("a.xlsx", book(one()))], stranger, timezone.now())
    assert refused.value.code == "other_provider"
