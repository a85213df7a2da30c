"""A second person: proposed, sent back, approved as it was seen; who can be one; and what goes without."""

from dataclasses import replace
from datetime import date

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.approvals.bank_accounts import BANK_ACCOUNT, BankAccountData
from billing.approvals.payouts import PAYOUT, TRANSFERS, PayoutData, TransfersData
from billing.approvals.price_lists import PRICE_LIST, PriceListData
from billing.approvals.returns import RETURN, ReturnData
from billing.approvals.special_prices import SPECIAL_PRICE, SpecialPriceData
from billing.models import Payout, PayoutBatch, PriceListVersion, SpecialPrice
from billing.pricing.price_lists import publish_price_list
from billing.receivables.credits import book, locked_balance
from contracts.approvals.publication import PUBLICATION, PublicationData
from contracts.approvals.rules import SECOND_PERSON, RuleData
from contracts.publishing.drafts import create_draft, delete_draft, edit_draft_policy
from portal.approvals.decide import approve, put_forward, second_persons, send_back, sent_back_to, withdraw
from portal.approvals.models import Proposal, ProviderRule
from portal.audit.models import AuditEntry
from portal.organisations.independence import are_independent, confirm_account, let_in
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.approving import approve_it, approved
from tests.billing_scene import OCTOBER, billed, load_priced_service, make_contract, price_list_source
from tests.receivables_scene import bank_account

State = Proposal.State
NOW = scenes.at("2026-11-20")
TO = {
    "bank_code": "9991",
    "branch_code": "002",
    "account_kind": "1",
    "account_number": "7654321",
    "holder": "ミナトショウジ",
}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def contract(db, organisation, user):
    return make_contract(load_priced_service("ct-e1"), organisation, user, "C26-000001", {"line": 2})


@pytest.fixture
def accountant(make_staff) -> User:
    return make_staff("keiri@provider.example", StaffRole.BILLING, display_name="経理 一郎")


@pytest.fixture
def manager(make_staff) -> User:
    return make_staff("buchou@provider.example", StaffRole.MANAGER, display_name="部長 二郎")


def discount(contract, **changed) -> SpecialPriceData:
    values = {
        "contract": contract.number,
        "product": "line",
        "unit_price": 4_000,
        "starts_on": date(2026, 12, 1),
        "reason": "3年契約の値引き",
    }
    return SpecialPriceData(**{**values, **changed})


def propose(contract, staff: User, **changed) -> Proposal:
    return put_forward(SPECIAL_PRICE, discount(contract, **changed), staff, NOW)


def refused(code: str):
    return pytest.raises(ValidationError, check=lambda error: error.code == code)


def test_a_proposal_shows_before_and_after_and_changes_nothing_yet(contract, accountant):
    proposal = propose(contract, accountant)
    assert (proposal.state, SpecialPrice.objects.count()) == (State.WAITS, 0)
    shown = {line["label"]: (line["before"], line["after"]) for line in proposal.lines}
    assert shown["単価（税抜）"] == ("5,000円", "4,000円")
    assert shown["価格表との1か月の差額（税抜）"] == ("", "−2,000円")
    assert AuditEntry.objects.filter(action="proposal.made", actor=accountant).exists()
    assert not AuditEntry.objects.filter(action="special_price.set").exists()


def test_somebody_else_approves_and_it_is_carried_out_in_the_name_of_both(contract, accountant, manager):
    propose(contract, accountant)
    approved = approve_it(manager)
    assert (approved.state, approved.decided_by, approved.without_second) == (State.APPROVED, manager, "")
    assert SpecialPrice.objects.get().set_by == accountant
    assert AuditEntry.objects.get(action="proposal.approved").data["digest"] == approved.digest


def test_who_proposed_it_does_not_approve_it(contract, manager):
    propose(contract, manager)
    with refused("same_person"):
        approve_it(manager)
    assert not SpecialPrice.objects.exists()


