"""What people see where a kept file is damaged, or where files can't be read or written at the moment."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.urls import reverse

from contracts.correspondence.letters import pdf_of
from contracts.correspondence.resending import send_letter_again
from contracts.lifecycle.documents import attach_document
from contracts.models import ContractDocument, IssuedLetter
from portal import storage
from portal.installation.models import DamagedFile
from portal.kept_files import store
from portal.organisations.roles import StaffRole
from tests import scenes

NOW = scenes.at("2026-11-19")
DAMAGED, AWAY = "ファイルをダウンロードできません", "現在、ファイルを利用できません"


@pytest.fixture
def document(contract) -> ContractDocument:
    request = scenes.cancel(contract, scenes.day("2026-12-31"), NOW)
    return attach_document(request, scenes.owner_of(contract.organisation), "proof.pdf", scenes.PDF, NOW)


@pytest.fixture
def letter(document) -> IssuedLetter:
    issued = document.request.letters.get()
    pdf_of(issued)
    return issued


@pytest.fixture
def as_manager(staff, signed_in):
    return signed_in(staff(StaffRole.MANAGER))


def test_a_document_that_was_altered_is_handed_out_to_nobody(document, as_yamada, as_manager):
    store(document.file.name, b"%PDF-1.7 another")
    for client, address in (
        (as_yamada, reverse("contracts:contract-document", args=[document.pk])),
        (as_manager, reverse("admin:contracts_contractdocument_file", args=[document.pk])),
    ):
        reply = client.get(address)
        assert reply.status_code == 404
        assert DAMAGED in reply.content.decode()
    assert DamagedFile.objects.get().how == DamagedFile.How.ALTERED
    assert document.file.name in as_manager.get(reverse("admin:index")).content.decode()


def test_a_letter_that_is_missing_is_said_to_be(letter, as_yamada, as_manager):
    default_storage.delete(letter.pdf.name)
    for client, address in (
        (as_yamada, reverse("contracts:contract-letter", args=[letter.number])),
        (as_manager, reverse("admin:contracts_issuedletter_pdf", args=[letter.pk])),
    ):
        reply = client.get(address)
        assert reply.status_code == 404
        assert DAMAGED in reply.content.decode()


def test_a_letter_that_is_missing_is_not_sent_again(letter, mailoutbox):
    default_storage.delete(letter.pdf.name)
    with pytest.raises(ValidationError, match="再送できません"):
        send_letter_again(letter, scenes.staff_member(), NOW)
    assert mailoutbox == []


def test_where_files_can_not_be_read_people_are_asked_to_try_again(document, as_yamada):
    file = Path(document.file.path)
    file.unlink()
    file.mkdir()
    reply = as_yamada.get(reverse("contracts:contract-document", args=[document.pk]))
    assert reply.status_code == 503
    assert AWAY in reply.content.decode()
    assert not DamagedFile.objects.exists()


def test_a_document_that_can_not_be_stored_leaves_nothing_behind(document, as_yamada, monkeypatch):
    def full(file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "_flush", full)
    with pytest.raises(storage.StorageError):
        attach_document(document.request, document.uploaded_by, "more.pdf", scenes.PDF + b"2", NOW)
    assert ContractDocument.objects.get() == document
    assert len(default_storage.listdir("documents")[1]) == 1
