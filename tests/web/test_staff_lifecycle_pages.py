"""What staff do in the life of a contract: stops, ends, tasks, papers, authorised users."""

import re

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from billing.models import RecordedOutage
from billing.runs.bill import bill
from contracts.applications.acceptance import deliver_acceptance
from contracts.lifecycle.documents import attach_document
from contracts.lifecycle.suspensions import suspend
from contracts.models import AuthorisedUser, Claim, Contract, IssuedLetter, Notice, Task
from contracts.notices.deliveries import record_arrival, record_posting
from contracts.notices.send import draft_notice, send_notice
from contracts.requests.decide import accept_request
from contracts.requests.kinds.reported import NameData
from contracts.requests.kinds.successions import SuccessionData
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.successors import Successor
from contracts.rules.calendar.period import Month
from portal.approvals.models import Proposal
from portal.audit.models import AuditEntry
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from tests import scenes
from tests.approving import approve_it
from tests.billing_scene import load_priced_service
from tests.scenes import at, day


def address(target: Model, name: str) -> str:
    return reverse(f"admin:contracts_{target._meta.model_name}_{name}", args=[target.pk])


def do(client: Client, target: Model, name: str, **data: str):
    """Send an action's form; the reply is the form again where something is wrong with it."""
    return client.post(address(target, name), data)


def offered(client: Client, target: Model, *names: str) -> set[str]:
    page = client.get(address(target, "change")).content.decode()
    return {name for name in names if f'"{address(target, name)}"' in page}


def reasons(page) -> list[str]:
    return [key for key, _label in page.context["form"].fields["reason"].choices]


@pytest.fixture
def servers(yamada) -> Contract:
    """Formed when the acceptance is sent; runs since October."""
    contract = scenes.running(load_priced_service("partner-cloud-e"), {"base": 2}, yamada)
    deliver_acceptance(contract, scenes.at("2026-09-10"))
    contract.refresh_from_db()
    return contract


@pytest.fixture
def sent(django_capture_on_commit_callbacks):
    """Send an action's form, and the e-mails that follow it."""

    def send(client: Client, target: Model, name: str, **data: str):
        with django_capture_on_commit_callbacks(execute=True):
            return do(client, target, name, **data)

    return send


# Stops


def test_a_suspension_shows_its_limit_and_keeps_to_it(contract, as_reception):
    page = as_reception.get(address(contract, "suspend"))
    assert "6か月" in page.content.decode() or "6 months" in page.content.decode()
    assert "#article-16-1" in page.content.decode()
    too_long = do(
        as_reception, contract, "suspend", reason="breach", starts_on="2026-11-20", ends_on="2027-05-20"
    )
    assert list(too_long.context["form"].errors) == ["ends_on"]
    until_paid = do(
        as_reception, contract, "suspend", reason="breach", starts_on="2026-11-20", until_paid="on"
    )
    assert list(until_paid.context["form"].errors) == ["until_paid"]
    do(as_reception, contract, "suspend", reason="breach", starts_on="2026-11-20", ends_on="2027-05-19")
    assert contract.suspensions.get().ends_on == day("2027-05-19")


def test_a_pause_is_for_the_reasons_of_its_own(contract, as_reception, sent):
    pauses = reasons(as_reception.get(address(contract, "pause")))
    assert "unpaid" not in pauses
    sent(as_reception, contract, "pause", reason=pauses[0], starts_on="2026-11-21", ends_on="2026-11-22")
    stop = contract.suspensions.get()
    assert stop.kind == "pause"
    assert contract.application.service.name in mail.outbox[-1].subject
    assert offered(as_reception, contract, "pause", "suspend", "lift") == {"lift"}


def test_the_note_on_a_stop_is_for_staff_alone(contract, as_reception, as_yamada, sent):
    facts = {"reason": "breach", "starts_on": "2026-11-20", "ends_on": "2026-11-30", "note": "営業と相談"}
    sent(as_reception, contract, "suspend", **facts)
    assert "（営業と相談）" in as_reception.get(address(contract, "change")).content.decode()
    shown = as_yamada.get(reverse("contracts:contract-detail", args=[contract.number])).content.decode()
    assert "営業と相談" not in shown
    assert "営業と相談" not in mail.outbox[-1].body


