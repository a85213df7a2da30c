"""Staff's pages for damages, claims, outages and payouts: what they enter reaches the operations."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from billing.models import (
    Adjustment,
    CreditBalance,
    Deposit,
    DepositLetter,
    DepositMail,
    Payout,
    PayoutBatch,
    RecordedOutage,
)
from billing.receivables.deposit_letters import issue_deposit_letter
from billing.receivables.payouts import transfer_file
from billing.runs.bill import bill
from contracts.rules.calendar.period import Month
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from tests.approving import approve_it
from tests.billing_scene import claim, load_priced_service, make_contract
from tests.receivables_scene import bank_account
from tests.scenes import at

ACCOUNT = {
    "bank_code": "9995",
    "bank_name": "ミナトギンコウ",
    "branch_code": "012",
    "branch_name": "シバ",
    "account_kind": "1",
    "account_number": "0765432",
    "holder": "カ）ミナトシヨウジ",
}


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-11-20"), tick=False) as clock:
        yield clock


@pytest.fixture
def contract(organisation, user):
    service = load_priced_service("progoffice")
    return make_contract(
        service, organisation, user, "C26-000001", {"user": 10}, billed_from=date(2026, 8, 1)
    )


@pytest.fixture
def act(make_staff, signed_in):
    client = signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))

    def post(page: str, *about: int, **entered: str):
        return client.post(reverse(f"admin:{page}", args=about), entered)

    return post


def test_damages_become_credit_which_is_paid_out_by_a_bank_file(contract, act, now, make_staff):
    second = make_staff("buchou@provider.example", StaffRole.MANAGER)
    account = bank_account(contract.service.provider, transfer_code="1122334455")
    facts = {
        "contract": contract.number,
        "arose_on": "2026-11-10",
        "damage": "３，０００",
        "fault": "ordinary",
    }
    assert act("billing_adjustment_book_damages", **facts, reason="誤設定").status_code == 302
    approve_it(second)
    booked = Adjustment.objects.get()
    assert booked.amount == -3_000
    assert act("billing_adjustment_give_as_credit", booked.pk).status_code == 302
    approve_it(second)
    balance = CreditBalance.objects.get()

    refused = act("billing_creditbalance_pay_out", balance.pk, **ACCOUNT, amount="3,001")
    assert "amount" in refused.context["form"].errors
    assert act("billing_creditbalance_pay_out", balance.pk, **ACCOUNT, amount="3,000").status_code == 302
    approve_it(second)
    chosen = {"account": str(account.pk), "pay_on": "2026-11-24"}
    assert act("billing_payoutbatch_make_transfers", **chosen).status_code == 302
    approve_it(second)
    payout = Payout.objects.get()
    assert transfer_file(PayoutBatch.objects.get())[:3] == b"121"

    now.move_to(at("2026-11-26"))
    back = {"on": "2026-11-25", "reason": "口座なし"}
    assert act("billing_payout_take_back", payout.pk, **back).status_code == 302
    balance.refresh_from_db()
    assert balance.amount == 3_000


def test_a_claim_is_waived_with_a_reason(contract, act, make_staff):
    second = make_staff("buchou@provider.example", StaffRole.MANAGER)
    claimed = claim(contract)
    assert "reason" in act("contracts_claim_waive", claimed.pk).context["form"].errors
    assert act("contracts_claim_waive", claimed.pk, reason="お客様の移転").status_code == 302
    approve_it(second)
    assert claimed.adjustments.get().withdrawal_reason == "お客様の移転"


def test_outages_are_recorded_and_taken_back(contract, act):
    facts = {"contract": contract.number, "fault": "ordinary", "reason": "停電"}
    times = {"known_at": "2026-10-05 00:00", "restored_at": "2026-10-07 00:00"}
    assert act("billing_recordedoutage_record", **facts, **times).status_code == 302
    outage = RecordedOutage.objects.get()
    assert outage.credit is None
    assert act("billing_recordedoutage_withdraw", outage.pk, reason="誤り").status_code == 302
    assert not RecordedOutage.objects.standing().exists()


def test_a_letter_on_a_deposit_that_did_not_go_out_is_found_and_sent_again(
    contract, act, make_staff, signed_in, mailoutbox, django_capture_on_commit_callbacks
):
    deposit = Deposit.objects.create(
        contract=contract, amount=40_000, asked_on=date(2026, 11, 20), pay_by=date(2026, 11, 30)
    )
    with django_capture_on_commit_callbacks(execute=True):
        issue_deposit_letter(deposit, DepositLetter.Kind.ASKED, date(2026, 11, 20))
    sent = Mail.objects.get()
    Mail.objects.update(taken_at=None, interrupted_at=sent.taken_at)

    client = signed_in(make_staff("buchou@provider.example", StaffRole.MANAGER))
    before = reverse("admin:billing_depositmail_changelist")
    (found,) = client.get(before, {"state": "look_at"}, follow=True).context["cl"].queryset
    assert found == sent
    with django_capture_on_commit_callbacks(execute=True):
        assert act("outbox_mail_again", found.pk).status_code == 302
    found.refresh_from_db()
    assert (found.state, len(mailoutbox)) == (Mail.State.TAKEN, 2)


def test_lists_of_e_mails_of_before_lead_into_the_outbox(contract, make_staff, signed_in):
    """Their addresses stand in bookmarks; what they showed is there."""
    deposit = Deposit.objects.create(
        contract=contract, amount=40_000, asked_on=date(2026, 11, 20), pay_by=date(2026, 11, 30)
    )
    letter = issue_deposit_letter(deposit, DepositLetter.Kind.ASKED, date(2026, 11, 20))
    old = DepositMail.objects.create(letter=letter, address="keiri@customer.example", language="ja")
    client = signed_in(make_staff("buchou@provider.example", StaffRole.MANAGER))
    page = reverse("admin:outbox_mail_change", args=[Mail.objects.get().pk])
    for name in ("change", "history", "again"):
        reply = client.get(reverse(f"admin:billing_depositmail_{name}", args=[old.pk]))
        assert reply.url == page
    gone = client.get(reverse("admin:billing_invoicemail_change", args=[99]))
    assert gone.url == reverse("admin:outbox_mail_changelist") + "?kind=invoice"


def test_every_action_on_an_invoice_is_on_its_page(contract, make_staff, signed_in):
    bill(contract.service.provider, Month(2026, 10), date(2026, 11, 20))
    invoice = contract.invoices.get()
    client = signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))
    page = client.get(reverse("admin:billing_invoice_change", args=[invoice.pk])).content.decode()
    for name in ("record_payment", "return_part", "return_rest", "reissue", "cancel"):
        assert reverse(f"admin:billing_invoice_{name}", args=[invoice.pk]) in page


@pytest.mark.parametrize(
    "listed",
    [
        "billing_payout",
        "billing_payoutbatch",
        "billing_directdebitbatch",
        "billing_bankimport",
        "billing_recordedoutage",
        "contracts_claim",
        "billing_deposit",
        "outbox_mail",
    ],
)
def test_every_list_opens(contract, make_staff, signed_in, listed):
    client = signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))
    assert client.get(reverse(f"admin:{listed}_changelist")).status_code == 200


def test_costs_are_charged_on_a_ground_of_the_contracts_own_terms(contract, act, make_staff):
    second = make_staff("buchou@provider.example", StaffRole.MANAGER)
    load_priced_service("ct-e1")
    facts = {
        "contract": contract.number,
        "arose_on": "2026-11-05",
        "net": "２０，０００",
        "reason": "調査報告書",
    }
    other = act("billing_adjustment_charge_costs", **facts, ground="ct-e1/survey")
    assert "ground" in other.context["form"].errors
    late = {**facts, "due_on": "2026-12-20"}
    refused = act("billing_adjustment_charge_costs", **late, ground="progoffice/no_fault_found")
    assert "due_on" in refused.context["form"].errors

    assert (
        act("billing_adjustment_charge_costs", **late, ground="progoffice/equipment_damaged").status_code
        == 302
    )
    approve_it(second)

    charged = Adjustment.objects.get()
    assert (charged.amount, charged.due_on, charged.tax) == (20_000, date(2026, 12, 20), "outside")


def test_the_customer_sees_what_waits_to_be_charged(contract, act, make_staff, signed_in, user):
    second = make_staff("buchou@provider.example", StaffRole.MANAGER)
    facts = {
        "contract": contract.number,
        "arose_on": "2026-11-05",
        "net": "20,000",
        "reason": "調査報告書 No.12",
    }
    act("billing_adjustment_charge_costs", **facts, ground="progoffice/no_fault_found")
    approve_it(second)
    address = reverse("contracts:contract-detail", args=[contract.number])
    page = signed_in(user).get(address).content.decode()
    assert "調査報告書 No.12" in page
    assert "第24条第4項" in page


def test_an_evaded_fee_is_charged_with_its_surcharge(act, make_staff, organisation, user):
    second = make_staff("buchou@provider.example", StaffRole.MANAGER)
    other = make_contract(load_priced_service("ct-e1"), organisation, user, "C26-000009", {"line": 1})
    facts = {"contract": other.number, "evaded_net": "10,000", "reason": "無断利用"}
    page = act("billing_adjustment_charge_surcharge", **facts, with_fee="on", due_on="2027-01-20")
    assert page.status_code == 302
    approve_it(second)
    assert [(one.kind, one.amount) for one in Adjustment.objects.order_by("pk")] == [
        ("evaded-fee", 10_000),
        ("surcharge", 20_000),
    ]
