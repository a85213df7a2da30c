"""An application whose contract has passed on before service starts: now the successor acts for it."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse

from contracts.applications.decide import refuse_application
from contracts.applications.questions import answer_question, ask_applicant
from contracts.applications.withdrawal import withdraw_application
from contracts.lifecycle.documents import attach_document
from contracts.models import Application, Contract, ContractRequest
from contracts.requests.decide import accept_request, submit_request
from contracts.requests.kinds.endings import CancellationData
from contracts.requests.kinds.successions import SuccessionData
from contracts.requests.questions import answer, ask_back
from contracts.requests.successors import Successor
from contracts.requests.withdrawal import withdraw_request
from portal.outbox.models import Mail
from tests import scenes

PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def passed_on(progoffice, now) -> Application:
    """Sent by 山田商事, which formed the contract; with a question; taken over by 鈴木製作所, undecided."""
    application = scenes.apply(progoffice, {"user": 10}, scenes.at("2026-11-01"))
    contract = Contract.objects.get(application=application)
    attach_document(application, sender(), "登記.pdf", PDF, scenes.at("2026-11-02"))
    ask_applicant(application, scenes.staff_member(), "いつから使いますか", scenes.at("2026-11-03"))
    data = SuccessionData(
        wanted_on=scenes.day("2026-11-04"),
        cause="merger",
        successors=(
            Successor(
                name="株式会社鈴木製作所",
                postal_code="100-0002",
                address="東京都千代田区皇居外苑1-1",
                phone="03-0000-0009",
                email="soumu@suzuki.example",
            ),
        ),
    )
    asked = scenes.ask(contract, "succession", data, scenes.at("2026-11-05"))
    accept_request(asked, scenes.staff_member(), scenes.at("2026-11-06"), successor=scenes.suzuki())
    return Application.objects.get(pk=application.pk)


def sender():
    return scenes.owner_of(scenes.yamada())


def successor():
    return scenes.owner_of(scenes.suzuki())


def page_of(name: str, application: Application) -> str:
    return reverse(f"contracts:application-{name}", args=[application.number])


def test_who_applied_can_no_longer_withdraw_what_somebody_else_holds(passed_on, as_yamada):
    address = page_of("withdraw", passed_on)
    assert as_yamada.get(address).status_code == 404
    assert as_yamada.post(address).status_code == 404
    with pytest.raises(ValidationError) as refused:
        withdraw_application(passed_on, sender(), scenes.at("2026-11-20"))
    assert refused.value.code == "not_acting"
    passed_on.refresh_from_db()
    assert (passed_on.status, passed_on.contract.ends_on) == ("submitted", None)


def test_the_successor_withdraws_before_service_starts(passed_on, as_suzuki):
    address = page_of("withdraw", passed_on)
    assert as_suzuki.get(address).status_code == 200
    page = as_suzuki.post(address, follow=True)
    assert page.status_code == 200
    assert "お申込みを撤回しました。" in page.content.decode()
    passed_on.refresh_from_db()
    contract = Contract.objects.get(application=passed_on)
    assert (passed_on.status, contract.end_kind) == ("withdrawn", "withdrawn")


def test_who_applied_hands_in_and_answers_nothing(passed_on, as_yamada):
    documents, questions = page_of("documents", passed_on), page_of("questions", passed_on)
    assert as_yamada.get(documents).status_code == 404
    assert as_yamada.post(documents, {}).status_code == 404
    assert as_yamada.post(questions, {"answer": "12月です"}).status_code == 404
    for act in (
        lambda: attach_document(passed_on, sender(), "追加.pdf", PDF + b"2", scenes.at("2026-11-20")),
        lambda: answer_question(passed_on, sender(), "12月です", scenes.at("2026-11-20")),
    ):
        with pytest.raises(ValidationError) as refused:
            act()
        assert refused.value.code == "not_acting"
    assert (passed_on.documents.count(), passed_on.messages.count()) == (1, 1)


def test_the_successor_hands_in_and_answers(passed_on, as_suzuki):
    document = attach_document(passed_on, successor(), "合併.pdf", PDF + b"2", scenes.at("2026-11-20"))
    assert document.organisation == scenes.suzuki()
    as_suzuki.post(page_of("questions", passed_on), {"answer": "12月です"})
    assert passed_on.messages.last().text == "12月です"
    shown = as_suzuki.get(page_of("documents", passed_on)).content.decode()
    assert "合併.pdf" in shown
    assert "登記.pdf" not in shown, "what who applied has handed in stays theirs"


def test_who_applied_reads_it_as_it_stood_when_it_passed_on(passed_on, as_yamada):
    answer_question(passed_on, successor(), "承継後の回答", scenes.at("2026-11-10"))
    withdraw_application(passed_on, successor(), scenes.at("2026-11-11"))
    page = as_yamada.get(page_of("detail", passed_on))
    assert (page.status_code, page.context["application"].status) == (200, "submitted")
    text = page.content.decode()
    assert "登記.pdf" in text
    for name in ("withdraw", "documents", "questions"):
        assert page_of(name, passed_on) not in text
    questions = as_yamada.get(page_of("questions", passed_on)).content.decode()
    assert "いつから使いますか" in questions
    assert "承継後の回答" not in questions
    assert "<textarea" not in questions
    assert as_yamada.get(page_of("pdf", passed_on)).status_code == 200
    assert Application.objects.get(pk=passed_on.pk).status == "withdrawn", "looking changes nothing"


def test_the_successor_finds_it_and_who_applied_does_not_among_what_is_under_way(
    passed_on, as_suzuki, as_yamada
):
    for client, theirs in ((as_suzuki, [passed_on]), (as_yamada, [])):
        listed = client.get(reverse("contracts:contract-list")).context["applications"]
        under_way = client.get(reverse("home")).context["under_way"]
        assert list(listed) == theirs
        assert [one.number for one in under_way] == [application.number for application in theirs]
    contract = reverse("contracts:contract-detail", args=[passed_on.contract.number])
    assert page_of("detail", passed_on) in as_suzuki.get(contract).content.decode()
    assert as_suzuki.get(page_of("pdf", passed_on)).status_code == 200


def test_letters_and_mails_on_it_go_to_the_successor(
    passed_on, as_suzuki, as_yamada, django_capture_on_commit_callbacks
):
    reason = passed_on.terms_version.policy.refusal_reasons[0].key
    Mail.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        refuse_application(passed_on, scenes.staff_member(), reason, "承継後の理由", scenes.at("2026-11-20"))
    letter = passed_on.letters.get()
    assert letter.organisation == scenes.suzuki()
    assert [message.to for message in mail.outbox] == [["ichiro@suzuki.example"]]
    letter_page = reverse("contracts:contract-letter", args=[letter.number])
    assert (as_suzuki.get(letter_page).status_code, as_yamada.get(letter_page).status_code) == (200, 404)
    assert "承継後の理由" not in as_yamada.get(page_of("detail", passed_on)).content.decode()


def test_who_applied_asks_answers_and_takes_back_nothing_on_the_contract(passed_on):
    contract = Contract.objects.get(application=passed_on)
    wanted = CancellationData(wanted_on=scenes.day("2027-01-31"))
    (own,) = contract.requests.all()
    moment = scenes.at("2026-11-20")
    by_successor = scenes.cancel(contract, scenes.day("2027-01-31"), moment)
    ask_back(by_successor, scenes.staff_member(), "確認", moment)
    for act in (
        lambda: submit_request(contract, sender(), "cancellation", wanted, moment, passed_on.submission_key),
        lambda: answer(by_successor, sender(), "はい", moment),
        lambda: withdraw_request(own, sender(), moment),
        lambda: attach_document(by_successor, sender(), "b.pdf", PDF, moment),
    ):
        with pytest.raises(ValidationError) as refused:
            act()
        assert refused.value.code == "not_acting"
    by_successor.refresh_from_db()
    assert by_successor.status == "asked_back"


def test_what_becomes_of_a_request_is_told_to_the_successor_alone(
    passed_on, django_capture_on_commit_callbacks
):
    contract = Contract.objects.get(application=passed_on)
    ContractRequest.objects.update(kind="particulars")  # asked for by 山田商事 before it passed on
    (asked,) = contract.requests.all()
    ContractRequest.objects.update(status="submitted", decided_at=None, decided_by=None)
    Mail.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        ask_back(asked, scenes.staff_member(), "どちらですか", scenes.at("2026-11-20"))
    assert [message.to for message in mail.outbox] == [["ichiro@suzuki.example"]]


def test_an_application_that_formed_no_contract_stays_with_who_applied(application, as_yamada, as_suzuki):
    assert as_yamada.get(page_of("withdraw", application)).status_code == 200
    assert as_suzuki.get(page_of("withdraw", application)).status_code == 404
    with pytest.raises(ValidationError) as refused:
        withdraw_application(application, successor(), scenes.at("2026-11-20"))
    assert refused.value.code == "not_acting"
