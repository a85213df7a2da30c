"""The four ways in which a contract is formed, and what it then contains."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils.translation import override

from contracts.applications.activation import complete_registration, issue_activation_notice
from contracts.models import Contract
from portal.audit.models import AuditEntry
from portal.outbox.models import Mail
from portal.outbox.settling import send_again
from tests.scenes import accept, activated, apply, at, day, registered, staff_member


def dates(contract: Contract) -> tuple:
    return contract.formed_on, contract.service_starts_on, contract.billed_from_on


def rows(contract: Contract) -> list[tuple]:
    return [
        (
            item.product,
            item.quantity,
            item.starts_on,
            item.ends_on,
            item.billed_from_on,
            item.billed_through_on,
        )
        for item in contract.items.order_by("pk")
    ]


def test_formed_by_application_the_contract_is_there_at_once(progoffice):
    application = apply(progoffice, {"user": 5, "setup": 1}, at("2026-03-10"))

    contract = application.contract
    assert contract.number == "C26-000001"
    assert dates(contract) == (day("2026-03-10"), None, None)
    assert contract.formation["formed_on"] == "2026-03-10"
    assert contract.state_on(day("2026-03-10")) == Contract.State.FORMING


def test_the_activation_notice_starts_service_and_charging(progoffice):
    application = apply(progoffice, {"user": 5, "setup": 1}, at("2026-03-10"))
    contract = accept(application, at("2026-03-11"))

    contract = activated(contract, day("2026-04-15"), at("2026-03-20"))

    assert dates(contract) == (day("2026-03-10"), day("2026-04-15"), day("2026-04-01"))
    assert rows(contract) == [
        ("user", 5, day("2026-04-15"), None, day("2026-04-01"), None),
        ("setup", 1, day("2026-04-15"), day("2026-04-15"), day("2026-04-01"), day("2026-04-30")),
    ]
    assert contract.state_on(day("2026-04-14")) == Contract.State.FORMING
    assert contract.state_on(day("2026-04-15")) == Contract.State.RUNNING


def test_an_activation_notice_waits_for_acceptance_and_is_issued_once(progoffice):
    contract = apply(progoffice, {"user": 5}, at("2026-03-10")).contract
    with pytest.raises(ValidationError):
        activated(contract, day("2026-04-01"), at("2026-03-11"))
    accept(contract.application, at("2026-03-11"))
    with pytest.raises(ValidationError, match="2026"):
        activated(contract, day("2026-03-09"), at("2026-03-11"))

    activated(contract, day("2026-04-01"), at("2026-03-12"))
    with pytest.raises(ValidationError):
        activated(contract, day("2026-05-01"), at("2026-03-12"))


def test_formed_by_acceptance_and_started_on_the_first_of_the_wanted_month(ct_e1):
    application = apply(ct_e1, {"line": 1}, at("2026-03-10"), wanted_start_on=day("2026-05-20"))

    contract = accept(application, at("2026-03-31 23:59"))

    assert dates(contract) == (day("2026-03-31"), day("2026-05-01"), day("2026-05-01"))
    assert rows(contract) == [("line", 1, day("2026-05-01"), None, day("2026-05-01"), None)]
    assert contract.acceptance_sent_at is None, "the mail goes out after the commit"


@pytest.mark.usefixtures("committing")
def test_formed_by_sending_the_acceptance(partner_cloud):
    application = apply(partner_cloud, {"base": 1}, at("2026-03-10"), wanted_start_on=day("2026-04-10"))
    mail.outbox.clear()

    contract = accept(application, at("2026-03-12 09:30"))

    assert contract.acceptance_sent_at == at("2026-03-12 09:30")
    assert dates(contract) == (day("2026-03-12"), day("2026-04-10"), day("2026-04-01"))
    (message,) = mail.outbox
    assert "2026年3月12日（第9条第3項" in message.body
    assert "2026年4月10日（第13条第1項" in message.body
    sent = AuditEntry.objects.get(action="contract.acceptance_sent")
    assert sent.actor is None


@pytest.mark.usefixtures("committing")
def test_formed_by_registration_and_charged_from_the_next_month(simpleconnect):
    with override("en"):
        application = apply(simpleconnect, {"id": 3, "setup": 1}, at("2026-03-10"))
    contract = accept(application, at("2026-03-11"))
    assert dates(contract) == (None, None, None)
    mail.outbox.clear()

    contract = complete_registration(
        contract, staff_member(), at("2026-03-31"), account_details="ID: yamada-01"
    )

    assert dates(contract) == (day("2026-03-31"), day("2026-03-31"), day("2026-04-01"))
    assert rows(contract) == [
        ("id", 3, day("2026-03-31"), None, day("2026-04-01"), None),
        ("setup", 1, day("2026-03-31"), day("2026-03-31"), day("2026-04-01"), day("2026-04-30")),
    ]
    (message,) = mail.outbox
    assert "ID: yamada-01" in message.body
    assert "Charged from: 1 April 2026 (Art. 9" in message.body
    for told in ("data", "personal"):
        assert not AuditEntry.objects.filter(**{f"{told}__icontains": "yamada-01"}).exists()
    row = Mail.objects.get(kind="contract_registered")
    assert "yamada-01" not in str(Mail.objects.filter(pk=row.pk).values().get()), "it is kept encrypted"
    send_again(row, staff_member(), at("2026-03-31"))
    assert "ID: yamada-01" in mail.outbox[-1].body


def test_registration_comes_once_and_after_acceptance(simpleconnect, progoffice):
    contract = accept(apply(simpleconnect, {"id": 3}, at("2026-03-10")), at("2026-03-11"))
    registered(contract, at("2026-03-12"))

    with pytest.raises(ValidationError):
        registered(contract, at("2026-03-13"))
    with pytest.raises(ValidationError):
        registered(apply(progoffice, {"user": 5}, at("2026-03-10")).contract, at("2026-03-13"))
    with pytest.raises(ValidationError):
        issue_activation_notice(contract, staff_member(), day("2026-04-01"), at("2026-03-13"))
