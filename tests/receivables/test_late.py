"""What the database says of late invoices, beside what follows from each of them."""

import random
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from billing.calculation.owed.ageing import BUCKETS, bucket, due_between, next_step
from billing.calculation.owed.unpaid import grounds_on, latest_due_on
from billing.models import CreditBalance, Invoice, Reminder, ReminderLine
from billing.receivables.balances import late_charge_on
from billing.receivables.late.ageing import Ageing
from billing.receivables.late.due_reminders import due_reminders, steps_of
from billing.receivables.late.grounds import owing, with_ground
from billing.receivables.open_items import Terms
from billing.receivables.reminders import with_interest
from billing.runs.bill import bill
from contracts.models import IndividualAgreement
from contracts.rules.policy.base import LocalText
from contracts.rules.policy.charging import Charging, UnpaidGround
from tests import scenes
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract

DAY = date(2027, 3, 1)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(due_on=DAYS, day=DAYS)
def test_each_due_day_lies_within_its_bucket_alone(due_on, day):
    within = [name for name in BUCKETS if due_between(name, day)[0] <= due_on <= due_between(name, day)[1]]
    assert within == [bucket(due_on, day)]


@given(day=DAYS, months=st.none() | st.integers(1, 24), back=st.integers(-3, 3))
def test_the_latest_due_day_is_the_last_that_gives_a_ground(day, months, back):
    text = LocalText(ja="督促", en="unpaid")
    rule = UnpaidGround(leads_to="termination", text=text, after_months=months, article="1")
    charging = Charging.model_construct(unpaid_grounds=(rule,))
    due_on = latest_due_on(rule, day) + timedelta(days=back)
    assert bool(grounds_on(charging, due_on, day)) == (back <= 0)


@pytest.fixture
def late(db) -> list[Invoice]:
    """Invoices with all that moves a due day, of two customers, one of whom agreed to rules of its own."""
    chance = random.Random(7)
    service = load_priced_service("partner-cloud-e")
    product = service.price_lists.first().prices.prices[0].product
    customers = (scenes.yamada(), scenes.suzuki())
    contracts = [
        make_contract(service, customer, scenes.owner_of(customer), f"C26-{place}", {product: 1})
        for place, customer in enumerate(customers * 3)
    ]
    IndividualAgreement.objects.create(
        contract=contracts[0],
        title="特約",
        effective_on=date(2026, 12, 1),
        rules='[[charging.unpaid_grounds]]\narticle = "1"\nleads_to = "termination"\nafter_months = 1\n'
        'text = { ja = "一か月", en = "one month" }\n',
        made_at=scenes.at("2026-11-20"),
        made_by=scenes.staff_member(),
    )
    bill(service.provider, OCTOBER, ISSUE_DAY)
    issued = {one.contract_id: one for one in Invoice.objects.all()}
    Invoice.objects.bulk_create(
        _another(issued[chance.choice(contracts).pk], place, chance) for place in range(60)
    )
    CreditBalance.objects.create(organisation=customers[0], provider=service.provider, amount=500)
    alone = scenes._organisation("佐藤物産株式会社", "jiro@satou.example", "佐藤 次郎")
    CreditBalance.objects.create(organisation=alone, provider=service.provider, amount=700)
    _remind(service.provider, chance)
    return list(Invoice.objects.filter(open_amount__gt=0).select_related("contract__service", "provider"))


def _another(like: Invoice, place: int, chance: random.Random) -> Invoice:
    due_on = DAY - timedelta(days=chance.randrange(-20, 130))
    added = chance.choice((0, 0, 300))
    return Invoice(
        provider=like.provider,
        fiscal_year=like.fiscal_year,
        sequence=1000 + place,
        number=f"X-{place}",
        run=like.run,
        contract=like.contract,
        organisation=like.organisation,
        debtor=like.debtor,
        month=(OCTOBER + place + 1).first,
        issued_on=due_on - timedelta(days=30),
        due_on=due_on,
        net=1000,
        tax=100,
        gross=1100,
        document=like.document,
        paid=chance.choice((0, 0, 200, 900, 1100)),
        added=added,
        added_due_on=due_on + timedelta(days=40) if added else None,
        due_at_once_on=due_on - timedelta(days=5) if chance.random() < 0.2 else None,
    )


def _remind(provider, chance: random.Random) -> None:
    """Up to as many reminders as the provider sends, of every other invoice."""
    for days in (40, 20, 7, 3):
        reminder = Reminder.objects.create(
            provider=provider,
            organisation=scenes.yamada(),
            issued_on=DAY - timedelta(days=days),
            step=1,
            pay_by=DAY,
            open_amount=1,
            interest=0,
            document={},
            document_hash="x",
        )
        for invoice in Invoice.objects.filter(open_amount__gt=0):
            sent = invoice.reminder_lines.count()
            if chance.random() < 0.4 and sent < len(steps_of(provider)):
                ReminderLine.objects.create(
                    reminder=reminder, invoice=invoice, step=sent + 1, open_amount=1, interest=0
                )


