"""A question that is sent twice at the same moment."""

from uuid import uuid4

import pytest

from contracts.inquiries.operations import Question, ask
from contracts.models import Inquiry
from tests.billing_scene import load_service
from tests.scenes import at, owner_of, running, yamada
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_question_sent_twice_at_once_is_one():
    contract = running(load_service("ct-e1"), {"line": 1}, yamada())
    asked = Question(about_kind="contract", about_number=contract.number, subject="料金", text="内訳は？")
    person, key = owner_of(yamada()), uuid4()
    answers = together(*[lambda: ask(person, yamada(), asked, key, at("2026-11-20"))] * 4)
    assert {answer.number for answer in answers} == {Inquiry.objects.get().number}
