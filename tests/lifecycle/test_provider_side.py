"""What the provider may do: stop, pause, terminate, end an option or the service; and who withdraws."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError

from contracts.applications.withdrawal import withdraw_application
from contracts.approvals.deadlines import LATE_END, LateEndData
from contracts.consents.answers import refuse_renewal
from contracts.lifecycle.agreements import AgreementData, SignedDocument, agree
from contracts.lifecycle.authorised_users import cure_breach, record_breach, stop_authorised_user
from contracts.lifecycle.claims import record_costs
from contracts.lifecycle.devices import charge_for_device, replace_device
from contracts.lifecycle.ending_notices import EndingNotice
from contracts.lifecycle.provider_ends.service_ends import end_offer
from contracts.lifecycle.provider_ends.terminations import demand_cure, terminate
from contracts.lifecycle.suspensions import lift_suspension, pause, suspend
from contracts.lifecycle.tasks import complete_task
from contracts.models import AuthorisedUser, Contract, IssuedLetter, Notice, Service, Task
from contracts.notices.deliveries import record_arrival, record_posting
from contracts.notices.send import draft_notice, send_notice
from contracts.requests.decide import accept_request
from contracts.requests.kinds.authorised_users import AuthorisedUserData
from contracts.requests.kinds.interruptions import InterruptionData
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.withdrawal import withdraw_request
from portal.approvals.decide import approve, put_forward
from portal.audit.models import AuditEntry
from portal.organisations.models import Organisation
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.approving import approved
from tests.scenes import (
    accept,
    activated,
    apply,
    at,
    day,
    owner_of,
    registered,
    staff_member,
    suzuki,
    yamada,
)


@pytest.fixture
def seats(ct_e1) -> Contract:
    """5 seats with recording, from 1 January 2026."""
    quantities = {"seat": 5, "line": 2, "recording-16h": 5}
    application = apply(ct_e1, quantities, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    return accept(application, at("2025-11-12"))


@pytest.fixture
def users(progoffice) -> Contract:
    """10 users, from 1 January 2026."""
    contract = accept(apply(progoffice, {"user": 10}, at("2025-11-10")), at("2025-11-12"))
    return activated(contract, day("2026-01-01"), at("2025-12-01"))


@pytest.fixture
def servers(partner_cloud, committing) -> Contract:
    """2 servers, from 10 January 2026."""
    application = apply(partner_cloud, {"base": 2}, at("2025-12-01"), wanted_start_on=day("2026-01-10"))
    return accept(application, at("2025-12-02"))


@pytest.fixture
def ids(simpleconnect) -> Contract:
    contract = accept(apply(simpleconnect, {"id": 3}, at("2026-01-05")), at("2026-01-06"))
    return registered(contract, at("2026-01-07"))


# Stops


def test_an_unpaid_debt_stops_the_service_until_it_is_paid(seats):
    stop = suspend(
        seats, staff_member(), "unpaid", day("2026-03-10"), None, "", until_paid=True, at=at("2026-03-10")
    )
    assert (stop.kind, stop.ends_on) == ("until_paid", None)
    assert "16-2" in str(stop.decision["steps"])
    with pytest.raises(ValidationError) as excinfo:
        suspend(
            seats, staff_member(), "breach", day("2026-05-10"), None, "", until_paid=True, at=at("2026-05-10")
        )
    assert "until_paid" in excinfo.value.message_dict


@pytest.mark.usefixtures("committing")
def test_a_second_reason_stands_beside_the_first_and_the_service_goes_on_with_the_last(ids):
    staff = staff_member()
    first = suspend(ids, staff, "violence", day("2026-03-10"), None, "", at=at("2026-03-10"))
    with pytest.raises(ValidationError) as again:
        suspend(ids, staff, "violence", day("2026-03-20"), None, "", at=at("2026-03-10"))
    assert "starts_on" in again.value.message_dict
    second = suspend(ids, staff, "other_breach", day("2026-03-20"), None, "", at=at("2026-03-10"))
    sent = len(mail.outbox)
    lift_suspension(first, staff, day("2026-03-31"), at=at("2026-03-31"))
    assert Contract.objects.get(pk=ids.pk).state_on(day("2026-04-01")) == Contract.State.SUSPENDED
    assert len(mail.outbox) == sent, "the service does not go on yet"
    lift_suspension(second, staff, day("2026-04-05"), at=at("2026-04-05"))
    assert Contract.objects.get(pk=ids.pk).state_on(day("2026-04-06")) == Contract.State.RUNNING
    assert len(mail.outbox) == sent + 1


def test_a_prohibited_act_is_told_of_before_it_stops_the_service_unless_staff_say_why_not(ids):
    with time_machine.travel(at("2026-03-10"), tick=False):
        with pytest.raises(ValidationError) as at_once:
            suspend(ids, staff_member(), "prohibited_act", day("2026-03-10"), None, " ")
        assert at_once.value.error_dict["urgent"][0].code == "beforehand"
        stop = suspend(ids, staff_member(), "prohibited_act", day("2026-03-11"), None, "")
        assert "18" in str(stop.decision["steps"])
        today, urgent = day("2026-03-10"), "攻撃が続いている"
        assert suspend(ids, staff_member(), "prohibited_act", today, today, "", urgent=urgent)


def test_without_a_debt_nothing_stops_for_one(servers, ids):
    for contract, reason in ((servers, "unpaid"), (ids, "underpaid"), (ids, "deposit_unpaid")):
        with pytest.raises(ValidationError) as refused:
            suspend(contract, staff_member(), reason, day("2026-03-10"), None, "", at=at("2026-03-10"))
        assert refused.value.error_dict["reason"][0].code == "not_so"


def test_a_dispute_over_the_payment_stops_the_service_until_it_is_paid(ids):
    stop = suspend(
        ids,
        staff_member(),
        "payment_dispute",
        day("2026-03-10"),
        None,
        "",
        until_paid=True,
        at=at("2026-03-10"),
    )
    assert (stop.kind, stop.ends_on) == ("until_paid", None)


@pytest.mark.usefixtures("committing")
def test_a_pause_is_announced_and_named_as_one(seats):
    pause(seats, staff_member(), "works", day("2026-03-10"), day("2026-03-11"), "設備の更新")
    assert "休止" in mail.outbox[-1].subject or "paused" in mail.outbox[-1].subject
    assert "設備の保守や工事" in mail.outbox[-1].body
    fresh = Contract.objects.get(pk=seats.pk)
    assert fresh.state_on(day("2026-03-11")) == Contract.State.PAUSED
    assert fresh.state_on(day("2026-03-12")) == Contract.State.RUNNING


@pytest.mark.usefixtures("committing")
def test_a_suspension_names_its_articles_and_its_letter_is_kept(ids):
    suspend(
        ids,
        staff_member(),
        "operation_hindered",
        day("2026-03-10"),
        day("2026-03-20"),
        "社内向けの覚え",
        at=at("2026-03-10"),
    )
    letter = IssuedLetter.objects.get(contract=ids, kind="suspension")
    assert "第24条第1項" in letter.document["reason"]["articles"]
    facts = {fact["label"]: fact["value"] for fact in letter.document["facts"]}
    assert (facts["開始日"], facts["最終日"]) == ("2026年3月10日", "2026年3月20日")
    message = mail.outbox[-1]
    assert "第24条第1項" in message.body
    assert message.attachments[0][0] == f"{letter.number}.pdf"
    assert "社内向け" not in str(letter.document)


def test_terms_without_a_pause_know_none(ids):
    with pytest.raises(ValidationError) as excinfo:
        pause(ids, staff_member(), "works", day("2026-03-10"), None, "")
    assert excinfo.value.code == "not_provided"


def test_a_stopped_option_leaves_the_service_running(seats):
    suspend(
        seats,
        staff_member(),
        "breach",
        day("2026-03-10"),
        None,
        "",
        product="recording-16h",
        at=at("2026-03-10"),
    )
    assert Contract.objects.get(pk=seats.pk).state_on(day("2026-03-10")) == Contract.State.RUNNING
    with pytest.raises(ValidationError) as excinfo:
        suspend(
            seats,
            staff_member(),
            "breach",
            day("2026-03-10"),
            None,
            "",
            product="delivery-base",
            at=at("2026-03-10"),
        )
    assert "product" in excinfo.value.message_dict
    with pytest.raises(ValidationError):
        suspend(
            seats,
            staff_member(),
            "breach",
            day("2026-04-10"),
            None,
            "",
            product="recording-16h",
            at=at("2026-04-10"),
        )


def test_an_interruption_is_asked_for_resumed_and_charged_all_the_same(seats):
    data = InterruptionData(wanted_on=day("2026-03-10"), until=day("2026-05-31"))
    request = scenes.ask(seats, "interruption", data, at("2026-03-01"))
    assert "22-5" in str(request.decision["steps"])
    accept_request(request, staff_member(), at("2026-03-02"))

    fresh = Contract.objects.get(pk=seats.pk)
    assert fresh.state_on(day("2026-03-10")) == Contract.State.INTERRUPTED
    assert fresh.items_on(day("2026-04-01"))["seat"] == 5
    lift_suspension(fresh.suspensions.get(), owner_of(yamada()), day("2026-03-31"), at=at("2026-03-31"))
    assert Contract.objects.get(pk=seats.pk).state_on(day("2026-04-01")) == Contract.State.RUNNING


def test_an_accepted_interruption_is_taken_back_for_nothing(seats):
    data = InterruptionData(wanted_on=day("2026-03-10"), product="recording-16h")
    request = scenes.ask(seats, "option_interruption", data, at("2026-03-01"))
    accept_request(request, staff_member(), at("2026-03-02"))
    withdraw_request(request, owner_of(yamada()), at("2026-03-05"))
    assert not seats.suspensions.exists()
    assert not seats.tasks.exists()


# Termination


@pytest.mark.usefixtures("committing")
def test_a_month_to_cure_then_termination(users):
    staff = staff_member()
    task = demand_cure(users, staff, "incomplete_papers", day("2026-04-30"), "委任状", at("2026-04-30"))
    assert (task.kind, task.due_on) == (Task.Kind.CURE_PERIOD, day("2026-06-01"))
    assert mail.outbox[-1].attachments, "the demand goes out as a letter"
    with pytest.raises(ValidationError) as excinfo:
        terminate(users, staff, "incomplete_papers", None, at("2026-05-31 23:59"))
    assert excinfo.value.code == "too_early"

    terminate(users, staff, "incomplete_papers", None, at("2026-06-01"), note="改善がありませんでした。")

    users.refresh_from_db()
    assert (users.ends_on, users.billed_through_on, users.end_kind) == (
        day("2026-06-01"),
        day("2026-06-30"),
        "terminated",
    )
    task.refresh_from_db()
    assert task.done_at == at("2026-06-01")
    assert users.tasks.get(kind=Task.Kind.DATA_ERASURE).due_on == day("2026-06-01")
    assert "改善がありませんでした。" in mail.outbox[-1].body
    letter = users.letters.get(kind="termination")
    assert letter.document["reason"]["articles"].startswith("第14条第3項")


@pytest.fixture
def owing(monkeypatch):
    """Something is overdue by the ledger."""
    monkeypatch.setattr("contracts.lifecycle.grounds.registered.is_so", lambda *asked: True)


def test_three_months_unpaid_are_counted_from_the_day_after_the_due_date(servers, owing):
    with pytest.raises(ValidationError) as excinfo:
        terminate(servers, staff_member(), "unpaid", day("2026-04-30"), at("2026-07-31"))
    assert excinfo.value.code == "too_early"
    terminate(servers, staff_member(), "unpaid", day("2026-04-30"), at("2026-08-01"))
    servers.refresh_from_db()
    assert (servers.ends_on, servers.billed_through_on) == (day("2026-08-01"), day("2026-08-31"))


def test_who_recorded_no_refusal_has_refused_no_change_of_the_terms(simpleconnect):
    ids = accept(apply(simpleconnect, {"id": 2}, at("2026-03-01")), at("2026-03-02"))
    scenes.registered(ids, at("2026-03-03"))
    with pytest.raises(ValidationError) as refused:
        terminate(ids, staff_member(), "terms_change_refused", None, at("2026-06-01"))
    assert refused.value.error_dict["ground"][0].code == "not_so"
    version = scenes.next_version(simpleconnect, day("2026-07-01"), at("2026-05-01"))
    with pytest.raises(ValidationError):
        terminate(ids, staff_member(), "terms_change_refused", None, at("2026-06-01"))
    refuse_renewal(yamada(), owner_of(yamada()), version, at("2026-05-20"), "192.0.2.1")
    terminate(ids, staff_member(), "terms_change_refused", None, at("2026-06-01"))
    ids.refresh_from_db()
    assert ids.ends_on == day("2026-06-01")


def test_a_debt_that_the_ledger_does_not_show_is_no_ground(servers):
    with pytest.raises(ValidationError) as refused:
        terminate(servers, staff_member(), "unpaid", day("2026-04-30"), at("2026-08-01"))
    assert refused.value.error_dict["ground"][0].code == "not_so"
    servers.refresh_from_db()
    assert servers.ends_on is None


def test_a_contract_is_terminated_for_a_later_day_of_which_the_customer_is_told_today(users):
    since, ground = day("2026-04-10"), "incomplete_papers"
    demand_cure(users, staff_member(), ground, since, "", at("2026-04-10"))
    with pytest.raises(ValidationError) as early:
        terminate(
            users, staff_member(), "incomplete_papers", since, at("2026-05-01"), ends_on=day("2026-05-10")
        )
    assert early.value.code == "too_early"
    with pytest.raises(ValidationError) as past:
        terminate(
            users, staff_member(), "incomplete_papers", since, at("2026-05-20"), ends_on=day("2026-05-19")
        )
    assert "ends_on" in past.value.message_dict
    terminate(users, staff_member(), ground, since, at("2026-05-01"), ends_on=day("2026-05-11"))
    users.refresh_from_db()
    assert (users.ends_on, users.billed_through_on) == (day("2026-05-11"), day("2026-05-31"))
    assert users.tasks.get(kind=Task.Kind.DATA_ERASURE).due_on >= day("2026-05-11")


def test_a_ground_that_counts_from_a_day_asks_for_it(servers):
    for ground, field in (("unpaid", "since_on"), ("no_such", "ground")):
        with pytest.raises(ValidationError) as excinfo:
            terminate(servers, staff_member(), ground, None, at("2026-08-01"))
        assert list(excinfo.value.message_dict) == [field]
    with pytest.raises(ValidationError) as excinfo:
        demand_cure(servers, staff_member(), "trust_lost", day("2026-07-01"), "", at("2026-07-01"))
    assert "ground" in excinfo.value.message_dict


def test_termination_comes_before_a_later_cancellation_and_ends_what_waits(seats):
    accept_request(
        scenes.cancel(seats, day("2026-09-30"), at("2026-03-01")), staff_member(), at("2026-03-02")
    )
    more = ProductChangeData(product="seat", wanted_on=day("2026-06-01"), quantity=9)
    waiting = scenes.ask(seats, "quantity_up", more, at("2026-03-03"))

    terminate(seats, staff_member(), "insolvent", None, at("2026-05-20"), urgent="差押えの競合")

    seats.refresh_from_db()
    waiting.refresh_from_db()
    assert (seats.ends_on, seats.billed_through_on) == (day("2026-05-20"), day("2026-05-31"))
    assert waiting.status == "refused"
    assert seats.tasks.get().due_on == day("2026-06-20"), "the data go a month after the new end"
    with pytest.raises(ValidationError) as excinfo:
        terminate(seats, staff_member(), "insolvent", None, at("2026-05-21"))
    assert excinfo.value.code == "ended"


def test_a_suspension_is_a_ground_for_termination_only_once_it_lasted_to_its_last_day(seats):
    """The cause must remain while the service is stopped (20-1-1)."""
    ground, last = "suspension_not_cured", day("2026-05-31")
    suspend(seats, staff_member(), "breach", day("2026-05-01"), last, "", at=at("2026-05-01"))
    with pytest.raises(ValidationError) as typed_too_early:
        terminate(seats, staff_member(), ground, day("2026-05-10"), at("2026-05-11"))
    assert typed_too_early.value.code == "too_early"
    terminate(seats, staff_member(), ground, last, at("2026-06-01"), ends_on=day("2026-06-02"))
    seats.refresh_from_db()
    assert seats.ends_on == day("2026-06-02")


def test_the_customer_is_told_in_writing_before_the_end_unless_it_is_urgent(seats):
    """20-3: a later day, or a reason why it can't wait, which is recorded."""
    with pytest.raises(ValidationError) as refused:
        terminate(seats, staff_member(), "insolvent", None, at("2026-05-20"))
    assert refused.value.error_dict["ends_on"][0].code == "told_first"
    seats.refresh_from_db()
    assert (seats.ends_on, seats.letters.filter(kind="termination").count()) == (None, 0)
    terminate(seats, staff_member(), "insolvent", None, at("2026-05-20"), urgent="回線が占有されている")
    letter = seats.letters.get(kind="termination")
    assert any(step["result"] == "緊急" for step in letter.document["steps"])
    entry = AuditEntry.objects.get(action="contract.terminated")
    assert entry.personal["urgent"] == "回線が占有されている"


