"""What the customer asks for on a running contract, and what staff decide."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import uuid4

import pydantic
from django.core.exceptions import ValidationError
from pydantic import field_validator

from contracts.models import ContractRequest
from contracts.requests.change_contracts import acceptance_mail
from contracts.requests.data import RequestData
from contracts.requests.decide import accept_request, complete_request, refuse_request, submit_request
from contracts.requests.registry import KINDS, kind_of
from contracts.rules.examples.given import Day, Flag, Quantity
from contracts.rules.problems import explain as problems_of
from contracts.rules.problems import refusal
from contracts.wording.reasons import NOT_POSSIBLE
from portal.lives.events.applications import checked, sent
from portal.lives.events.event import Event
from portal.lives.stage import TEXT, Stage

_SUCCESSOR = {
    "name": "承継株式会社",
    "postal_code": "100-0002",
    "address": "東京都千代田区皇居外苑1-1",
    "phone": "03-0000-0001",
    "email": "successor@life.invalid",
}
_DETAILS: Mapping[str, Any] = {
    "cause": "merger",
    "successors": (_SUCCESSOR,),
    "particulars": {"phone": "03-0000-0002"},
}
"""What forms ask for beyond what lives name, by the names of the fields."""


class Request(Event):
    """The customer sends a request of a kind, filled in completely."""

    do = "request"

    name: str
    kind: str
    wanted_on: Day | None = None
    product: str | None = None
    quantity: Quantity | None = None
    user_ids_deleted: Flag | None = None
    until: Day | None = None
    cause: Literal["inheritance", "merger", "split", "business_transfer"] | None = None

    @field_validator("kind")
    @classmethod
    def _is_known(cls, kind: str) -> str:
        if kind not in KINDS:
            raise refusal("no_kind_of_request", name=kind)
        return kind

    def play(self, stage: Stage) -> None:
        data = self.filled_in()
        sent = submit_request(stage.contract, stage.holder, self.kind, data, stage.now, uuid4())
        stage.requests[self.name] = sent.pk

    def filled_in(self) -> RequestData:
        """What the form of the kind holds: what the life says, and something wherever else it wants words.

        ValidationError where the form wants what the life does not name.
        """
        fields = kind_of(self.kind).data.model_fields
        given = {name: value for name, value in self if name in fields and value is not None}
        given.pop("name", None)
        wanted = {name: field for name, field in fields.items() if name not in given}
        details = {name: _DETAILS[name] for name in wanted if name in _DETAILS}
        words = {
            name: f"{TEXT} {self.name}"
            for name, field in wanted.items()
            if field.is_required() and field.annotation is str and name not in details
        }
        try:
            data: RequestData = kind_of(self.kind).data.model_validate({**words, **details, **given})
        except pydantic.ValidationError as error:
            raise ValidationError([str(problem) for problem in problems_of(error)]) from error
        return data


class Decide(Event):
    """Staff decide on a request."""

    do = "decide"

    request: str
    answer: Literal["accept", "refuse"]

    def play(self, stage: Stage) -> None:
        asked = stage.request(self.request)
        if self.answer == "accept":
            _accept(stage, asked)
        else:
            listed = asked.governing_version.policy.refusals_of(asked.kind)
            reason = listed[0].key if listed else NOT_POSSIBLE
            refuse_request(asked, stage.staff, reason, TEXT, stage.now)


class Succeed(Event):
    """Staff accept that the contract passes to another, who is new to the portal."""

    do = "succeed"

    request: str

    def play(self, stage: Stage) -> None:
        _accept(stage, stage.request(self.request))


def _accept(stage: Stage, asked: ContractRequest) -> None:
    if asked.waits_for_documents:
        stage.hand_in(asked)
    if asked.is_open:
        checked(stage, asked)
    # Where only the plan of a split or the agreement can say it, open debts pass with the contract.
    accepted = accept_request(asked, stage.staff, stage.now, takes_debts=True)
    sent(stage, acceptance_mail(accepted))


class Complete(Event):
    """The notice of completion."""

    do = "complete"

    request: str

    def play(self, stage: Stage) -> None:
        complete_request(stage.request(self.request), stage.staff, stage.now)
