"""Cancelled invoices, one-off amounts, deposits, closed days: proposed on pages, approved by another."""

from dataclasses import replace
from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from billing.adjustments.charges_and_credits import (
    charge_late_interest,
    charge_surcharge,
    give_as_credit,
    withdraw_adjustment,
)
from billing.adjustments.damages import DamageReport, book_damages
from billing.adjustments.outages import OutageReport, record_outage
from billing.approvals.credits import DAMAGES, DamagesData
from billing.approvals.deposit_uses import DEPOSIT_USE, DepositUseData
from billing.invoicing.corrections import cancel_invoice, reissue_invoice
from billing.models import (
    Adjustment,
    BankAccount,
    CreditBalance,
    CreditEntry,
    Deposit,
    DirectDebitBatch,
    Invoice,
    RecordedOutage,
    SetOff,
)
from billing.pricing.claims import waive_claim
from billing.pricing.special_prices import set_special_price
from billing.receivables.bank.accounts import save_mandate
from billing.receivables.credits import book, locked_balance
from billing.receivables.deposits import ask_deposit, return_deposit, use_deposit
from billing.receivables.direct_debits import request_debit
from billing.receivables.payments import record_payment
from billing.receivables.set_offs import set_off
from contracts.lifecycle.claims import record_costs
from contracts.lifecycle.devices import charge_for_device
from contracts.models import CompanyClosure, Task
from contracts.publishing.closures import save_closure
from portal.approvals.decide import put_forward
from portal.approvals.models import Proposal, ProviderRule
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.approving import approved
from tests.billing_scene import OCTOBER, billed, claim, load_priced_service, make_contract
from tests.receivables_scene import ACCOUNT, bank_account

State = Proposal.State
NOW = scenes.at("2026-11-20")
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def contract(db, organisation, user):
    """At 10,000 yen a month without tax."""
    service = load_priced_service("ct-e1")
    return make_contract(service, organisation, user, "C26-000001", {"line": 2}, billed_from=date(2026, 8, 1))


@pytest.fixture
def invoice(contract) -> Invoice:
    return billed(contract.service, OCTOBER)


@pytest.fixture
def office(db, organisation, user):
    """Terms that give credits for outages and set a limit to damages."""
    service = load_priced_service("progoffice")
    return make_contract(
        service, organisation, user, "C26-000002", {"user": 10}, billed_from=date(2026, 8, 1)
    )


@pytest.fixture
def dear(db, organisation, user):
    """Debited; at 30,001 yen a month without tax for its one ID, under terms that let a deposit be asked."""
    service = load_priced_service("simpleconnect")
    dear = make_contract(
        service, organisation, user, "C26-000003", {"id": 1, "recording": 1}, payment_method="debit"
    )
    price = ("id", 29_001, date(2026, 8, 1), "特注", scenes.staff_member())
    set_special_price(dear, *price, approval=approved("special_price"))
    return dear


@pytest.fixture
def deposit(contract) -> Deposit:
    return Deposit.objects.create(
        contract=contract,
        amount=40_000,
        asked_on=date(2026, 10, 1),
        pay_by=date(2026, 10, 31),
        received_on=date(2026, 10, 20),
        reference="bank-1",
        decision={"steps": []},
        asked_by=scenes.staff_member(),
    )


@pytest.fixture
def accountant(make_staff) -> User:
    return make_staff("keiri@provider.example", StaffRole.BILLING, display_name="経理 一郎")


@pytest.fixture
def as_accountant(accountant, signed_in) -> Client:
    return signed_in(accountant)


@pytest.fixture
def as_manager(make_staff, signed_in) -> Client:
    return signed_in(make_staff("buchou@provider.example", StaffRole.MANAGER, display_name="部長 二郎"))