def test_the_database_knows_no_approval_by_who_proposed_it(contract, accountant):
    proposal = propose(contract, accountant)
    alone = Proposal.objects.filter(pk=proposal.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        alone.update(state=State.APPROVED, decided_by=accountant, decided_at=NOW)


def test_reception_neither_proposes_nor_approves_money(contract, accountant, make_staff):
    reception = make_staff("uketsuke@provider.example", StaffRole.RECEPTION)
    with pytest.raises(PermissionDenied):
        propose(contract, reception)
    propose(contract, accountant)
    with pytest.raises(PermissionDenied):
        approve_it(reception)
    assert not SpecialPrice.objects.exists()


def test_what_could_not_be_carried_out_is_not_proposed(contract, accountant):
    with pytest.raises(ValidationError) as wrong:
        propose(contract, accountant, product="no-such")
    assert list(wrong.value.message_dict) == ["product"]
    assert not Proposal.objects.exists()


def test_it_goes_back_with_a_comment_and_is_proposed_again(contract, accountant, manager):
    proposal = propose(contract, accountant)
    with pytest.raises(ValidationError) as silent:
        send_back(proposal, manager, " ", NOW)
    assert list(silent.value.message_dict) == ["comment"]
    send_back(proposal, manager, "1割までに", NOW)
    assert [one.comment for one in sent_back_to(accountant)] == ["1割までに"]
    assert not SpecialPrice.objects.exists()

    again = put_forward(
        SPECIAL_PRICE, discount(contract, unit_price=4_500), accountant, NOW, follows=Proposal.objects.get()
    )
    assert again.follows == proposal
    assert not sent_back_to(accountant)
    assert approve_it(manager).state == State.APPROVED
    assert SpecialPrice.objects.get().unit_price == 4_500


def test_only_who_proposed_it_withdraws_it(contract, accountant, manager):
    proposal = propose(contract, accountant)
    with refused("not_own"):
        withdraw(proposal, manager, NOW)
    with refused("same_person"):
        send_back(proposal, accountant, "やめる", NOW)
    assert withdraw(proposal, accountant, NOW).state == State.WITHDRAWN
    with refused("not_waiting"):
        approve(proposal, manager, proposal.digest, NOW)


def test_what_changes_otherwise_than_it_was_seen_is_not_approved(contract, accountant, manager):
    seen = propose(contract, accountant)
    other = propose(contract, accountant, unit_price=3_000, starts_on=date(2026, 11, 1))
    approve(other, manager, other.digest, NOW)
    with refused("changed"):
        approve(seen, manager, seen.digest, NOW)
    seen.refresh_from_db()
    assert seen.waits
    assert SpecialPrice.objects.get().unit_price == 3_000


@pytest.mark.parametrize("lost", [{"is_active": False}, {"is_staff": False}])
def test_nothing_is_approved_that_its_proposer_could_not_propose_any_more(
    contract, accountant, manager, lost
):
    propose(contract, accountant)
    User.objects.filter(pk=accountant.pk).update(**lost)
    with refused("proposer_without_right"):
        approve_it(manager)
    assert not SpecialPrice.objects.exists()


def made_by(maker: User, person: User) -> User:
    let_in(person, maker, None)
    person.save()
    return person


def test_an_account_that_the_proposer_made_approves_only_once_another_manager_confirmed_it(
    contract, accountant, manager, make_staff
):
    made = made_by(manager, make_staff("new@provider.example", StaffRole.MANAGER))
    proposal = propose(contract, manager)
    assert made not in second_persons(proposal)
    with refused("not_confirmed"):
        approve_it(made)

    with refused("not_independent"):
        confirm_account(made, manager, NOW)
    with refused("not_independent"):
        confirm_account(made, accountant, NOW)
    other = make_staff("other@provider.example", StaffRole.MANAGER)
    confirmed = confirm_account(made, other, NOW)
    assert (confirmed.confirmed_by, confirmed.confirmed_at) == (other, NOW)
    assert AuditEntry.objects.get(action="user.confirmed").actor == other
    assert approve_it(User.objects.get(pk=made.pk)).state == State.APPROVED


def test_accounts_that_one_person_made_are_no_two_people(manager, make_staff):
    first = made_by(manager, make_staff("a@provider.example", StaffRole.MANAGER))
    second = made_by(first, make_staff("b@provider.example", StaffRole.MANAGER))
    third = made_by(manager, make_staff("c@provider.example", StaffRole.MANAGER))
    assert not are_independent(manager, second)
    assert not are_independent(first, third)
    with refused("not_independent"):
        confirm_account(second, third, NOW)


def test_who_becomes_staff_again_or_signs_in_again_is_to_be_confirmed_again(manager, make_staff):
    person = make_staff("old@provider.example", StaffRole.MANAGER)
    before = User.objects.get(pk=person.pk)
    before.is_active = False
    let_in(person, manager, before)
    assert not person.is_confirmed
    assert not are_independent(manager, person)


def test_who_made_an_account_stays_its_maker_when_a_colleague_lets_it_in_again(manager, make_staff):
    colleague = make_staff("colleague@provider.example", StaffRole.MANAGER)
    made = made_by(manager, make_staff("new@provider.example", StaffRole.MANAGER))
    before = User.objects.get(pk=made.pk)
    before.is_staff = False
    let_in(made, colleague, before)
    made.save()
    assert made.created_by == colleague
    for maker in (manager, colleague):
        assert not are_independent(maker, made)
        with refused("not_independent"):
            confirm_account(made, maker, NOW)
    other = make_staff("other@provider.example", StaffRole.MANAGER)
    confirm_account(made, other, NOW)
    assert are_independent(manager, User.objects.get(pk=made.pk))


def test_accounts_from_before_and_from_the_server_count_as_confirmed(db):
    assert User.objects.create_superuser("root@provider.example").is_confirmed


def rule(manager: User, contract, **changed) -> Proposal:
    values = {"provider": contract.service.provider.code, "alone": False, "reason": "社員は1名"} | changed
    return put_forward(SECOND_PERSON, RuleData(**values), manager, NOW)


def test_one_manager_alone_may_let_one_person_decide_by_name(contract, accountant, manager):
    assert rule(manager, contract, alone=True).without_second == Proposal.Without.SOLE
    kept = ProviderRule.objects.get()
    assert (kept.alone, kept.switched_by, kept.reason) == (True, manager, "社員は1名")
    decided = propose(contract, accountant)
    assert (decided.state, decided.without_second) == (State.APPROVED, Proposal.Without.ALONE)
    assert SpecialPrice.objects.get().set_by == accountant


def test_where_there_is_another_manager_they_have_to_agree(contract, manager, make_staff):
    other = make_staff("other@provider.example", StaffRole.MANAGER)
    assert rule(manager, contract, alone=True).waits
    assert not ProviderRule.objects.exists()
    approve_it(other)
    assert ProviderRule.objects.get().alone


@pytest.mark.parametrize(("unit_price", "waits"), [(4_500, False), (4_499, True), (5_500, False)])
def test_up_to_the_providers_amount_one_person_decides(contract, accountant, manager, unit_price, waits):
    rule(manager, contract, amounts={"special_price": 1_000})
    assert propose(contract, accountant, unit_price=unit_price).waits == waits


def test_a_discount_in_steps_is_not_small(contract, accountant, manager):
    rule(manager, contract, amounts={"special_price": 1_000})
    assert not propose(contract, accountant, unit_price=4_600).waits
    assert propose(contract, accountant, unit_price=4_200, starts_on=date(2027, 1, 1)).waits


TIERS = """effective_on = 2026-11-01

[[prices]]
article = "list-1"
product = "line"
tax = "standard"
tiers = [{ from = 1, unit_price = 4000 }, { from = 2, unit_price = 3000 }]
"""


@pytest.mark.parametrize(
    ("product", "listed"),
    [("admin", ""), ("calls-domestic", ""), ("line", TIERS), ("line", TIERS.replace('"line"', '"admin"'))],
)
def test_what_cannot_be_held_against_the_list_is_never_small(contract, accountant, manager, product, listed):
    if listed:
        publish_price_list(contract.service, listed, approval=approved("price_list"))
    if product == "calls-domestic":
        held = contract.items.get()
        held.pk, held.product = None, product
        held.save()
    rule(manager, contract, amounts={"special_price": 9_999_999})
    proposal = propose(contract, accountant, product=product, unit_price=1)
    assert proposal.waits
    assert "価格表との1か月の差額（税抜）" not in {line["label"] for line in proposal.lines}


def test_returns_of_an_invoice_count_together_against_the_amount(contract, accountant, manager):
    invoice = billed(contract.service, OCTOBER)
    rule(manager, contract, amounts={"return": 1_500})

    def back(amount: int) -> Proposal:
        wanted = ReturnData(invoice=invoice.pk, amounts={0: amount}, reason="誤り")
        return put_forward(RETURN, wanted, accountant, NOW)

    assert back(1_000).without_second == Proposal.Without.SMALL
    second = back(500)
    assert second.waits
    assert {line["label"]: line["after"] for line in second.lines}["返還額（税込）"] == "−550円"
    approve_it(manager)
    assert invoice.returns.count() == 2


def test_returns_at_once_are_not_small_together(contract, accountant, manager):
    """What was judged before another return of the invoice was issued is judged again."""
    invoice = billed(contract.service, OCTOBER)
    rule(manager, contract, amounts={"return": 1_500})
    judged_before = replace(RETURN, spared=lambda wanted, amount, staff: Proposal.Without.SMALL)
    wanted = ReturnData(invoice=invoice.pk, amounts={0: 1_000}, reason="誤り")
    put_forward(judged_before, wanted, accountant, NOW)
    with refused("small_together"):
        put_forward(judged_before, wanted, accountant, NOW)
    assert invoice.returns.count() == 1


def test_the_file_of_transfers_holds_what_was_approved(contract, accountant, manager):
    provider = contract.service.provider
    account = bank_account(provider, transfer_code="1234567890")
    balance = locked_balance(provider, contract.organisation)
    book(balance, "overpaid", 5_000, date(2026, 11, 1), "test")

    def pay(amount: int) -> None:
        put_forward(PAYOUT, PayoutData(balance=balance.pk, amount=amount, **TO), accountant, NOW)
        approve_it(manager)

    pay(1_000)
    assert Payout.objects.get().decided_by == accountant
    seen = put_forward(
        TRANSFERS, TransfersData(account=account.pk, pay_on=date(2026, 11, 25)), accountant, NOW
    )
    other = put_forward(PAYOUT, PayoutData(balance=balance.pk, amount=2_000, **TO), accountant, NOW)
    approve(other, manager, other.digest, NOW)
    with refused("changed"):
        approve(seen, manager, seen.digest, NOW)
    assert not PayoutBatch.objects.exists()


def test_an_account_of_the_provider_changes_by_two_people(contract, accountant, manager):
    account = bank_account(contract.service.provider)
    fields = set(BankAccountData.model_fields) - {"provider", "account"}
    stored = {name: getattr(account, name) for name in fields} | {"account_number": "7777777"}
    wanted = BankAccountData(provider=contract.service.provider.code, account=account.pk, **stored)
    proposal = put_forward(BANK_ACCOUNT, wanted, accountant, NOW)
    changed = {line["label"]: (line["before"], line["after"]) for line in proposal.lines}
    assert changed["口座番号"] == (account.account_number, "7777777")
    account.refresh_from_db()
    assert account.account_number != "7777777"
    approve_it(manager)
    account.refresh_from_db()
    assert account.account_number == "7777777"


def price_list(**changed) -> PriceListData:
    source = price_list_source("ct-e1").replace("2015-04-01", "2027-04-01")
    values = {"service": "ct-e1", "source": source, "channel": "email", "sent_at": scenes.at("2026-11-01")}
    values |= {"arrived_at": scenes.at("2026-11-01"), "evidence": "配達記録 17"}
    return PriceListData(**{**values, **changed})


def test_a_late_price_list_is_approved_by_a_manager_alone(contract, accountant, manager, make_staff):
    late = price_list(arrived_at=scenes.at("2027-03-01"), override_reason="値下げのため")
    put_forward(PRICE_LIST, late, accountant, NOW)
    with pytest.raises(PermissionDenied):
        approve_it(make_staff("keiri2@provider.example", StaffRole.BILLING))
    approve_it(manager)
    assert PriceListVersion.objects.latest("effective_on").override_reason == "値下げのため"


def test_a_price_list_shows_how_prices_are_taxed_and_charged(contract, accountant):
    source = price_list().source
    line, rest = source.split('product = "seat"')
    changed = (
        line.replace('tax = "standard"', 'tax = "outside"\ncharge = "initial"') + 'product = "seat"' + rest
    )
    proposal = put_forward(PRICE_LIST, price_list(source=changed), accountant, NOW)
    shown = {one["before"]: one["after"] for one in proposal.lines if "5,000円" in one["before"]}
    (before, after) = next(iter(shown.items()))
    assert before.startswith("5,000円 / 標準税率 / 利用料金")
    assert after.startswith("5,000円 / 対象外 / 初期費用")
    assert len(shown) == 1


def test_prices_of_a_service_without_contracts_bind_nobody(db, accountant):
    load_priced_service("ct-e1")
    assert put_forward(PRICE_LIST, price_list(), accountant, NOW).without_second == Proposal.Without.UNBOUND


@pytest.fixture
def draft(contract, manager):
    """The next version of the terms, which changes nothing but the name and the day."""
    last = contract.service.versions.latest("effective_on")
    made = create_draft(contract.service, name="next", terms=last.terms, source="", staff=manager)
    policy = last.policy_source.replace(f'version = "{last.name}"', 'version = "next"', 1)
    policy = policy.replace(f"on = {last.effective_on}", "on = 2027-04-01", 1)
    return edit_draft_policy(made, policy, seen_hash=made.content_hash, staff=manager)


def publish(draft, staff: User) -> Proposal:
    wanted = PublicationData(draft=draft.pk, content_hash=draft.content_hash)
    return put_forward(PUBLICATION, wanted, staff, NOW)


def test_terms_are_published_by_two_people(draft, manager, make_staff):
    editor = make_staff("yakkan@provider.example", StaffRole.TERMS)
    publish(draft, editor)
    draft.refresh_from_db()
    assert draft.published_at is None
    approve_it(manager)
    draft.refresh_from_db()
    assert draft.published_at == timezone.now()


def test_a_draft_that_changed_or_went_since_is_not_published(draft, manager, make_staff):
    editor = make_staff("yakkan@provider.example", StaffRole.TERMS)
    publish(draft, editor)
    delete_draft(draft, editor)
    overtaken = approve_it(manager)
    assert (overtaken.state, overtaken.outcome) == (State.OVERTAKEN, "")
    assert "削除" in overtaken.comment


def test_breaking_the_glass_is_kept_for_ever_and_told_to_all_managers(
    contract, accountant, manager, make_staff, django_capture_on_commit_callbacks, capsys
):
    make_staff("other@provider.example", StaffRole.MANAGER)
    proposal = propose(contract, accountant)
    with pytest.raises(CommandError):
        call_command("break_glass", proposal.pk, by=accountant.email, reason=" ")
    with django_capture_on_commit_callbacks(execute=True):
        call_command("break_glass", proposal.pk, by=accountant.email, reason="部長が不在で本日中")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.without_second) == (State.APPROVED, Proposal.Without.BREAK_GLASS)
    assert proposal.comment == "部長が不在で本日中"
    assert SpecialPrice.objects.get().set_by == accountant
    assert {address for sent in mail.outbox for address in sent.to} == {
        manager.email,
        "other@provider.example",
    }
    assert "部長が不在で本日中" in mail.outbox[0].body
    entry = AuditEntry.objects.get(action="proposal.glass_broken")
    assert (entry.actor, entry.personal["comment"]) == (accountant, "部長が不在で本日中")


def test_the_glass_is_broken_only_by_staff_with_the_right(contract, accountant, make_staff):
    proposal = propose(contract, accountant)
    reception = make_staff("uketsuke@provider.example", StaffRole.RECEPTION)
    for by in (reception.email, "nobody@provider.example"):
        with pytest.raises(CommandError):
            call_command("break_glass", proposal.pk, by=by, reason="急ぎ")
    assert not SpecialPrice.objects.exists()


def test_what_was_decided_stays_in_the_database_as_it_was(contract, accountant, manager):
    propose(contract, accountant)
    decided = Proposal.objects.filter(pk=approve_it(manager).pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        decided.update(comment="別の理由")
    with pytest.raises(IntegrityError), transaction.atomic():
        decided.delete()
