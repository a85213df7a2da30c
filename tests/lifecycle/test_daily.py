"""The daily command: late, twice, in the other order, while the mail server is down: each reminder once."""

from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command

from contracts.applications.drafts import save_draft
from contracts.inbox.daily import run_day
from contracts.models import Contract, Reminder, Task
from contracts.requests.decide import accept_request
from contracts.requests.kinds.reported import NameData
from contracts.requests.questions import ask_back
from portal.audit.models import AuditEntry
from portal.outbox.models import Mail
from portal.outbox.worker import send_these
from tests import scenes
from tests.scenes import accept, activated, apply, at, day, staff_member


@pytest.fixture
def users(progoffice) -> Contract:
    """10 users from 15 January 2026; the first term ends with the year."""
    contract = accept(apply(progoffice, {"user": 10}, at("2025-11-10")), at("2025-11-12"))
    return activated(contract, day("2026-01-15"), at("2025-12-01"))


@pytest.fixture
def seats(ct_e1) -> Contract:
    application = apply(ct_e1, {"seat": 5}, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    return accept(application, at("2025-11-12"))


def sent(on: str) -> int:
    """How many reminders a day brings; those that wait go out then."""
    report = run_day(day(on), lambda: at(on))
    send_reminders()
    return report.sent


def send_reminders() -> None:
    send_these(Mail.objects.filter(kind__startswith="reminder"))


def keys() -> list[str]:
    return list(Reminder.objects.filter(sent_at__isnull=False).order_by("pk").values_list("key", flat=True))


def test_customers_are_reminded_of_a_renewal_once(users):
    Contract.objects.filter(pk=users.pk).update(acceptance_sent_at=at("2025-11-12"))
    assert sent("2026-10-30") == 0, "more than a month ahead"
    assert sent("2026-11-01") == 1
    assert (sent("2026-11-01"), sent("2026-11-02"), sent("2026-11-30")) == (0, 0, 0)
    message = mail.outbox[-1]
    assert message.to == ["hanako@yamada.example"]
    assert "2026年11月30日 17:00" in message.body, "the last moment, in business hours"
    assert keys() == [f"renewal:{users.pk}:2026-11-30"]
    assert AuditEntry.objects.filter(action="reminder.sent").count() == 1
    assert Reminder.objects.get().to == "hanako@yamada.example"


def test_a_command_that_runs_late_still_reminds_while_it_helps(users):
    Contract.objects.filter(pk=users.pk).update(acceptance_sent_at=at("2025-11-12"))
    assert sent("2026-11-30") == 1
    Reminder.objects.all().delete()
    assert sent("2026-12-01") == 0, "a deadline that is over is not reminded of"
    assert run_day(day("2026-11-30"), lambda: at("2026-11-30 17:01")).sent == 0, "nor later on its last day"


def test_terms_that_renew_month_by_month_are_not_reminded_of(simpleconnect):
    contract = accept(apply(simpleconnect, {"id": 3}, at("2026-01-05")), at("2026-01-06"))
    scenes.registered(contract, at("2026-01-07"))
    Contract.objects.update(acceptance_sent_at=at("2026-01-06"))
    assert sent("2026-03-20") == 0


def test_the_end_of_a_contract_and_the_erasure_of_its_data(seats):
    Contract.objects.update(acceptance_sent_at=at("2025-11-12"))
    accept_request(
        scenes.cancel(seats, day("2026-06-30"), at("2026-05-01")), staff_member(), at("2026-05-02")
    )
    assert sent("2026-06-15") == 0
    assert sent("2026-06-16") == 1
    assert mail.outbox[-1].to == ["hanako@yamada.example"]
    assert sent("2026-07-30") == 0
    assert sent("2026-07-31") == 1, "the erasure is due"
    assert mail.outbox[-1].to == [seats.service.provider.email]
    assert keys() == [f"end:{seats.pk}:2026-06-30", f"task:{Task.objects.get().pk}"]


def test_questions_and_missing_documents_are_reminded_of(seats):
    Contract.objects.update(acceptance_sent_at=at("2025-11-12"))
    data = NameData(wanted_on=day("2026-04-01"), name="新社名")
    request = scenes.ask(seats, "name", data, at("2026-03-01"))
    assert sent("2026-03-03") == 0
    assert sent("2026-03-04") == 1
    ask_back(request, staff_member(), "登記はいつ届きますか。", at("2026-03-05"))
    assert sent("2026-03-07") == 0
    assert sent("2026-03-08") == 1
    assert request.number in mail.outbox[-1].body


def test_staff_are_told_what_waits_too_long(simpleconnect, progoffice):
    registration = accept(apply(simpleconnect, {"id": 3}, at("2026-03-01")), at("2026-03-02"))
    activation = accept(apply(progoffice, {"user": 3}, at("2026-03-01")), at("2026-03-02"))
    Contract.objects.update(acceptance_sent_at=at("2026-03-02"))
    assert sent("2026-03-06") == 0
    assert sent("2026-03-07") == 2
    assert keys() == [f"registration:{registration.pk}", f"activation:{activation.pk}"]


def test_staff_are_told_of_an_acceptance_that_did_not_go_out_by_the_name_it_always_had(seats):
    Contract.objects.update(acceptance_sent_at=None)
    sent("2027-01-20")
    assert f"acceptance:{seats.pk}" in keys()
    label = "未送信の承諾通知（承諾日）"
    assert [label in message.body for message in mail.outbox].count(True) == 1


class Refusing(EmailBackend):
    def send_messages(self, messages):
        raise OSError("down")


def test_what_the_mail_server_does_not_take_waits_in_the_outbox_and_is_not_said_twice(users, settings):
    Contract.objects.filter(pk=users.pk).update(acceptance_sent_at=at("2025-11-12"))
    normal = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    assert sent("2026-11-01") == 1
    assert (keys(), mail.outbox) == ([], [])
    assert sent("2026-11-02") == 0
    settings.EMAIL_BACKEND = normal
    send_reminders()
    assert keys() == [f"renewal:{users.pk}:2026-11-30"]
    assert len(mail.outbox) == 1


def test_secrets_that_went_out_long_enough_ago_go_with_the_day(users):
    old = Mail.objects.order_by("pk")[0]
    Mail.objects.filter(pk=old.pk).update(secret="x", claimed_at=at("2026-10-20"), taken_at=at("2026-10-20"))
    sent("2026-11-01")
    assert Mail.objects.get(pk=old.pk).secret == ""


def test_the_command_says_what_it_did(users):
    Contract.objects.filter(pk=users.pk).update(acceptance_sent_at=at("2025-11-12"))
    out = StringIO()
    with time_machine.travel(at("2026-11-01")):
        call_command("daily", on=day("2026-11-01"), stdout=out)
        call_command("daily", "--on", "2026-11-01", stdout=out)
    assert out.getvalue().splitlines() == [
        "2026-11-01: 1 sent, 0 sent before.",
        "2026-11-01: 0 sent, 1 sent before.",
    ]
    save_draft(scenes.yamada(), users.service, scenes.owner_of(scenes.yamada()), {}, at("2020-01-01"))
    out = StringIO()
    call_command("daily", on=day("2026-11-01"), stdout=out)
    assert "1 drafts of applications removed" in out.getvalue()
    with pytest.raises(CommandError, match="not a day"):
        call_command("daily", "--on", "tomorrow")