def propose(client: Client, page: str, *about: int, **entered: str) -> Proposal:
    """What became of a form that was sent, which says that a second person is needed."""
    address = reverse(f"admin:{page}", args=about)
    assert client.get(address).context["proposes"]
    answer = client.post(address, entered)
    assert answer.status_code == 302, answer.context["form"].errors
    return Proposal.objects.order_by("pk").last()


def page_of(proposal: Proposal) -> str:
    return reverse("admin:approvals_proposal_change", args=[proposal.pk])


def decide(client: Client, proposal: Proposal, button: str = "approve", **more: str):
    seen = client.get(page_of(proposal)).context.get("digest", "")
    return client.post(page_of(proposal), {button: "1", "seen": seen, **more})


def text_of(answer) -> str:
    return answer.content.decode()


def shown(proposal: Proposal) -> dict[str, tuple[str, str]]:
    return {line["label"]: (line["before"], line["after"]) for line in proposal.lines}


def let_one_decide(contract, *, alone: bool = False, amount: int = 0) -> None:
    ProviderRule.objects.create(
        provider=contract.service.provider.code,
        alone=alone,
        amounts={"return": amount},
        reason="少額",
        switched_by=scenes.staff_member(),
        switched_at=NOW,
    )


class TestInvoices:
    def test_one_is_cancelled_when_somebody_else_has_approved_it(self, invoice, as_accountant, as_manager):
        proposal = propose(as_accountant, "billing_invoice_cancel", invoice.pk, reason="二重の請求")
        invoice.refresh_from_db()
        assert (proposal.state, invoice.is_cancelled) == (State.WAITS, False)
        assert shown(proposal)["税込"] == ("11,000円", "0円")
        assert page_of(proposal) in text_of(as_manager.get(reverse("work-queue")))
        page = text_of(as_manager.get(page_of(proposal)))
        assert "請求書の取消" in page
        assert "二重の請求" in page
        decide(as_manager, proposal)
        invoice.refresh_from_db()
        assert (invoice.is_cancelled, invoice.cancel_reason) == (True, "二重の請求")

    def test_what_was_paid_meanwhile_is_shown_before_it_becomes_credit(
        self, invoice, accountant, as_accountant, as_manager
    ):
        proposal = propose(as_accountant, "billing_invoice_cancel", invoice.pk, reason="二重の請求")
        seen = as_manager.get(page_of(proposal)).context["digest"]
        record_payment(invoice, TODAY, 4_000, "bank-1", accountant)
        answer = as_manager.post(page_of(proposal), {"approve": "1", "seen": seen})
        assert "現在の内容をご確認のうえ" in text_of(answer)
        assert "お預かり額になります" in text_of(answer)
        invoice.refresh_from_db()
        assert not invoice.is_cancelled
        decide(as_manager, proposal)
        assert CreditBalance.objects.get().amount == 4_000

    def test_one_that_was_cancelled_otherwise_leaves_nothing_to_decide(
        self, invoice, accountant, as_accountant, as_manager
    ):
        proposal = propose(as_accountant, "billing_invoice_cancel", invoice.pk, reason="二重の請求")
        cancel_invoice(invoice, "別件", accountant, approval=approved("invoice_cancellation"))
        decide(as_manager, proposal)
        proposal.refresh_from_db()
        assert proposal.state == State.OVERTAKEN

    def test_another_is_issued_as_its_lines_were_approved(self, invoice, as_accountant, as_manager):
        claimed = claim(invoice.contract)
        organisation = invoice.contract.organisation
        organisation.name = "株式会社みなと物産"
        organisation.save()
        proposal = propose(as_accountant, "billing_invoice_reissue", invoice.pk, reason="宛名の変更")
        lines = shown(proposal)
        assert lines["宛先"] == ("株式会社みなと商事", "株式会社みなと物産")
        assert lines["税込"] == ("11,000円", "24,200円")
        assert Invoice.objects.count() == 1
        assert not claimed.adjustments.exists()
        decide(as_manager, proposal)
        issued = Invoice.objects.get(replaces=invoice)
        assert (issued.recipient_name, issued.gross) == ("株式会社みなと物産", 24_200)
        assert issued.number in Proposal.objects.get().outcome

    def test_one_sent_back_is_proposed_again_with_its_reason(self, invoice, as_accountant, as_manager):
        proposal = propose(as_accountant, "billing_invoice_reissue", invoice.pk, reason="宛名")
        decide(as_manager, proposal, "send_back", comment="理由を詳しく")
        again = as_accountant.get(page_of(proposal)).context["again"]
        form = as_accountant.get(again)
        assert "理由を詳しく" in text_of(form)
        assert form.context["form"]["reason"].value() == "宛名"
        as_accountant.post(again, {"reason": "社名変更による"})
        assert Proposal.objects.get(state=State.WAITS).follows == proposal

    @pytest.mark.parametrize(("amount", "state"), [(10_999, State.WAITS), (11_000, State.APPROVED)])
    def test_one_person_cancels_up_to_the_amount_for_returns(self, invoice, as_accountant, amount, state):
        let_one_decide(invoice.contract, amount=amount)
        proposal = propose(as_accountant, "billing_invoice_cancel", invoice.pk, reason="二重の請求")
        assert proposal.state == state

    @pytest.mark.parametrize("page", ["cancel", "reissue"])
    def test_where_one_person_decides_it_is_done_at_once_and_kept(self, invoice, as_accountant, page):
        let_one_decide(invoice.contract, alone=True)
        proposal = propose(as_accountant, f"billing_invoice_{page}", invoice.pk, reason="二重の請求")
        assert (proposal.state, proposal.without_second) == (State.APPROVED, "alone")
        invoice.refresh_from_db()
        assert invoice.is_cancelled

    def test_late_interest_is_charged_by_two(self, invoice, accountant, as_accountant, as_manager):
        record_payment(invoice, date(2026, 11, 10), 11_000, "bank-1", accountant)
        proposal = propose(as_accountant, "billing_invoice_charge_interest", invoice.pk)
        assert shown(proposal)["延滞利息"] == ("", "39円")
        assert not Adjustment.objects.exists()
        decide(as_manager, proposal)
        assert Adjustment.objects.get().amount == 39


