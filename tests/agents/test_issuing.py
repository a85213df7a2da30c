"""Sales agents as counterparties: who issues, who is owed, and what is kept apart."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from billing.documents.einvoice import einvoice
from billing.invoicing.corrections import REISSUE, reissue_invoice
from billing.invoicing.returns import return_all
from billing.models import (
    Adjustment,
    BankAccount,
    BankTransaction,
    BillingChunk,
    CreditBalance,
    Invoice,
    PriceListVersion,
)
from billing.receivables.allocation import allocate
from billing.receivables.bank.accounts import fill_account
from billing.receivables.bank.imports import import_file
from billing.receivables.credits import locked_balance
from billing.receivables.late.ageing import Ageing
from billing.receivables.owed import turn_into_credit
from billing.receivables.payments import record_payment
from billing.receivables.reminders import issue_reminder
from billing.runs.bill import bill
from billing.runs.preview import preview
from billing.runs.states import begin, calculate, submit
from billing.statements.content import statement
from contracts.lifecycle.selling.agents import change_agent
from contracts.models import Provider, ProviderParticulars, SalesAgent
from contracts.publishing.agents import save_agent
from contracts.publishing.particulars import STATED
from contracts.rules.calendar.period import Month
from contracts.rules.policy.reading import PolicyError
from contracts.rules.policy.service_file import read_agent
from portal.staffing.reach import reaches
from tests import scenes
from tests.agent_scene import sold_service
from tests.approving import approved
from tests.billing_scene import CATALOG, load_service
from tests.documents.jp_pint import problems
from tests.scenes import again, at, day, staff_member, suzuki, works_for, yamada

NOVEMBER = Month(2026, 11)
DAY = date(2026, 12, 10)


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(at("2026-11-20"), tick=False):
        yield


@pytest.fixture(scope="module")
def sold(made_once):
    with time_machine.travel(at("2026-11-20"), tick=False):
        return sold_service()


@pytest.fixture(scope="module")
def sold_to_three(sold):
    """Contracts of the two agents, and one that names none."""
    customers = yamada(), suzuki()
    with time_machine.travel(at("2026-11-20"), tick=False):
        return {
            "aozora": scenes.running(sold, {"user": 10}, customers[0], agent="aozora"),
            "minato": scenes.running(sold, {"user": 10}, customers[0], agent="minato"),
            "": scenes.running(sold, {"user": 10}, customers[1]),
        }


@pytest.fixture
def service(sold, db):
    return again(sold)


@pytest.fixture
def minato(service):
    return service.agents.get(key="minato")


@pytest.fixture
def aozora(service):
    return service.agents.get(key="aozora")


@pytest.fixture
def three(sold_to_three, db):
    return {agent: again(contract) for agent, contract in sold_to_three.items()}


@pytest.fixture
def issued(service, three):
    bill(service.provider, NOVEMBER, DAY)
    return {key: Invoice.objects.get(contract=contract) for key, contract in three.items()}


def issuer_file(key: str, **changed: str) -> str:
    source = (CATALOG / "progoffice" / "agents" / key / "agent.toml").read_text(encoding="utf-8")
    for old, new in changed.values():
        assert old in source, old
        source = source.replace(old, new)
    return source


def restated(agent: SalesAgent, starts_on: str, **changed: object) -> None:
    """What is stated of an agent from a day on: as it was, but for what is changed."""
    last = ProviderParticulars.objects.filter(provider=agent.issuer).first()
    values = {name: getattr(last, name) for name in STATED}
    ProviderParticulars.objects.create(provider=agent.issuer, starts_on=day(starts_on), **values | changed)


def without_account(agent: SalesAgent) -> None:
    restated(agent, "2026-01-01", bank_account={})


def test_the_counterparty_issues_under_its_own_numbers_and_is_owed(service, issued):
    assert {key: one.number for key, one in issued.items()} == {
        "aozora": "AZ-2026-000001",
        "minato": "MN-2026-000001",
        "": "TX-2026-000001",
    }
    assert issued["aozora"].document["issuer"]["name"] == "あおぞらシステム販売株式会社（見本）"
    assert issued["aozora"].document["bank_account"]["holder"] == "アオゾラシステムハンバイ"
    assert issued["minato"].document["bank_account"]["number"] == "0000012"
    assert "請求書番号を振込名義の前に" in str(issued["aozora"].document["notes"])
    assert "請求書番号を振込名義の前に" not in str(issued[""].document["notes"])
    assert BillingChunk.objects.count() == 3
    assert all(one.pdf for one in issued.values())


def test_only_who_has_a_registration_number_issues_qualified_invoices(issued):
    numbers = {key: one.document["issuer"]["registration_number"] for key, one in issued.items()}
    assert numbers == {"aozora": "T9000000333333", "minato": "", "": "T4903847561028"}
    assert issued["minato"].document["issuer"]["corporate_number"] == "9000000444444"
    assert {rate.get("registered", True) for rate in issued["minato"].document["rates"]} == {False}


def test_e_invoices_of_agents_hold_by_the_rules(issued):
    for invoice in issued.values():
        assert problems(einvoice(invoice.document)) == []


def test_numbers_of_an_agent_have_no_gaps_from_month_to_month(service, issued):
    bill(service.provider, NOVEMBER + 1, date(2027, 1, 10))
    numbers = (
        Invoice.objects.filter(provider__code="AZ").order_by("sequence").values_list("number", flat=True)
    )
    assert list(numbers) == ["AZ-2026-000001", "AZ-2026-000002"]


def test_a_return_is_issued_by_who_issued_the_invoice(issued):
    for key, number in (("aozora", "AZ-R2026-000001"), ("minato", "MN-R2026-000001")):
        returned = return_all(
            issued[key], "返還", staff_member(), at("2026-12-15"), approval=approved("return")
        )
        assert (returned.number, returned.provider) == (number, issued[key].provider)
        registered = issued[key].document["issuer"]["registration_number"]
        assert returned.document["issuer"]["registration_number"] == registered
        assert problems(einvoice(returned.document)) == []


def test_an_invoice_is_issued_anew_by_who_issued_it(service, minato, issued):
    """Even where the contract has another agent by the facts of today."""
    minato.role, minato.issuer = "intermediary", None
    minato.save()
    anew = reissue_invoice(
        issued["minato"], "訂正", staff_member(), at("2026-12-15"), approval=approved(REISSUE)
    )
    assert (anew.number, anew.provider.code) == ("MN-2026-000002", "MN")
    assert anew.document["issuer"]["name"].startswith("みなと")


def test_what_is_owed_to_an_agent_stands_apart(issued):
    customer = issued["aozora"].organisation
    rows = {row.provider.code: row.total for row in Ageing(DAY, customer)}
    assert rows == {"AZ": issued["aozora"].gross, "MN": issued["minato"].gross}


def test_an_entry_on_the_agents_account_pays_no_invoice_of_another(issued, minato):
    account = BankAccount(provider=minato.issuer)
    values = {
        "bank_code": "9991",
        "bank_name": "ミホン",
        "branch_code": "003",
        "branch_name": "ミナト",
        "account_kind": "1",
        "account_number": "0000012",
        "holder": "ミナト",
        "csv_columns": {"encoding": "utf-8", "day": "day", "payer": "payer", "incoming": "amount"},
    }
    fill_account(account, values)
    account.save()
    gross = issued["minato"].gross
    import_file(account, "a.csv", f"day,payer,amount\n2026-12-20,ヤマダ,{gross}\n".encode(), staff_member())
    entry = BankTransaction.objects.get()
    with pytest.raises(ValidationError, match="AZ-2026-000001"):
        allocate(entry, {issued["aozora"].number: gross}, None, staff_member())
    allocate(entry, {issued["minato"].number: gross}, None, staff_member())
    issued["minato"].refresh_from_db()
    issued["aozora"].refresh_from_db()
    assert (issued["minato"].open_amount, issued["aozora"].open_amount) == (0, issued["aozora"].gross)


def test_credit_with_an_agent_is_not_credit_with_the_provider(issued, three):
    record_payment(issued["minato"], date(2026, 11, 20), issued["minato"].gross, "A1", staff_member())
    return_all(issued["minato"], "返還", staff_member(), at("2026-12-25"), approval=approved("return"))
    held = CreditBalance.objects.filter(amount__gt=0)
    assert [(one.provider.code, one.amount) for one in held] == [("MN", issued["minato"].gross)]


def test_a_reminder_and_a_statement_come_from_the_agent(issued, minato):
    customer = issued["minato"].organisation
    reminder = issue_reminder(minato.issuer, customer, date(2027, 3, 1), staff_member())
    assert reminder.document["issuer"]["name"].startswith("みなと")
    assert reminder.document["bank_account"]["number"] == "0000012"
    assert [line.invoice for line in reminder.lines.all()] == [issued["minato"]]
    content = statement(minato.issuer, customer, date(2026, 12, 1), date(2027, 2, 1))
    assert "AZ-2026-000001" not in str(content) and "MN-2026-000001" in str(content)


def test_who_only_brings_lets_the_provider_bill(service, minato, three):
    minato.role, minato.issuer = "intermediary", None
    minato.save()
    bill(service.provider, NOVEMBER, DAY)
    assert Invoice.objects.get(contract=three["minato"]).provider == service.provider


def test_an_issuer_belongs_to_a_counterparty_alone(minato):
    with pytest.raises(IntegrityError), transaction.atomic():
        SalesAgent.objects.filter(pk=minato.pk).update(role="collection")
    with pytest.raises(PolicyError, match="counterparty"):
        read_agent(issuer_file("minato", role=('role = "counterparty"', 'role = "collection"')))


def test_no_agent_issues_under_the_code_of_somebody_else(service):
    file = read_agent(issuer_file("minato", code=('code = "MN"', 'code = "TX"')))
    with pytest.raises(PolicyError, match="TX"):
        save_agent(service, "third", file, 3)
    assert service.provider.principal is None


def test_loading_again_changes_nothing_that_was_entered_since(service, minato):
    restated(minato, "2027-01-01", registration_number="T9000000444444")
    save_agent(service, "minato", read_agent(issuer_file("minato")), 2)
    assert ProviderParticulars.objects.filter(provider=minato.issuer).count() == 2
    assert Provider.issuers.get(code="MN").on(day("2027-01-01")).registration_number == "T9000000444444"


def test_a_number_counts_from_its_day_on(service, minato, three):
    restated(minato, "2026-12-01", registration_number="T9000000444444")
    bill(service.provider, NOVEMBER, DAY)
    bill(service.provider, NOVEMBER + 1, date(2027, 1, 10))
    theirs = Invoice.objects.filter(provider=minato.issuer).order_by("month")
    stated = [one.document["issuer"]["registration_number"] for one in theirs]
    assert stated == ["", "T9000000444444"]


def test_the_preview_tells_the_issuers_apart(service, three):
    found = preview(service.provider, NOVEMBER, DAY).as_json()
    counts = {row["issuer"]: row["count"] for row in found["issuers"]}
    assert counts == {
        "あおぞらシステム販売株式会社（見本）": 1,
        "みなとビジネスサービス合同会社（見本）": 1,
        "NTTテクノクロス株式会社": 1,
    }
    assert sum(row["gross"] for row in found["issuers"]) == found["rows"][-1]["gross"]


def test_the_approval_binds_the_agents_account(service, minato, three):
    run = submit(calculate(begin(service.provider, NOVEMBER, DAY, staff_member())), staff_member())
    before = run.preview["digest"]
    other = {**minato.issuer.on(DAY).bank_account, "number": "0000099"}
    restated(minato, "2026-12-01", bank_account=other)
    again = calculate(begin(service.provider, NOVEMBER, DAY, staff_member()))
    assert again.preview["digest"] != before


def test_an_agent_without_an_account_is_named_before_the_run_is_submitted(service, minato, three):
    without_account(minato)
    run = calculate(begin(service.provider, NOVEMBER, DAY, staff_member()))
    (why,) = run.preview["unready_agents"]
    assert "みなとビジネスサービス" in why
    with pytest.raises(ValidationError) as refused:
        submit(run, staff_member())
    assert refused.value.code == "unready_agents"
    assert why in refused.value.messages[0]
    assert Invoice.objects.count() == 0


def test_an_agent_without_prices_is_named_too(service, minato, three):
    PriceListVersion.objects.filter(agent=minato).delete()
    run = calculate(begin(service.provider, NOVEMBER, DAY, staff_member()))
    (why,) = run.preview["unready_agents"]
    assert "みなとビジネスサービス" in why


def test_nothing_is_contracted_with_an_agent_without_an_account(service, minato, aozora, three):
    without_account(minato)
    with pytest.raises(ValidationError) as refused:
        change_agent(three["aozora"], minato, day("2027-01-01"), staff_member(), at("2026-11-20"))
    assert refused.value.error_dict["agent"][0].code == "agent_without_account"


def test_an_agent_can_follow_the_provider_from_a_month_on(service, aozora, three):
    own = three[""]
    change_agent(own, aozora, day("2026-12-01"), staff_member(), at("2026-11-20"))
    bill(service.provider, NOVEMBER, DAY)
    bill(service.provider, NOVEMBER + 1, date(2027, 1, 10))
    codes = Invoice.objects.filter(contract=own).order_by("month").values_list("provider__code", flat=True)
    assert list(codes) == ["TX", "AZ"]


def test_an_agent_does_not_change_while_its_invoice_is_open(aozora, issued, three):
    with pytest.raises(ValidationError, match="MN-2026-000001"):
        change_agent(three["minato"], aozora, day("2027-02-01"), staff_member(), at("2026-12-20"))


def test_what_is_owed_to_the_agent_before_is_not_charged_by_the_next(service, aozora, three, user):
    contract = three["minato"]
    change_agent(contract, aozora, day("2026-12-01"), staff_member(), at("2026-11-20"))
    bill(service.provider, NOVEMBER, DAY)
    Adjustment.objects.create(
        contract=contract,
        terms_version=contract.contracted_version,
        kind=Adjustment.Kind.COSTS,
        month=date(2026, 11, 1),
        amount=1000,
        tax="standard",
        names={"ja": "費用", "en": "Costs"},
        reason="費用",
        articles=[],
        decided_at=at("2026-12-01"),
    )
    run = calculate(begin(service.provider, NOVEMBER + 1, date(2027, 1, 10), staff_member()))
    (problem,) = run.preview["problems"]
    assert "みなとビジネスサービス合同会社" in problem["reason"]


def test_staff_of_the_provider_keep_the_books_of_its_agents(service, minato, issued):
    own = works_for(staff_member("提供者の 人"), service.provider)
    other = works_for(staff_member("他社の 人"), load_service("ct-e1").provider)
    own.is_superuser = other.is_superuser = False
    assert reaches(own, issued["minato"]) and reaches(own, minato.issuer)
    assert not reaches(other, issued["minato"]) and not reaches(other, minato.issuer)


def test_what_agents_owe_becomes_credit_with_them(three):
    owed = Adjustment.objects.create(
        contract=three["minato"],
        terms_version=three["minato"].contracted_version,
        kind=Adjustment.Kind.DAMAGES,
        month=date(2026, 11, 1),
        amount=-1000,
        tax="outside",
        names={"ja": "損害", "en": "Damage"},
        reason="損害",
        articles=[],
        decided_at=at("2026-12-01"),
    )
    turn_into_credit(owed, None)
    assert locked_balance(three["minato"].issuer_on(DAY), three["minato"].organisation).amount == 1000
