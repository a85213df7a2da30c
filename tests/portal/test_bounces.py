"""E-mails that come back: reports of other servers find their e-mail, whatever form they have."""

import io
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from portal.audit.models import AuditEntry
from portal.outbox import kinds
from portal.outbox.bounces import take_bounce
from portal.outbox.delivery import bounced, deliver
from portal.outbox.management.commands import take_bounce as command
from portal.outbox.models import Mail
from portal.outbox.settling import send_again
from tests.outbox_scene import note, put
from tests.scenes import at, staff_member

WHY = "550 5.1.1 <hanako@yamada.example>: user unknown"


@pytest.fixture
def failures(monkeypatch, db) -> list[str]:
    seen: list[str] = []
    kind = note(failed=lambda mail, moment, why: seen.append(why))
    monkeypatch.setitem(kinds._registered, "note", kind)
    return seen


@pytest.fixture
def mail(failures) -> Mail:
    sent = put()
    deliver(sent, at("2026-11-20"))
    return sent


def report(mail: Mail, *, to: str = "", action: str = "failed", original: bool = True) -> bytes:
    """A report as other mail servers send it."""
    message = MIMEMultipart("report", report_type="delivery-status")
    message["From"] = "MAILER-DAEMON@mx.yamada.example"
    message["To"] = to or "bounces@host.example"
    message["Message-ID"] = "<of-the-report@mx.yamada.example>"
    message.attach(MIMEText("It could not be delivered."))
    status = (
        "Reporting-MTA: dns; mx.yamada.example\n\nFinal-Recipient: rfc822; hanako@yamada.example\n"
        f"Action: {action}\nStatus: 5.1.1\nDiagnostic-Code: smtp; {WHY}\n\n"
    )
    parts = [f"Content-Type: message/delivery-status\n\n{status}"]
    if original:
        parts.append(f"Content-Type: message/rfc822\n\nMessage-ID: <{mail.message_id}>\nSubject: x\n\nText\n")
    boundary = "=-=-="
    head = (
        message.as_string()
        .split("\n\n", 1)[0]
        .replace("multipart/report;", f'multipart/report; boundary="{boundary}";')
    )
    body = "".join(f"\n--{boundary}\n{part}" for part in parts)
    return f"{head}\n{body}\n--{boundary}--\n".encode()


def token_of(mail: Mail) -> str:
    return mail.message_id.split("@")[0]


def test_it_is_found_by_the_address_that_the_report_went_to(mail, failures):
    raw = report(mail, to=f"bounces+{token_of(mail)}@host.example", original=False)
    assert take_bounce(raw, at("2026-11-21")) == mail
    stored = Mail.objects.get()
    assert (stored.state, stored.bounced_at, stored.bounce_note) == (
        Mail.State.BOUNCED,
        at("2026-11-21"),
        WHY,
    )
    assert stored.taken_at == at("2026-11-20"), "that it went out stays so"
    assert failures == [WHY]
    assert stored in Mail.objects.to_look_at()
    assert AuditEntry.objects.filter(action="mail.bounced").count() == 1


def test_it_is_found_by_the_copy_that_comes_back(mail):
    assert take_bounce(report(mail), at("2026-11-21")) == mail


def test_it_is_found_by_the_headers_that_come_back_with_the_message_id_of_before_the_outbox(mail):
    Mail.objects.update(message_id="invoice-CD-2026-000001@portal.example")
    headers = b"Content-Type: text/rfc822-headers\n\nMessage-ID: <invoice-CD-2026-000001@portal.example>\n"
    kept, boundary, _returned = report(mail, original=False).partition(b"\n--=-=-=--")
    assert take_bounce(kept + b"\n--=-=-=\n" + headers + boundary + b"\n", at("2026-11-21")) == mail


def test_it_is_found_by_what_the_mail_server_says(mail):
    raw = report(mail, original=False)
    assert take_bounce(raw, at("2026-11-21"), f"bounces+{token_of(mail)}@host.example") == mail