def test_ageing_adds_up_what_is_open_by_its_parts(late):
    expected: dict[str, dict[str, int]] = {}
    for invoice in late:
        amounts = expected.setdefault(invoice.debtor.name, dict.fromkeys(BUCKETS, 0))
        for amount, due_on in invoice.parts(invoice.open_amount):
            amounts[bucket(due_on, DAY)] += amount
    rows = Ageing(DAY)
    assert {row.organisation.name: row.amounts for row in rows if row.total} == expected
    assert rows.sums() == [sum(amounts[name] for amounts in expected.values()) for name in BUCKETS]
    assert sorted((row.credit, row.total > 0) for row in rows) == [(0, True), (500, True), (700, False)]


def test_pages_of_the_ageing_list_are_the_whole_of_it(late):
    rows = Ageing(DAY)
    every = [(row.organisation, row.amounts, row.credit) for row in rows]
    pages = [row for first in range(len(rows)) for row in rows[first : first + 1]]
    assert [(row.organisation, row.amounts, row.credit) for row in pages] == every
    assert len(rows) == len(every) == 3
    assert every == sorted(every, key=lambda row: -sum(row[1].values()))


@pytest.mark.parametrize("leads_to", ["suspension", "termination"])
def test_the_database_finds_the_grounds_that_the_terms_name(late, leads_to):
    terms = Terms(DAY)
    since = {
        invoice.pk: [ground.since for ground in terms.grounds(invoice) if ground.leads_to == leads_to]
        for invoice in late
    }
    expected = {invoice for invoice in late if since[invoice.pk]}
    assert 0 < len(expected) < len(late)
    assert set(with_ground(DAY, leads_to)) == expected
    firsts: dict[int, tuple[date, date]] = {}
    for invoice in sorted(expected, key=lambda one: one.open_due_on):
        firsts.setdefault(invoice.contract_id, (min(since[invoice.pk]), invoice.open_due_on))
    found = {one.contract: (one.since, one.due_on) for one in owing(DAY, leads_to, Invoice.objects.all())}
    assert found == firsts


def test_the_database_finds_the_reminders_that_are_due(late):
    provider = late[0].provider
    expected = set()
    for invoice in late:
        sent = [line.reminder.issued_on for line in invoice.reminder_lines.select_related("reminder")]
        if step := next_step(steps_of(provider), invoice.open_due_on, sent, DAY):
            expected.add((invoice.pk, step.number))
    assert {number for _pk, number in expected} == {step.number for step in steps_of(provider)}
    assert {(one.invoice.pk, one.step.number) for one in due_reminders(DAY)} == expected


def test_what_was_agreed_alike_is_one_condition(late, django_assert_num_queries):
    """However many contracts agreed to it; what was agreed about something else is none."""
    own = IndividualAgreement.objects.get()
    before = str(with_ground(DAY).query).count("open_due_on")
    with CaptureQueriesContext(connection) as queries:
        alone = set(with_ground(DAY))
    others = [pk for pk in {invoice.contract_id for invoice in late} if pk != own.contract_id]
    for pk in others[:2]:
        own.pk, own.contract_id, own.title = None, pk, f"特約{pk}"
        own.save()
    own.pk, own.contract_id, own.rules = None, others[2], "[cancellation]\n"
    own.save()
    with django_assert_num_queries(len(queries)):
        assert set(with_ground(DAY)) != alone
    assert str(with_ground(DAY).query).count("open_due_on") == before
    terms = Terms(DAY)
    assert set(with_ground(DAY)) == {invoice for invoice in late if terms.grounds(invoice)}


def test_the_first_reminders_that_are_due_come_with_what_all_of_them_do(late, django_assert_num_queries):
    """Late interest is worked out for many as for each alone, in as many queries as for few."""
    every = with_interest(due_reminders(DAY), DAY)
    assert [owed.interest for owed in every] == [
        late_charge_on(owed.due.invoice, DAY).interest for owed in every
    ]
    assert len(every) > 2
    assert any(owed.interest for owed in every)
    assert with_interest(due_reminders(DAY, most=2), DAY) == every[:2]
    with CaptureQueriesContext(connection) as of_few:
        with_interest(due_reminders(DAY, most=3), DAY)
    with django_assert_num_queries(len(of_few)):
        with_interest(due_reminders(DAY), DAY)
