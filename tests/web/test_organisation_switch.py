"""People of several organisations choose for which one they act."""

import pytest
from django.test import Client
from django.urls import reverse

from contracts.models import Contract
from portal.organisations.models import Membership, Organisation
from tests import scenes

HOME = reverse("home")
LIST = reverse("contracts:contract-list")
SWITCH = reverse("organisations:switch")


@pytest.fixture
def suzuki(ct_e1, yamada) -> Organisation:
    """鈴木製作所 with a contract; 山田 花子 has joined it as well."""
    organisation = scenes.suzuki()
    scenes.running(ct_e1, {"line": 1}, organisation)
    Membership.objects.create(
        user=scenes.owner_of(yamada),
        organisation=organisation,
        role="member",
        handles_contracts=True,
        handles_billing=True,
    )
    return organisation


@pytest.fixture
def theirs(suzuki) -> Contract:
    return suzuki.contracts.get()


def switch(client: Client, organisation: Organisation, **more: object) -> object:
    return client.post(SWITCH, {"organisation": organisation.pk}, **more)


def test_who_chooses_another_organisation_sees_its_contracts_and_no_others(
    contract, theirs, suzuki, as_yamada
):
    assert contract.number in as_yamada.get(LIST).content.decode()
    reply = switch(as_yamada, suzuki)
    assert (reply.status_code, reply.headers["Location"]) == (302, HOME)
    page = as_yamada.get(LIST).content.decode()
    assert theirs.number in page
    assert contract.number not in page
    assert as_yamada.get(reverse("contracts:contract-detail", args=[contract.number])).status_code == 404
    assert as_yamada.get(reverse("contracts:contract-detail", args=[theirs.number])).status_code == 200


def test_the_header_offers_the_others_and_names_the_one_that_is_acted_for(yamada, suzuki, as_yamada):
    page = as_yamada.get(HOME).content.decode()
    assert f'name="organisation" value="{suzuki.pk}"' in page
    assert f'name="organisation" value="{yamada.pk}"' not in page
    switch(as_yamada, suzuki)
    page = as_yamada.get(reverse("contracts:service-list")).content.decode()
    assert f'name="organisation" value="{yamada.pk}"' in page
    assert f'name="organisation" value="{suzuki.pk}"' not in page


def test_with_one_organisation_there_is_nothing_to_choose(as_suzuki):
    assert SWITCH not in as_suzuki.get(HOME).content.decode()


def test_nobody_acts_for_an_organisation_of_others(yamada, as_suzuki):
    assert switch(as_suzuki, yamada).status_code == 404
    assert as_suzuki.post(SWITCH, {"organisation": "x"}).status_code == 404
    assert as_suzuki.get(LIST).wsgi_request.session.get("organisation") is None


def test_the_choice_ends_with_the_membership(contract, suzuki, as_yamada):
    switch(as_yamada, suzuki)
    assert contract.number not in as_yamada.get(LIST).content.decode()
    suzuki.memberships.get(role="member", handles_contracts=True, handles_billing=True).delete()
    assert contract.number in as_yamada.get(LIST).content.decode()


def test_the_choice_needs_the_token_of_the_form(yamada, suzuki):
    client = Client(enforce_csrf_checks=True)
    client.force_login(scenes.owner_of(yamada), backend="django.contrib.auth.backends.ModelBackend")
    assert switch(client, suzuki).status_code == 403