class TestOneOffAmounts:
    def test_a_surcharge_is_charged_by_two(self, contract, as_accountant, as_manager):
        entered = {"contract": contract.number, "evaded_net": "12,345", "reason": "無断の再販売"}
        proposal = propose(as_accountant, "billing_adjustment_charge_surcharge", **entered)
        assert not Adjustment.objects.exists()
        decide(as_manager, proposal)
        charged = Adjustment.objects.get()
        assert f"{charged.amount:,}円" in shown(proposal)["割増金（税抜）"][1]

    def test_damages_are_booked_and_given_as_credit_by_two(self, office, as_accountant, as_manager):
        entered = {"contract": office.number, "arose_on": "2026-11-10", "damage": "3000"}
        fault = {"fault": "ordinary", "reason": "誤設定"}
        proposal = propose(as_accountant, "billing_adjustment_book_damages", **entered, **fault)
        assert shown(proposal)["約款の限度による賠償額"] == ("", "3,000円")
        decide(as_manager, proposal)
        booked = Adjustment.objects.get()
        given = propose(as_accountant, "billing_adjustment_give_as_credit", booked.pk)
        assert shown(given)["お預かり額"] == ("0円", "3,000円")
        assert not CreditBalance.objects.filter(amount__gt=0).exists()
        decide(as_manager, given)
        assert CreditBalance.objects.get().amount == 3_000

    def test_an_outage_with_a_credit_is_recorded_by_two(self, office, as_accountant, as_manager):
        entered = {"contract": office.number, "fault": "ordinary", "damage": "1000", "reason": "停電"}
        times = {"known_at": "2026-09-03 09:00", "restored_at": "2026-09-25 00:00"}
        page = "billing_recordedoutage_record"
        proposal = propose(as_accountant, page, **entered, **times)
        assert not RecordedOutage.objects.exists()
        decide(as_manager, proposal, "send_back", comment="時刻を確認")
        again = as_accountant.get(page_of(proposal)).context["again"]
        form = as_accountant.get(again).context["form"]
        answer = as_accountant.post(again, {name: form[name].value() or "" for name in form.fields})
        assert answer.status_code == 302, answer.context["form"].errors
        second = Proposal.objects.get(state=State.WAITS)
        decide(as_manager, second)
        credit = Adjustment.objects.get()
        assert shown(second)["損害賠償金"] == ("", f"{-credit.amount:,}円")

    def test_an_option_that_was_out_is_chosen_by_its_name(self, office, contract, as_accountant):
        address = reverse("admin:billing_recordedoutage_record")
        choices = dict(as_accountant.get(address).context["form"].fields["product"].choices)
        key = dict(choices[contract.service.name])
        assert key["ct-e1/recording-16h"] == "通話録音保存領域の拡張（16時間）"
        entered = {"contract": office.number, "fault": "ordinary", "reason": "停電"}
        times = {"known_at": "2026-09-03 09:00", "restored_at": "2026-09-05 00:00"}
        answer = as_accountant.post(address, {**entered, **times, "product": "ct-e1/recording-16h"})
        assert answer.context["form"].errors["product"] == [
            "この契約のサービスには、このオプションはありません。"
        ]
        assert not RecordedOutage.objects.exists()

    def test_an_outage_that_brings_nothing_is_recorded_by_one(self, office, as_accountant):
        entered = {"contract": office.number, "fault": "ordinary", "reason": "停電"}
        times = {"known_at": "2026-09-03 09:00", "restored_at": "2026-09-05 00:00"}
        proposal = propose(as_accountant, "billing_recordedoutage_record", **entered, **times)
        assert proposal.without_second == "small"
        assert RecordedOutage.objects.get().credit is None

    def test_one_that_gives_nothing_is_recorded_also_after_another_amount(
        self, office, as_accountant, accountant
    ):
        report = DamageReport(date(2026, 11, 9), 2_000, "ordinary")
        book_damages(office, report, "誤設定", accountant, approval=approved("damages"))
        entered = {"contract": office.number, "fault": "ordinary", "reason": "停電"}
        times = {"known_at": "2026-09-03 09:00", "restored_at": "2026-09-05 00:00"}
        propose(as_accountant, "billing_recordedoutage_record", **entered, **times)
        assert RecordedOutage.objects.get().credit is None

    def test_one_is_withdrawn_by_two(self, contract, accountant, as_accountant, as_manager):
        charged = charge_surcharge(contract, 1_000, "誤り", accountant, approval=approved("surcharge"))
        proposal = propose(as_accountant, "billing_adjustment_withdraw", charged.pk, reason="取り違え")
        charged.refresh_from_db()
        assert charged.is_pending
        decide(as_manager, proposal)
        charged.refresh_from_db()
        assert charged.withdrawal_reason == "取り違え"

    def test_a_claim_is_waived_by_two(self, contract, as_accountant, as_manager):
        claimed = claim(contract)
        proposal = propose(as_accountant, "contracts_claim_waive", claimed.pk, reason="移転のため")
        assert not claimed.adjustments.exists()
        decide(as_manager, proposal)
        assert claimed.adjustments.get().withdrawn_at

    @pytest.fixture
    def small(self, office) -> list[DamagesData]:
        """Two amounts that are small each."""
        let_one_decide(office, amount=3_000)
        facts = {"contract": office.number, "damage": 2_000, "fault": "ordinary", "reason": "誤設定"}
        return [DamagesData(arose_on=date(2026, 11, day), **facts) for day in (9, 10)]

    def test_those_of_a_contract_in_a_month_count_together_against_the_amount(self, small, accountant):
        made = [put_forward(DAMAGES, wanted, accountant, NOW) for wanted in small]
        assert [proposal.state for proposal in made] == [State.APPROVED, State.WAITS]

    def test_those_decided_at_once_are_not_small_together(self, small, accountant):
        """What was judged before another amount of the contract was decided is judged again."""
        judged_before = replace(DAMAGES, spared=lambda wanted, amount, staff: Proposal.Without.SMALL)
        put_forward(judged_before, small[0], accountant, NOW)
        with pytest.raises(ValidationError) as refused:
            put_forward(judged_before, small[1], accountant, NOW)
        assert refused.value.code == "small_together"
        assert Adjustment.objects.count() == 1


