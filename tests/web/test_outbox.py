"""The outbox as staff see it: what was said, what became of it, and what is to be done."""

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse
from django.utils import timezone

from portal.organisations.roles import StaffRole
from portal.outbox import kinds
from portal.outbox.attachments import keep
from portal.outbox.delivery import claim, deliver
from portal.outbox.kinds import Written
from portal.outbox.models import Mail
from portal.outbox.secrets import PLACE
from tests.outbox_scene import note, put
from tests.scenes import at

State = Mail.State


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """Two kinds: about contracts, and about invoices, which reception does not see."""
    file = lambda mail, moment: Written(  # noqa: E731
        f"お知らせ {mail.number}", mail.text or "一行目\n二行目", (keep("通知書.pdf", b"%PDF-1"),)
    )
    monkeypatch.setitem(kinds._registered, "note", note(write=file))
    monkeypatch.setitem(kinds._registered, "bill", note(key="bill", label="Bills", model="billing.invoice"))


@pytest.fixture
def interrupted() -> Mail:
    mail = put()
    claim(mail, Written("件名", "本文"), timezone.now())
    Mail.objects.update(interrupted_at=timezone.now())
    return mail


def change(mail: Mail) -> str:
    return reverse("admin:outbox_mail_change", args=[mail.pk])


def act(mail: Mail, name: str) -> str:
    return reverse(f"admin:outbox_mail_{name}", args=[mail.pk])


def listed(client, **query: str) -> list[Mail]:
    page = client.get(reverse("admin:outbox_mail_changelist"), query)
    return list(page.context["cl"].result_list)


def test_a_page_shows_what_was_said_to_whom_when_with_its_files(as_reception):
    mail = put()
    deliver(mail, at("2026-11-19 09:30"))
    page = as_reception.get(change(mail)).content.decode()
    for shown in ("hanako@yamada.example", "お知らせ N-1", "一行目\n二行目", "通知書.pdf", "みなとクラウド"):
        assert shown in page
    file = as_reception.get(reverse("admin:outbox_mail_file", args=[mail.pk, 0]))
    assert b"".join(file.streaming_content) == b"%PDF-1"
    assert as_reception.get(reverse("admin:outbox_mail_file", args=[mail.pk, 1])).status_code == 404


def test_a_secret_is_shown_to_nobody(as_reception):
    mail = put(text=f"口座は{PLACE}です。", secret="id: 8-Q!")
    deliver(mail, at("2026-11-19"))
    page = as_reception.get(change(mail)).content.decode()
    assert "暗号化" in page
    assert PLACE not in page
    assert "8-Q!" not in page


def test_it_is_found_by_state_kind_address_number_and_subject(as_reception, interrupted):
    taken = put("taro@suzuki.example", about=2)
    deliver(taken, at("2026-11-19"))
    assert listed(as_reception) == [taken, interrupted]
    assert listed(as_reception, state="look_at") == [interrupted]
    assert listed(as_reception, state="taken") == [taken]
    assert listed(as_reception, kind="note") == [taken, interrupted]
    for text in ("taro@", "N-2", "お知らせ N-2"):
        assert listed(as_reception, q=text) == [taken]


def test_each_role_sees_what_is_about_what_it_sees(as_reception, staff, signed_in):
    mail = put()
    Mail.objects.update(kind="bill")
    assert listed(as_reception) == []
    assert as_reception.get(change(mail)).status_code == 302
    assert as_reception.post(act(mail, "again")).status_code in (403, 404)
    assert as_reception.get(reverse("admin:outbox_mail_file", args=[mail.pk, 0])).status_code == 404
    assert listed(signed_in(staff(StaffRole.BILLING))) == [mail]


def test_who_may_only_see_what_it_is_about_settles_nothing(interrupted, staff, signed_in):
    billing = signed_in(staff(StaffRole.BILLING))
    assert listed(billing) == [interrupted], "contracts are shown to billing"
    for name in ("again", "went_out", "leave"):
        assert billing.post(act(interrupted, name)).status_code == 403
    assert Mail.objects.get().state == State.INTERRUPTED


def test_staff_send_it_again_by_a_button(as_reception, interrupted, committing):
    as_reception.post(act(interrupted, "again"))
    assert Mail.objects.get().state == State.TAKEN
    assert len(django_mail.outbox) == 1


def test_what_is_no_longer_so_is_not_offered_to_be_sent_again(as_reception, interrupted, monkeypatch):
    monkeypatch.setitem(kinds._registered, "note", note(is_over=lambda mail: True))
    page = as_reception.get(change(interrupted)).content.decode()
    assert act(interrupted, "again") not in page
    assert act(interrupted, "went_out") in page, "that it went out may be known of it all the same"
    reply = as_reception.post(act(interrupted, "again"))
    assert "取り下げ" in reply.content.decode()
    assert Mail.objects.get().state == State.INTERRUPTED


def test_staff_say_from_the_log_when_it_went_out(as_reception, interrupted):
    form = {"at_0": "2026-11-20", "at_1": "09:00", "evidence": "250 queued as 4F2"}
    refused = as_reception.post(act(interrupted, "went_out"), form)
    assert "09:00" in refused.content.decode()
    assert Mail.objects.get().state == State.INTERRUPTED
    as_reception.post(act(interrupted, "went_out"), {**form, "at_1": "10:00"})
    assert Mail.objects.get().taken_at == at("2026-11-20 10:00")


def test_no_page_waits_for_the_mail_server(application, as_reception, committing, no_worker, monkeypatch):
    """Dead or slow, it is asked by workers alone."""

    def asked(self, *about):
        raise AssertionError("a page asked the mail server")

    monkeypatch.setattr(EmailBackend, "open", asked, raising=False)
    monkeypatch.setattr(EmailBackend, "send_messages", asked)
    accept = reverse("admin:contracts_application_accept", args=[application.pk])
    assert as_reception.post(accept).status_code == 302
    mail = Mail.objects.get(kind="application_accepted")
    assert mail.state == State.WAITING
    contract = reverse("admin:contracts_contract_change", args=[mail.about])
    assert "送信待ち" in as_reception.get(contract).content.decode()


def test_staff_leave_one_at_that(as_reception, interrupted):
    as_reception.post(act(interrupted, "leave"))
    assert listed(as_reception, state="look_at") == []
    assert listed(as_reception, state="interrupted") == [interrupted]


def test_only_what_fits_is_offered(as_reception, interrupted):
    page = as_reception.get(change(interrupted)).content.decode()
    assert all(act(interrupted, name) in page for name in ("again", "went_out", "leave"))
    waiting = put(about=2)
    page = as_reception.get(change(waiting)).content.decode()
    assert not any(act(waiting, name) in page for name in ("again", "went_out", "leave"))
