"""Members: what each may do, how they are changed, and how they go."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from contracts.lifecycle.calendar_address import calendar_address
from contracts.models import Contract
from portal.audit.models import AuditEntry
from portal.organisations.acting import ensure_acts_for
from portal.organisations.members.changing import change_member, hand_over, leave, remove_member
from portal.organisations.members.inviting import invite
from portal.organisations.members.rights import Given, Right
from portal.organisations.models import Membership, Organisation, User
from portal.organisations.operations import open_calendar
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.account_scene import is_signed_in
from tests.member_scene import BILLING, BOTH, CONTRACTS, OWNER, READER, join, limited


@pytest.fixture
def yamada(db) -> Organisation:
    return scenes.yamada()


@pytest.fixture
def owner(yamada) -> User:
    return scenes.owner_of(yamada)


@pytest.fixture
def contract(ct_e1, yamada) -> Contract:
    return scenes.running(ct_e1, {"line": 1}, yamada)


@pytest.fixture
def other_contract(ct_e1, yamada) -> Contract:
    return scenes.running(ct_e1, {"line": 2}, yamada)


def refused(operation, *arguments: object) -> str:
    with pytest.raises(ValidationError) as refusal:
        operation(*arguments)
    error = refusal.value
    return error.code if hasattr(error, "code") else next(iter(error.error_dict.values()))[0].code


@pytest.mark.parametrize(
    ("given", "may"),
    [
        (READER, {Right.READ}),
        (CONTRACTS, {Right.READ, Right.CONTRACTS}),
        (BILLING, {Right.READ, Right.BILLING}),
        (BOTH, {Right.READ, Right.CONTRACTS, Right.BILLING}),
        (OWNER, set(Right)),
    ],
)
def test_what_each_role_may_do(yamada, given, may):
    member = join(yamada, given)
    assert {right for right in Right if member.may_on(right)} == may
    for right in set(Right) - may:
        assert refused(ensure_acts_for, member.user, yamada, right) == "no_right"


def test_who_is_limited_acts_on_these_contracts_alone(yamada, contract, other_contract):
    member = join(yamada, limited(contract))
    ensure_acts_for(member.user, yamada, Right.CONTRACTS, contract.pk)
    assert refused(ensure_acts_for, member.user, yamada, Right.CONTRACTS, other_contract.pk) == "not_acting"
    assert (
        refused(ensure_acts_for, member.user, yamada, Right.CONTRACTS, contract.pk, other_contract.pk)
        == "no_right"
    )
    assert refused(ensure_acts_for, member.user, yamada, Right.CONTRACTS) == "no_right"


def test_the_refusal_names_the_role_and_the_owners(yamada, owner):
    member = join(yamada, READER)
    with pytest.raises(ValidationError, match=r"契約担当.*山田 花子"):
        ensure_acts_for(member.user, yamada, Right.CONTRACTS)


@pytest.mark.parametrize("field", ["handles_contracts", "handles_billing", "is_limited"])
def test_the_database_refuses_an_owner_with_less_or_more_than_all(yamada, field):
    with pytest.raises(IntegrityError), transaction.atomic():
        yamada.memberships.update(**{field: True})


def test_an_owner_gives_other_roles_and_the_trail_tells_before_and_after(yamada, owner, contract):
    member = join(yamada, READER)
    change_member(member, owner, limited(contract))
    member.refresh_from_db()
    assert (member.handles_contracts, member.handles_billing, member.is_limited) == (True, True, True)
    assert list(member.contracts.all()) == [contract]
    entry = AuditEntry.objects.get(action="member.changed")
    assert entry.data == {
        "person": member.user.pk,
        "before": {"rights": ["read"], "limited_to": []},
        "rights": ["contracts", "billing"],
        "limited_to": [contract.pk],
    }
    change_member(member, owner, READER)
    assert not member.contracts.exists()


def test_the_same_roles_again_are_no_event(yamada, owner):
    change_member(join(yamada, BILLING), owner, BILLING)
    assert not AuditEntry.objects.filter(action="member.changed").exists()


def test_only_owners_change_members(yamada, owner):
    member, other = join(yamada, BOTH), join(yamada, READER, "other@yamada.example")
    stranger = scenes.owner_of(scenes.suzuki())
    assert refused(change_member, other, member.user, OWNER) == "no_right"
    assert refused(change_member, other, stranger, OWNER) == "not_acting"
    assert refused(remove_member, other, member.user) == "no_right"
    assert refused(remove_member, other, stranger) == "not_acting"
    other.refresh_from_db()
    assert other.rights == [Right.READ]


def test_a_limit_names_contracts_of_the_organisation(yamada, owner, ct_e1):
    foreign = scenes.running(ct_e1, {"line": 1}, scenes.suzuki())
    member = join(yamada, READER)
    assert refused(change_member, member, owner, limited(foreign)) == "no_contract"
    assert refused(change_member, member, owner, Given(limited_to=())) == "no_contract"
    assert refused(change_member, member, owner, Given(role="boss")) == "unknown"


def test_the_last_owner_stays(yamada, owner):
    own = yamada.memberships.get()
    assert refused(change_member, own, owner, BOTH) == "last_owner"
    assert refused(remove_member, own, owner) == "last_owner"
    assert refused(leave, own) == "last_owner"
    assert yamada.memberships.get().is_owner


def test_an_owner_who_may_not_sign_in_does_not_count(yamada, owner):
    other = join(yamada, OWNER)
    User.objects.filter(pk=other.user.pk).update(is_active=False)
    assert refused(leave, yamada.memberships.get(user=owner)) == "last_owner"


def test_the_ownership_is_handed_over(yamada, owner):
    successor = join(yamada, READER)
    hand_over(owner, successor)
    assert [one.user for one in yamada.memberships.owners()] == [successor.user]
    assert yamada.memberships.get(user=owner).rights == [Right.CONTRACTS, Right.BILLING]
    assert refused(hand_over, successor.user, successor) == "owner"
    assert refused(hand_over, owner, successor) == "no_right"


@pytest.mark.parametrize("state", [{"is_active": False}, {"is_staff": True}])
def test_who_could_not_act_is_not_made_the_owner(yamada, owner, state):
    member = join(yamada, READER)
    User.objects.filter(pk=member.user.pk).update(**state)
    assert refused(hand_over, owner, member) == "inactive"
    assert [one.user for one in yamada.memberships.owners()] == [owner]


def test_who_is_removed_is_out_at_once(yamada, owner, contract, signed_in, client):
    member = join(yamada, OWNER)
    address = calendar_address(open_calendar(member))
    invite(yamada, member.user, "friend@other.example", OWNER, scenes.at("2026-11-20"))
    session = signed_in(member.user)
    assert is_signed_in(session)
    remove_member(member, owner)
    assert not is_signed_in(session)
    assert client.get(address).status_code == 404
    assert not yamada.memberships.filter(user=member.user).exists()
    assert not yamada.invitations.open().exists()
    entry = AuditEntry.objects.get(action="member.removed")
    assert (entry.actor, entry.data["person"]) == (owner, member.user.pk)
    assert refused(remove_member, member, owner) == "gone"


def test_a_member_leaves_by_themselves(yamada):
    member = join(yamada, BILLING)
    leave(member)
    assert AuditEntry.objects.get(action="member.left").actor == member.user
    assert yamada.memberships.count() == 1
    assert refused(leave, member) == "gone"


def test_staff_who_may_change_organisations_take_a_member_out(yamada, make_staff):
    member = join(yamada, OWNER)
    for role, may in ((StaffRole.TERMS, False), (StaffRole.BILLING, False), (StaffRole.RECEPTION, True)):
        actor = make_staff(f"{role.name.lower()}@provider.example", role)
        if may:
            remove_member(member, actor)
        else:
            assert refused(remove_member, member, actor) == "not_acting"
    assert not Membership.objects.filter(pk=member.pk).exists()


def test_staff_do_not_take_the_last_owner_out(yamada, make_staff):
    reception = make_staff("reception@provider.example", StaffRole.RECEPTION)
    assert refused(remove_member, yamada.memberships.get(), reception) == "last_owner"