def test_a_deposit_goes_back_by_two(deposit, as_accountant, as_manager):
    proposal = propose(as_accountant, "billing_deposit_give_back", deposit.pk, returned_on="2026-11-20")
    deposit.refresh_from_db()
    assert (shown(proposal)["残額"], deposit.returned_on) == (("40,000円", "0円"), None)
    decide(as_manager, proposal)
    deposit.refresh_from_db()
    assert (deposit.returned_amount, deposit.returned_on) == (40_000, TODAY)


def test_a_deposit_is_asked_for_by_two(contract, dear, as_accountant, as_manager):
    entered = {"contract": contract.number, "amount": "40,000", "pay_by": "2026-12-10"}
    refused = as_accountant.post(reverse("admin:billing_deposit_ask"), entered)
    assert "利用保証金の定めがありません" in text_of(refused), "the terms are asked before a second person is"
    proposal = propose(as_accountant, "billing_deposit_ask", **{**entered, "contract": dear.number})
    assert (shown(proposal)["利用保証金"], Deposit.objects.count()) == (("", "40,000円"), 0)
    decide(as_manager, proposal)
    assert (Deposit.objects.get().amount, Deposit.objects.get().pay_by) == (40_000, date(2026, 12, 10))


@pytest.fixture
def overdue(contract) -> list[Invoice]:
    """Of August and September, 11,000 yen each."""
    return [billed(contract.service, OCTOBER + offset) for offset in (-2, -1)]


