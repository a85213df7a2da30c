"""Letters: issued with the step that they tell of, frozen, drawn once, attached to the mail."""

import hashlib
import io

import pdfplumber
import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from contracts.applications.decide import refuse_application
from contracts.correspondence import letters
from contracts.lifecycle.provider_ends.terminations import demand_cure, terminate
from contracts.models import Contract, IssuedLetter
from contracts.requests.decide import accept_request, complete_request
from contracts.requests.product_forms import ProductChangeData
from tests import scenes
from tests.scenes import accept, activated, apply, at, day, staff_member

pytestmark = pytest.mark.usefixtures("committing")


@pytest.fixture
def users(progoffice) -> Contract:
    contract = accept(apply(progoffice, {"user": 10}, at("2025-11-10")), at("2025-11-12"))
    return activated(contract, day("2026-01-15"), at("2025-12-01"))


def text_of(content: bytes) -> str:
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        return "\n".join(page.extract_text() for page in pdf.pages)


def test_each_step_issues_its_letter_and_attaches_it_to_its_mail(users, progoffice):
    refused = apply(progoffice, {"user": 1}, at("2026-01-05"))
    refuse_application(refused, staff_member(), "technically_difficult", "", at("2026-01-06"))
    data = ProductChangeData(product="user", wanted_on=day("2026-03-10"), quantity=12)
    request = scenes.ask(users, "quantity_up", data, at("2026-03-02"))
    accept_request(request, staff_member(), at("2026-03-03"))
    complete_request(request, staff_member(), at("2026-03-10"))
    scenes.cancel(users, day("2026-12-31"), at("2026-04-01"))

    issued = IssuedLetter.objects.order_by("pk")
    assert [letter.kind for letter in issued] == [
        "acceptance",
        "activation",
        "refusal",
        "acceptance",
        "completion",
        "cancellation_receipt",
    ]
    attached = [name for message in mail.outbox for name, _content, _kind in message.attachments]
    # Applications go back to their senders as PDFs, too; their numbers begin with A.
    assert [name for name in attached if name[0] != "A"] == [letter.file_name for letter in issued]
    assert len({letter.number for letter in issued}) == 6
    assert all(letter.pdf_hash for letter in issued), "each PDF is kept"


def test_a_letter_states_sender_recipient_dates_and_articles(users):
    letter = users.letters.get(kind="activation")
    text = text_of(letters.pdf_of(letter))
    for stated in (letter.number, "2025年12月1日", "山田商事株式会社", "2026年1月15日", "第6条第1項"):
        assert stated in text
    assert users.service.provider.name in text


def test_a_termination_notice_with_all_its_steps_fits_on_one_page(users):
    demand_cure(users, staff_member(), "incomplete_papers", day("2026-04-01"), "", at("2026-04-01"))
    terminate(users, staff_member(), "incomplete_papers", None, at("2026-05-07"), note="未是正。")
    content = letters.pdf_of(users.letters.get(kind="termination"))
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) == 1
        assert "以上" in pdf.pages[0].extract_text()


def test_the_same_letter_gives_the_same_bytes_and_keeps_those_it_has(users):
    letter = users.letters.get(kind="activation")
    kept = letters.pdf_of(letter)
    assert hashlib.sha256(kept).hexdigest() == letter.pdf_hash
    drawn = letters.letters.render(letter.document, letter.document_hash)
    assert drawn == kept
    assert letters.pdf_of(IssuedLetter.objects.get(pk=letter.pk)) == kept


def test_a_completed_change_counts_from_the_day_of_its_notice(users):
    data = ProductChangeData(product="user", wanted_on=day("2026-03-10"), quantity=12)
    request = scenes.ask(users, "quantity_up", data, at("2026-03-02"))
    accept_request(request, staff_member(), at("2026-03-03"))
    complete_request(request, staff_member(), at("2026-04-02"))

    letter = request.letters.get(kind="completion")
    values = [fact["value"] for fact in letter.document["facts"]]
    assert "2026年4月2日" in values
    assert users.items.get(ends_on=None).billed_from_on == day("2026-04-01")
    assert mail.outbox[-1].attachments[0][0] == letter.file_name


def test_an_issued_letter_never_changes(users):
    letter = users.letters.get(kind="activation")
    with pytest.raises(PermissionDenied):
        letter.save()
    with pytest.raises(PermissionDenied):
        letter.delete()
    rows = IssuedLetter.objects.filter(pk=letter.pk)
    for change in (
        lambda: rows.update(document={}),
        lambda: rows.update(pdf_hash="0" * 64),
        lambda: rows.delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