def test_a_report_that_comes_twice_counts_once(mail, failures):
    take_bounce(report(mail), at("2026-11-21"))
    assert take_bounce(report(mail), at("2026-11-22")) is None
    assert (Mail.objects.get().bounced_at, len(failures)) == (at("2026-11-21"), 1)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"To: bounces+%s@host.example\nSubject: out of office\n\nI am away.",
        b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n???",
    ],
)
def test_what_is_no_report_changes_nothing(mail, raw):
    assert take_bounce(raw.replace(b"%s", token_of(mail).encode()), at("2026-11-21")) is None
    assert Mail.objects.get().state == Mail.State.TAKEN


def test_a_report_a_year_later_is_for_staff_to_look_at_and_changes_nothing_else(mail, failures):
    assert take_bounce(report(mail), at("2027-11-20")) == mail
    assert (Mail.objects.get().state, failures) == (Mail.State.BOUNCED, [])
    assert mail in Mail.objects.to_look_at()


def test_a_report_on_one_that_was_sent_again_since_changes_nothing_else(mail, failures):
    again = send_again(mail, staff_member(), at("2026-11-21"))
    deliver(again, at("2026-11-21"))
    assert take_bounce(report(mail), at("2026-11-22")) == mail
    assert failures == []
    assert take_bounce(report(again), at("2026-11-22")) == again
    assert failures == [WHY]


def test_a_report_on_one_of_which_nobody_knows_is_for_staff_to_look_at(mail, failures):
    Mail.objects.update(taken_at=None, interrupted_at=at("2026-11-20"))
    assert take_bounce(report(mail), at("2026-11-21")) == mail
    assert (Mail.objects.get().state, failures) == (Mail.State.BOUNCED, [])


def test_a_report_on_one_that_is_being_sent_stops_it_not_and_is_to_come_again(mail, monkeypatch):
    Mail.objects.update(taken_at=None)
    monkeypatch.setattr(command.sys, "stdin", SimpleNamespace(buffer=io.BytesIO(report(mail))))
    with pytest.raises(CommandError) as error:
        call_command("take_bounce")
    assert error.value.returncode == 75
    assert not bounced(mail, at("2026-11-21"), WHY), "by hand neither"
    assert Mail.objects.get().state == Mail.State.SENDING


def test_what_a_report_says_is_kept_short_and_printable(mail):
    raw = report(mail).replace(WHY.encode(), b"550 \x1b[31mred" + b"x" * 600)
    take_bounce(raw, at("2026-11-21"))
    for kept in (
        Mail.objects.get().bounce_note,
        AuditEntry.objects.get(action="mail.bounced").personal["why"],
    ):
        assert kept.startswith("550  [31mred")
        assert len(kept) == 500


def test_a_report_of_a_delay_changes_nothing(mail):
    assert take_bounce(report(mail, action="delayed"), at("2026-11-21")) is None


def test_a_report_on_somebody_elses_email_changes_nothing(mail):
    raw = report(mail).replace(token_of(mail).encode(), b"0" * 32)
    assert take_bounce(raw, at("2026-11-21")) is None


def test_the_command_reads_it_from_the_pipe(mail, monkeypatch):
    monkeypatch.setattr(command.sys, "stdin", SimpleNamespace(buffer=io.BytesIO(report(mail))))
    out = io.StringIO()
    call_command("take_bounce", to=f"bounces+{token_of(mail)}@host.example", stdout=out)
    assert "hanako@yamada.example" in out.getvalue()
    assert Mail.objects.get().state == Mail.State.BOUNCED


def test_the_command_lets_the_mail_server_try_again_while_the_database_is_away(mail, monkeypatch):
    def away(*args):
        raise OperationalError("gone")

    monkeypatch.setattr(command.sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    monkeypatch.setattr(command, "take_bounce", away)
    with pytest.raises(CommandError) as error:
        call_command("take_bounce")
    assert error.value.returncode == 75