def test_terms_that_want_no_notice_beforehand_let_the_contract_end_on_the_day(ids):
    terminate(ids, staff_member(), "prohibited_act", None, at("2026-05-20"))
    ids.refresh_from_db()
    assert ids.ends_on == day("2026-05-20")


def test_the_time_to_cure_counts_from_the_demand_that_went_out(users):
    """14-3: a month after the notice or demand, never over before there is one."""
    staff, ground = staff_member(), "incomplete_papers"
    with pytest.raises(ValidationError) as never_demanded:
        terminate(users, staff, ground, day("2026-03-01"), at("2026-05-20"))
    assert never_demanded.value.error_dict["ground"][0].code == "not_demanded"
    for since, code in (("2026-03-01", "not_sent"), ("2026-05-21", "to_come")):
        with pytest.raises(ValidationError) as wrong:
            demand_cure(users, staff, ground, day(since), "", at("2026-05-20"))
        assert wrong.value.error_dict["since_on"][0].code == code
    assert not users.tasks.exists()
    demand_cure(users, staff, ground, day("2026-05-20"), "", at("2026-05-20"))
    with pytest.raises(ValidationError) as early:
        terminate(users, staff, ground, day("2026-03-01"), at("2026-06-20"))
    assert early.value.code == "too_early"
    terminate(users, staff, ground, None, at("2026-06-21"))


