"""The life of kept files where they lie in a bucket: made by workers and requests, handed out or refused.

With moto's server; no other S3-compatible server was tried.
"""

import csv
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse

from billing.documents import archive
from billing.invoicing.stored_pdfs import issued_pdf
from billing.models import Invoice, InvoiceCounter
from billing.runs.states import approve
from billing.tasks import look_for_work
from contracts.applications.drafts import add_draft_document, save_draft, send_draft
from contracts.correspondence.letters import pdf_of
from contracts.lifecycle.documents import attach_document
from contracts.models import IssuedLetter
from portal.installation.holding import Reason, move_on, reason_held
from portal.installation.mark import bucket as bucket_mark
from portal.installation.mark import read as read_mark
from portal.installation.models import Installation
from portal.kept_files import DamagedFileError, names_below, store
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import load_priced_service, make_contracts, submitted_run
from tests.scenes import PDF, at

pytestmark = pytest.mark.usefixtures("bucket")

LIST = reverse("admin:billing_invoice_changelist")


@pytest.fixture
def invoices(db, organisation, user) -> list[Invoice]:
    """Two, issued by a worker of an approved run."""
    service = load_priced_service("ct-e1")
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])
    with time_machine.travel(at("2026-11-10"), tick=True):
        approve(submitted_run(service, scenes.staff_member()), scenes.staff_member("manager"))
        look_for_work()
    return list(Invoice.objects.order_by("number"))


def test_invoices_of_a_worker_lie_there_and_are_handed_out(invoices, user, signed_in):
    assert sorted(names_below("invoices")) == [f"{invoice.number}.pdf" for invoice in invoices]
    file = signed_in(user).get(reverse("billing:invoice-pdf", args=[invoices[0].number]))
    assert b"".join(file.streaming_content) == issued_pdf(invoices[0])


def test_an_altered_invoice_is_refused_and_told_of_in_the_archive(invoices, user, signed_in, make_staff):
    store(invoices[0].pdf.name, PDF)
    reply = signed_in(user).get(reverse("billing:invoice-pdf", args=[invoices[0].number]))
    assert reply.status_code == 404
    assert "ファイルをダウンロードできません" in reply.content.decode()

    accountant = signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))
    chosen = [str(invoice.pk) for invoice in invoices]
    zipped = accountant.post(LIST, {"action": "download", "_selected_action": chosen})
    with ZipFile(BytesIO(b"".join(zipped.streaming_content))) as files:
        rows = list(csv.reader(StringIO(files.read(archive.INDEX).decode("utf-8-sig"))))
        assert files.read(archive.MISSING).decode() == f"2026-11/{invoices[0].number}.pdf"
        assert f"2026-11/{invoices[1].number}.pdf" in files.namelist()
    assert len(rows) == 3


def test_a_letter_is_made_once_and_refused_when_it_is_missing(db):
    contract = scenes.running(load_priced_service("progoffice"), {"user": 10}, scenes.yamada())
    letter = IssuedLetter.objects.filter(contract=contract).first()
    content = pdf_of(letter)
    letter.refresh_from_db()
    assert letter.pdf.name == f"letters/{letter.number}.pdf"
    assert pdf_of(letter) == content
    default_storage.delete(letter.pdf.name)
    with pytest.raises(DamagedFileError):
        pdf_of(letter)


def test_documents_of_customers_go_from_the_draft_to_the_application(db, committing):
    service = load_priced_service("simpleconnect")
    person = scenes.owner_of(scenes.yamada())
    now = at("2026-11-20")
    draft = save_draft(scenes.yamada(), service, person, {"quantity_id": "2"}, now)
    document = add_draft_document(draft, person, "", "proof.pdf", PDF, now)
    draft.refresh_from_db()
    application = send_draft(
        draft, draft.key, scenes.application_data(service.versions.get(), {"id": 2}), now, None
    )
    assert application.documents.get().content_hash == document.content_hash
    assert len(list(names_below("documents"))) == 1, "the draft's own is gone with it"
    again = attach_document(application, person, "proof.pdf", PDF, now)
    assert again == application.documents.get()
    assert len(list(names_below("documents"))) == 1


def test_a_draft_whose_document_is_lost_is_not_sent_half(db):
    service = load_priced_service("simpleconnect")
    person = scenes.owner_of(scenes.yamada())
    now = at("2026-11-20")
    draft = save_draft(scenes.yamada(), service, person, {"quantity_id": "2"}, now)
    document = add_draft_document(draft, person, "", "proof.pdf", PDF, now)
    default_storage.delete(document.file.name)
    draft.refresh_from_db()
    data = scenes.application_data(service.versions.get(), {"id": 2})
    with pytest.raises(ValidationError, match=r"proof\.pdf"):
        send_draft(draft, draft.key, data, now, None)
    assert not service.applications.exists()


# The mark of the installation lies there as an object.


@pytest.fixture
def moved(db) -> None:
    for _time in range(3):
        move_on()


def test_a_new_installation_makes_its_mark_there(moved):
    assert reason_held() is None
    assert (Installation.objects.get().moves, read_mark().moves) == (3, 3)


def test_a_database_put_back_alone_is_recognised(moved):
    Installation.objects.update(moves=2)
    assert reason_held() == Reason.DATABASE_OLDER
    call_command("after_restore", "--settle")
    assert reason_held() is None
    move_on()


def test_a_bucket_without_the_mark_is_held_back(moved):
    default_storage.delete(".installation")
    assert reason_held() == Reason.NO_MARK


def test_objects_put_back_into_another_bucket_are_recognised(moved, monkeypatch):
    monkeypatch.setattr(bucket_mark, "_place", lambda: "another")
    assert reason_held() == Reason.COPIED


def test_a_mark_that_nobody_can_read_belongs_to_no_installation(moved):
    store(".installation", b"nonsense")
    assert reason_held() == Reason.FOREIGN


def test_numbers_are_told_by_the_objects_after_a_restore(invoices):
    Installation.objects.update(moves=1)
    store("invoices/CD/2026-10/CD-2026-000007.pdf", PDF)
    call_command("after_restore", "--settle")
    assert InvoiceCounter.objects.get().last == 7