def test_a_stop_is_ended_on_its_own_page(contract, as_reception):
    stop = suspend(
        contract, scenes.staff_member(), "breach", day("2026-11-15"), None, "", at=at("2026-11-15")
    )
    assert offered(as_reception, stop, "resume") == {"resume"}
    do(as_reception, stop, "resume", ends_on="2026-11-20")
    stop.refresh_from_db()
    assert (stop.ends_on, stop.lifted_at) == (day("2026-11-20"), at("2026-11-20 10:00"))


# Ends


def test_a_demand_is_previewed_and_becomes_a_letter_and_a_task(servers, as_reception, sent):
    page = as_reception.get(address(servers, "demand"))
    (ground, *_others) = [key for key, _label in page.context["form"].fields["ground"].choices]
    form = {"ground": ground, "since_on": "2026-11-20"}
    shown = sent(as_reception, servers, "demand", **form)
    assert shown.context["preview"]
    assert "是正を求める事由" in page.content.decode()
    assert "時期が早い" not in shown.content.decode(), "a demand does not terminate on its day"
    assert not Task.objects.filter(kind="cure_period").exists()
    again = sent(as_reception, servers, "demand", **form, edit="1")
    assert again.context["preview"] is None

    assert sent(as_reception, servers, "demand", **form, confirm="1").status_code == 302
    assert Task.objects.filter(kind="cure_period").count() == 1
    letter = servers.letters.get(kind="cure_demand")
    assert mail.outbox[-1].attachments[0][0] == letter.file_name
    assert servers.service.name in mail.outbox[-1].subject
    assert "時期が早い" not in str(letter.document)


def test_a_termination_shows_what_follows_before_it_is_confirmed(servers, as_reception, sent):
    bill(servers.service.provider, Month(2026, 10), day("2026-11-10"))
    open_now = servers.invoices.get().gross
    asked = scenes.ask(
        servers, "name", NameData(wanted_on=day("2026-12-10"), name="新社名"), at("2026-11-19")
    )
    rule = servers.contracted_version.policy.termination
    at_once = next(ground.key for ground in rule.grounds if ground.since is None)
    form = {"ground": at_once, "debts_due_on": "2026-11-30"}

    shown = sent(as_reception, servers, "terminate", **form).content.decode()
    for expected in (f"{open_now:,}", asked.number, "支払期限：2026-11-30", "#article-16-"):
        assert expected in shown
    assert Contract.objects.get(pk=servers.pk).ends_on is None

    Mail.objects.all().delete()
    mail.outbox.clear()
    assert sent(as_reception, servers, "terminate", **form, confirm="1").status_code == 302
    servers.refresh_from_db()
    assert (servers.ends_on, servers.end_kind) == (day("2026-11-20"), "terminated")
    attached = {message.attachments[0][0] for message in mail.outbox}
    kinds = {IssuedLetter.objects.get(number=name.removesuffix(".pdf")).kind for name in attached}
    assert kinds == {"termination", "refusal"}
    assert offered(as_reception, servers, "suspend", "terminate", "demand") == set()


def test_the_ends_of_terms_that_can_still_be_had_are_offered_and_one_is_not_renewed(
    servers, as_reception, as_yamada, sent
):
    page = as_reception.get(address(servers, "decline"))
    offered_ends = [value for value, _label in page.context["form"].fields["term_ends_on"].choices]
    assert offered_ends[0] == "2026-12-31", "the 20th business day before is the 1st of December"
    form = {"term_ends_on": "2026-12-31", "note": "ありがとうございました。"}
    shown = sent(as_reception, servers, "decline", **form).content.decode()
    for expected in ("2026年12月31日", "2026年12月1日", "#article-13-1"):
        assert expected in shown
    assert Contract.objects.get(pk=servers.pk).ends_on is None
    assert sent(as_reception, servers, "decline", **form, confirm="1").status_code == 302
    servers.refresh_from_db()
    assert (servers.ends_on, servers.end_kind) == (day("2026-12-31"), "provider_end")
    assert offered(as_reception, servers, "decline", "terminate") == {"terminate"}
    letter = IssuedLetter.objects.get(kind="no_renewal")
    customer = as_yamada.get(reverse("contracts:contract-detail", args=[servers.number])).content.decode()
    assert "提供者による更新の拒絶" in customer
    assert reverse("contracts:contract-letter", args=[letter.number]) in customer


