"""What is stated of a provider holds from a day on: each document states what holds on its own day."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from billing.documents.einvoice import einvoice
from billing.documents.invoice_document import is_qualified
from billing.invoicing.corrections import reissue_invoice
from billing.invoicing.returns import return_all, return_lines
from billing.models import Invoice
from billing.pricing.usage import import_usage
from billing.runs.bill import bill
from billing.statements.content import statement
from contracts.correspondence.application_pdf import application_pdf
from contracts.models import Contract, Provider, ProviderParticulars
from contracts.publishing.particulars import withdraw_particulars
from portal.audit.models import AuditEntry
from tests.approving import approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.documents.jp_pint import problems
from tests.scenes import at, restated, staff_member
from tests.usage_files import row, usage_file

NUMBER = "T9000000111111"
TODAY = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at("2026-09-01"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def provider(service) -> Provider:
    return service.provider


@pytest.fixture
def contract(service, organisation, user) -> Contract:
    return make_contract(service, organisation, user, "C26-000001", {"line": 1}, billed_from=date(2026, 9, 1))


def invoice_of(provider: Provider, issued_on: date = ISSUE_DAY) -> Invoice:
    bill(Provider.objects.get(pk=provider.pk), OCTOBER, issued_on)
    return Invoice.objects.charging().get(month=OCTOBER.first)


def without_number(provider: Provider, until: date) -> None:
    """No registration number from today on, and one again from a day on."""
    restated(provider, TODAY, registration_number="")
    restated(provider, until, registration_number=NUMBER)


def test_the_first_particulars_hold_from_ever_and_later_ones_from_their_day(provider):
    restated(provider, date(2026, 10, 1), name="新社名株式会社", address="東京都港区1-1")
    found = Provider.objects.get(pk=provider.pk)
    assert found.on(date(1990, 1, 1)).name == found.on(date(2026, 9, 30)).name == "株式会社コムデザイン"
    assert found.on(date(2026, 10, 1)).name == found.on(date(2199, 1, 1)).name == "新社名株式会社"
    assert AuditEntry.objects.latest("pk").data["address"]["after"] == "東京都港区1-1"


def test_the_name_on_pages_is_that_of_today(provider, clock):
    restated(provider, date(2026, 10, 1), name="新社名株式会社")
    assert str(Provider.objects.get(pk=provider.pk)) == "株式会社コムデザイン"
    clock.move_to(at("2026-10-01 00:00"))
    assert str(Provider.objects.get(pk=provider.pk)) == "新社名株式会社"


@pytest.mark.usefixtures("contract")
def test_an_invoice_states_name_address_and_account_of_its_issue_day(provider, clock):
    account = {**provider.on(TODAY).bank_account, "number": "7654321"}
    restated(provider, ISSUE_DAY, name="新社名株式会社", address="東京都港区1-1", bank_account=account)
    clock.move_to(at("2026-11-10"))
    document = invoice_of(provider).document
    assert (document["issuer"]["name"], document["issuer"]["address"]) == ("新社名株式会社", "東京都港区1-1")
    assert document["bank_account"]["number"] == "7654321"


@pytest.mark.usefixtures("contract")
def test_the_day_before_a_change_states_what_held_then(provider):
    restated(provider, date(2026, 11, 11), name="新社名株式会社")
    assert invoice_of(provider).document["issuer"]["name"] == "株式会社コムデザイン"


def test_letters_and_statements_state_what_holds_on_their_day(provider, contract, clock):
    restated(provider, date(2026, 10, 1), name="新社名株式会社")
    before = application_pdf(contract.application)
    clock.move_to(at("2026-10-01"))
    found = Provider.objects.get(pk=provider.pk)
    stated = statement(found, contract.organisation, date(2026, 9, 1), date(2026, 9, 30))
    assert stated["issuer"]["name"] == "新社名株式会社"
    assert application_pdf(Contract.objects.get().application) == before


@pytest.mark.usefixtures("contract")
def test_a_supply_without_a_registration_number_gives_a_plain_invoice(provider):
    restated(provider, TODAY, registration_number="")
    invoice = invoice_of(provider)
    document = invoice.document
    assert document["issuer"]["registration_number"] == ""
    assert document["rates"] == [
        {"rate": "10", "reduced": False, "net": 5000, "tax": 500, "registered": False}
    ]
    assert "tax.unregistered" in {step["rule"] for step in document["steps"]}
    assert not is_qualified(return_all(invoice, "解約", staff_member(), approval=approved("return")).document)


@pytest.mark.usefixtures("contract")
def test_a_registration_that_began_within_the_month_counts_for_the_whole_month(provider):
    """A month's service is supplied when the month is over."""
    without_number(provider, until=date(2026, 10, 15))
    document = invoice_of(provider).document
    assert document["issuer"]["registration_number"] == NUMBER
    assert "registered" not in document["rates"][0]


@pytest.mark.usefixtures("contract")
def test_a_registration_from_the_next_month_on_does_not_count_for_this_one(provider):
    without_number(provider, until=date(2026, 11, 1))
    assert not is_qualified(invoice_of(provider).document)


