"""The outbox: rows that wait, go out once, are tried again, and are settled by staff."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail as django_mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone

from portal.audit.models import AuditEntry
from portal.installation.models import SignOfLife
from portal.installation.signs import alive
from portal.outbox import kinds
from portal.outbox.attachments import keep
from portal.outbox.delivery import LONGEST, PAUSES, UNWRITTEN, claim, deliver, taken
from portal.outbox.keeping import KEPT, KEPT_AT_MOST, erase_secrets
from portal.outbox.kinds import NotYetError, Written, kind_of
from portal.outbox.models import Mail
from portal.outbox.queue import Sender, drop, enqueue
from portal.outbox.secrets import PLACE, opened
from portal.outbox.settling import leave, send_again, went_out_at
from portal.outbox.worker import send_due, send_these
from tests.outbox_scene import SENDER, note, put
from tests.scenes import at, staff_member

State = Mail.State
NOW = "2026-11-20 10:00"


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(at(NOW), tick=False) as traveller:
        yield traveller


@pytest.fixture
def known(monkeypatch):
    """Makes kinds of e-mails known for a test."""

    def know(**hooks) -> None:
        monkeypatch.setitem(kinds._registered, "note", note(**hooks))

    know()
    return know


@pytest.fixture
def server(monkeypatch):
    """Lets the mail server behave as told."""

    def behave(error: Exception | None) -> None:
        def send_messages(self, messages):
            if error:
                raise error
            return original(self, messages)

        monkeypatch.setattr(EmailBackend, "send_messages", send_messages)

    original = EmailBackend.send_messages
    return behave


pytestmark = pytest.mark.usefixtures("known")


def fresh(mail: Mail) -> Mail:
    return Mail.objects.get(pk=mail.pk)


def test_an_email_is_a_row_until_the_transaction_is_over_and_goes_out_then(committing):
    with transaction.atomic():
        mail = put()
        assert (mail.state, django_mail.outbox) == (State.WAITING, [])
    (message,) = django_mail.outbox
    assert (message.to, message.subject) == (["hanako@yamada.example"], "お知らせ N-1")
    stored = fresh(mail)
    assert (stored.state, stored.taken_at, stored.tries) == (State.TAKEN, at(NOW), 1)
    assert (stored.subject, stored.text) == ("お知らせ N-1", "本文です。")


def test_what_is_undone_says_nothing(committing):
    with pytest.raises(RuntimeError), transaction.atomic():
        put()
        raise RuntimeError
    assert (Mail.objects.count(), django_mail.outbox) == (0, [])


def test_outside_a_transaction_nothing_is_put_into_the_outbox(transactional_db):
    with pytest.raises(transaction.TransactionManagementError):
        enqueue("note", 1, "hanako@yamada.example", SENDER)


def test_the_same_to_the_same_address_is_one_however_often_asked():
    assert put() == put()
    assert put("taro@yamada.example") != put()
    assert Mail.objects.count() == 2


def test_it_comes_from_the_provider_by_the_portal_and_says_that_nobody_typed_it(settings):
    settings.DEFAULT_FROM_EMAIL = "Portal <portal@host.example>"
    settings.PORTAL_URL = "https://portal.example"
    settings.BOUNCE_ADDRESS = "bounces@host.example"
    mail = put()
    send_due()
    (message,) = django_mail.outbox
    sent = message.message()
    assert sent["From"].endswith("<portal@host.example>")
    assert message.reply_to == ["desk@provider.example"]
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Message-ID"] == f"<{mail.message_id}>"
    assert mail.message_id.endswith("@portal.example")
    assert message.from_email == f"bounces+{mail.message_id.split('@')[0]}@host.example"


def test_a_provider_may_have_an_address_of_its_own():
    sender = Sender("みなと", "desk@provider.example", "info@provider.example")
    with transaction.atomic():
        enqueue("note", 1, "hanako@yamada.example", sender)
    send_due()
    assert "info@provider.example" in django_mail.outbox[0].message()["From"]


def test_a_server_that_is_away_lets_all_wait_with_growing_pauses(server, clock):
    mails = [put(about=about) for about in (1, 2)]
    for tries, pause in enumerate((*PAUSES, PAUSES[-1]), 1):
        server(ConnectionRefusedError("Connection refused"))
        send_due()
        first = fresh(mails[0])
        assert (first.state, first.tries) == (State.WAITING, tries)
        assert first.due_at == timezone.now() + pause
        assert "Connection refused" in first.trouble
        clock.shift(pause)
    server(None)
    send_due()
    assert [fresh(mail).state for mail in mails] == [State.TAKEN, State.TAKEN]
    assert fresh(mails[0]).trouble == ""


def test_nobody_waits_for_a_server_that_did_not_answer_just_now(server):
    server(TimeoutError("timed out"))
    put()
    send_due()
    server(None)
    later = put(about=2)
    assert send_due() is False
    assert fresh(later).tries == 0, "it is tried with the next look"
    alive(SignOfLife.Part.MAIL)
    send_due()
    assert fresh(later).state == State.TAKEN


def test_a_worker_that_was_lost_leaves_an_email_of_which_nobody_knows(clock):
    mail = put()
    claim(mail, Written("件名", "本文"), timezone.now())
    clock.shift(LONGEST)
    send_due()
    assert fresh(mail).state == State.SENDING
    clock.shift(timedelta(seconds=1))
    send_due()
    assert fresh(mail).state == State.INTERRUPTED
    assert fresh(mail) in Mail.objects.to_look_at()
    assert django_mail.outbox == []


def test_two_workers_send_it_once():
    mail = put()
    written = Written("件名", "本文")
    assert claim(fresh(mail), written, timezone.now())
    assert not claim(fresh(mail), written, timezone.now())
    send_due()
    assert django_mail.outbox == []


def test_what_follows_is_stored_with_the_moment_at_which_the_server_took_it(known):
    seen = []
    known(taken=lambda mail, moment: seen.append((mail.about, moment)))
    mail = put(about=7)
    deliver(mail, at("2026-11-19 09:00"))
    assert taken(mail, at("2026-11-21")) is False, "a later moment moves none"
    assert seen == [(7, at("2026-11-19 09:00"))]
    assert fresh(mail).taken_at == at("2026-11-19 09:00")


def test_where_what_follows_can_not_be_stored_it_is_not_called_taken(known):
    def fail(mail, moment):
        raise RuntimeError("a fault")

    known(taken=fail)
    mail = put()
    send_due()
    stored = fresh(mail)
    assert (stored.state, len(django_mail.outbox)) == (State.INTERRUPTED, 1)
    assert "2026-11-20" in stored.trouble
    known()
    went_out_at(mail, staff_member(), timezone.now(), "log", timezone.now())
    assert fresh(mail).state == State.TAKEN


def test_one_that_can_not_be_written_stops_no_other_and_is_left_to_staff(known, clock):
    failed = []

    def write(mail, moment):
        if mail.about == 1:
            raise FileNotFoundError("letters/1.pdf")
        return Written("件名", "本文")

    known(write=write, failed=lambda mail, moment, why: failed.append(why))
    broken, other = put(about=1), put(about=2)
    for _time in range(3):
        send_due()
        clock.shift(max(PAUSES))
    assert fresh(other).state == State.TAKEN
    assert fresh(broken).state == State.REFUSED
    assert failed == ["FileNotFoundError: letters/1.pdf"]
    assert "letters/1.pdf" in fresh(broken).trouble


def test_one_that_would_not_be_true_yet_waits_for_its_moment(known, clock):
    midnight = at("2026-11-21 00:00")

    def write(mail, moment):
        if moment < midnight:
            raise NotYetError(midnight)
        return Written("件名", "本文")

    known(write=write)
    mail = put()
    send_due()
    assert (fresh(mail).state, fresh(mail).due_at) == (State.WAITING, midnight)
    clock.move_to(midnight)
    send_due()
    assert fresh(mail).state == State.TAKEN


def test_files_go_out_as_they_were_stored(known):
    known(write=lambda mail, moment: Written("件名", "本文", (keep("letter.pdf", b"%PDF-1"),)))
    mail = put()
    send_due()
    assert django_mail.outbox[0].attachments == [("letter.pdf", b"%PDF-1", "application/pdf")]
    (stated,) = fresh(mail).attachments
    assert stated["name"] == "letter.pdf"


def test_what_is_no_longer_so_is_not_sent():
    mail = put()
    drop(Mail.objects.filter(pk=mail.pk))
    send_due()
    assert (fresh(mail).state, django_mail.outbox) == (State.DROPPED, [])


def test_one_without_a_moment_waits_until_it_is_handed_over_by_name():
    mail = put(due_at=None)
    send_due()
    assert fresh(mail).state == State.WAITING
    send_these(Mail.objects.filter(pk=mail.pk))
    assert fresh(mail).state == State.TAKEN


def test_those_handed_over_by_name_are_due_once_the_server_was_away(server, clock):
    mails = [put(about=about, due_at=None) for about in (1, 2)]
    server(ConnectionRefusedError())
    send_these(Mail.objects.all())
    server(None)
    clock.shift(PAUSES[0])
    send_due()
    assert [fresh(mail).state for mail in mails] == [State.TAKEN, State.TAKEN]


class TestStaff:
    @pytest.fixture
    def staff(self):
        return staff_member()

    @pytest.fixture
    def interrupted(self) -> Mail:
        mail = put()
        claim(mail, Written("件名", "本文"), timezone.now())
        Mail.objects.update(interrupted_at=timezone.now())
        return fresh(mail)

    def test_send_again_what_was_interrupted_to_the_address_of_now(self, known, interrupted, staff):
        known(address=lambda mail: "new@yamada.example")
        assert send_again(interrupted, staff, timezone.now()) == interrupted
        send_due()
        assert django_mail.outbox[0].to == ["new@yamada.example"]
        assert AuditEntry.objects.get(action="mail.again").data["before"] == "interrupted"

    def test_send_again_what_was_taken_as_another_one(self, staff):
        mail = put()
        send_due()
        again = send_again(mail, staff, timezone.now())
        send_due()
        assert (again.again_of, len(django_mail.outbox)) == (mail, 2)
        assert fresh(again).message_id != mail.message_id
        assert fresh(mail).state == State.TAKEN
        assert send_again(fresh(again), staff, timezone.now()).again_of == mail

    def test_send_it_again_once_however_often_they_click(self, staff):
        mail = put()
        send_due()
        send_again(mail, staff, timezone.now())
        with pytest.raises(ValidationError) as error:
            send_again(mail, staff, timezone.now())
        assert error.value.code == "being_sent"
        assert Mail.objects.count() == 2

    def test_send_nothing_again_that_waits(self, staff):
        with pytest.raises(ValidationError) as error:
            send_again(put(), staff, timezone.now())
        assert error.value.code == "not_needed"

    def test_say_from_evidence_when_one_went_out(self, known, interrupted, staff, clock):
        seen = []
        known(taken=lambda mail, moment: seen.append(moment))
        clock.shift(timedelta(hours=2))
        went_out_at(interrupted, staff, at("2026-11-20 10:01"), " log: 250 ", timezone.now())
        assert seen == [at("2026-11-20 10:01")]
        assert fresh(interrupted).state == State.TAKEN
        assert AuditEntry.objects.get(action="mail.went_out").personal["evidence"] == "log: 250"

    @pytest.mark.parametrize(
        ("moment", "evidence", "named"),
        [
            ("2026-11-20 09:00", "log", "at"),
            ("2026-11-20 18:00", "log", "at"),
            ("2026-11-20 10:00", " ", "evidence"),
        ],
    )
    def test_say_nothing_that_can_not_be(self, interrupted, staff, moment, evidence, named):
        with pytest.raises(ValidationError) as error:
            went_out_at(interrupted, staff, at(moment), evidence, timezone.now())
        assert list(error.value.message_dict) == [named]
        assert fresh(interrupted).state == State.INTERRUPTED

    def test_leave_one_at_that(self, interrupted, staff):
        leave(interrupted, staff, timezone.now())
        assert fresh(interrupted) not in Mail.objects.to_look_at()
        with pytest.raises(ValidationError):
            leave(interrupted, staff, timezone.now())


class TestSecrets:
    @pytest.fixture
    def mail(self) -> Mail:
        return put(text=f"口座は{PLACE}です。", secret="id: minato / 8-Q!")

    def test_go_out_and_are_stored_encrypted_alone(self, mail):
        send_due()
        assert django_mail.outbox[0].body == "口座はid: minato / 8-Q!です。"
        row = Mail.objects.filter(pk=mail.pk).values().get()
        assert "8-Q!" not in str(row)
        assert opened(fresh(mail).secret) == "id: minato / 8-Q!"

    def test_are_erased_seven_days_after_the_server_took_them(self, mail, clock):
        send_due()
        clock.shift(KEPT - timedelta(seconds=1))
        assert erase_secrets(timezone.now()) == 0
        clock.shift(timedelta(seconds=1))
        assert erase_secrets(timezone.now()) == 1
        assert fresh(mail).secret == ""
        with pytest.raises(ValidationError) as error:
            send_again(mail, staff_member(), timezone.now())
        assert error.value.code == "erased"

    def test_are_kept_while_the_server_has_not_taken_them(self, mail, clock):
        clock.shift(timedelta(days=60))
        assert erase_secrets(timezone.now()) == 0
        send_due()
        assert "8-Q!" in django_mail.outbox[0].body

    def test_are_erased_after_ninety_days_whatever_became_of_the_email(self, mail, clock):
        clock.shift(KEPT_AT_MOST)
        assert erase_secrets(timezone.now()) == 1
        send_due()
        assert (django_mail.outbox, fresh(mail).state) == ([], State.WAITING), "never without its secret"
        clock.shift(UNWRITTEN)
        send_due()
        assert fresh(mail) in Mail.objects.to_look_at()

    def test_can_be_read_with_a_key_of_before(self, mail, settings):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another key"
        send_due()
        assert "8-Q!" in django_mail.outbox[0].body

    def test_wait_where_their_key_is_lost(self, mail, settings):
        settings.SECRET_KEY = "another key"
        send_due()
        assert (django_mail.outbox, fresh(mail).state) == ([], State.WAITING)
        assert "SECRET_KEY_FALLBACKS" in fresh(mail).trouble


@pytest.mark.parametrize("state", State)
def test_what_a_list_finds_is_what_a_row_says(state, clock):
    one_of_each()
    found = Mail.objects.in_state(state)
    assert [mail.state for mail in found] == [state]
    assert set(found) == {mail for mail in Mail.objects.all() if mail.state == state}


def one_of_each() -> None:
    moment = timezone.now()
    happened = {
        State.WAITING: {},
        State.SENDING: {"claimed_at": moment},
        State.INTERRUPTED: {"claimed_at": moment, "interrupted_at": moment},
        State.TAKEN: {"claimed_at": moment, "taken_at": moment},
        State.REFUSED: {"claimed_at": moment, "refused_at": moment},
        State.BOUNCED: {"claimed_at": moment, "taken_at": moment, "bounced_at": moment},
        State.DROPPED: {"closed_at": moment},
        State.EXPIRED: {"closed_at": moment, "expires_at": moment},
        State.TO_POST: {"address": ""},
        State.POSTED: {"address": "", "claimed_at": moment, "taken_at": moment},
    }
    for about, known in enumerate(happened.values()):
        Mail.objects.filter(pk=put(about=about).pk).update(**known)
    assert kind_of("note").label == "Notes"