def test_a_termination_that_comes_too_early_says_from_when(servers, as_reception):
    rule = servers.contracted_version.policy.termination
    with_time = next(ground.key for ground in rule.grounds if ground.period)
    form = {"ground": with_time, "since_on": "2026-11-20"}
    reply = do(as_reception, servers, "terminate", **form)
    assert reply.context["preview"] is None
    assert "2027年2月21日" in reply.context["form"].non_field_errors()[0]
    without_day = do(as_reception, servers, "terminate", ground=with_time)
    assert list(without_day.context["form"].errors) == ["since_on"]


def test_an_option_ends_for_every_contract_after_its_notice(ct_e1, yamada, staff, signed_in):
    seats = scenes.running(ct_e1, {"line": 1, "seat": 2, "recording-16h": 2}, yamada)
    manager = signed_in(staff(StaffRole.MANAGER))
    nothing_sent = manager.get(address(ct_e1, "end"))
    assert nothing_sent.context["form"].fields["notice"].choices == []
    notice = Notice(
        service=ct_e1,
        purpose="option_end",
        product="recording-16h",
        effective_on=day("2027-02-28"),
        by_letter=True,
        subject="録音の終了",
        body="終了します。",
    )
    send_notice(draft_notice(notice, None), scenes.staff_member(), at("2026-11-18"))
    record_posting(notice, scenes.staff_member(), at("2026-11-18"))
    form = {"notice": str(notice.pk), "product": "recording-16h", "ends_on": "2027-02-28"}
    untold = do(manager, ct_e1, "end", **form)
    assert list(untold.context["form"].errors) == ["override_reason"]
    assert seats.number in str(untold.context["form"].errors)

    letter = notice.deliveries.get(channel="letter")
    record_arrival(letter, scenes.staff_member(), at("2026-11-19"))
    page = manager.get(address(ct_e1, "end"))
    assert "2027年2月28日" in page.content.decode(), "three months after its arrival, at a month end"
    assert page.context["form"]["ends_on"].value() == day("2027-02-28")
    early = do(manager, ct_e1, "end", **{**form, "ends_on": "2027-01-31"})
    assert list(early.context["form"].errors) == ["ends_on"]
    shown = do(manager, ct_e1, "end", **form)
    assert seats.number in shown.content.decode()
    assert "101" in str(dict(shown.context["preview"])), "days of notice from 19 November"
    assert "recording-16h" in seats.items_on(day("2027-03-01"))
    do(manager, ct_e1, "end", **form, confirm="1")
    seats = Contract.objects.get(pk=seats.pk)
    assert "recording-16h" in seats.items_on(day("2027-02-28"))
    assert "recording-16h" not in seats.items_on(day("2027-03-01"))


def test_another_successor_becomes_the_representative(contract, as_reception):
    both = tuple(
        Successor(
            name=name, postal_code="100-0001", address="東京都", phone="03", email="new@customer.example"
        )
        for name in ("甲株式会社", "乙株式会社")
    )
    data = SuccessionData(wanted_on=day("2026-11-15"), cause="split", successors=both, representative=0)
    asked = scenes.ask(contract, "succession", data, at("2026-11-19"))
    person = scenes.owner_of(contract.organisation)
    attach_document(asked, person, "登記.pdf", b"%PDF-1.7\n", at("2026-11-19"))
    assert offered(as_reception, contract, "represent") == set()
    accept_request(asked, scenes.staff_member(), at("2026-11-19"), takes_debts=True)
    assert offered(as_reception, contract, "represent") == {"represent"}
    do(as_reception, contract, "represent", representative="1", on="2026-11-20")
    contract.refresh_from_db()
    assert contract.organisation.name == "乙株式会社"


# Tasks


