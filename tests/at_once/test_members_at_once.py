"""Owners who remove one another, and people who accept an invitation, at the same moment."""

import pytest
from django.core.exceptions import ValidationError

from portal.audit.models import AuditEntry
from portal.organisations.members.changing import change_member, hand_over, leave, remove_member
from portal.organisations.members.inviting import accept, invite
from portal.organisations.models import Membership
from tests.member_scene import BOTH, OWNER, READER, join, person
from tests.scenes import at, owner_of, yamada
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def two_owners() -> tuple[Membership, Membership]:
    first = yamada().memberships.get()
    return first, join(yamada(), OWNER)


def errors(answers: list[object]) -> list[str]:
    return [answer.code for answer in answers if isinstance(answer, ValidationError)]


def test_of_two_owners_who_remove_each_other_one_stays():
    first, second = two_owners()
    answers = together(
        lambda: remove_member(first, second.user),
        lambda: remove_member(second, first.user),
    )
    assert errors(answers) == ["not_acting"]
    assert yamada().memberships.owners().count() == 1
    assert AuditEntry.objects.filter(action="member.removed").count() == 1


def test_of_two_owners_who_leave_one_stays():
    first, second = two_owners()
    answers = together(lambda: leave(first), lambda: leave(second))
    assert errors(answers) == ["last_owner"]
    assert yamada().memberships.owners().count() == 1


def test_of_two_owners_who_step_back_one_stays():
    first, second = two_owners()
    answers = together(
        lambda: change_member(first, first.user, BOTH),
        lambda: change_member(second, second.user, READER),
    )
    assert errors(answers) == ["last_owner"]
    assert yamada().memberships.owners().count() == 1


def test_the_ownership_handed_over_twice_is_handed_over_once():
    owner = owner_of(yamada())
    first, second = join(yamada(), BOTH, "a@yamada.example"), join(yamada(), BOTH, "b@yamada.example")
    answers = together(lambda: hand_over(owner, first), lambda: hand_over(owner, second))
    assert errors(answers) == ["no_right"]
    assert yamada().memberships.owners().count() == 1


def test_an_invitation_accepted_twice_makes_one_member():
    invitation = invite(yamada(), owner_of(yamada()), "new@yamada.example", BOTH, at("2026-11-20"))
    colleague = person("new@yamada.example")
    answers = together(*[lambda: accept(invitation, colleague, at("2026-11-21")) for _ in range(3)])
    assert errors(answers) == ["used", "used"]
    assert colleague.memberships.count() == 1


def test_two_invitations_of_an_address_at_once_are_one():
    owner = owner_of(yamada())
    answers = together(
        *[lambda: invite(yamada(), owner, "new@yamada.example", BOTH, at("2026-11-20")) for _ in range(3)]
    )
    assert len([answer for answer in answers if isinstance(answer, ValidationError)]) == 2
    assert yamada().invitations.count() == 1