@pytest.mark.usefixtures("contract")
def test_what_was_supplied_before_the_registration_stands_apart_on_the_same_invoice(provider):
    import_usage(usage_file([row("1", quantity=1_000)]), "calls.csv", staff_member())
    without_number(provider, until=date(2026, 10, 15))
    invoice = invoice_of(provider)
    document = invoice.document
    assert document["issuer"]["registration_number"] == NUMBER
    assert [(rate["net"], rate["tax"], rate.get("registered", True)) for rate in document["rates"]] == [
        (5000, 500, True),
        (1000, 100, False),
    ]
    place = next(place for place, line in enumerate(document["lines"]) if "registered" in line)
    returned = return_lines(invoice, {place: 400}, "値引き", staff_member(), approval=approved("return"))
    assert not is_qualified(returned.document)
    rest = return_all(invoice, "解約", staff_member(), approval=approved("return"))
    assert is_qualified(rest.document)
    assert (invoice.net + returned.net + rest.net, invoice.tax + returned.tax + rest.tax) == (0, 0)


@pytest.mark.usefixtures("contract")
def test_a_return_of_what_was_supplied_with_a_number_states_it_after_the_registration_has_ended(
    provider, clock
):
    invoice = invoice_of(provider)
    clock.move_to(at("2026-12-01"))
    restated(provider, date(2026, 12, 1), registration_number="")
    returned = return_all(
        Invoice.objects.get(pk=invoice.pk), "解約", staff_member(), approval=approved("return")
    )
    assert returned.document["issuer"]["registration_number"] == NUMBER


@pytest.mark.usefixtures("contract")
def test_a_number_that_was_told_late_is_stated_once_the_invoice_is_issued_again(provider, clock):
    restated(provider, TODAY, registration_number="")
    clock.move_to(at("2026-11-10"))
    invoice = invoice_of(provider)
    restated(provider, date(2026, 10, 1), registration_number=NUMBER)
    again = reissue_invoice(
        invoice, "登録番号の通知が届いたため", staff_member(), approval=approved("invoice_reissue")
    )
    assert not is_qualified(Invoice.objects.get(pk=invoice.pk).document)
    assert again.document["issuer"]["registration_number"] == NUMBER


@pytest.mark.usefixtures("contract")
def test_the_e_invoice_of_each_is_valid(provider):
    import_usage(usage_file([row("1", quantity=1_000)]), "calls.csv", staff_member())
    without_number(provider, until=date(2026, 10, 15))
    invoice = invoice_of(provider)
    assert problems(einvoice(invoice.document)) == []
    assert (
        problems(einvoice(return_all(invoice, "解約", staff_member(), approval=approved("return")).document))
        == []
    )


@pytest.mark.parametrize(
    ("day", "changed", "field"),
    [
        ("2026-08-31", {"address": "東京都港区1-1"}, "starts_on"),
        ("2026-10-01", {"address": "東京都港区1-1"}, "starts_on"),
        ("2026-10-02", {}, "__all__"),
        ("2026-10-02", {"registration_number": "T7000012050002"}, "registration_number"),
        ("2026-10-02", {"registration_number": "9000000111111"}, "registration_number"),
        ("2026-10-02", {"name": ""}, "name"),
    ],
)
def test_what_can_not_be_stated_is_refused_at_its_field(provider, day, changed, field):
    restated(provider, date(2026, 10, 1), name="新社名株式会社")
    with pytest.raises(ValidationError) as refused:
        restated(provider, date.fromisoformat(day), **changed)
    fields = refused.value.message_dict if hasattr(refused.value, "error_dict") else {"__all__": []}
    assert set(fields) == {field}
    assert provider.particulars.count() == 2


def test_without_any_number_a_provider_can_not_be_told_from_others(provider):
    Provider.objects.filter(pk=provider.pk).update(corporate_number="")
    with pytest.raises(ValidationError) as refused:
        restated(provider, TODAY, registration_number="")
    assert set(refused.value.message_dict) == {"registration_number"}


def test_a_change_is_withdrawn_only_before_it_begins(provider, clock):
    coming = restated(provider, date(2026, 10, 1), name="新社名株式会社")
    two = approved("particulars_withdrawal")
    with pytest.raises(ValidationError) as alone:
        withdraw_particulars(coming, staff_member())
    assert alone.value.code == "second_person"
    withdraw_particulars(coming, staff_member(), approval=two)
    assert provider.particulars.count() == 1
    assert AuditEntry.objects.latest("pk").action == "provider.change_withdrawn"

    begun = restated(provider, date(2026, 10, 1), name="新社名株式会社")
    clock.move_to(at("2026-10-01 00:00"))
    with pytest.raises(ValidationError):
        withdraw_particulars(begun, staff_member(), approval=two)
    assert provider.particulars.count() == 2


def test_what_was_stated_can_not_be_changed_in_the_database(provider):
    with pytest.raises(IntegrityError, match="never change"), transaction.atomic():
        ProviderParticulars.objects.update(name="別の名前")