def test_a_device_goes_back_or_is_charged(simpleconnect, yamada, now, staff, signed_in):
    contract = scenes.running(simpleconnect, {"id": 1, "sip-phone": 1}, yamada)
    client = signed_in(staff(StaffRole.RECEPTION))
    form = {"product": "sip-phone", "received_on": "2026-11-18", "list_price": "１２,000"}
    assert do(client, contract, "device", **form).status_code == 302
    task = Task.objects.get(kind="device_return")
    assert task.due_on == day("2026-12-02")
    assert offered(client, task, "done", "charge", "costs") == {"done"}

    now.move_to(at("2026-12-03 10:00"))
    client = signed_in(User.objects.get(email="reception@provider.example"))
    assert offered(client, task, "done", "charge") == {"done", "charge"}
    assert "承認を依頼する" in client.get(address(task, "charge")).content.decode()
    do(client, task, "charge")
    assert not Claim.objects.exists()
    shown = {line["label"]: line["after"] for line in Proposal.objects.get().lines}
    assert (shown["返却の期限"], shown["違約金（税抜）"]) == ("2026年12月2日", "12,000円")
    approve_it(staff(StaffRole.MANAGER))
    claim = Claim.objects.get()
    assert claim.net == 12_000
    assert client.get(address(claim, "change")).status_code == 200
    assert do(client, task, "done").status_code == 200, "it is done already"


def test_costs_are_entered_in_one_sum(servers, as_reception, staff, make_staff):
    task = Task.objects.create(
        contract=servers,
        kind=Task.Kind.ENTER_COSTS,
        due_on=day("2026-11-20"),
        decision=scenes.costly_withdrawal(servers, "preparation_costs"),
        terms_version=servers.contracted_version,
        created_at=at("2026-11-19"),
    )
    assert offered(as_reception, task, "costs", "done") == {"costs"}
    assert list(do(as_reception, task, "costs", net="-1").context["form"].errors) == ["net"]
    do(as_reception, task, "costs", net="30,000", note="設計費")
    assert not Claim.objects.exists()
    with pytest.raises(PermissionDenied):
        approve_it(make_staff("second@provider.example", StaffRole.RECEPTION))
    approve_it(staff(StaffRole.MANAGER))
    claim = Claim.objects.get()
    assert (claim.net, claim.kind, claim.note) == (30_000, "preparation_costs", "設計費")
    task.refresh_from_db()
    assert task.done_by.email == "reception@provider.example"


def test_data_are_not_erased_before_the_end(servers, as_reception):
    Contract.objects.filter(pk=servers.pk).update(ends_on=day("2026-12-31"), end_kind="cancelled")
    task = Task.objects.create(
        contract=servers,
        kind=Task.Kind.DATA_ERASURE,
        due_on=day("2027-01-31"),
        terms_version=servers.contracted_version,
        created_at=at("2026-11-19"),
    )
    reply = do(as_reception, task, "done", note="")
    assert reply.context["form"].non_field_errors()
    task.refresh_from_db()
    assert task.done_at is None


# Authorised users


def test_an_authorised_user_breaches_cures_and_is_stopped(servers, as_reception):
    user = AuthorisedUser.objects.create(
        contract=servers, name="子会社", address="東京都", contact="03", starts_on=day("2026-10-10")
    )
    assert offered(as_reception, user, "breach", "cured", "stop") == {"breach"}
    do(as_reception, user, "breach", breach_on="2026-11-01", note="再販売")
    assert offered(as_reception, user, "breach", "cured", "stop") == {"cured", "stop"}
    do(as_reception, user, "cured")
    user.refresh_from_db()
    assert user.breach_on is None

    do(as_reception, user, "breach", breach_on="2026-11-01", note="再販売")
    grounds = as_reception.get(address(user, "stop")).context["form"].fields["ground"].choices
    assert do(as_reception, user, "stop", ground=grounds[0][0]).status_code == 302
    user.refresh_from_db()
    assert user.ends_on == day("2026-11-19")


# Papers


def test_a_letter_is_read_downloaded_and_sent_again(contract, as_reception, sent):
    scenes.cancel(contract, day("2026-12-31"), at("2026-11-19"))
    letter = contract.letters.get(kind="cancellation_receipt")
    page = as_reception.get(address(letter, "change")).content.decode()
    assert "2026年12月31日" in page
    pdf = as_reception.get(address(letter, "pdf"))
    assert pdf.headers["Content-Type"] == "application/pdf"
    content = b"".join(pdf.streaming_content)
    assert content.startswith(b"%PDF-")
    sent(as_reception, letter, "resend")
    assert mail.outbox[-1].attachments[0][1] == content
    assert AuditEntry.objects.filter(action="letter.sent_again").count() == 1