def test_a_deposit_is_set_against_an_invoice_by_two(deposit, overdue, as_accountant, as_manager):
    number = overdue[0].number
    proposal = propose(as_accountant, "billing_deposit_use", deposit.pk, invoice=number)
    lines = shown(proposal)
    assert lines[f"{number}の未払額"] == ("11,000円", "0円")
    assert lines["利用保証金の残額"] == ("40,000円", "29,000円")
    assert not deposit.uses.exists()
    decide(as_manager, proposal, "send_back", comment="別の請求書に")
    again = as_accountant.get(page_of(proposal)).context["again"]
    assert as_accountant.get(again).context["form"]["invoice"].value() == number
    as_accountant.post(again, {"invoice": number})
    decide(as_manager, Proposal.objects.get(state=State.WAITS))
    assert deposit.uses.get().payment.amount == 11_000


def test_an_invoice_that_was_paid_meanwhile_leaves_no_deposit_to_set_against_it(
    deposit, overdue, accountant, as_accountant, as_manager
):
    proposal = propose(as_accountant, "billing_deposit_use", deposit.pk, invoice=overdue[0].number)
    record_payment(overdue[0], TODAY, 11_000, "bank-2", accountant)
    decide(as_manager, proposal)
    proposal.refresh_from_db()
    assert (proposal.state, deposit.uses.exists()) == (State.OVERTAKEN, False)


def test_a_deposit_that_pays_invoices_in_small_parts_is_no_small_amount(deposit, overdue, accountant):
    let_one_decide(deposit.contract, amount=15_000)
    wanted = [DepositUseData(deposit=deposit.pk, invoice=one.pk) for one in overdue]
    made = [put_forward(DEPOSIT_USE, one, accountant, NOW) for one in wanted]
    assert [proposal.state for proposal in made] == [State.APPROVED, State.WAITS]


