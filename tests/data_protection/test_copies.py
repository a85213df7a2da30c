"""All that is held about a person or an organisation, as a file that can be read without the portal."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils import timezone

from billing.runs.bill import bill
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from portal.audit.record import record
from portal.data_protection.copies.asking import ask_for_copy, fetch_copy, remove_expired
from portal.data_protection.copies.making import copies_to_make, make_copy
from portal.data_protection.models import DataCopy
from portal.data_protection.stopped import stopped_work
from portal.kept_files import is_kept
from portal.organisations.models import Membership
from tests import scenes

NOW = scenes.at("2026-11-20 10:00")


def made(subject, person, **more) -> ZipFile:
    copy = ask_for_copy(subject, person, NOW, **more)
    make_copy(copy.pk, "a worker")
    copy.refresh_from_db()
    return ZipFile(BytesIO(fetch_copy(copy, person)))


def tables(archive: ZipFile) -> dict:
    return json.loads(archive.read("data.json"))["tables"]


def test_a_person_gets_account_and_deeds_but_not_what_is_the_organisations(contract, hanako):
    archive = made(hanako, hanako)
    held = tables(archive)
    assert held["organisations.user"][0]["email"] == hanako.email
    (applied,) = held["contracts.application"]
    assert applied == {
        "number": contract.application.number,
        "service": {"id": contract.service.pk, "name": str(contract.service)},
        "status": "accepted",
        "submitted_at": contract.application.submitted_at.isoformat(),
    }
    assert "contracts.contract" not in held
    assert "password" not in archive.read("data.json").decode()


def test_an_organisation_gets_contracts_and_invoices_with_their_pdfs(contract, hanako, yamada):
    bill(contract.service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    archive = made(yamada, hanako)
    held = tables(archive)
    assert [row["number"] for row in held["contracts.contract"]] == [contract.number]
    (invoice,) = held["billing.invoice"]
    assert invoice["files"] == [f"files/billing-invoice/{invoice['number']}.pdf"]
    assert archive.read(invoice["files"][0]).startswith(b"%PDF-")


def test_the_page_is_japanese_stands_alone_and_links_to_the_files(contract, hanako, yamada):
    archive = made(yamada, hanako)
    page = archive.read("index.html").decode()
    assert '<html lang="ja">' in page
    assert "契約番号" in page
    assert "契約 花子 hanako.k@yamada.example" in page
    assert not [part for part in ("src=", "<link", "<script", 'href="http') if part in page]
    (document,) = tables(archive)["contracts.contractdocument"]
    assert document["files"][0] in archive.namelist()
    assert "定款&lt;1&gt;.pdf" in page


def test_nothing_of_another_organisation_is_in_it(contract, ct_e1):
    suzuki = scenes.suzuki()
    archive = made(suzuki, scenes.owner_of(suzuki))
    assert contract.number not in archive.read("data.json").decode()
    assert "山田" not in archive.read("index.html").decode()


def test_the_checks_of_the_provider_are_not_told(contract, hanako, yamada):
    record("check.recorded", None, yamada, number="A26-000001", check="credit")
    archive = made(yamada, hanako)
    assert "contracts.reviewcheck" not in tables(archive)
    assert "審査" not in " ".join(row["action"] for row in tables(archive)["audit.auditentry"])


def test_a_damaged_file_is_named_instead(contract, hanako, yamada):
    default_storage.delete(str(contract.application.documents.get().file))
    archive = made(yamada, hanako)
    assert "保存されているファイルが破損しています" in archive.read("index.html").decode()


def test_who_is_no_owner_and_who_is_of_another_organisation_is_refused(yamada, make_user):
    member = make_user("member@yamada.example")
    Membership.objects.create(user=member, organisation=yamada, role=Membership.Role.MEMBER)
    for person in (member, scenes.owner_of(scenes.suzuki())):
        with pytest.raises(ValidationError) as refusal:
            ask_for_copy(yamada, person, NOW)
        assert refusal.value.code == "not_own"
    assert not DataCopy.objects.exists()


def test_staff_answer_a_request_and_say_which(hanako, manager):
    with pytest.raises(ValidationError) as refusal:
        ask_for_copy(hanako, manager, NOW)
    assert "reason" in refusal.value.error_dict
    archive = made(hanako, manager, reason="11月18日、書面。運転免許証で確認")
    assert tables(archive)["organisations.user"]
    asked = AuditEntry.objects.get(action="data_copy.asked")
    assert asked.personal == {"reason": "11月18日、書面。運転免許証で確認"}


def test_asking_twice_gives_one_file(hanako):
    assert ask_for_copy(hanako, hanako, NOW) == ask_for_copy(hanako, hanako, NOW)


def test_who_fetched_it_is_recorded(hanako):
    made(hanako, hanako)
    fetched = AuditEntry.objects.get(action="data_copy.fetched")
    assert (fetched.actor, fetched.object_id) == (hanako, str(hanako.pk))


def test_somebody_else_can_not_fetch_it(hanako, manager):
    copy = ask_for_copy(hanako, hanako, NOW)
    make_copy(copy.pk, "a worker")
    copy.refresh_from_db()
    for person in (scenes.owner_of(scenes.suzuki()), manager):
        with pytest.raises(ValidationError) as refusal:
            fetch_copy(copy, person)
        assert refusal.value.code == "not_own"


def test_after_seven_days_the_file_is_gone_and_that_it_was_there_stays(hanako, clock):
    made(hanako, hanako)
    copy = DataCopy.objects.get()
    name = str(copy.file)
    clock.shift(timedelta(days=7, seconds=1))
    with pytest.raises(ValidationError) as refusal:
        fetch_copy(copy, hanako)
    assert refusal.value.code == "not_ready"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda act, **options: act())
        assert remove_expired(timezone.now()) == 1
    assert not is_kept(name)
    assert DataCopy.objects.get().state == DataCopy.State.GONE


def test_what_stops_it_is_kept_for_staff_and_it_is_tried_again(hanako, manager, clock, monkeypatch):
    copy = ask_for_copy(hanako, hanako, NOW)

    def broken(*args: object) -> bytes:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr("portal.data_protection.copies.making.write_copy", broken)
        with pytest.raises(OSError, match="no space left"):
            make_copy(copy.pk, "a worker")
    copy.refresh_from_db()
    assert copy.trouble == "OSError: no space left"
    told = stopped_work(manager)
    assert told is not None
    assert "no space left" in told.text
    assert not copies_to_make().exists()
    clock.shift(timedelta(minutes=6))
    make_copy(copy.pk, "another worker")
    copy.refresh_from_db()
    assert stopped_work(manager) is None
    assert (copy.is_ready, copy.trouble, copy.done) == (True, "", copy.of)