def test_a_demand_that_was_made_elsewhere_counts_from_its_day_by_its_evidence(users):
    staff, ground = staff_member(), "incomplete_papers"
    task = demand_cure(
        users, staff, ground, day("2026-04-30"), "", at("2026-05-20"), evidence="内容証明 第12号"
    )
    assert (task.due_on, task.detail["evidence"]) == (day("2026-06-01"), "内容証明 第12号")
    assert not users.letters.filter(kind="cure_demand").exists()
    before = users.formed_on - timedelta(days=1)
    with pytest.raises(ValidationError) as refused:
        demand_cure(users, staff, ground, before, "", at("2026-05-20"), evidence="内容証明 第13号")
    assert refused.value.error_dict["since_on"][0].code == "not_formed"


def test_a_suspension_of_an_option_is_a_ground_of_its_own(seats):
    """20-1(1) is about the service, 20-1(2) about an option."""
    last = day("2026-05-31")
    suspend(
        seats,
        staff_member(),
        "breach",
        day("2026-05-01"),
        last,
        "",
        product="recording-16h",
        at=at("2026-05-01"),
    )
    with pytest.raises(ValidationError) as refused:
        terminate(seats, staff_member(), "suspension_not_cured", last, at("2026-06-01"), urgent="急ぎ")
    assert refused.value.message_dict.keys() == {"ground"}
    terminate(seats, staff_member(), "option_suspension_not_cured", None, at("2026-06-01"), urgent="急ぎ")
    seats.refresh_from_db()
    assert seats.ends_on == day("2026-06-01")


