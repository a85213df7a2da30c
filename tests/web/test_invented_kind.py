"""A new kind of request needs its class and its rule: one that the project lacks goes all its ways here."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from contracts.extensions import kinds as known
from contracts.models import AuthorisedUser, Contract, ContractRequest, Suspension
from contracts.requests.data import RequestData, Text
from contracts.requests.decide import accept_request
from contracts.requests.fields import text_field
from contracts.requests.form import RequestForm
from contracts.requests.kind import ChangedLine, Context, Group, Kind, effective_on
from contracts.requests.kinds.interruptions import InterruptionData
from contracts.requests.registry import KINDS, offer_of
from contracts.requests.withdrawal import withdraw_request
from contracts.rules.calendar.period import end_of
from contracts.rules.examples.evaluation import check
from contracts.rules.examples.example_file import Example
from portal.services import EXAMPLES, loaded_service
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import at, day, owner_of, staff_member
from tests.web.request_pages import address, request_address, sent, text_of

RULE = """[changes.key_holder]
article = "12-6"

[changes.key_holder.deadline]
article = "12-6"
anchor = "wanted_date"
before = { days = 1 }
late = "refuse"

[changes.key_holder.billed_through]
article = "12-6"
rule = "end_date"

"""


class KeyHolderData(RequestData):
    wanted_on: date
    holder: Text


class KeyHolderForm(RequestForm):
    holder = text_field("鍵を預かる者")
    field_order = ("holder", "wanted_on")

    def request_data(self) -> KeyHolderData:
        return KeyHolderData(**self.typed("wanted_on", "holder"))


class KeyHolder(Kind[KeyHolderData]):
    """Somebody keeps a key, until it is taken back; an interruption ends when it is handed over."""

    key = "key_holder"
    label = "鍵の引渡し"
    sentence = "%(at)sに鍵の引渡しを求められました。"
    group = Group.USE
    place = 99
    data = KeyHolderData
    form = KeyHolderForm
    day_label = "引渡しの日"
    lifts = Suspension.Kind.INTERRUPTION
    panel = "contracts/requests/_authorised_users.html"

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        if self.data_of(request).holder == "誰も":
            raise ValidationError({"holder": "預かる者を入力してください。"})

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        AuthorisedUser.objects.create(
            contract=request.contract,
            name=self.data_of(request).holder,
            address="東京都",
            contact="総務",
            starts_on=effective_on(request),
            request=request,
        )

    def may_undo(self, request: ContractRequest, on: date) -> bool:
        return request.status == ContractRequest.Status.ACCEPTED and effective_on(request) > on

    def undo(self, request: ContractRequest, context: Context) -> None:
        AuthorisedUser.objects.filter(request=request).delete()

    def lines(self, request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
        use = self.use_of(request.governing_version.policy, request.product)
        yield ChangedLine(f"鍵（{use}）", "当社", self.data_of(request).holder)


@pytest.fixture
def registered(monkeypatch) -> KeyHolder:
    """The invented kind, there as long as the test runs."""
    kind = KeyHolder()
    monkeypatch.setitem(KINDS, kind.key, kind)
    monkeypatch.setitem(known._known, kind.key, kind)
    return kind


@pytest.fixture
def contract(registered, committing, yamada) -> Contract:
    """5 seats since October, by terms that provide for the invented kind."""
    running = scenes.running(load_priced_service("ct-e1"), {"line": 2, "seat": 5}, yamada)
    before = "[changes.line_change]"
    scenes.next_version(running.service, day("2026-10-15"), at("2026-10-14"), (before, f"{RULE}{before}"))
    return running


@pytest.fixture
def customer(contract, as_yamada):
    return as_yamada


@pytest.fixture
def asked(contract, customer) -> ContractRequest:
    return sent(customer, contract, KeyHolder.key, wanted_on="2026-12-01", holder="警備 三郎")


def test_it_is_offered_by_its_name_with_its_form(contract, customer):
    offer = offer_of(contract, KeyHolder.key, at("2026-11-20"))
    assert offer
    assert (offer.possibility.earliest_on, offer.in_time_until) == (
        day("2026-11-21"),
        end_of(day("2026-11-20")),
    )
    page = text_of(customer.get(address(contract, KeyHolder.key)))
    for shown in ("鍵の引渡し", "鍵を預かる者", "引渡しの日"):
        assert shown in page
    assert "鍵の引渡し" in text_of(customer.get(reverse("contracts:contract-detail", args=[contract.number])))


def test_what_it_refuses_is_said_at_its_field(contract, customer):
    typed = {"wanted_on": "2026-12-01", "holder": "誰も", "action": "confirm"}
    form = customer.post(address(contract, KeyHolder.key), typed).context["form"]
    assert form.errors == {"holder": ["預かる者を入力してください。"]}
    assert not ContractRequest.objects.exists()


def test_it_is_sent_and_decided_by_its_rule_and_told_in_its_words(asked, customer):
    assert (asked.status, asked.payload) == ("submitted", {"holder": "警備 三郎"})
    assert asked.decision["deadline_on"] == "2026-11-30"
    page = text_of(customer.get(request_address(asked)))
    for shown in ("鍵（サービスの利用）", "警備 三郎", "鍵の引渡しを求められました", "第12条第6項"):
        assert shown in page


def test_its_acceptance_has_its_effect_and_a_letter_in_its_name(asked):
    accept_request(asked, staff_member(), at("2026-11-20 13:00"))
    user = asked.contract.authorised_users.get()
    assert (user.name, user.starts_on) == ("警備 三郎", day("2026-12-01"))
    assert "鍵の引渡し" in str(asked.letters.get().document)


def test_its_panel_stands_beside_its_form_alone(asked, customer):
    accept_request(asked, staff_member(), at("2026-11-20 13:00"))
    assert "警備 三郎" in text_of(customer.get(address(asked.contract, KeyHolder.key)))
    assert "警備 三郎" not in text_of(customer.get(address(asked.contract, "name")))


def test_it_is_taken_back_as_long_as_it_says(asked, customer):
    accept_request(asked, staff_member(), at("2026-11-20 13:00"))
    page = customer.get(request_address(asked)).content.decode()
    assert reverse("contracts:contract-request-withdraw", args=[asked.number]) in page
    withdraw_request(asked, owner_of(asked.contract.organisation), at("2026-11-21"))
    asked.refresh_from_db()
    assert asked.status == ContractRequest.Status.WITHDRAWN
    assert not asked.contract.authorised_users.exists()


def test_an_interruption_that_it_ends_is_not_taken_back_beside_it(contract, monkeypatch):
    monkeypatch.setattr(KINDS["resumption"], "lifts", None)
    data = InterruptionData(wanted_on=day("2026-11-10"))
    stopped = accept_request(
        scenes.ask(contract, "interruption", data, at("2026-10-20")), staff_member(), at("2026-10-20")
    )
    with pytest.raises(ValidationError) as raised:
        withdraw_request(stopped, owner_of(contract.organisation), at("2026-11-20"))
    assert raised.value.code == "already_decided"
    monkeypatch.setattr(KINDS[KeyHolder.key], "lifts", None)
    withdraw_request(stopped, owner_of(contract.organisation), at("2026-11-20"))
    assert contract.suspensions.get().ends_on == day("2026-11-19")


def test_worked_examples_count_its_day_as_it_says(contract, monkeypatch):
    given = {"change": KeyHolder.key, "submitted_at": "2026-11-10T10:00:00+09:00", "wanted_on": "2026-12-31"}
    example = Example(id="x", service="ct-e1", kind="change", given=given, expect={})
    billed = []
    for gives_up in (False, True):
        monkeypatch.setattr(KeyHolder, "gives_up", gives_up)
        decision = check(example, loaded_service(contract.service), EXAMPLES).decision
        billed.append((decision.billed_through_on, decision.billed_from_on))
    assert billed == [(day("2026-12-30"), day("2026-12-31")), (day("2026-12-31"), None)]
