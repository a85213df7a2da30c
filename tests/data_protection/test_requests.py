"""Somebody asks to be erased: what may go goes, what the law keeps stays, and they can read which."""

import io

import pdfplumber
import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from contracts.applications.drafts import save_draft
from contracts.models import ApplicationDraft, Consent
from portal.approvals.decide import put_forward
from portal.audit.models import AuditEntry
from portal.data_protection.copies.asking import ask_for_copy, remove_expired
from portal.data_protection.copies.making import make_copy
from portal.data_protection.erasing import work
from portal.data_protection.erasing.plans import erasable_kinds, staying_of
from portal.data_protection.erasing.report import number_of
from portal.data_protection.models import Erasure
from portal.data_protection.proposed import ERASURE, ErasureData
from portal.kept_files import read_checked
from portal.organisations.models import Membership, User
from portal.outbox.models import Mail
from tests import scenes
from tests.approving import approve_it

TODAY = scenes.day("2026-11-20")


def asked(staff: User, **wanted) -> None:
    data = ErasureData(**{"day": TODAY, "way": "letter", **wanted})
    put_forward(ERASURE, data, staff, timezone.now())


@pytest.fixture
def colleague(make_user, yamada) -> User:
    """A member of 山田商事 who is not its owner."""
    person = make_user("jiro@yamada.example", display_name="山田 次郎")
    Membership.objects.create(user=person, organisation=yamada, role=Membership.Role.MEMBER)
    return person


def test_a_person_goes_and_what_they_agreed_to_stays_without_a_name(
    contract, hanako, yamada, colleague, manager, second
):
    Membership.objects.filter(user=colleague).update(role=Membership.Role.OWNER)
    save_draft(yamada, contract.service, hanako, {"line": "2"}, timezone.now())
    asked(manager, person=hanako.pk, kinds=("accounts", "drafts"))
    approve_it(second)
    erasure = Erasure.objects.get()
    work.carry_on(erasure.pk, "a worker")
    left = User.objects.get(pk=hanako.pk)
    assert str(left) == "（消去済み）"
    assert not left.memberships.exists()
    assert not ApplicationDraft.objects.exists()
    consent = Consent.objects.get(organisation=yamada)
    assert (consent.person_id, consent.ip_address, consent.is_intact) == (hanako.pk, None, True)
    call_command("verify_audit")
    call_command("verify_consents")


def test_the_report_lists_what_went_and_what_stays_and_why(contract, colleague, manager, second):
    asked(manager, person=colleague.pk, kinds=("accounts",))
    approve_it(second)
    erasure = Erasure.objects.get()
    work.carry_on(erasure.pk, "a worker")
    erasure.refresh_from_db()
    with pdfplumber.open(io.BytesIO(read_checked(str(erasure.pdf), erasure.pdf_hash))) as pdf:
        text = "".join(page.extract_text() for page in pdf.pages)
    assert "2026年11月20日にご請求のありました" in text
    assert "1件" in text
    assert "山田" not in text


def test_the_report_goes_to_the_erased_address_which_is_forgotten_then(
    colleague, manager, second, committing, mail_server
):
    address = colleague.email
    asked(manager, person=colleague.pk, kinds=("accounts",))
    approve_it(second)
    erasure = Erasure.objects.get()
    assert (erasure.finished_at is not None, erasure.answer_to) == (True, "")
    (report,) = [taken.message for taken in mail_server.taken if taken.recipient == address]
    assert [file.get_filename() for file in report.iter_attachments()] == [f"{number_of(erasure)}.pdf"]
    mail = Mail.objects.get(kind="erasure_report")
    assert (mail.address, mail.text, mail.attachments) == ("", "", [])
    assert mail.taken_at


def test_no_copy_of_who_is_erased_can_be_fetched_any_more(colleague, manager, second):
    copy = ask_for_copy(colleague, manager, timezone.now(), reason="ご本人から書面で請求")
    make_copy(copy.pk, "a worker")
    asked(manager, person=colleague.pk, kinds=("accounts",))
    approve_it(second)
    copy.refresh_from_db()
    assert not copy.is_ready
    remove_expired(timezone.now())
    copy.refresh_from_db()
    assert copy.file == ""


def test_what_the_law_keeps_is_refused_with_law_and_day(ended, hanako, manager):
    with pytest.raises(ValidationError) as refusal:
        asked(manager, organisation=ended.organisation.pk, kinds=("ended_contacts", "contract_records"))
    (message,) = refusal.value.message_dict["kinds"]
    assert "会社法432条2項" in message
    assert "2037-05-31" in message
    assert not Erasure.objects.exists()


def test_while_a_contract_runs_its_contacts_can_not_go(contract, yamada):
    assert "ended_contacts" not in erasable_kinds(yamada)
    assert all(row.until is None for row in staying_of(yamada))


def test_the_last_owner_of_a_running_contract_is_refused(contract, hanako, manager):
    with pytest.raises(ValidationError) as refusal:
        asked(manager, person=hanako.pk, kinds=("accounts",))
    assert refusal.value.code == "last_owner"
    assert "山田商事株式会社" in refusal.value.messages[0]


def test_staff_are_refused(second, manager):
    with pytest.raises(ValidationError) as refusal:
        asked(manager, person=second.pk, kinds=("accounts",))
    assert refusal.value.code == "is_staff"


def test_nothing_chosen_is_refused_at_its_field(colleague, manager):
    with pytest.raises(ValidationError) as refusal:
        asked(manager, person=colleague.pk)
    assert "kinds" in refusal.value.error_dict


def test_a_request_of_tomorrow_is_refused(colleague, manager):
    with pytest.raises(ValidationError) as refusal:
        asked(manager, person=colleague.pk, kinds=("accounts",), day=scenes.day("2026-11-21"))
    assert "asked_on" in refusal.value.error_dict


def test_who_proposed_it_does_not_approve_it(colleague, manager):
    asked(manager, person=colleague.pk, kinds=("accounts",))
    with pytest.raises(ValidationError) as refusal:
        approve_it(manager)
    assert refusal.value.code == "same_person"
    colleague.refresh_from_db()
    assert colleague.is_active


def test_the_trail_tells_of_the_erasure_and_names_nobody(colleague, manager, second):
    asked(manager, person=colleague.pk, kinds=("accounts",))
    approve_it(second)
    work.carry_on(Erasure.objects.get().pk, "a worker")
    told = AuditEntry.objects.filter(object_type="organisations.user", object_id=str(colleague.pk))
    assert told.filter(action="user.erased", actor=second).exists()
    assert not any("次郎" in str(entry.personal) for entry in told)