def test_a_suspension_begins_no_earlier_than_the_customer_is_told_unless_it_was_urgent(seats):
    with pytest.raises(ValidationError) as refused:
        suspend(seats, staff_member(), "breach", day("2026-03-09"), None, "", at=at("2026-03-10"))
    assert refused.value.error_dict["starts_on"][0].code == "told_first"
    stop = suspend(
        seats,
        staff_member(),
        "breach",
        day("2026-03-09"),
        None,
        "調査中",
        urgent="不正な発信",
        at=at("2026-03-10"),
    )
    assert (stop.starts_on, stop.note) == (day("2026-03-09"), "調査中\n不正な発信")


def test_a_suspension_that_was_lifted_is_no_ground_for_termination(seats):
    stop = suspend(
        seats, staff_member(), "breach", day("2026-05-01"), day("2026-05-31"), "", at=at("2026-05-01")
    )
    lift_suspension(stop, staff_member(), day("2026-05-09"), at=at("2026-05-10"))
    with pytest.raises(ValidationError) as refused:
        terminate(seats, staff_member(), "suspension_not_cured", day("2026-05-31"), at("2026-06-01"))
    assert refused.value.message_dict.keys() == {"ground"}


# Authorised users


@pytest.fixture
def authorised(servers) -> AuthorisedUser:
    data = AuthorisedUserData(
        wanted_on=day("2026-03-01"), name="協力株式会社", address="東京都港区1-1", contact="協力 太郎"
    )
    request = scenes.ask(servers, "authorised_user", data, at("2026-02-10"))
    assert not servers.authorised_users.exists(), "only after approval"
    accept_request(request, staff_member(), at("2026-02-12"))
    return servers.authorised_users.get()


