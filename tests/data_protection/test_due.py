"""What is due is listed, approved by a second person, and erased step by step; the rest stays as it was."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from contracts.models import Application, Contract, ContractDocument
from portal.approvals.decide import put_forward
from portal.approvals.models import Proposal
from portal.audit.models import AuditEntry
from portal.data_protection.erasing import work
from portal.data_protection.erasing.operations import erase_due
from portal.data_protection.erasing.plans import due_of
from portal.data_protection.models import Erasure, ErasureItem
from portal.data_protection.proposed import ERASURE, ErasureData
from portal.kept_files import is_kept
from portal.organisations.models import User
from portal.outbox.models import Mail
from tests import scenes
from tests.approving import approve_it

TODAY = scenes.day("2026-11-20")


def due(code: str, on: str) -> dict[str, int]:
    return {part.step.kind: part.count for part in due_of(code, scenes.day(on))}


def decided(manager: User, second: User, **wanted) -> Erasure:
    """What two people decided, carried out."""
    put_forward(ERASURE, ErasureData(**wanted), manager, timezone.now())
    approve_it(second)
    erasure = Erasure.objects.latest("pk")
    work.carry_on(erasure.pk, "a worker")
    erasure.refresh_from_db()
    return erasure


def test_an_application_that_failed_is_due_after_a_year(refused, ct_e1):
    refused("2026-11-20")
    code = ct_e1.provider.code
    assert due(code, "2027-11-20") == {}
    assert due(code, "2027-11-21") == {"failed_applications": 1}


def test_the_contacts_of_a_contract_are_due_five_years_after_its_end(ended):
    code = ended.service.provider.code
    assert due(code, "2031-10-31") == {}
    assert due(code, "2031-11-01") == {"ended_contacts": 1, "documents": 1}


def test_nothing_of_a_contract_that_runs_is_due(contract):
    assert due(contract.service.provider.code, "2099-01-01") == {}


def test_what_is_due_is_erased_and_number_and_decision_stay(refused, ct_e1, manager, second, clock):
    application = refused("2026-11-20")
    document = application.documents.get()
    clock.move_to(scenes.at("2027-11-21"))
    erasure = decided(manager, second, day=scenes.day("2027-11-21"), provider=ct_e1.provider.code)
    assert (erasure.done, erasure.of, erasure.report["gone"]) == (1, 1, {"failed_applications": 1})
    left = Application.objects.get(pk=application.pk)
    assert (left.number, left.status, left.refusal_reason) == (application.number, "refused", "other")
    assert set(left.particulars.values()) == {"（消去済み）"}
    assert not ContractDocument.objects.filter(pk=document.pk).exists()
    submitted = AuditEntry.objects.get(action="application.submitted")
    assert (submitted.personal, submitted.is_erased) == (None, True)
    call_command("verify_audit")
    call_command("verify_consents")
    assert due(ct_e1.provider.code, "2027-11-21") == {}


def test_of_an_ended_contract_people_go_and_the_contract_stays(ended, manager, second, clock):
    clock.move_to(scenes.at("2031-11-01"))
    decided(manager, second, day=scenes.day("2031-11-01"), provider=ended.service.provider.code)
    left = Contract.objects.get(pk=ended.pk)
    assert left.application.particulars["contract_contact"] == "（消去済み）"
    assert left.application.particulars["usage_breakdown"] == "受付2回線"
    assert left.items.count() == ended.items.count()
    assert (left.ends_on, left.organisation) == (ended.ends_on, ended.organisation)
    assert "契約 花子" not in json.dumps(
        list(AuditEntry.objects.values_list("personal", flat=True)), default=str
    )


def test_a_document_goes_with_its_file_and_the_trail_keeps_its_hash(
    ended, manager, second, clock, committing
):
    document = ended.application.documents.get()
    clock.move_to(scenes.at("2031-11-01"))
    decided(manager, second, day=scenes.day("2031-11-01"), provider=ended.service.provider.code)
    assert not ContractDocument.objects.exists()
    assert not is_kept(str(document.file))
    told = AuditEntry.objects.get(action="document.erased")
    assert told.data["content_hash"] == document.content_hash


def test_an_account_without_membership_goes_a_year_after_its_last_sign_in(make_user, manager, second, clock):
    person = make_user("gone@customer.example", display_name="退会 花子")
    User.objects.filter(pk=person.pk).update(last_login=scenes.at("2026-11-20"))
    clock.move_to(scenes.at("2027-11-21"))
    decided(manager, second, day=scenes.day("2027-11-21"))
    left = User.objects.get(pk=person.pk)
    assert (left.display_name, left.email, left.is_active) == (
        "（消去済み）",
        f"erased-{person.pk}@erased.invalid",
        False,
    )
    assert not left.emailaddress_set.exists()


def test_e_mails_lose_what_they_said_and_keep_when_they_went(contract, manager, second, clock):
    Mail.objects.update(claimed_at=scenes.at("2026-09-12"), taken_at=scenes.at("2026-09-12"))
    mail = Mail.objects.filter(organisation=contract.organisation).first()
    assert mail.address
    clock.move_to(scenes.at("2030-01-01"))
    decided(manager, second, day=scenes.day("2030-01-01"))
    left = Mail.objects.get(pk=mail.pk)
    assert (left.address, left.subject, left.text) == ("", "", "")
    assert left.taken_at == scenes.at("2026-09-12")
    assert mail.address not in left.key


def test_without_a_second_person_nothing_is_erased(refused, ct_e1, manager):
    refused("2025-11-01")
    with pytest.raises(ValidationError) as refusal:
        erase_due(ct_e1.provider.code, TODAY, manager, timezone.now(), approval=None)
    assert refusal.value.code == "second_person"
    assert not Erasure.objects.exists()


def test_the_proposal_names_nobody(refused, ct_e1, manager):
    refused("2025-11-01")
    wanted = ErasureData(day=TODAY, provider=ct_e1.provider.code)
    proposal = put_forward(ERASURE, wanted, manager, timezone.now())
    kept = json.dumps([proposal.about, proposal.lines, proposal.wanted], ensure_ascii=False)
    assert "山田" not in kept
    assert "1件" in kept


def test_what_is_due_besides_by_now_is_not_approved_unseen(refused, ct_e1, manager, second):
    refused("2025-11-01")
    put_forward(ERASURE, ErasureData(day=TODAY, provider=ct_e1.provider.code), manager, timezone.now())
    refused("2025-11-02")
    with pytest.raises(ValidationError) as refusal:
        approve_it(second)
    assert refusal.value.code == "changed"
    assert not Erasure.objects.exists()


def test_work_that_was_stopped_goes_on_from_there(refused, ct_e1, manager, second, monkeypatch, clock):
    for _number in range(3):
        refused("2025-11-01")
    put_forward(ERASURE, ErasureData(day=TODAY, provider=ct_e1.provider.code), manager, timezone.now())
    approve_it(second)
    erasure = Erasure.objects.get()
    monkeypatch.setattr(work, "AT_ONCE", 1)
    steps = iter([work._erase_some, None])

    def stops_after_one(*args: object) -> bool:
        step = next(steps)
        if step is None:
            raise OSError("power cut")
        return step(*args)

    with monkeypatch.context() as patch:
        patch.setattr(work, "_erase_some", stops_after_one)
        with pytest.raises(OSError, match="power cut"):
            work.carry_on(erasure.pk, "a worker")
    erasure.refresh_from_db()
    assert (erasure.done, erasure.of, erasure.trouble) == (1, 3, "OSError: power cut")
    clock.shift(360)
    work.carry_on(erasure.pk, "another worker")
    erasure.refresh_from_db()
    assert (erasure.done, erasure.report["gone"], erasure.trouble) == (3, {"failed_applications": 3}, "")


def test_what_is_needed_again_since_the_decision_stays(make_user, manager, second, clock, yamada):
    person = make_user("back@customer.example", display_name="復帰 花子")
    User.objects.filter(pk=person.pk).update(last_login=scenes.at("2026-11-20"))
    clock.move_to(scenes.at("2027-11-21"))
    put_forward(ERASURE, ErasureData(day=scenes.day("2027-11-21")), manager, timezone.now())
    approve_it(second)
    User.objects.filter(pk=person.pk).update(is_staff=True)
    erasure = Erasure.objects.get()
    work.carry_on(erasure.pk, "a worker")
    assert ErasureItem.objects.get().left
    person.refresh_from_db()
    assert person.display_name == "復帰 花子"


def test_the_report_is_a_pdf_that_is_kept(refused, ct_e1, manager, second):
    refused("2025-11-01")
    erasure = decided(manager, second, day=TODAY, provider=ct_e1.provider.code)
    assert is_kept(str(erasure.pdf))
    assert Proposal.objects.get().outcome
