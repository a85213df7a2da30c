"""Change contracts, formed when the mail server took their acceptance (partner-cloud-e 9-8)."""

import pytest
import time_machine
from django.core import mail as django_mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from contracts.correspondence import letters
from contracts.inbox import waiting
from contracts.models import Contract, ContractRequest, Task
from contracts.requests.change_contracts import acceptance_mail
from contracts.requests.decide import accept_request
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.withdrawal import withdraw_request
from portal.outbox.delivery import claim, refused
from portal.outbox.kinds import kind_of
from portal.outbox.models import Mail
from portal.outbox.settling import send_again, went_out_at
from portal.outbox.worker import send_these
from tests import scenes
from tests.scenes import at, day, owner_of, staff_member, yamada

pytestmark = pytest.mark.usefixtures("committing", "no_worker")


@pytest.fixture
def clock():
    with time_machine.travel(at("2026-09-10"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def servers(partner_cloud, clock) -> Contract:
    """Two servers from October 1."""
    applied = scenes.apply(partner_cloud, {"base": 2}, at("2026-09-10"), wanted_start_on=day("2026-10-01"))
    contract = scenes.accept(applied, at("2026-09-10"))
    send("application_accepted")
    return Contract.objects.get(pk=contract.pk)


@pytest.fixture
def request_up(servers, clock) -> ContractRequest:
    """Three servers from November 15, accepted on November 4; the acceptance waits in the outbox."""
    clock.move_to(at("2026-10-20"))
    data = ProductChangeData(product="base", wanted_on=day("2026-11-15"), quantity=3)
    asked = scenes.ask(servers, "quantity_up", data, timezone.now())
    clock.move_to(at("2026-11-04"))
    return accept_request(asked, staff_member(), timezone.now())


def send(kind: str = "change_accepted") -> None:
    send_these(Mail.objects.filter(kind=kind))


def fresh(request: ContractRequest) -> ContractRequest:
    return ContractRequest.objects.get(pk=request.pk)


def quantity(contract: Contract, on: str) -> int:
    return Contract.objects.get(pk=contract.pk).items_on(day(on))["base"]


def test_the_change_is_formed_when_the_server_took_it_not_when_it_was_decided(request_up, clock):
    contract = request_up.contract
    assert (request_up.formed_at, request_up.status) == (None, "accepted")
    assert quantity(contract, "2026-11-20") == 2
    clock.move_to(at("2026-11-05 15:00"))
    send()
    formed = fresh(request_up)
    assert formed.formed_at == at("2026-11-05 15:00")
    assert formed.decision["steps"][-1]["rule"] == "change.formed"
    assert (quantity(contract, "2026-11-14"), quantity(contract, "2026-11-15")) == (2, 3)


def test_sent_after_the_wanted_day_it_begins_on_the_day_of_sending(request_up, clock):
    clock.move_to(at("2026-12-02 09:00"))
    send()
    assert fresh(request_up).decided.effective_on == day("2026-12-02")
    assert quantity(request_up.contract, "2026-12-01") == 2
    assert quantity(request_up.contract, "2026-12-02") == 3


def test_refused_by_the_server_it_stays_unformed_until_it_is_sent_again(request_up, clock):
    row = acceptance_mail(request_up)
    claim(row, kind_of(row.kind).write(row, timezone.now()), timezone.now())
    refused(row, timezone.now(), "550 no such user")
    assert (fresh(request_up).formed_at, quantity(request_up.contract, "2026-11-20")) == (None, 2)
    assert acceptance_mail(request_up) in Mail.objects.to_look_at()
    assert waiting.for_change_mail().get() == request_up
    clock.move_to(at("2026-11-20"))
    send_again(acceptance_mail(request_up), staff_member(), timezone.now())
    send()
    assert fresh(request_up).formed_at == at("2026-11-20")
    assert (quantity(request_up.contract, "2026-11-19"), quantity(request_up.contract, "2026-11-20")) == (
        2,
        3,
    )


def test_of_an_interrupted_one_staff_say_when_it_went_out(request_up, clock):
    row = acceptance_mail(request_up)
    claim(row, kind_of(row.kind).write(row, timezone.now()), timezone.now())
    Mail.objects.filter(pk=row.pk).update(interrupted_at=timezone.now())
    clock.move_to(at("2026-11-20"))
    row = acceptance_mail(request_up)
    with pytest.raises(ValidationError) as other_day:
        went_out_at(row, staff_member(), at("2026-11-06"), "250 queued", timezone.now())
    assert "at" in other_day.value.message_dict
    went_out_at(row, staff_member(), at("2026-11-04 12:01"), "250 queued", timezone.now())
    assert fresh(request_up).formed_at == at("2026-11-04 12:01")
    assert quantity(request_up.contract, "2026-11-15") == 3


def test_before_it_is_formed_it_is_taken_back_for_nothing(request_up, clock):
    withdraw_request(request_up, owner_of(yamada()), timezone.now())
    send()
    assert acceptance_mail(request_up).state == Mail.State.DROPPED
    assert (fresh(request_up).status, quantity(request_up.contract, "2026-11-20")) == ("withdrawn", 2)
    assert not Task.objects.filter(kind=Task.Kind.ENTER_COSTS).exists()


def test_what_went_out_before_it_was_taken_back_costs_its_preparation(request_up, clock):
    row = acceptance_mail(request_up)
    claim(row, kind_of(row.kind).write(row, timezone.now()), timezone.now())
    Mail.objects.filter(pk=row.pk).update(interrupted_at=timezone.now())
    clock.move_to(at("2026-11-05"))
    withdraw_request(request_up, owner_of(yamada()), timezone.now())
    went_out_at(acceptance_mail(request_up), staff_member(), at("2026-11-04 12:00"), "log", timezone.now())
    assert (fresh(request_up).formed_at, quantity(request_up.contract, "2026-11-20")) == (
        at("2026-11-04 12:00"),
        2,
    )
    assert Task.objects.get(kind=Task.Kind.ENTER_COSTS).detail["request"] == request_up.number


def test_what_no_longer_fits_is_refused_as_it_is_accepted(servers, clock):
    clock.move_to(at("2026-10-20"))
    drop = ProductChangeData(product="base", wanted_on=day("2026-12-31"), quantity=1)
    first = scenes.ask(servers, "drop_item", drop, timezone.now())
    second = scenes.ask(
        servers, "drop_item", drop.model_copy(update={"wanted_on": day("2027-01-31")}), timezone.now()
    )
    scenes.grant(first, timezone.now())
    with pytest.raises(ValidationError):
        accept_request(second, staff_member(), timezone.now())
    assert fresh(second).status == "submitted"


def test_the_written_acceptance_goes_with_it_and_is_to_be_posted(request_up, clock):
    send()
    letter = request_up.letters.get()
    assert (letter.title, letter.document["title"]) == ("申込請書", "申込請書")
    assert (letter.issued_at, letter.document["number"]) == (at("2026-11-04"), letter.number)
    name, content, _type = django_mail.outbox[-1].attachments[0]
    assert (name, content) == (letter.file_name, letters.pdf_of(letter))
    assert "変更契約は、このメールの送信をもって成立します。" in django_mail.outbox[-1].body
    task = Task.objects.get(kind=Task.Kind.POST_ACCEPTANCE, detail__letter=letter.number)
    assert task.due_on == day("2026-11-09"), "three business days after November 4"


def test_the_acceptance_of_the_application_is_the_written_acceptance_too(servers):
    letter = servers.letters.get()
    assert letter.document["title"] == "申込請書"
    task = servers.tasks.get()
    assert (task.kind, task.due_on) == (Task.Kind.POST_ACCEPTANCE, day("2026-09-15"))
