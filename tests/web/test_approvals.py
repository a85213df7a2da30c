"""The pages on which something is proposed, waits for a second person, is approved or sent back."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from billing.approvals.special_prices import SPECIAL_PRICE
from billing.models import SpecialPrice
from billing.runs.unapproved import break_glass
from portal.approvals.kinds import kind_of
from portal.approvals.models import Proposal, ProviderRule
from portal.audit.models import AuditEntry
from portal.audit.stories import readable_by
from portal.organisations.independence import is_only_manager
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from portal.outbox import settling
from portal.outbox.models import Mail
from tests import scenes
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract

State = Proposal.State
NOW = scenes.at("2026-11-20")
SET_PRICE = "admin:billing_specialprice_set_price"


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


@pytest.fixture
def as_accountant(accountant, signed_in) -> Client:
    return signed_in(accountant)


@pytest.fixture
def as_manager(manager, signed_in) -> Client:
    return signed_in(manager)


@pytest.fixture
def proposal(contract, as_accountant) -> Proposal:
    return proposed(as_accountant, contract)


def proposed(client: Client, contract, address: str = "", **changed) -> Proposal:
    entered = {
        "contract": contract.number,
        "product": "line",
        "unit_price": "4000",
        "starts_on": "2026-12-01",
        "reason": "3年契約の値引き",
    }
    answer = client.post(address or reverse(SET_PRICE), {**entered, **changed})
    assert answer.status_code == 302, answer.context["form"].errors
    return Proposal.objects.order_by("pk").last()


def page_of(proposal: Proposal) -> str:
    return reverse("admin:approvals_proposal_change", args=[proposal.pk])


def decide(client: Client, proposal: Proposal, button: str, **more: str):
    seen = client.get(page_of(proposal)).context.get("digest", "")
    return client.post(page_of(proposal), {button: "1", "seen": seen, **more})


def text_of(answer) -> str:
    return answer.content.decode()


def test_the_form_says_that_a_second_person_is_needed(contract, as_accountant):
    assert "二人で決裁する手続きです" in text_of(as_accountant.get(reverse(SET_PRICE)))


def test_what_is_proposed_waits_and_the_answer_leads_to_it(contract, as_accountant):
    entered = {
        "contract": contract.number,
        "product": "line",
        "unit_price": "4000",
        "starts_on": "2026-12-01",
        "reason": "値引き",
    }
    answer = as_accountant.post(reverse(SET_PRICE), entered)
    (told,) = get_messages(answer.wsgi_request)
    assert page_of(Proposal.objects.get()) in str(told)
    assert not SpecialPrice.objects.exists()


def test_wrong_input_is_said_at_the_field_and_nothing_is_proposed(contract, as_accountant):
    answer = as_accountant.post(
        reverse(SET_PRICE),
        {
            "contract": contract.number,
            "product": "none",
            "unit_price": "1",
            "starts_on": "2026-12-01",
            "reason": "a",
        },
    )
    assert "product" in answer.context["form"].errors
    assert not Proposal.objects.exists()


def test_the_page_shows_who_wants_what_before_and_after(proposal, as_manager):
    page = text_of(as_manager.get(page_of(proposal)))
    for shown in ("経理 一郎", "5,000円", "4,000円", "3年契約の値引き", "承認して実行する", "差し戻す"):
        assert shown in page
    assert "取り下げる" not in page


def test_the_queue_names_what_is_to_be_approved(proposal, as_manager):
    queue = as_manager.get(reverse("work-queue")).content.decode()
    assert f'<a href="{page_of(proposal)}">{kind_of(proposal).label}</a> {proposal.about}' in queue


def test_a_second_person_approves_and_it_is_carried_out(proposal, as_manager, manager):
    answer = decide(as_manager, proposal, "approve")
    assert answer.status_code == 302
    assert SpecialPrice.objects.get().unit_price == 4_000
    page = text_of(as_manager.get(page_of(proposal)))
    assert "部長 二郎" in page
    assert "承認して実行する" not in page


def test_who_proposed_it_can_only_withdraw_it(proposal, as_accountant):
    page = text_of(as_accountant.get(page_of(proposal)))
    assert "承認して実行する" not in page
    answer = decide(as_accountant, proposal, "approve")
    assert "ご自身の依頼は承認できません" in text_of(answer)
    decide(as_accountant, proposal, "withdraw")
    proposal.refresh_from_db()
    assert proposal.state == State.WITHDRAWN


def test_what_was_sent_back_is_proposed_again_with_what_was_entered(
    proposal, contract, as_accountant, as_manager
):
    silent = decide(as_manager, proposal, "send_back")
    assert "直してほしい点" in text_of(silent)
    decide(as_manager, proposal, "send_back", comment="1割までにしてください")
    assert "1割までにしてください" in text_of(as_accountant.get(reverse("admin:index")))
    again = as_accountant.get(page_of(proposal)).context["again"]
    form = as_accountant.get(again)
    assert "1割までにしてください" in text_of(form)
    assert form.context["form"].initial["unit_price"] == 4_000
    assert form.context["form"]["reason"].value() == "3年契約の値引き"

    second = proposed(as_accountant, contract, again, unit_price="4500")
    assert second.follows == proposal
    assert "1割までにしてください" not in text_of(as_accountant.get(reverse("admin:index")))
    decide(as_manager, second, "approve")
    assert SpecialPrice.objects.get().unit_price == 4_500


def test_what_changed_since_it_was_shown_is_shown_anew(proposal, contract, as_accountant, as_manager):
    seen = as_manager.get(page_of(proposal)).context["digest"]
    other = proposed(as_accountant, contract, unit_price="3000", starts_on="2026-11-01")
    decide(as_manager, other, "approve")
    answer = as_manager.post(page_of(proposal), {"approve": "1", "seen": seen})
    assert "現在の内容をご確認のうえ" in text_of(answer)
    assert "3,000円（特別価格）" in text_of(answer)
    assert answer.context["changed"]


def test_the_page_of_the_object_says_whose_approval_it_waits_for(proposal, contract, as_accountant, manager):
    page = text_of(as_accountant.get(reverse("admin:contracts_contract_change", args=[contract.pk])))
    assert "部長 二郎の承認を待っています" in page
    assert page_of(proposal) in page


def test_it_stands_in_the_queue_and_on_the_first_page(proposal, as_manager):
    assert page_of(proposal) in text_of(as_manager.get(reverse("work-queue")))
    waiting = {
        entry.model: entry.count for entry in as_manager.get(reverse("admin:index")).context["waiting"]
    }
    assert waiting["approvals.proposal"] == 1


def test_the_reception_sees_nothing_of_proposals_about_money(proposal, make_staff, signed_in):
    reception = signed_in(make_staff("uketsuke@provider.example", StaffRole.RECEPTION))
    assert reception.get(page_of(proposal)).status_code == 404
    assert page_of(proposal) not in text_of(reception.get(reverse("work-queue")))
    assert "3年契約" not in text_of(reception.get(reverse("admin:approvals_proposal_changelist")))


def test_nor_is_the_reception_told_of_them_on_the_page_and_in_the_history(proposal, make_staff, signed_in):
    reception = signed_in(make_staff("uketsuke@provider.example", StaffRole.RECEPTION))
    contract = reverse("admin:contracts_contract_change", args=[proposal.about_id])
    assert proposal.about_type == "contracts.contract"
    assert "承認を待っています" not in text_of(reception.get(contract))
    request = RequestFactory().get("/")
    request.user = User.objects.get(email="uketsuke@provider.example")
    told = AuditEntry.objects.filter(object_type="approvals.proposal")
    assert told.exists()
    assert not told.filter(readable_by(request)).exists()
    request.user = proposal.proposed_by
    assert told.filter(readable_by(request)).exists()


class TestEmailsToManagers:
    """Of what was carried out without a second person."""

    @pytest.fixture
    def sent(self, proposal, accountant, manager) -> Mail:
        call_command("break_glass", proposal.pk, by=accountant.email, reason="部長が不在で本日中")
        Mail.objects.update(claimed_at=timezone.now(), refused_at=timezone.now())
        return Mail.objects.get(kind="broken_glass")

    def test_are_seen_by_who_may_see_the_proposal(self, sent, make_staff, signed_in, as_accountant):
        page = reverse("admin:outbox_mail_change", args=[sent.pk])
        reception = signed_in(make_staff("uketsuke@provider.example", StaffRole.RECEPTION))
        assert reception.get(page).status_code == 302
        assert as_accountant.get(page).status_code == 200

    def test_are_settled_by_managers(self, sent, as_accountant, as_manager):
        leave = reverse("admin:outbox_mail_leave", args=[sent.pk])
        assert as_accountant.post(leave).status_code == 403
        as_manager.post(leave)
        sent.refresh_from_db()
        assert sent.closed_at

    def test_are_told_of_in_histories_to_who_sees_them(self, sent, manager, make_staff):
        settling.leave(sent, manager, timezone.now())
        request = RequestFactory().get("/")
        told = AuditEntry.objects.filter(action="mail.left")
        for user, is_told in (
            (make_staff("uketsuke@provider.example", StaffRole.RECEPTION), False),
            (make_staff("keiri2@provider.example", StaffRole.BILLING), True),
        ):
            request.user = user
            assert told.filter(readable_by(request)).exists() is is_told

    def test_of_a_run_lead_to_the_run(self, contract, accountant, manager, as_manager):
        run = break_glass(contract.service.provider, OCTOBER, ISSUE_DAY, accountant, "急ぎ", timezone.now())
        mail = Mail.objects.get(kind="broken_glass_run")
        page = text_of(as_manager.get(reverse("admin:outbox_mail_change", args=[mail.pk])))
        assert reverse("admin:billing_billingrun_change", args=[run.pk]) in page
        assert "別の担当者の承認なしに請求" in page


def test_one_manager_lets_one_person_decide_and_everybody_sees_it(contract, as_manager, as_accountant):
    page = reverse("admin:contracts_provider_second_person", args=[contract.service.provider_id])
    assert as_accountant.get(page).status_code == 403
    as_manager.post(
        page, {"alone": "on", "reason": "社員は1名", "amount_special_price": "0", "amount_return": "0"}
    )
    assert ProviderRule.objects.get().alone
    for address in (reverse("admin:index"), reverse(SET_PRICE)):
        page = text_of(as_accountant.get(address))
        assert "部長 二郎さんが切替" in page
        assert "社員は1名" in page
    proposed(as_accountant, contract)
    assert SpecialPrice.objects.get().unit_price == 4_000


def test_a_manager_does_not_get_alone_by_taking_the_role_from_another(
    contract, as_manager, manager, make_staff
):
    """After 30 days whoever left counts no more."""
    other = make_staff("other@provider.example", StaffRole.MANAGER, display_name="部長 三郎")
    person = reverse("admin:organisations_user_change", args=[other.pk])
    as_manager.post(person, {"display_name": "部長 三郎", "is_staff": "on"})
    other.refresh_from_db()
    assert (other.is_active, other.groups.count()) == (False, 0)
    page = reverse("admin:contracts_provider_second_person", args=[contract.service.provider_id])
    wanted = {"alone": "on", "reason": "1名", "amount_special_price": "0", "amount_return": "0"}
    as_manager.post(page, wanted)
    assert Proposal.objects.get().waits
    assert not ProviderRule.objects.exists()
    assert not is_only_manager(manager, NOW + timedelta(days=29))
    assert is_only_manager(manager, NOW + timedelta(days=31))


def test_a_small_change_is_made_at_once(contract, as_manager, as_accountant):
    page = reverse("admin:contracts_provider_second_person", args=[contract.service.provider_id])
    as_manager.post(page, {"reason": "少額", "amount_special_price": "2,000", "amount_return": "0"})
    decided = proposed(as_accountant, contract)
    assert (decided.state, decided.without_second) == (State.APPROVED, "small")
    assert "上限額以内" in text_of(as_manager.get(page_of(decided)))


def test_a_manager_confirms_who_another_made(as_manager, manager, make_staff, signed_in):
    made = make_staff("new@provider.example", StaffRole.MANAGER)
    User.objects.filter(pk=made.pk).update(created_by=manager)
    page = reverse("admin:organisations_user_change", args=[made.pk])
    assert "このアカウントを確認済みにする" not in text_of(as_manager.get(page))
    assert "未確認（作成：部長 二郎）" in text_of(
        as_manager.get(reverse("admin:organisations_user_changelist"))
    )
    confirm = reverse("admin:organisations_user_confirm", args=[made.pk])
    as_manager.post(confirm)
    made.refresh_from_db()
    assert not made.is_confirmed

    other = signed_in(make_staff("other@provider.example", StaffRole.MANAGER))
    assert "このアカウントを確認済みにする" in text_of(other.get(page))
    other.post(confirm)
    made.refresh_from_db()
    assert made.confirmed_by.email == "other@provider.example"


def test_who_is_made_staff_in_the_admin_waits_to_be_confirmed(as_manager, manager, user):
    User.objects.filter(pk=user.pk).update(display_name="山田 花子")
    page = reverse("admin:organisations_user_change", args=[user.pk])
    as_manager.post(page, {"display_name": "山田 花子", "is_active": "on", "is_staff": "on"})
    user.refresh_from_db()
    assert (user.is_staff, user.created_by, user.is_confirmed) == (True, manager, False)


def test_the_kind_is_named_where_it_is_listed(proposal, as_manager):
    listed = text_of(as_manager.get(reverse("admin:approvals_proposal_changelist")))
    assert str(SPECIAL_PRICE.label) in listed
