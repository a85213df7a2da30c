"""The schema of the demonstration's story, and how its days are counted."""

import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import Literal

from contracts.requests.kinds.endings import CancellationRequest
from contracts.rules.calendar.period import JAPAN, Month
from contracts.rules.policy.base import LocalText, Strict


class PastDay(Strict):
    """A day some months ago, moved to yesterday where it would not lie in the past."""

    months_ago: int
    day: int

    def moment(self, now: datetime, hour: int = 11) -> datetime:
        """The day at an hour in Japan; `now` where that lies ahead."""
        today = now.astimezone(JAPAN).date()
        day = (Month.of(today) + -self.months_ago).day(self.day)
        return min(now, datetime.combine(day, time(hour), tzinfo=JAPAN))


class Customer(Strict):
    """An organisation and who acts for it; somebody told of twice, by e-mail address, acts for both."""

    key: str
    name: str
    kana: str
    postal_code: str
    address: str
    phone: str
    person: str
    email: str


class RequestStory(PastDay):
    """A request; `name` is the new one of a change of name, `question` what staff ask back about it."""

    kind: str
    product: str = ""
    quantity: int = 0
    wanted_in_months: int
    name: str = ""
    undecided: bool = False
    question: str = ""

    def wanted_on(self, submitted_at: datetime) -> date:
        """For a cancellation the end of the wanted month, otherwise its first day."""
        month = Month.of(submitted_at.astimezone(JAPAN).date()) + self.wanted_in_months
        return month.last if self.kind == CancellationRequest.key else month.first


class SuspensionStory(PastDay):
    reason: str


class AgreementStory(PastDay):
    """What was agreed individually, from a past day on; `rules` in the vocabulary of the policy."""

    title: str
    rules: str


class ContractStory(Strict):
    """A contract; `sent_to` is where its invoices go, without: to the customer's address.

    `agent` is the sales agent with whom it is made, without: the service's first one.
    """

    customer: str
    service: str
    agent: str = ""
    applied: PastDay
    quantities: dict[str, int]
    payment_method: Literal["transfer", "debit"] = "transfer"
    reached: Literal["applied", "accepted", "running"] = "running"
    requests: tuple[RequestStory, ...] = ()
    suspended: SuspensionStory | None = None
    agreed: AgreementStory | None = None
    unpaid_months: int = 0
    sent_to: str = ""


class DraftStory(Strict):
    """An application that somebody began and has not sent; `fields` are those of the form."""

    customer: str
    service: str
    fields: dict[str, str]


class AnnouncedStory(Strict):
    service: str
    effective_in_months: int
    replace: tuple[tuple[str, str], ...]


class NoticeStory(Strict):
    """A notice that goes out now, about something that happens some days ahead."""

    service: str
    purpose: str
    effective_in_days: int
    subject: LocalText
    body: LocalText


class Story(Strict):
    customers: tuple[Customer, ...]
    contracts: tuple[ContractStory, ...]
    announced: AnnouncedStory
    notices: tuple[NoticeStory, ...] = ()
    drafts: tuple[DraftStory, ...] = ()


def read_story() -> Story:
    path = Path(__file__).with_name("story.toml")
    return Story.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