def test_a_breach_that_is_not_cured_within_ten_days_stops_the_user(authorised, servers):
    record_breach(authorised, staff_member(), day("2026-04-01"), "第三者に貸与")
    assert "2026年4月11日" in mail.outbox[-1].body, "the customer is told until when to put it right"
    with pytest.raises(ValidationError) as excinfo:
        stop_authorised_user(authorised, staff_member(), "authorised_user_breach", at("2026-04-11"))
    assert excinfo.value.code == "too_early"

    stop_authorised_user(authorised, staff_member(), "authorised_user_breach", at("2026-04-12"))

    assert "協力株式会社" in mail.outbox[-1].body
    assert not servers.authorised_users.on(day("2026-04-12")).exists()
    assert servers.authorised_users.on(day("2026-04-11")).exists()


def test_a_cured_breach_stops_nobody(authorised):
    record_breach(authorised, staff_member(), day("2026-04-01"), "")
    with pytest.raises(ValidationError):
        record_breach(authorised, staff_member(), day("2026-04-02"), "")
    cure_breach(authorised, staff_member(), at("2026-04-05"))
    with pytest.raises(ValidationError) as excinfo:
        stop_authorised_user(authorised, staff_member(), "authorised_user_breach", at("2026-05-01"))
    assert excinfo.value.code == "no_breach"