def test_a_document_is_handed_out_as_a_file_to_those_who_decide(contract, as_reception, staff, signed_in):
    asked = scenes.ask(
        contract, "name", NameData(wanted_on=day("2026-12-01"), name="新社名"), at("2026-11-19")
    )
    person = scenes.owner_of(contract.organisation)
    paper = attach_document(asked, person, "登記.pdf", b"%PDF-1.7\n", at("2026-11-19"))
    page = as_reception.get(address(asked, "change")).content.decode()
    assert address(paper, "file") in page
    reply = as_reception.get(address(paper, "file"))
    assert b"".join(reply.streaming_content) == b"%PDF-1.7\n"
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    for role in (StaffRole.BILLING, StaffRole.TERMS):
        assert signed_in(staff(role)).get(address(paper, "file")).status_code == 403


@pytest.mark.usefixtures("application")
def test_every_document_produced_is_a_pdf_in_an_email(
    progoffice, yamada, as_reception, django_capture_on_commit_callbacks
):
    """Acceptance, activation, completion, receipt of a cancellation: each sent, and kept as it went out."""
    with django_capture_on_commit_callbacks(execute=True):
        applied = scenes.apply(progoffice, {"user": 5}, at("2026-11-01"))
    with django_capture_on_commit_callbacks(execute=True):
        do(as_reception, applied, "accept")
    contract = Contract.objects.get(application=applied)
    with django_capture_on_commit_callbacks(execute=True):
        do(as_reception, contract, "activate", start_on="2026-11-10")
    data = ProductChangeData(product="user", wanted_on=day("2026-12-01"), quantity=8)
    asked = scenes.ask(contract, "quantity_up", data, at("2026-11-20 10:00"))
    with django_capture_on_commit_callbacks(execute=True):
        do(as_reception, asked, "accept")
    with django_capture_on_commit_callbacks(execute=True):
        do(as_reception, asked, "complete")
    with django_capture_on_commit_callbacks(execute=True):
        scenes.cancel(contract, day("2027-03-31"), at("2026-11-20 10:00"))

    attached = {name for message in mail.outbox for name, _content, _type in message.attachments}
    letters = IssuedLetter.objects.filter(contract=contract)
    assert set(letters.values_list("kind", flat=True)) == {
        "acceptance",
        "activation",
        "completion",
        "cancellation_receipt",
    }
    assert attached >= {letter.file_name for letter in letters}
    assert all(letter.pdf for letter in letters), "kept as it went out"


def test_an_outage_names_its_option_and_its_hour_in_japan(ct_e1, yamada, staff, signed_in):
    outage = RecordedOutage.objects.create(
        contract=scenes.running(ct_e1, {"line": 2}, yamada),
        known_at=at("2026-10-31 22:00"),
        restored_at=at("2026-11-01 03:00"),
        fault="ordinary",
        product="recording-16h",
        recorded_at=at("2026-11-02"),
    )
    address = reverse("admin:billing_recordedoutage_change", args=[outage.pk])
    page = signed_in(staff(StaffRole.BILLING)).get(address).content.decode()
    assert str(outage).endswith("2026-10-31 22:00")
    assert "通話録音保存領域の拡張（16時間）" in page
    assert "recording-16h" not in page
    assert "停止時間" in page


def test_the_contract_tells_staff_how_long_it_was_down_beside_the_aim(ct_e1, yamada, as_reception):
    contract = scenes.running(ct_e1, {"line": 2}, yamada)
    page = as_reception.get(address(contract, "change")).content.decode()
    assert "目標：年間の稼働率99.7％、障害は2時間以内に回復" in page
    RecordedOutage.objects.create(
        contract=contract,
        known_at=at("2026-10-31 22:00"),
        restored_at=at("2026-11-01 03:00"),
        fault="ordinary",
        reason="停電",
        recorded_at=at("2026-11-02"),
        recorded_by=scenes.staff_member(),
    )
    page = as_reception.get(address(contract, "change")).content.decode()
    assert re.findall(r'text-right">([\d.]+%?)</td>', page) == [
        *("2.0", "2.0", "99.73%"),
        *("3.0", "3.0", "99.35%"),
        *("5.0", "5.0", "99.58%"),
    ]
