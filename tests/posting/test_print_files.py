"""Print files: what waits to be posted, one envelope after the other, recorded once it is out."""

from io import BytesIO

import pytest
import time_machine
from django.core.exceptions import ValidationError
from pypdf import PdfReader

from billing.models import Invoice
from billing.runs.bill import bill
from contracts.applications.questions import ask_applicant
from contracts.models import Contract, Posting
from contracts.posting.drawing import draw_posting
from contracts.posting.making import discard, make_posting, mark_posted, print_again, to_post
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from portal.kept_files import read_checked
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from tests.billing_scene import load_priced_service
from tests.receipts.scene import apply_on_paper, received, reception, unknown_customer
from tests.scenes import accept, at, day

pytestmark = pytest.mark.django_db


@pytest.fixture
def ct_e1(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def root(db) -> User:
    return User.objects.create_superuser("root@provider.example")


def running_by_post(service, **changed: str) -> Contract:
    came = received(at("2026-07-10"), at("2026-07-10 15:00"), channel="letter", staff=reception())
    with time_machine.travel(came.entered_at, tick=False):
        application = apply_on_paper(
            service, {"seat": 5}, came, unknown_customer(**changed), wanted_start_on=day("2026-09-01")
        )
    return accept(application, at("2026-07-12"))


def drawn(provider, staff: User, moment, what: str = "all") -> Posting:
    with time_machine.travel(moment, tick=False):
        posting = make_posting(provider, staff, what, None, moment)
        draw_posting(posting.pk)
    posting.refresh_from_db()
    return posting


def pages_of(posting: Posting) -> list[str]:
    content = read_checked(str(posting.pdf), posting.pdf_hash)
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def test_nothing_without_an_address_is_given_to_the_mail_server(ct_e1, mailoutbox):
    contract = running_by_post(ct_e1)
    waiting = Mail.objects.filter(organisation=contract.organisation)
    assert {mail.state for mail in waiting} == {Mail.State.TO_POST}
    assert not mailoutbox


def test_a_months_invoices_go_out_in_one_file_sorted_by_postal_code_with_the_address_in_front(ct_e1, root):
    running_by_post(ct_e1)
    running_by_post(ct_e1, name="青森商店", postal_code="030-0801", address="青森県青森市新町1-1-1")
    drawn(ct_e1.provider, root, at("2026-07-13"))
    mark_posted(Posting.objects.get(), root, day("2026-07-13"), at("2026-07-13 18:00"))
    with time_machine.travel(at("2026-10-01"), tick=False):
        run = bill(ct_e1.provider, Month(2026, 9), day("2026-10-01"), sends_mail=True)
    assert run.finished
    posting = drawn(ct_e1.provider, root, at("2026-10-02"), "billing")
    texts = pages_of(posting)
    assert posting.envelopes == 2
    assert posting.pages == len(texts)
    covers = [text for text in texts if "書類送付のご案内" in text]
    assert "030-0801" in covers[0] and "青森商店" in covers[0]
    assert "530-0001" in covers[1] and "佐藤商店" in covers[1]
    first = Invoice.objects.get(organisation__name="青森商店")
    assert first.number in covers[0]
    assert first.number in texts[1]
    assert f"{posting.number}-0001" in covers[0]


def test_what_is_in_a_file_is_in_no_other_until_that_is_discarded(ct_e1, root):
    running_by_post(ct_e1)
    posting = drawn(ct_e1.provider, root, at("2026-07-13"))
    with pytest.raises(ValidationError) as refused:
        make_posting(ct_e1.provider, root, "all", None, at("2026-07-13"))
    assert refused.value.code == "nothing"
    discard(posting, root, at("2026-07-13"))
    assert to_post(ct_e1.provider, root).exists()


def test_it_is_posted_once_and_a_reprint_is_marked_and_sends_nothing_again(ct_e1, root):
    contract = running_by_post(ct_e1)
    posting = drawn(ct_e1.provider, root, at("2026-07-13"))
    mark_posted(posting, root, day("2026-07-13"), at("2026-07-13 18:00"))
    contract.refresh_from_db()
    assert contract.acceptance_sent_at == at("2026-07-13 18:00")
    with pytest.raises(ValidationError) as refused:
        mark_posted(posting, root, day("2026-07-14"), at("2026-07-14"))
    assert refused.value.code == "not_ready"
    with time_machine.travel(at("2026-07-20"), tick=False):
        again = print_again(posting, root, at("2026-07-20"))
        draw_posting(again.pk)
    again.refresh_from_db()
    assert "再印刷" in pages_of(again)[0]
    mark_posted(again, root, day("2026-07-20"), at("2026-07-20 18:00"))
    contract.refresh_from_db()
    assert contract.acceptance_sent_at == at("2026-07-13 18:00")
    told = AuditEntry.objects.filter(action__startswith="posting.").order_by("sequence")
    assert [entry.action.partition(".")[2] for entry in told] == [
        "made",
        "posted",
        "printed_again",
        "posted",
    ]


def test_an_acceptance_that_states_its_day_is_not_recorded_as_posted_on_another(ct_e1, root):
    contract = running_by_post(ct_e1)
    posting = drawn(ct_e1.provider, root, at("2026-07-13"))
    with pytest.raises(ValidationError) as refused:
        mark_posted(posting, root, day("2026-07-14"), at("2026-07-14"))
    assert contract.number in refused.value.message_dict["on"][0]
    posting.refresh_from_db()
    contract.refresh_from_db()
    assert (posting.posted_on, contract.acceptance_sent_at) == (None, None)


@pytest.mark.parametrize("on", ["2026-07-12", "2026-07-15"])
def test_the_day_of_posting_is_neither_before_the_file_nor_to_come(ct_e1, root, on):
    running_by_post(ct_e1)
    posting = drawn(ct_e1.provider, root, at("2026-07-13"))
    with pytest.raises(ValidationError):
        mark_posted(posting, root, day(on), at("2026-07-14"))


def test_only_a_month_and_only_letters_are_printed_where_that_is_asked_for(ct_e1, root):
    running_by_post(ct_e1)
    assert to_post(ct_e1.provider, root, "contracts", Month(2026, 7)).exists()
    assert not to_post(ct_e1.provider, root, "contracts", Month(2026, 8)).exists()
    assert not to_post(ct_e1.provider, root, "billing").exists()


def test_other_providers_and_roles_print_and_see_nothing_of_it(
    ct_e1, progoffice, root, make_staff, signed_in
):
    running_by_post(ct_e1)
    assert not to_post(progoffice.provider, root).exists()
    posting = drawn(ct_e1.provider, root, at("2026-07-13"))
    reader = make_staff("reader@provider.example", StaffRole.RECEPTION)
    billing = make_staff("billing@provider.example", StaffRole.BILLING)
    address = f"/admin/contracts/posting/{posting.pk}/file/"
    assert signed_in(reader).get(address).status_code == 200
    assert signed_in(billing).get(address).status_code == 404


def test_a_text_without_a_file_of_its_own_is_printed_on_the_sheet_without_addresses_of_pages(ct_e1, root):
    came = received(at("2026-07-10"), at("2026-07-10 15:00"), channel="letter")
    with time_machine.travel(came.entered_at, tick=False):
        application = apply_on_paper(ct_e1, {"seat": 5}, came)
        ask_applicant(application, reception(), "ご担当者の部署名をお知らせください。", came.entered_at)
    text = pages_of(drawn(ct_e1.provider, root, at("2026-07-11")))[0]
    assert "ご担当者の部署名" in text
    assert "http" not in text