def test_authorised_users_end_with_the_contract(authorised, servers):
    accept_request(
        scenes.cancel(servers, day("2026-06-30"), at("2026-04-01")), staff_member(), at("2026-04-02")
    )
    authorised.refresh_from_db()
    assert authorised.ends_on == day("2026-06-30")


# The end of what is offered


def told_of_end(service: Service, product: str, effective_on: str, sent_at: str) -> Notice:
    """A notice of an end that went out by letter as well; what is posted on the site is there at once."""
    notice = Notice(
        service=service,
        purpose="option_end" if product else "service_end",
        effective_on=day(effective_on),
        product=product,
        by_letter=True,
        subject="終了のお知らせ",
        body="終了します。",
    )
    draft_notice(notice, staff_member())
    return send_notice(notice, staff_member(), at(sent_at))


def arrived(notice: Notice, organisation: Organisation, posted_at: str, arrived_at: str) -> None:
    letter = notice.deliveries.get(channel="letter", organisation=organisation)
    if letter.sent_at is None:
        record_posting(notice, staff_member(), at(posted_at))
        letter.refresh_from_db()
    record_arrival(letter, staff_member(), at(arrived_at))


def test_an_option_ends_at_a_month_end_three_months_after_its_letter_arrived(seats, ct_e1):
    notice = told_of_end(ct_e1, "recording-16h", "2026-05-31", "2026-02-25")

    def end(ends_on: str) -> list[Contract]:
        return end_offer(notice, staff_member(), "recording-16h", day(ends_on), at("2026-03-02"))

    with pytest.raises(ValidationError) as excinfo:
        end("2026-05-31")
    assert "override_reason" in excinfo.value.message_dict, "an e-mail is no letter, and none has arrived"

    arrived(notice, seats.organisation, "2026-02-25", "2026-02-28")
    assert EndingNotice(notice, "recording-16h", Contract.objects.all()).earliest_on == day("2026-05-31")
    for ends_on in ("2026-06-15", "2026-04-30"):
        with pytest.raises(ValidationError) as excinfo:
            end(ends_on)
        assert "ends_on" in excinfo.value.message_dict
    assert end("2026-05-31") == [seats]

    fresh = Contract.objects.get(pk=seats.pk)
    assert fresh.items_on(day("2026-05-31"))["recording-16h"] == 5
    assert "recording-16h" not in fresh.items_on(day("2026-06-01"))
    assert fresh.ends_on is None
    entry = AuditEntry.objects.get(action="option.ended")
    assert entry.data["contracts"] == [seats.number]
    assert (entry.data["notice"], entry.personal["override_reason"]) == (notice.pk, "")


def test_the_customer_who_is_told_last_has_the_whole_time_too(seats, ct_e1):
    other = accept(
        apply(
            ct_e1,
            {"seat": 1, "line": 1, "recording-16h": 1},
            at("2025-11-10"),
            organisation=suzuki(),
            wanted_start_on=day("2026-01-01"),
        ),
        at("2025-11-12"),
    )
    notice = told_of_end(ct_e1, "recording-16h", "2026-05-31", "2026-02-25")
    arrived(notice, seats.organisation, "2026-02-25", "2026-02-27")
    with pytest.raises(ValidationError) as excinfo:
        end_offer(notice, staff_member(), "recording-16h", day("2026-05-31"), at("2026-03-02"))
    assert other.number in str(excinfo.value)

    arrived(notice, other.organisation, "2026-02-25", "2026-03-01")
    with pytest.raises(ValidationError) as excinfo:
        end_offer(notice, staff_member(), "recording-16h", day("2026-05-31"), at("2026-03-02"))
    assert "2026年6月30日" in str(excinfo.value)
    assert len(end_offer(notice, staff_member(), "recording-16h", day("2026-06-30"), at("2026-03-02"))) == 2


