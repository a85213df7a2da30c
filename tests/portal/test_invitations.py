"""Invitations: asked by e-mail, once by link, for the address alone; expired, withdrawn, sent again."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from contracts.models import Contract
from portal.audit.models import AuditEntry
from portal.organisations.members import inviting
from portal.organisations.members.inviting import accept, invitation_at, invite, send_again, withdraw
from portal.organisations.members.rights import Right
from portal.organisations.models import Invitation, Organisation, User
from portal.outbox.models import Mail
from portal.outbox.worker import send_due
from tests import scenes
from tests.member_scene import BILLING, BOTH, OWNER, READER, join, limited, link_to, person

NOW = scenes.at("2026-11-20 10:00")
EMAIL = "new@yamada.example"


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def yamada() -> Organisation:
    return scenes.yamada()


@pytest.fixture
def owner(yamada) -> User:
    return scenes.owner_of(yamada)


@pytest.fixture
def contract(ct_e1, yamada) -> Contract:
    return scenes.running(ct_e1, {"line": 1}, yamada)


@pytest.fixture
def invited(yamada, owner) -> Invitation:
    return invite(yamada, owner, EMAIL, BILLING, NOW)


def token_of(email: str = EMAIL) -> str:
    return link_to(email).strip("/").rsplit("/", 1)[1]


def refused(operation, *arguments: object) -> str:
    with pytest.raises(ValidationError) as refusal:
        operation(*arguments)
    error = refusal.value
    return error.code if hasattr(error, "code") else next(iter(error.error_dict.values()))[0].code


@pytest.mark.usefixtures("no_worker")
def test_an_invitation_goes_out_with_a_link_that_nobody_reads_in_the_database(invited, yamada, owner):
    written = Mail.objects.get(kind="invitation")
    token = token_of()
    assert invitation_at(token) == invited
    assert token not in invited.token_hash + written.text + written.subject + str(
        AuditEntry.objects.values("data")
    )
    assert (written.address, written.expires_at) == (EMAIL, NOW + timedelta(days=7))
    send_due()
    assert token in mail.outbox[-1].body
    assert "山田商事株式会社" in mail.outbox[-1].subject
    written.refresh_from_db()
    assert written.secret == ""
    entry = AuditEntry.objects.get(action="invitation.sent")
    assert (entry.actor, entry.organisation, entry.personal) == (owner, yamada, {"email": EMAIL})


def test_who_has_the_address_accepts_and_gets_what_was_given(yamada, owner, contract):
    invitation = invite(yamada, owner, "New@Yamada.example ", limited(contract), NOW)
    colleague = person(EMAIL)
    membership = accept(invitation, colleague, NOW)
    assert (membership.rights, list(membership.contracts.all())) == (
        [Right.CONTRACTS, Right.BILLING],
        [contract],
    )
    entry = AuditEntry.objects.get(action="invitation.accepted")
    assert (entry.actor, entry.data["person"]) == (colleague, colleague.pk)
    assert refused(accept, invitation, colleague, NOW) == "used"


def test_another_address_opens_nothing_nor_does_one_that_is_not_confirmed(invited):
    stranger = person("stranger@other.example")
    EmailAddress.objects.create(user=stranger, email=EMAIL, verified=False)
    assert refused(accept, invited, stranger, NOW) == "other_address"
    assert not stranger.memberships.exists()


def test_it_lasts_seven_days(invited):
    colleague = person(EMAIL)
    assert refused(accept, invited, colleague, NOW + timedelta(days=7)) == "expired"
    accept(invited, colleague, NOW + timedelta(days=7, seconds=-1))


@pytest.mark.usefixtures("no_worker")
def test_sent_again_it_has_a_new_link_and_the_old_one_is_dead(invited, owner):
    old = token_of()
    send_again(invited, owner, NOW + timedelta(days=8))
    assert invitation_at(old) is None
    assert invitation_at(token_of()) == invited
    accept(invited, person(EMAIL), NOW + timedelta(days=9))
    assert AuditEntry.objects.filter(action="invitation.sent_again").count() == 1


@pytest.mark.usefixtures("no_worker")
def test_what_was_withdrawn_or_replaced_does_not_go_out(invited, owner):
    send_again(invited, owner, NOW)
    send_due()
    assert len(mail.outbox) == 1
    withdraw(send_again(invited, owner, NOW), owner, NOW)
    send_due()
    assert len(mail.outbox) == 1


def test_withdrawn_it_leads_nowhere(invited, owner):
    withdraw(invited, owner, NOW)
    assert refused(accept, invited, person(EMAIL), NOW) == "withdrawn"
    assert refused(withdraw, invited, owner, NOW) == "withdrawn"
    assert refused(send_again, invited, owner, NOW) == "withdrawn"


def test_who_is_a_member_is_not_invited_nor_made_one_twice(invited, yamada, owner):
    member = join(yamada, READER, EMAIL)
    assert refused(accept, invited, member.user, NOW) == "member"
    assert refused(invite, yamada, owner, EMAIL.upper(), BOTH, NOW) == "member"
    member.refresh_from_db()
    assert member.rights == [Right.READ]


def test_an_address_is_invited_once_at_a_time(invited, yamada, owner):
    assert refused(invite, yamada, owner, EMAIL, BOTH, NOW) == "invited"
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            organisation=yamada,
            email=EMAIL.upper(),
            role="member",
            token_hash="x",
            invited_by=owner,
            invited_at=NOW,
            expires_at=NOW + timedelta(days=1),
        )
    withdraw(invited, owner, NOW)
    invite(yamada, owner, EMAIL, BOTH, NOW)


def test_staff_become_members_of_nobody(invited, make_staff):
    staff = make_staff(EMAIL)
    assert refused(accept, invited, staff, NOW) == "staff"
    assert not staff.memberships.exists()


@pytest.mark.usefixtures("no_worker")
def test_nothing_tells_whether_an_address_is_known(yamada, owner, make_staff):
    person("known@other.example")
    make_staff("staff@provider.example")
    addresses = ("known@other.example", "unknown@other.example", "staff@provider.example")
    for address in addresses:
        invite(yamada, owner, address, BILLING, NOW)
    assert len(set(Mail.objects.filter(address__in=addresses).values_list("subject", "text"))) == 1


def test_only_owners_invite(yamada, invited):
    member = join(yamada, BOTH)
    stranger = scenes.owner_of(scenes.suzuki())
    for actor, code in ((member.user, "no_right"), (stranger, "not_acting")):
        assert refused(invite, yamada, actor, "x@other.example", OWNER, NOW) == code
        assert refused(send_again, invited, actor, NOW) == code
        assert refused(withdraw, invited, actor, NOW) == code
    assert Invitation.objects.count() == 1


def test_there_are_bounds(invited, yamada, owner, monkeypatch):
    monkeypatch.setattr(inviting, "MOST_OPEN", 1)
    assert refused(invite, yamada, owner, "two@other.example", BOTH, NOW) == "too_many"
    monkeypatch.setattr(inviting, "MOST_OPEN", 20)
    monkeypatch.setattr(inviting, "MOST_A_DAY", 1)
    assert refused(invite, yamada, owner, "two@other.example", BOTH, NOW) == "too_many_a_day"
    invite(yamada, owner, "two@other.example", BOTH, NOW + timedelta(days=2))
    for _time in range(inviting.MOST_SENDINGS - 1):
        send_again(invited, owner, NOW)
    assert refused(send_again, invited, owner, NOW) == "too_often"


def test_what_is_no_address_is_refused_and_nothing_stored(yamada, owner):
    with pytest.raises(ValidationError) as refusal:
        invite(yamada, owner, "no address", BOTH, NOW)
    assert "email" in refusal.value.message_dict
    assert not Invitation.objects.exists()
    assert not Mail.objects.filter(kind="invitation").exists()
