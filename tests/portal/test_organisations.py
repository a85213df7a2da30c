import dataclasses

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import Http404
from django.test import RequestFactory
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.organisations.access import own_or_404
from portal.organisations.corporate_number import validate_corporate_number
from portal.organisations.models import Membership, Organisation, User
from portal.organisations.operations import create_organisation


def test_the_founder_owns_the_organisation_and_the_trail_tells(user, details):
    organisation = create_organisation(user, details)
    membership = Membership.objects.get()
    assert (membership.user, membership.organisation, membership.role) == (user, organisation, "owner")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.organisation) == ("organisation.created", user, organisation)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("postal_code", "1050011"), ("corporate_number", "8000012050002"), ("invoice_email", "x")],
)
def test_wrong_details_are_refused_whole(user, details, field, value):
    with pytest.raises(ValidationError) as refusal:
        create_organisation(user, dataclasses.replace(details, **{field: value}))
    assert field in refusal.value.message_dict
    assert not Organisation.objects.exists()
    assert not AuditEntry.objects.exists()


def test_the_database_itself_refuses_what_no_organisation_is(organisation):
    with pytest.raises(IntegrityError):
        Organisation.objects.update(corporate_number="12345")


@pytest.mark.django_db
def test_an_email_address_belongs_to_one_person_whatever_its_case(user):
    with pytest.raises(IntegrityError):
        User.objects.create(email="Hanako@Customer.example")


def test_corporate_numbers():
    validate_corporate_number("7000012050002")
    for wrong in ("8000012050002", "7000012050003", "700001205000", "700001205000x", "７000012050002"):
        with pytest.raises(ValidationError):
            validate_corporate_number(wrong)


def test_somebody_elses_object_does_not_exist(organisation, details, make_user):
    other = create_organisation(make_user("taro@other.example"), dataclasses.replace(details, name="他社"))
    request = RequestFactory().get("/")
    own, foreign = organisation.memberships.get(), other.memberships.get()
    request.organisation, request.membership = organisation, own
    assert own_or_404(request, Membership, pk=own.pk) == own
    with pytest.raises(Http404):
        own_or_404(request, Membership, pk=foreign.pk)


def test_registering_puts_typing_right(user, signed_in):
    typed = {
        "name": "株式会社みなと商事",
        "kana": "かぶしきがいしゃﾐﾅﾄ",
        "corporate_number": "７００００１２０５０００２",
        "postal_code": "〒１０５００１１",
        "address": "東京都港区芝公園4-2-8",
        "phone": "０３－００００－００００",
        "invoice_email": "keiri@customer.example",
    }
    reply = signed_in(user).post(reverse("organisations:create"), typed)
    assert reply.status_code == 302
    organisation = Organisation.objects.get(memberships__user=user)
    assert organisation.kana == "カブシキガイシャミナト"
    assert organisation.corporate_number == "7000012050002"
    assert organisation.postal_code == "105-0011"
    assert organisation.phone == "03-0000-0000"


def test_a_refused_form_keeps_what_was_typed(user, signed_in):
    reply = signed_in(user).post(
        reverse("organisations:create"), {"name": "みなと商事", "postal_code": "105"}
    )
    page = reply.content.decode()
    assert reply.status_code == 200
    assert 'value="みなと商事"' in page
    assert 'value="105"' in page
    assert not Organisation.objects.exists()
