"""The responsible person, whom e-mails on a contract go through (partner-cloud-e 9-3, 30-1)."""

import pytest
import time_machine
from django.core import mail as django_mail
from django.utils import timezone

from contracts.applications.acceptance import acceptance_mail
from contracts.applications.decide import accept_application
from contracts.correspondence.addressees import address_in, told_of
from contracts.models import Contract
from contracts.requests.kinds.reported import ResponsiblePersonData
from portal.outbox.delivery import claim, refused
from portal.outbox.kinds import kind_of
from portal.outbox.models import Mail
from portal.outbox.settling import send_again
from portal.outbox.worker import send_these
from tests import scenes
from tests.scenes import application_data, at, day, staff_member

pytestmark = pytest.mark.usefixtures("committing", "no_worker")
APPLICANT, PERSON = "hanako@yamada.example", "resp@yamada.example"


@pytest.fixture
def clock():
    with time_machine.travel(at("2026-09-10"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def accepted(partner_cloud, clock) -> Contract:
    """Accepted; the acceptance waits in the outbox."""
    version = partner_cloud.versions.latest("effective_on")
    stated = dict(application_data(version, {}).particulars)
    stated["responsible_person"] = f"責任 者子 / 03-0000-0000 / {PERSON}"
    applied = scenes.apply(
        partner_cloud, {"base": 1}, at("2026-09-10"), particulars=stated, wanted_start_on=day("2026-10-01")
    )
    return accept_application(applied, staff_member(), timezone.now())


def send_all() -> list[str]:
    """Send all that waits; gives to whom."""
    before = len(django_mail.outbox)
    while Mail.objects.waiting().exists():
        send_these(Mail.objects.all())
    return [address for message in django_mail.outbox[before:] for address in message.to]


def test_the_acceptance_goes_to_the_responsible_person_whose_server_forms_the_contract(accepted, clock):
    clock.move_to(at("2026-09-11 10:00"))
    row = acceptance_mail(accepted)
    assert row.address == PERSON
    send_these(Mail.objects.filter(pk=row.pk))
    assert django_mail.outbox[-1].to == [PERSON]
    assert Contract.objects.get(pk=accepted.pk).acceptance_sent_at == at("2026-09-11 10:00")
    clock.move_to(at("2026-09-12 10:00"))
    assert set(send_all()) == {APPLICANT}
    assert Contract.objects.get(pk=accepted.pk).acceptance_sent_at == at("2026-09-11 10:00")
    first, second = Mail.objects.filter(kind="application_accepted").order_by("pk")
    assert first.attachments == second.attachments, "the same letter"


def test_where_that_address_refuses_it_the_applicant_gets_it_when_sent_again(accepted, clock):
    row = acceptance_mail(accepted)
    claim(row, kind_of(row.kind).write(row, timezone.now()), timezone.now())
    refused(row, timezone.now(), "550 no such user")
    assert Contract.objects.get(pk=accepted.pk).formed_on is None
    assert send_again(acceptance_mail(accepted), staff_member(), timezone.now()).address == APPLICANT


def test_later_e_mails_go_to_the_responsible_person_of_the_day_beside_the_customers_people(accepted, clock):
    send_all()
    clock.move_to(at("2026-10-05"))
    new = ResponsiblePersonData(wanted_on=day("2026-10-10"), name="次郎", email="next@yamada.example")
    scenes.ask(Contract.objects.get(pk=accepted.pk), "responsible_person", new, timezone.now())
    assert set(send_all()) == {APPLICANT, PERSON}
    contract = Contract.objects.get(pk=accepted.pk)
    assert told_of(contract) == [APPLICANT, PERSON]
    clock.move_to(at("2026-10-10"))
    assert told_of(contract) == [APPLICANT, "next@yamada.example"], "reported, and not acknowledged yet"
    scenes.cancel(contract, None, timezone.now())
    assert set(send_all()) == {APPLICANT, "next@yamada.example"}


def test_the_provider_is_asked_nothing_by_way_of_the_customer(accepted):
    """Without an address, who applied is the one designated."""
    Mail.objects.all().delete()
    stated = {**accepted.application.particulars, "responsible_person": "責任 者子"}
    accepted.application.particulars = stated
    accepted.application.save()
    assert told_of(Contract.objects.get(pk=accepted.pk)) == [APPLICANT]


@pytest.mark.parametrize(
    ("stated", "address"),
    [
        ("責任 者子 / 03-0000-0000 / a.b@c.example", "a.b@c.example"),
        ("責任者（ｒｅｓｐ＠ｙａｍａｄａ．ｅｘａｍｐｌｅ）", "resp@yamada.example"),
        ("責任 者子 <a@b> x@y.example", "x@y.example"),
        ("責任 者子 03-0000-0000", None),
        ("", None),
    ],
)
def test_an_address_is_found_in_what_was_stated(stated, address):
    assert next(address_in(stated), None) == address