def test_something_ends_without_a_notice_in_time_by_two_people_and_with_a_reason(seats, ct_e1):
    notice = told_of_end(ct_e1, "recording-16h", "2026-05-31", "2026-02-25")
    arrived(notice, seats.organisation, "2026-03-05", "2026-03-06")
    agreed, two = "全契約者の合意", approved("late_end")

    def end(reason: str, **more):
        day_of_end, moment = day("2026-05-31"), at("2026-03-10")
        return end_offer(
            notice, staff_member(), "recording-16h", day_of_end, moment, override_reason=reason, **more
        )

    with pytest.raises(ValidationError) as unfounded:
        end(" ", approval=two)
    assert list(unfounded.value.message_dict) == ["override_reason"]
    with pytest.raises(ValidationError) as alone:
        end(agreed)
    assert alone.value.code == "second_person"
    ended = end(agreed, approval=two)
    assert ended == [seats]
    assert AuditEntry.objects.get(action="option.ended").personal["override_reason"] == agreed


def test_a_late_end_is_approved_for_the_contracts_that_were_seen(seats, ct_e1, make_staff):
    """Another contract in the place of one is another end, though it is as many."""
    notice = told_of_end(ct_e1, "recording-16h", "2026-05-31", "2026-02-25")
    proposer = make_staff("yakkan@provider.example", StaffRole.TERMS, StaffRole.MANAGER)
    manager = make_staff("buchou@provider.example", StaffRole.MANAGER)
    moment = at("2026-03-10")
    wanted = LateEndData(
        notice=notice.pk, product="recording-16h", ends_on=day("2026-05-31"), override_reason="合意"
    )
    seen = put_forward(LATE_END, wanted, proposer, moment)
    other = scenes.running(ct_e1, {"seat": 1, "line": 1}, suzuki())
    seats.items.filter(product="recording-16h").update(contract=other)
    with pytest.raises(ValidationError) as refused:
        approve(seen, manager, seen.digest, moment)
    assert refused.value.code == "changed"


def test_data_is_kept_after_the_end_of_a_service_as_agreed_with_its_customer(ids):
    document = SignedDocument("特約.pdf", b"%PDF-1.7\n%%EOF\n")
    data = AgreementData(
        title="保存特約", effective_on=day("2026-02-01"), rules="data_erasure.within.days = 30"
    )
    agree(ids, staff_member(), data, document, at("2026-02-01"))
    notice = told_of_end(ids.service, "", "2026-08-31", "2026-02-02")
    arrived(notice, ids.organisation, "2026-02-02", "2026-02-03")
    assert end_offer(notice, staff_member(), "", day("2026-08-31"), at("2026-03-02")) == [ids]
    assert ids.tasks.get().due_on == day("2026-09-30")


def test_a_notice_ends_only_what_it_announced_and_not_before(seats, ct_e1):
    notice = told_of_end(ct_e1, "recording-16h", "2026-06-30", "2026-02-25")
    arrived(notice, seats.organisation, "2026-02-25", "2026-02-26")
    for product, ends_on, field in (
        ("", "2026-06-30", "notice"),
        ("delivery-base", "2026-06-30", "notice"),
        ("recording-16h", "2026-05-31", "ends_on"),
    ):
        with pytest.raises(ValidationError) as excinfo:
            end_offer(notice, staff_member(), product, day(ends_on), at("2026-03-02"))
        assert list(excinfo.value.message_dict) == [field]


def test_a_service_ends_for_everybody_who_goes_on_beyond_the_day(users, progoffice):
    other = accept(apply(progoffice, {"user": 3}, at("2026-01-10")), at("2026-01-12"))
    other = activated(other, day("2026-02-01"), at("2026-01-20"))
    accept_request(
        scenes.cancel(other, day("2026-03-31"), at("2026-02-02")), staff_member(), at("2026-02-03")
    )
    notice = told_of_end(progoffice, "", "2026-06-15", "2026-03-15")
    ended = end_offer(notice, staff_member(), "", day("2026-06-15"), at("2026-03-16"))
    assert ended == [users]
    users.refresh_from_db()
    assert (users.ends_on, users.billed_through_on, users.end_kind) == (
        day("2026-06-15"),
        day("2026-06-30"),
        "service_end",
    )
    assert users.tasks.get().kind == Task.Kind.DATA_ERASURE


# Withdrawal