def test_credit_is_set_off_as_it_was_approved(invoice, accountant, as_accountant, as_manager):
    balance = locked_balance(invoice.provider, invoice.organisation)
    book(balance, CreditEntry.Kind.OVERPAID, 4_000, TODAY, "bank-1")
    entered = {"on": "2026-11-20", "invoices": [invoice.number], "confirm": "1"}
    proposal = propose(as_accountant, "billing_creditbalance_set_off", balance.pk, **entered)
    lines = shown(proposal)
    assert lines[f"{invoice.number}の未払額（2026年11月20日に効力）"] == ("11,000円", "7,000円")
    assert lines["使途の定めのないお預かり額"] == ("4,000円", "0円")
    seen = as_manager.get(page_of(proposal)).context["digest"]
    record_payment(invoice, TODAY, 9_000, "bank-2", accountant)
    answer = as_manager.post(page_of(proposal), {"approve": "1", "seen": seen})
    assert "現在の内容をご確認のうえ" in text_of(answer)
    assert not SetOff.objects.exists()
    decide(as_manager, proposal)
    assert SetOff.objects.get().amount == 2_000


def test_customers_are_debited_by_two_who_saw_whom(dear, as_accountant, as_manager):
    debited = billed(dear.service, OCTOBER)
    account = bank_account(debited.provider)
    mandate = {name: ACCOUNT[name] for name in ACCOUNT if name not in ("csv_columns", "consignor_code")}
    save_mandate(debited.provider, debited.organisation, mandate, None, date(2026, 11, 1))
    entered = {"account": str(account.pk), "debit_on": f"{debited.due_on:%Y-%m-%d}", "confirm": "1"}
    proposal = propose(as_accountant, "billing_directdebitbatch_request_debit", **entered)
    (line,) = [line for label, line in shown(proposal).items() if debited.number in label]
    assert f"{debited.gross:,}円" in line[1]
    assert mandate["holder"] in line[1] or "0000001" in line[1]
    assert not DirectDebitBatch.objects.exists()
    decide(as_manager, proposal)
    assert DirectDebitBatch.objects.get().lines.get().invoice == debited


