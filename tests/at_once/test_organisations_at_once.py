"""Two people at the same organisation at the same moment, in real transactions on the database in use."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from contracts.models import ContractRequest
from contracts.requests.company.reported import Move
from contracts.requests.company.reports import send_report
from portal.organisations.company.concerned import Topic, choose_mails, people_for
from portal.organisations.company.number import confirm_number
from portal.organisations.models import Membership, Organisation
from portal.uniting.unite import unite
from tests import scenes
from tests.approving import approved
from tests.billing_scene import load_service
from tests.scenes import at, day, owner_of, staff_member, suzuki, yamada
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-11-20")


def test_united_in_opposite_directions_at_once_one_stays():
    first, second, staff = yamada(), suzuki(), staff_member()
    answers = together(
        lambda: unite(first, second, staff, NOW, approval=approved("organisations_united")),
        lambda: unite(second, first, staff, NOW, approval=approved("organisations_united")),
    )
    (refused,) = [answer for answer in answers if isinstance(answer, ValidationError)]
    assert refused.error_dict["united"][0].code == "united_before"
    assert Organisation.objects.filter(united_into=None).count() == 1
    assert Membership.objects.filter(organisation__united_into=None).count() == 2


def test_a_number_is_confirmed_at_once_for_one():
    Organisation.objects.filter(pk__in=[yamada().pk, suzuki().pk]).update(corporate_number="7000012050002")
    both = yamada(), suzuki()
    answers = together(*[lambda one=one: confirm_number(one, None, NOW) for one in both])
    assert sorted(answers) == [False, True]


def test_a_move_sent_twice_at_once_from_one_page_is_reported_once():
    contract = scenes.running(load_service("simpleconnect"), {"id": 1}, yamada())
    moved = Move(
        starts_on=day("2026-12-10"), postal_code="105-0011", address="東京都港区", phone="03-0000-0000"
    )
    organisation, person, key = yamada(), owner_of(yamada()), uuid4()
    answers = together(*[lambda: send_report(organisation, person, moved, NOW, key)] * 2)
    assert answers[0] == answers[1]
    assert ContractRequest.objects.get().contract == contract


def test_of_the_last_two_who_switch_off_at_once_one_stays(make_user):
    first, other = owner_of(yamada()), make_user("jiro@yamada.example")
    Membership.objects.create(user=other, organisation=yamada(), role="owner")
    organisation, kept = yamada(), (Topic.REMINDERS,)
    answers = together(
        lambda: choose_mails(first, organisation, kept, NOW),
        lambda: choose_mails(other, organisation, kept, NOW),
    )
    (refused,) = [answer for answer in answers if isinstance(answer, ValidationError)]
    assert refused.error_dict["contracts"][0].code == "last"
    assert len(people_for(organisation, Topic.CONTRACTS)) == 1