def test_an_application_that_formed_the_contract_is_withdrawn_at_the_actual_damage(progoffice):
    application = apply(progoffice, {"user": 10}, at("2026-03-02"))
    contract = Contract.objects.get(application=application)

    withdraw_application(application, owner_of(yamada()), at("2026-03-05"))

    application.refresh_from_db()
    contract.refresh_from_db()
    assert (application.status, contract.end_kind, contract.ends_on) == (
        "withdrawn",
        "withdrawn",
        day("2026-03-05"),
    )
    assert contract.billed_from_on is None
    claim = record_costs(
        contract.tasks.get(),
        staff_member(),
        12000,
        "設定作業の費用",
        at("2026-03-10"),
        approval=approved("costs"),
    )
    assert (claim.kind, claim.net, claim.tax) == ("actual_damage", 12000, "outside")
    assert claim.decision["steps"][-1]["result"] == 12000
    with pytest.raises(ValidationError) as excinfo:
        record_costs(
            contract.tasks.get(), staff_member(), 1, "", at("2026-03-11"), approval=approved("costs")
        )
    assert excinfo.value.code == "already_done"


def test_preparation_costs_carry_tax_and_may_be_nothing(partner_cloud, committing):
    application = apply(partner_cloud, {"base": 2}, at("2026-03-02"), wanted_start_on=day("2026-05-01"))
    contract = accept(application, at("2026-03-03"))
    withdraw_application(application, owner_of(yamada()), at("2026-04-30"))
    task = contract.tasks.get(kind=Task.Kind.ENTER_COSTS)
    with pytest.raises(ValidationError) as excinfo:
        record_costs(task, staff_member(), -1, "", at("2026-05-01"), approval=approved("costs"))
    assert "net" in excinfo.value.message_dict
    assert record_costs(task, staff_member(), 0, "", at("2026-05-01"), approval=approved("costs")) is None
    task.refresh_from_db()
    assert task.done_at == at("2026-05-01")


def test_before_formation_withdrawing_is_free(ct_e1):
    application = apply(ct_e1, {"seat": 1}, at("2026-03-02"))
    withdraw_application(application, owner_of(yamada()), at("2026-03-03"))
    assert not Task.objects.exists()
    with pytest.raises(ValidationError) as excinfo:
        withdraw_application(application, owner_of(yamada()), at("2026-03-04"))
    assert excinfo.value.code == "already_decided"


def test_a_service_that_has_started_is_cancelled_not_withdrawn(users):
    with pytest.raises(ValidationError) as excinfo:
        withdraw_application(users.application, owner_of(yamada()), at("2026-01-01"))
    assert excinfo.value.code == "started"


# Tasks


def test_data_are_erased_after_the_end(seats):
    accept_request(
        scenes.cancel(seats, day("2026-06-30"), at("2026-05-01")), staff_member(), at("2026-05-02")
    )
    task = seats.tasks.get()
    with pytest.raises(ValidationError) as excinfo:
        complete_task(task, staff_member(), "", at("2026-06-29"))
    assert excinfo.value.code == "not_ended"
    complete_task(task, staff_member(), "媒体も破棄", at("2026-07-10"))
    with pytest.raises(ValidationError) as excinfo:
        complete_task(task, staff_member(), "", at("2026-07-11"))
    assert excinfo.value.code == "already_done"


def test_a_device_that_is_not_sent_back_costs_its_list_price(ids):
    task = replace_device(ids, staff_member(), "sip-phone", day("2026-04-27"), 12000, at("2026-04-28"))
    assert task.due_on == day("2026-05-11")
    with pytest.raises(ValidationError) as excinfo:
        charge_for_device(task, staff_member(), at("2026-05-11"), approval=approved("device_charge"))
    assert excinfo.value.code == "too_early"
    claim = charge_for_device(task, staff_member(), at("2026-05-12"), approval=approved("device_charge"))
    assert (claim.net, claim.tax) == (12000, "standard")
    with pytest.raises(ValidationError):
        complete_task(task, staff_member(), "", at("2026-05-13"))


def test_a_device_that_came_back_costs_nothing(ids, seats):
    task = replace_device(ids, staff_member(), "sip-phone", day("2026-04-27"), 12000, at("2026-04-28"))
    complete_task(task, staff_member(), "返却済み", at("2026-05-01"))
    assert not ids.claims.exists()
    with pytest.raises(ValidationError) as excinfo:
        replace_device(seats, staff_member(), "seat", day("2026-04-27"), 1, at("2026-04-28"))
    assert excinfo.value.code == "not_provided"