class TestClosedDays:
    ADD, MOVE = "contracts_companyclosure_add", "contracts_companyclosure_move"

    @pytest.fixture
    def as_reception(self, make_staff, signed_in) -> Client:
        return signed_in(make_staff("uketsuke@provider.example", StaffRole.RECEPTION))

    @pytest.fixture
    def entered(self, contract) -> dict[str, str]:
        return {"provider": str(contract.service.provider_id), "day": "2026-12-28", "note": "棚卸し"}

    @pytest.fixture
    def closure(self, contract) -> CompanyClosure:
        return contract.service.provider.closures.create(day=date(2026, 12, 28), note="棚卸し")

    def test_one_is_added_by_two(self, contract, entered, as_reception, as_manager):
        proposal = propose(as_reception, self.ADD, **entered)
        assert not CompanyClosure.objects.exists()
        name = f"{contract.service.name}：2026年12月28日の期限（休業日なら翌営業日）"
        before, after = shown(proposal)[name]
        assert before == "2026年12月28日"
        assert after > before
        decide(as_manager, proposal)
        assert CompanyClosure.objects.get().note == "棚卸し"

    def test_one_is_moved_by_two_and_the_page_says_whom_it_waits_for(self, closure, as_reception, as_manager):
        proposal = propose(as_reception, self.MOVE, closure.pk, day="2026-12-29", note="棚卸し")
        page = text_of(as_reception.get(reverse("admin:contracts_companyclosure_change", args=[closure.pk])))
        assert "部長 二郎の承認を待っています" in page
        decide(as_manager, proposal)
        closure.refresh_from_db()
        assert closure.day == date(2026, 12, 29)

    def test_where_another_was_added_meanwhile_what_moves_is_shown_anew(
        self, contract, entered, as_reception, as_manager
    ):
        proposal = propose(as_reception, self.ADD, **{**entered, "day": "2026-12-21"})
        seen = as_manager.get(page_of(proposal)).context["digest"]
        contract.service.provider.closures.create(day=date(2026, 12, 22))
        answer = as_manager.post(page_of(proposal), {"approve": "1", "seen": seen})
        assert "現在の内容をご確認のうえ" in text_of(answer)
        assert CompanyClosure.objects.count() == 1

    def test_a_note_alone_is_changed_by_one(self, closure, as_reception):
        proposal = propose(as_reception, self.MOVE, closure.pk, day="2026-12-28", note="大掃除")
        closure.refresh_from_db()
        assert (proposal.without_second, closure.note) == ("unbound", "大掃除")

    def test_one_that_is_there_already_is_said_at_the_day(self, closure, entered, as_reception):
        answer = as_reception.post(reverse(f"admin:{self.ADD}"), entered)
        assert "すでに臨時休業日として登録" in text_of(answer)
        assert answer.context["form"].errors.keys() == {"day"}
        answer = as_reception.post(
            reverse(f"admin:{self.MOVE}", args=[closure.pk]), {"day": "2026-12-28", "note": "棚卸し"}
        )
        assert "すでにこの内容で登録" in text_of(answer)
        assert not Proposal.objects.exists()

    def test_without_customers_one_person_enters_it(self, db, as_reception):
        provider = load_priced_service("ct-e1").provider
        entered = {"provider": str(provider.pk), "day": "2026-12-28", "note": ""}
        assert propose(as_reception, self.ADD, **entered).without_second == "unbound"
        assert CompanyClosure.objects.exists()


def test_nothing_of_it_is_done_without_an_approval(contract, invoice, office, deposit):
    staff = scenes.staff_member()
    charged = charge_surcharge(contract, 1_000, "誤り", staff, approval=approved("surcharge"))
    claimed = claim(contract)
    outage = OutageReport(scenes.at("2026-09-03"), scenes.at("2026-09-25"), "ordinary")
    closure = CompanyClosure(provider=contract.service.provider, day=date(2026, 12, 28))
    for alone in (
        lambda: cancel_invoice(invoice, "誤り", staff),
        lambda: reissue_invoice(invoice, "誤り", staff),
        lambda: charge_late_interest(invoice, staff),
        lambda: charge_surcharge(contract, 1_000, "誤り", staff),
        lambda: book_damages(office, DamageReport(date(2026, 11, 10), 100, "ordinary"), "誤り", staff),
        lambda: record_outage(office, outage, "停電", staff),
        lambda: give_as_credit(charged, staff),
        lambda: withdraw_adjustment(charged, "誤り", staff),
        lambda: waive_claim(claimed, "誤り", staff),
        lambda: return_deposit(deposit, TODAY, staff),
        lambda: ask_deposit(contract, 1_000, TODAY, staff),
        lambda: use_deposit(deposit, invoice, staff),
        lambda: set_off(CreditBalance(provider=invoice.provider, organisation=invoice.organisation), TODAY),
        lambda: request_debit(BankAccount(), TODAY),
        lambda: record_costs(Task(contract=contract), staff, 0, "", NOW),
        lambda: charge_for_device(Task(contract=contract), staff, NOW),
        lambda: save_closure(closure, staff),
    ):
        with pytest.raises(ValidationError) as refused:
            alone()
        assert refused.value.code == "second_person"


def test_the_amount_for_returns_says_what_else_it_counts_for(contract, as_manager):
    page = reverse("admin:contracts_provider_second_person", args=[contract.service.provider_id])
    text = text_of(as_manager.get(page))
    for kind in ("請求書の取消", "割増金", "利用保証金の返還"):
        assert kind in text
