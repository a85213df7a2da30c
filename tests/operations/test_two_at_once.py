"""Two people at the same moment, in real transactions on the database in use."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection

from contracts.models import Application, Contract, NumberCounter
from contracts.operations.applications import accept_application, refuse_application
from contracts.operations.numbers import next_number
from portal.audit.models import AuditEntry
from tests.billing_scene import load_service
from tests.scenes import accept, apply, at, day, staff_member

pytestmark = pytest.mark.django_db(transaction=True)


def together(*calls: Callable[[], object]) -> list[object]:
    """Run calls in threads that start at the same moment; what each gives, or the error that it raises."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        start.wait(timeout=20)
        try:
            return call()
        except ValidationError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_of_two_staff_who_decide_at_once_one_wins():
    application = apply(load_service("ct-e1"), {"line": 1}, at("2026-03-10"))
    first, second = staff_member("佐藤"), staff_member("高橋")
    reason = application.terms_version.policy.refusal_reasons[0].key

    answers = together(
        lambda: accept_application(application, first, at("2026-03-11")),
        lambda: refuse_application(application, second, reason, "", at("2026-03-11")),
    )

    (error,) = [answer for answer in answers if isinstance(answer, ValidationError)]
    assert error.code == "already_decided"
    decided = Application.objects.get()
    assert Contract.objects.exists() == (decided.status == "accepted")
    decisions = ["application.accepted", "application.refused"]
    assert AuditEntry.objects.filter(action__in=decisions).count() == 1


def test_a_form_sent_twice_at_once_is_one_application():
    service, key = load_service("ct-e1"), uuid4()
    apply(service, {"line": 1}, at("2026-03-09"))
    mail.outbox.clear()

    answers = together(*[lambda: apply(service, {"line": 1}, at("2026-03-10"), key=key) for _ in range(4)])

    assert len(set(answers)) == 1
    assert Application.objects.filter(submission_key=key).count() == 1
    assert len(mail.outbox) == 1


def test_numbers_given_at_once_are_all_different():
    numbers = together(*[lambda: next_number(NumberCounter.Kind.CONTRACT, day("2026-03-10"))] * 6)

    assert sorted(numbers) == [f"C26-{number:06}" for number in range(1, 7)]


def test_after_a_real_commit_the_acceptance_is_sent_and_recorded():
    contract = accept(apply(load_service("partner-cloud-e"), {"base": 1}, at("2026-03-10")), at("2026-03-11"))

    assert contract.acceptance_sent_at == at("2026-03-11")
    assert contract.formed_on == day("2026-03-11")
    assert contract.items.get().product == "base"
