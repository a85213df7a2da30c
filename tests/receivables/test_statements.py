"""Statements of account: asked for, drawn by a worker, kept once, taken up again."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.models import Invoice, StatementOfAccount
from billing.receivables.payments import record_payment
from billing.runs import leases
from billing.runs.bill import bill
from billing.statements import asking, drawing
from billing.statements.asking import MOST_WAITING, ask_for_statement
from billing.statements.drawing import draw_statement, statements_to_draw, undrawn_trouble
from billing.tasks import look_for_work
from portal.audit.models import AuditEntry
from portal.kept_files import read_checked
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.scenes import at, staff_member

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
State = StatementOfAccount.State


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(at("2026-11-16"), tick=False) as clock:
        yield clock


@pytest.fixture
def invoice(db, organisation, user) -> Invoice:
    service = load_priced_service("ct-e1")
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return Invoice.objects.get()


@pytest.fixture
def ask(invoice, organisation, user):
    """Asks for the statement of November, or of other days."""
    return lambda first=FIRST, last=LAST: ask_for_statement(invoice.provider, organisation, first, last, user)


def files() -> list[str]:
    return default_storage.listdir("statements/CD")[1]


def test_who_asks_gets_a_row_that_waits_and_an_entry(ask, user):
    asked = ask()
    assert (asked.state, asked.pdf, asked.asked_by) == (State.WAITING, "", user)
    assert list(statements_to_draw()) == [asked]
    entry = AuditEntry.objects.get(action="statement_of_account.asked")
    assert entry.data == {"provider": "CD", "from_day": "2026-11-01", "to_day": "2026-11-30"}


def test_a_worker_draws_what_waits_and_keeps_it(ask, invoice):
    asked = ask()
    look_for_work()
    asked.refresh_from_db()
    assert (asked.state, asked.worker, asked.leased_until) == (State.READY, "", None)
    assert asked.pdf.name == f"statements/CD/{asked.document_hash[:32]}.pdf"
    assert read_checked(asked.pdf.name, asked.pdf_hash).startswith(b"%PDF")
    assert not statements_to_draw().exists()


def test_asking_again_while_it_waits_gives_the_same(ask):
    assert ask() == ask()
    assert AuditEntry.objects.filter(action="statement_of_account.asked").count() == 1


def test_two_rows_of_the_same_days_never_wait(ask, invoice, organisation, user):
    asked = ask()
    with pytest.raises(IntegrityError), transaction.atomic():
        StatementOfAccount.objects.create(
            provider=invoice.provider,
            organisation=organisation,
            from_day=FIRST,
            to_day=LAST,
            asked_by=user,
            asked_at=asked.asked_at,
        )


def test_the_same_content_again_is_drawn_and_kept_once(ask, monkeypatch):
    first = ask()
    draw_statement(first.pk, "a")
    monkeypatch.setattr(drawing, "render_statement", None)
    second = ask()
    draw_statement(second.pk, "a")
    first.refresh_from_db()
    second.refresh_from_db()
    assert first != second
    assert (second.pdf, second.pdf_hash) == (first.pdf, first.pdf_hash)
    assert len(files()) == 1


def test_a_payment_since_gives_another_one(ask, invoice):
    draw_statement(ask().pk, "a")
    record_payment(invoice, date(2026, 11, 12), 1_000, "T1")
    draw_statement(ask().pk, "a")
    assert len(files()) == 2


def test_a_kept_one_that_was_lost_is_drawn_again(ask):
    first = ask()
    draw_statement(first.pk, "a")
    first.refresh_from_db()
    default_storage.delete(first.pdf.name)
    draw_statement(ask().pk, "a")
    assert read_checked(first.pdf.name, first.pdf_hash)


def test_one_that_is_being_drawn_is_left_alone_until_its_worker_is_lost(ask, november):
    asked = ask()
    leases.take(statements_to_draw(), asked.pk, "lost")
    draw_statement(asked.pk, "b")
    asked.refresh_from_db()
    assert asked.state == State.BEING_DRAWN
    november.shift(leases.LEASE)
    look_for_work()
    asked.refresh_from_db()
    assert asked.state == State.READY


def test_a_long_drawing_holds_on_to_its_lease(ask, monkeypatch, november):
    asked, renewed = ask(), []
    render = drawing.render_statement
    monkeypatch.setattr(leases, "_RENEW_EVERY", 0.01)
    monkeypatch.setattr(leases.Lease, "renew", lambda lease: renewed.append(lease))

    def slow(document):
        deadline = 1_000
        while not renewed and deadline:
            leases.Event().wait(0.01)
            deadline -= 1
        return render(document)

    monkeypatch.setattr(drawing, "render_statement", slow)
    draw_statement(asked.pk, "a")
    assert renewed


def test_what_stops_it_is_told_to_staff_and_it_is_tried_again_later(ask, monkeypatch, november):
    asked, staff = ask(), staff_member()
    assert undrawn_trouble(staff) is None
    with monkeypatch.context() as broken:
        broken.setattr(drawing, "store", lambda name, content: (_ for _ in ()).throw(OSError("disk full")))
        look_for_work()
    asked.refresh_from_db()
    assert (asked.state, asked.trouble) == (State.WAITING, "OSError: disk full")
    assert "disk full" in undrawn_trouble(staff).text
    look_for_work()
    asked.refresh_from_db()
    assert asked.state == State.WAITING, "it is left alone for some minutes"

    november.shift(drawing.AGAIN_AFTER)
    look_for_work()
    asked.refresh_from_db()
    assert (asked.state, asked.trouble) == (State.READY, "")
    assert undrawn_trouble(staff) is None


def test_a_time_with_too_many_movements_is_refused_at_its_end(ask, invoice, monkeypatch):
    record_payment(invoice, date(2026, 11, 12), 1_000, "T1")
    monkeypatch.setattr(asking, "MOST_MOVEMENTS", 1)
    with pytest.raises(ValidationError, match="2件あり") as refused:
        ask()
    assert list(refused.value.message_dict) == ["to"]
    assert not StatementOfAccount.objects.exists()
    assert ask(first=date(2026, 11, 11)), "the invoice was issued the day before"


def test_only_so_many_wait_for_one_organisation(ask):
    for days in range(MOST_WAITING):
        ask(first=FIRST + timedelta(days))
    with pytest.raises(ValidationError, match="5件"):
        ask(first=FIRST + timedelta(MOST_WAITING))
    assert StatementOfAccount.objects.count() == MOST_WAITING
    assert ask().asked_at <= timezone.now(), "one that waits is given all the same"
