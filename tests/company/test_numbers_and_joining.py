"""A corporate number counts once confirmed; then who knows it can ask the owners to be let in."""

import dataclasses

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from portal.audit.models import AuditEntry
from portal.organisations.company.joining import ask_to_join, let_in, turn_away
from portal.organisations.company.number import confirm_number
from portal.organisations.models import JoinRequest, Membership, Organisation, User
from portal.organisations.operations import OrganisationDetails, create_organisation
from portal.outbox.models import Mail
from tests import scenes
from tests.scenes import at, day, owner_of, yamada

NUMBER = "7000012050002"


@pytest.fixture
def confirmed(db) -> Organisation:
    """山田商事, whose number is confirmed."""
    Organisation.objects.filter(pk=yamada().pk).update(corporate_number=NUMBER)
    confirm_number(yamada(), None, at("2026-11-01"))
    return yamada()


@pytest.fixture
def newcomer(db) -> User:
    return User.objects.create_user("jiro@yamada.example", None, display_name="山田 次郎")


def register(person: User, details: OrganisationDetails) -> Organisation:
    return create_organisation(person, dataclasses.replace(details, corporate_number=NUMBER))


def test_several_may_state_the_same_number_until_one_is_confirmed(newcomer, make_user, details):
    first = register(newcomer, details)
    second = register(make_user("x@example.jp"), details)
    assert (first.number_confirmed_at, second.number_confirmed_at) == (None, None)
    assert confirm_number(second, None, at("2026-11-01"))
    assert not confirm_number(first, None, at("2026-11-02"))
    assert register(make_user("y@example.jp"), details).number_confirmed_at is None


def test_the_database_itself_confirms_a_number_once(newcomer, make_user, details):
    register(newcomer, details), register(make_user("x@example.jp"), details)
    with pytest.raises(IntegrityError):
        Organisation.objects.update(number_confirmed_at=at("2026-11-01"))


def test_the_first_acceptance_of_an_application_confirms_the_number(ct_e1):
    Organisation.objects.filter(pk=yamada().pk).update(corporate_number=NUMBER)
    applied = scenes.apply(ct_e1, {"line": 1}, at("2026-11-01"), wanted_start_on=day("2026-12-01"))
    assert yamada().number_confirmed_at is None
    scenes.accept(applied, at("2026-11-02"))
    assert yamada().number_confirmed_at == at("2026-11-02")
    entry = AuditEntry.objects.get(action="organisation.number_confirmed")
    assert (entry.organisation, entry.personal) == (yamada(), {"corporate_number": NUMBER})


def test_who_knows_the_number_asks_the_owners_and_is_let_in(confirmed, newcomer):
    ask_to_join(newcomer, NUMBER, "経理部です。", at("2026-11-20"))
    asked = JoinRequest.objects.get()
    (mail,) = Mail.objects.filter(kind="join_asked")
    assert mail.address == owner_of(confirmed).email
    assert "山田 次郎" in mail.text
    assert "経理部です。" in mail.text
    membership = let_in(asked, owner_of(confirmed), "contracts", at("2026-11-21"))
    assert (membership.user, membership.organisation, membership.role) == (newcomer, confirmed, "member")
    assert confirmed.name in Mail.objects.get(kind="join_answered").text


def test_who_is_refused_does_not_learn_whom_they_asked(confirmed, newcomer):
    ask_to_join(newcomer, NUMBER, "", at("2026-11-20"))
    turn_away(JoinRequest.objects.get(), owner_of(confirmed), at("2026-11-21"))
    mail = Mail.objects.get(kind="join_answered")
    assert confirmed.name not in mail.text + mail.subject
    assert not Membership.objects.filter(user=newcomer).exists()


@pytest.mark.parametrize("case", ["unknown", "unconfirmed", "member", "twice"])
def test_nobody_is_told_anything_where_there_is_nothing_to_ask(case, confirmed, newcomer):
    number = "5010401067252" if case == "unknown" else NUMBER
    person = owner_of(confirmed) if case == "member" else newcomer
    if case == "unconfirmed":
        Organisation.objects.update(number_confirmed_at=None)
    before = 0
    if case == "twice":
        ask_to_join(person, number, "", at("2026-11-20"))
        before = Mail.objects.count()
    ask_to_join(person, number, "", at("2026-11-20"))
    assert Mail.objects.count() == before
    assert JoinRequest.objects.count() == before


def test_only_an_owner_answers_and_once(confirmed, newcomer):
    ask_to_join(newcomer, NUMBER, "", at("2026-11-20"))
    asked = JoinRequest.objects.get()
    with pytest.raises(ValidationError) as refused:
        let_in(asked, newcomer, "own", at("2026-11-21"))
    assert refused.value.code == "not_owner"
    turn_away(asked, owner_of(confirmed), at("2026-11-21"))
    with pytest.raises(ValidationError) as again:
        let_in(asked, owner_of(confirmed), "contracts", at("2026-11-22"))
    assert again.value.code == "answered"


def test_a_role_that_there_is_not_lets_nobody_in(confirmed, newcomer):
    ask_to_join(newcomer, NUMBER, "", at("2026-11-20"))
    with pytest.raises(ValidationError) as refused:
        let_in(JoinRequest.objects.get(), owner_of(confirmed), "king", at("2026-11-21"))
    assert "role" in refused.value.error_dict
    assert JoinRequest.objects.get().answered_at is None


def test_staff_do_not_ask(confirmed):
    with pytest.raises(ValidationError) as refused:
        ask_to_join(scenes.staff_member(), NUMBER, "", at("2026-11-20"))
    assert refused.value.code == "staff"


def test_the_page_answers_the_same_whether_somebody_has_the_number_or_not(confirmed, newcomer, signed_in):
    client, told = signed_in(newcomer), []
    for number in (NUMBER, "5010401067252"):
        reply = client.post("/organisations/join/", {"corporate_number": number, "message": ""})
        told.append(
            (
                reply.status_code,
                reply.headers["Location"],
                str(client.get("/organisations/join/").content.count(b"banner--success")),
            )
        )
    assert told[0] == told[1]
    assert JoinRequest.objects.count() == 1


def test_owners_answer_on_their_page_and_others_find_none(confirmed, newcomer, signed_in, make_user):
    ask_to_join(newcomer, NUMBER, "経理部です。", at("2026-11-20"))
    owner = signed_in(owner_of(confirmed))
    assert "経理部です。" in owner.get("/organisations/joining/").content.decode()
    reader = make_user("reader@yamada.example")
    Membership.objects.create(user=reader, organisation=confirmed, role="member")
    assert signed_in(reader).get("/organisations/joining/").status_code == 403
    typed = {"asked": JoinRequest.objects.get().pk, "role": "read", "answer": "let_in"}
    assert owner.post("/organisations/joining/", typed).status_code == 302
    assert Membership.objects.filter(user=newcomer, organisation=confirmed).exists()
    assert owner.post("/organisations/joining/", {"asked": "x"}).status_code == 404
