"""The acceptance that forms the contract: one letter, and the moment at which the mail server took it."""

import io
from datetime import datetime

import pdfplumber
import pytest
import time_machine
from django.core import mail as django_mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from contracts.applications.acceptance import acceptance_mail, can_send_acceptance, send_acceptance
from contracts.applications.decide import accept_application
from contracts.applications.withdrawal import withdraw_application
from contracts.correspondence import letters
from contracts.inbox import waiting
from contracts.models import Application, Contract, IssuedLetter, Task
from portal.audit.models import AuditEntry
from portal.installation.models import SignOfLife
from portal.organisations.models import Membership, User
from portal.outbox.delivery import asked_later, claim, doubt, put_off, refused, taken
from portal.outbox.kinds import kind_of
from portal.outbox.models import Mail
from portal.outbox.restored import suspect_mails
from portal.outbox.settling import leave, send_again, went_out_at
from portal.outbox.worker import send_due, send_these
from tests import scenes
from tests.scenes import apply, at, day, staff_member

State = Mail.State
pytestmark = pytest.mark.usefixtures("committing", "no_worker")


@pytest.fixture
def clock():
    with time_machine.travel(at("2026-03-10"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def application(partner_cloud, clock) -> Application:
    return apply(partner_cloud, {"base": 1}, at("2026-03-10"), wanted_start_on=day("2026-04-10"))


@pytest.fixture
def contract(application, clock) -> Contract:
    """Accepted; its acceptance waits in the outbox."""
    clock.move_to(at("2026-03-12 09:30"))
    return accept_application(application, staff_member(), timezone.now())


def fresh(contract: Contract) -> Contract:
    return Contract.objects.get(pk=contract.pk)


def send(contract: Contract) -> None:
    send_these(Mail.objects.filter(kind="application_accepted", about=contract.pk))


def interrupted(contract: Contract) -> Mail:
    row = acceptance_mail(contract)
    claim(row, kind_of(row.kind).write(row, timezone.now()), timezone.now())
    Mail.objects.filter(pk=row.pk).update(interrupted_at=timezone.now())
    return acceptance_mail(contract)


def text_of(content: bytes) -> str:
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        return "\n".join(page.extract_text() for page in pdf.pages)


def test_the_contract_is_formed_when_the_server_took_it_not_when_it_was_decided(contract, clock):
    assert (contract.formed_on, contract.acceptance_sent_at) == (None, None)
    clock.move_to(at("2026-03-13 15:00"))
    send(contract)
    formed = fresh(contract)
    assert formed.acceptance_sent_at == at("2026-03-13 15:00")
    assert formed.formed_on == day("2026-03-13")
    letter = formed.letters.get()
    name, content, _type = django_mail.outbox[-1].attachments[0]
    assert (name, content) == (letter.file_name, letters.pdf_of(letter))
    assert "2026年3月13日" in text_of(content)
    assert letter.issued_at == at("2026-03-13 15:00")


def test_it_is_one_letter_however_often_and_by_how_many_people_it_is_clicked(contract):
    for staff in (staff_member(), staff_member()):
        with pytest.raises(ValidationError) as error:
            send_acceptance(contract, staff, timezone.now())
        assert error.value.code == "being_sent"
    assert not can_send_acceptance(contract)
    send(contract)
    with pytest.raises(ValidationError) as error:
        send_acceptance(contract, staff_member(), timezone.now())
    assert error.value.code == "already_sent"
    assert Mail.objects.filter(kind="application_accepted").count() == 1
    assert IssuedLetter.objects.count() == 1


def test_while_the_server_is_away_there_is_no_contract_and_nothing_is_lost(contract, clock, monkeypatch):
    def away(self, messages):
        raise ConnectionRefusedError("no mail server")

    with monkeypatch.context() as down:
        down.setattr(EmailBackend, "send_messages", away)
        send(contract)
    assert fresh(contract).formed_on is None
    assert waiting.for_acceptance_mail().get() == contract
    clock.move_to(at("2026-03-16 08:00"))
    SignOfLife.objects.all().delete()
    send_due()
    assert fresh(contract).formed_on == day("2026-03-16")
    assert "2026年3月16日" in text_of(letters.pdf_of(IssuedLetter.objects.get()))
    assert IssuedLetter.objects.get().number == "L26-000001", "the number was given when it was decided"


def test_an_interrupted_one_forms_nothing_until_staff_say_when_it_went_out(contract, clock):
    row = interrupted(contract)
    assert fresh(contract).formed_on is None
    clock.move_to(at("2026-03-20"))
    went_out_at(row, staff_member(), at("2026-03-12 09:31"), "250 queued", timezone.now())
    formed = fresh(contract)
    assert (formed.formed_on, formed.acceptance_sent_at) == (day("2026-03-12"), at("2026-03-12 09:31"))
    assert "2026年3月12日" in text_of(letters.pdf_of(formed.letters.get()))


def test_an_interrupted_one_that_is_sent_again_forms_the_contract_then(contract, clock):
    interrupted(contract)
    clock.move_to(at("2026-03-13"))
    assert can_send_acceptance(contract)
    send_acceptance(contract, staff_member(), timezone.now())
    send(contract)
    assert fresh(contract).formed_on == day("2026-03-13")
    assert "2026年3月13日" in text_of(letters.pdf_of(IssuedLetter.objects.get()))


def test_a_later_sending_moves_no_earlier_moment(contract, clock):
    send(contract)
    clock.move_to(at("2026-03-20"))
    again = send_again(acceptance_mail(contract), staff_member(), timezone.now())
    send(contract)
    assert Mail.objects.get(pk=again.pk).state == State.TAKEN
    assert fresh(contract).acceptance_sent_at == at("2026-03-12 09:30")
    first, second = (message.attachments[0] for message in django_mail.outbox[-2:])
    assert first == second, "it is the same letter"
    assert IssuedLetter.objects.count() == 1


def test_refused_it_goes_to_the_address_of_now_once_staff_send_it_again(contract, clock):
    row = acceptance_mail(contract)
    Mail.objects.filter(pk=row.pk).update(claimed_at=timezone.now(), refused_at=timezone.now())
    User.objects.filter(pk=contract.application.applicant_id).update(email="hanako@new.example")
    send_acceptance(contract, staff_member(), timezone.now())
    send(contract)
    assert django_mail.outbox[-1].to == ["hanako@new.example"]
    assert fresh(contract).formed_on == day("2026-03-12")


def test_just_before_midnight_it_waits_for_the_day_that_its_letter_states(contract, clock):
    clock.move_to(at("2026-03-12 23:59:30"))
    send(contract)
    assert acceptance_mail(contract).state == State.WAITING
    clock.move_to(at("2026-03-13 00:00"))
    send_due()
    assert fresh(contract).formed_on == day("2026-03-13")
    assert "2026年3月13日" in text_of(letters.pdf_of(IssuedLetter.objects.get()))


def test_once_the_contract_has_passed_on_all_who_act_for_it_get_the_same_letter(contract):
    Mail.objects.filter(kind="application_accepted").update(
        claimed_at=timezone.now(), refused_at=timezone.now()
    )
    successor = scenes.suzuki()
    other = User.objects.create_user("jiro@suzuki.example", None)
    Membership.objects.create(user=other, organisation=successor, role=Membership.Role.OWNER)
    Contract.objects.filter(pk=contract.pk).update(organisation=successor)
    send_acceptance(contract, staff_member(), timezone.now())
    send(contract)
    send(contract)
    told = django_mail.outbox[-2:]
    assert {message.to[0] for message in told} == {"ichiro@suzuki.example", "jiro@suzuki.example"}
    assert told[0].attachments == told[1].attachments
    assert IssuedLetter.objects.count() == 1


def test_what_is_withdrawn_before_it_went_out_is_not_accepted_any_more(contract, application):
    withdraw_application(application, application.applicant, timezone.now())
    send(contract)
    assert acceptance_mail(contract).state == State.DROPPED
    assert fresh(contract).formed_on is None


@pytest.mark.parametrize("unsent", ["interrupted_at", "refused_at"])
def test_what_is_withdrawn_after_a_first_try_is_not_sent_again(contract, application, unsent):
    row = interrupted(contract)
    Mail.objects.filter(pk=row.pk).update(**{"interrupted_at": None, unsent: timezone.now()})
    withdraw_application(application, application.applicant, timezone.now())
    assert (acceptance_mail(contract) in Mail.objects.to_look_at()) == (unsent == "interrupted_at")
    for again in (
        lambda: send_again(row, staff_member(), timezone.now()),
        lambda: send_acceptance(contract, staff_member(), timezone.now()),
    ):
        with pytest.raises(ValidationError) as error:
            again()
        assert error.value.code in ("over", "ended")
    send(contract)
    assert django_mail.outbox == []


def test_one_that_went_out_before_the_withdrawal_forms_what_was_withdrawn_then(contract, application, clock):
    """Staff know from the mail server's log: the withdrawal came after, and may cost what was prepared."""
    row = interrupted(contract)
    clock.move_to(at("2026-03-12 12:00"))
    withdraw_application(application, application.applicant, timezone.now())
    assert not contract.tasks.exists()
    went_out_at(row, staff_member(), at("2026-03-12 09:31"), "250 queued", timezone.now())
    formed = fresh(contract)
    assert (formed.formed_on, formed.acceptance_sent_at) == (day("2026-03-12"), at("2026-03-12 09:31"))
    assert (formed.end_kind, formed.ends_on) == (Contract.EndKind.WITHDRAWN, day("2026-03-12"))
    assert (formed.billed_from_on, formed.items.exists()) == (None, False)
    assert formed.tasks.get().kind == Task.Kind.ENTER_COSTS
    assert "2026年3月12日" in text_of(letters.pdf_of(formed.letters.get()))


def test_one_that_went_out_after_the_withdrawal_forms_nothing(contract, application, clock):
    row = interrupted(contract)
    withdraw_application(application, application.applicant, timezone.now())
    clock.move_to(at("2026-03-12 12:00"))
    went_out_at(row, staff_member(), at("2026-03-12 09:31"), "250 queued", timezone.now())
    ended = fresh(contract)
    assert (ended.acceptance_sent_at, ended.formed_on) == (at("2026-03-12 09:31"), None)
    assert not ended.tasks.exists()
    assert acceptance_mail(contract).state == State.TAKEN


def test_one_that_never_went_out_is_left_at_that(contract, application):
    row = interrupted(contract)
    withdraw_application(application, application.applicant, timezone.now())
    leave(row, staff_member(), timezone.now())
    assert acceptance_mail(contract) not in Mail.objects.to_look_at()
    assert fresh(contract).formed_on is None


def test_withdrawn_while_it_waits_again_it_stays_open_whether_it_went_out_before(
    contract, application, clock
):
    interrupted(contract)
    clock.move_to(at("2026-03-12 10:00"))
    row = send_acceptance(contract, staff_member(), timezone.now())
    withdraw_application(application, application.applicant, timezone.now())
    send(contract)
    assert django_mail.outbox == []
    row.refresh_from_db()
    assert (row.state, row.claimed_at) == (State.INTERRUPTED, at("2026-03-12 09:30"))
    assert row in Mail.objects.to_look_at()
    went_out_at(row, staff_member(), at("2026-03-12 09:31"), "250 queued", timezone.now())
    assert fresh(contract).formed_on == day("2026-03-12")


def tried_again(contract, clock) -> Mail:
    """Interrupted at 09:30; a second try is under way since 10:00."""
    interrupted(contract)
    clock.move_to(at("2026-03-12 10:00"))
    row = send_acceptance(contract, staff_member(), timezone.now())
    claim(row, kind_of(row.kind).write(row, timezone.now()), timezone.now())
    return row


@pytest.mark.parametrize("fails", [put_off, refused, asked_later])
def test_withdrawn_while_a_second_try_is_under_way_that_fails_the_first_stays_in_doubt(
    contract, application, clock, fails
):
    row = tried_again(contract, clock)
    withdraw_application(application, application.applicant, timezone.now())
    fails(row, timezone.now(), "451 later")
    row.refresh_from_db()
    assert (row.state, row.claimed_at) == (State.INTERRUPTED, at("2026-03-12 09:30"))
    assert row in Mail.objects.to_look_at()
    send(contract)
    assert django_mail.outbox == []
    went_out_at(row, staff_member(), at("2026-03-12 09:31"), "250 queued", timezone.now())
    formed = fresh(contract)
    assert (formed.formed_on, formed.end_kind) == (day("2026-03-12"), Contract.EndKind.WITHDRAWN)


def test_withdrawn_after_a_second_try_was_refused_the_first_stays_in_doubt(contract, application, clock):
    row = tried_again(contract, clock)
    refused(row, timezone.now(), "550 no such user")
    withdraw_application(application, application.applicant, timezone.now())
    row.refresh_from_db()
    assert (row.state, row.claimed_at) == (State.INTERRUPTED, at("2026-03-12 09:30"))
    assert row in Mail.objects.to_look_at()


def test_withdrawn_while_its_row_is_held_the_worker_leaves_the_first_try_in_doubt(contract, clock):
    """What drops it passes over a row that somebody holds; the worker finds that it is no longer so."""
    interrupted(contract)
    clock.move_to(at("2026-03-12 10:00"))
    row = send_acceptance(contract, staff_member(), timezone.now())
    ended = {"ends_on": day("2026-03-12"), "end_kind": Contract.EndKind.WITHDRAWN}
    Contract.objects.filter(pk=contract.pk).update(**ended)
    send(contract)
    row.refresh_from_db()
    assert (row.state, row.claimed_at) == (State.INTERRUPTED, at("2026-03-12 09:30"))
    assert django_mail.outbox == []


def test_after_a_refused_second_try_staff_may_find_out_that_the_first_went_out(contract, clock):
    row = tried_again(contract, clock)
    refused(row, timezone.now(), "550 no such user")
    went_out_at(row, staff_member(), at("2026-03-12 09:31"), "250 queued", timezone.now())
    formed = fresh(contract)
    assert (formed.acceptance_sent_at, formed.formed_on) == (at("2026-03-12 09:31"), day("2026-03-12"))


def test_after_three_tries_the_first_may_still_be_found_out(contract, clock):
    row = tried_again(contract, clock)
    doubt(row, timezone.now(), "reset")
    clock.move_to(at("2026-03-12 11:00"))
    row = send_acceptance(contract, staff_member(), timezone.now())
    claim(row, kind_of(row.kind).write(row, timezone.now()), timezone.now())
    doubt(row, timezone.now(), "reset")
    went_out_at(row, staff_member(), at("2026-03-12 09:31"), "250 queued", timezone.now())
    assert fresh(contract).acceptance_sent_at == at("2026-03-12 09:31")


def test_interrupted_as_it_was_withdrawn_it_is_looked_at(contract, application):
    row = acceptance_mail(contract)
    claim(row, kind_of(row.kind).write(row, timezone.now()), timezone.now())
    withdraw_application(application, application.applicant, timezone.now())
    doubt(row, timezone.now(), "reset")
    assert row in Mail.objects.to_look_at()


def test_of_what_was_withdrawn_the_moment_is_known_though_its_letter_was_lost(contract, application, clock):
    suspect_mails(timezone.now())
    clock.move_to(at("2026-03-13"))
    withdraw_application(application, application.applicant, timezone.now())
    row = acceptance_mail(contract)
    went_out_at(row, staff_member(), at("2026-03-12 09:31"), "250 queued", timezone.now())
    formed = fresh(contract)
    assert (formed.formed_on, formed.letters.exists()) == (day("2026-03-12"), False)


def test_what_is_withdrawn_while_it_is_handed_over_does_not_wait_again(contract, application):
    row = acceptance_mail(contract)
    claim(row, kind_of(row.kind).write(row, timezone.now()), timezone.now())
    withdraw_application(application, application.applicant, timezone.now())
    put_off(row, timezone.now(), "reset")
    assert acceptance_mail(contract).state == State.DROPPED


def test_where_the_server_took_it_as_it_was_withdrawn_the_moment_alone_is_stored(contract, application):
    row = acceptance_mail(contract)
    claim(row, kind_of(row.kind).write(row, timezone.now()), timezone.now())
    withdraw_application(application, application.applicant, timezone.now())
    assert taken(row, at("2026-03-12 09:31"))
    ended = fresh(contract)
    assert (ended.acceptance_sent_at, ended.formed_on) == (at("2026-03-12 09:31"), None)
    assert not ended.items.exists()
    assert acceptance_mail(contract).state == State.TAKEN


def test_one_that_waits_for_a_contract_that_came_to_nothing_is_not_sent(contract):
    Contract.objects.filter(pk=contract.pk).update(
        ends_on=day("2026-03-12"), end_kind=Contract.EndKind.WITHDRAWN
    )
    send(contract)
    assert (acceptance_mail(contract).state, django_mail.outbox) == (State.DROPPED, [])


def test_none_is_begun_that_might_be_taken_after_midnight(contract, clock):
    clock.move_to(at("2026-03-12 23:50:01"))
    send(contract)
    row = acceptance_mail(contract)
    assert (row.state, row.due_at) == (State.WAITING, at("2026-03-13 00:00"))


def test_an_interrupted_one_went_out_on_the_day_that_its_letter_states_or_not_at_all(contract, clock):
    row = interrupted(contract)
    clock.move_to(at("2026-03-20"))
    with pytest.raises(ValidationError) as error:
        went_out_at(row, staff_member(), at("2026-03-13 00:01"), "250 queued", timezone.now())
    assert "2026年3月12日" in error.value.message_dict["at"][0]
    assert fresh(contract).formed_on is None
    assert acceptance_mail(contract).state == State.INTERRUPTED


def test_one_whose_letter_was_lost_with_a_restore_can_only_be_sent_again(contract, clock):
    suspect_mails(timezone.now())
    with pytest.raises(ValidationError) as error:
        went_out_at(acceptance_mail(contract), staff_member(), timezone.now(), "250", timezone.now())
    assert list(error.value.message_dict) == ["at"]
    send_acceptance(contract, staff_member(), timezone.now())
    send(contract)
    assert fresh(contract).formed_on == day("2026-03-12")


def test_what_the_first_try_said_stays_known_after_a_second(contract, clock):
    first = interrupted(contract)
    clock.move_to(at("2026-03-13"))
    send_acceptance(contract, staff_member(), timezone.now())
    entry = AuditEntry.objects.get(action="mail.again")
    assert datetime.fromisoformat(entry.data["claimed_at"]) == at("2026-03-12 09:30")
    assert entry.data["files"] == [first.attachments[0]["hash"]]


def test_taken_twice_counts_once(contract):
    row = acceptance_mail(contract)
    claim(row, kind_of(row.kind).write(row, timezone.now()), timezone.now())
    assert taken(row, at("2026-03-12 09:31"))
    assert not taken(row, at("2026-03-12 09:32"))
    assert fresh(contract).acceptance_sent_at == at("2026-03-12 09:31")
