"""What is true of a contract by the events that were taken.

The clerk works out dates and quantities by itself. What it leaves to the portal, and takes as it comes:
whether the conditions of a change hold (what is held, needed, the last of its kind), and whether staff may
take a step.
Who the customer is, stops and reports move no quantity and no fee, and are not followed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from tests.lives.machine.naive.days import ONE_DAY, Calendar, month_end, month_of
from tests.lives.machine.naive.deadlines import Answer, answered, last_day, starts, term_ends
from tests.lives.machine.naive.terms import MONTHLY, Terms

Event = dict[str, Any]
MORE = ("quantity_up", "add_item", "add_option")
FEWER = ("quantity_down", "drop_item", "drop_option")
ENDINGS = ("cancellation", "non_renewal")
NEVER = date.max


class DisagreementError(AssertionError):
    """The portal says otherwise than the clerk."""


@dataclass
class Asked:
    """A request that was taken in, with the day that is settled for it, and what became of it."""

    kind: str
    event: Event
    at: datetime
    policy: dict[str, Any]
    on: date | None
    state: str = "submitted"
    completed: bool = False


@dataclass
class Change:
    """From a first day on there are so many of a product; `added` of them are new."""

    key: str
    product: str
    first: date
    total: int
    added: int


@dataclass
class Clerk:
    terms: Terms
    applied: Event | None = None
    formed_on: date | None = None
    starts_on: date | None = None
    billed_from: date | None = None
    withdrawn_on: date | None = None
    changes: list[Change] = field(default_factory=list)
    ends: dict[str, date] = field(default_factory=dict)
    requests: dict[str, Asked] = field(default_factory=dict)
    prices: list[tuple[date, dict[str, Any]]] = field(default_factory=list)
    agreed: list[tuple[date, dict[str, Any]]] = field(default_factory=list)
    used: list[tuple[str, str, int]] = field(default_factory=list)
    goodwill: dict[str, int] = field(default_factory=dict)
    taken: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.prices = list(self.terms.prices)

    # What is so

    @property
    def ends_on(self) -> date | None:
        if self.withdrawn_on:
            return self.withdrawn_on
        return min(self.ends.values(), default=None)

    @property
    def exists(self) -> bool:
        return self.formed_on is not None

    def held(self, product: str, day: date) -> int:
        """How many of a product are in use on a day."""
        if self.starts_on is None or day < self.starts_on or day > (self.ends_on or NEVER):
            return 0
        return self._settled(product, day)

    def _settled(self, product: str, day: date) -> int:
        total = self.applied["products"].get(product, 0) if self.applied else 0
        for change in sorted(self.changes, key=lambda one: one.first):
            if change.product == product and change.first <= day:
                total = change.total
        return total

    def policy(self, day: date) -> dict[str, Any]:
        """The rules of a day, with what was agreed individually."""
        policy = self.terms.on(day)
        for since, rules in self.agreed:
            if since <= day:
                policy = {**policy, **{name: {**policy.get(name, {}), **own} for name, own in rules.items()}}
        return policy

    def price(self, product: str, day: date) -> int:
        lists = [prices for since, prices in self.prices if since <= day]
        return int(lists[-1][product]["unit_price"])

    def kind(self, product: str) -> str:
        return str(self.terms.products(date.max)[product]["kind"])

    # What happens

    def take(self, event: Event, at: datetime, answer: str = "") -> None:
        """Note an event that the portal took; `answer` is what became of a request at once.

        DisagreementError where the terms say otherwise.
        """
        self.taken.append(event)
        handle = getattr(self, f"_{event['do']}", None)
        if handle:
            handle(event, at, answer)

    def _apply(self, event: Event, at: datetime, answer: str) -> None:
        self.applied = event
        self.formed_on = self.starts_on = self.billed_from = self.withdrawn_on = None
        if self.terms.on(at.date())["formation"]["formed_by"] == "application":
            self.formed_on = at.date()

    def _accept(self, event: Event, at: datetime, answer: str) -> None:
        assert self.applied
        applied_on = datetime.fromisoformat(self.applied["at"]).date()
        formation, day = self.terms.on(applied_on)["formation"], at.date()
        if formation["formed_by"] == "registration":
            registered = event.get("registered_at")
            day = max(at, datetime.fromisoformat(registered)).date() if registered else day
        if formation["formed_by"] != "application":
            self.formed_on = day
        formed = self.formed_on or day
        wanted = self.applied.get("wanted_on")
        wanted_on = date.fromisoformat(wanted) if wanted else formed
        match formation["service_start"]["rule"]:
            case "activation_notice":
                start = event.get("start_on")
                self.starts_on = date.fromisoformat(start) if start else at.date()
            case "first_of_wanted_month":
                self.starts_on = max(wanted_on.replace(day=1), formed.replace(day=1))
            case "wanted_date":
                self.starts_on = max(wanted_on, formed)
            case _:
                self.starts_on = formed
        self.billed_from = starts(formation["billing_start"]["rule"], self.starts_on)

    def _request(self, event: Event, at: datetime, answer: str) -> None:
        policy = self.policy(at.date())
        said = self._said(event, at, policy)
        if said is None:  # moves nothing that the clerk follows
            self.requests[event["name"]] = Asked(event["kind"], event, at, policy, None, _state(answer))
            return
        if answer == "refused:late" and said.on is not None:
            raise DisagreementError(f"{event['name']} is in time, and was refused as late")
        if not answer.startswith("refused") and said.on is None:
            raise DisagreementError(f"{event['name']} is late, and was taken in")
        asked = Asked(event["kind"], event, at, policy, said.on, _state(answer))
        self.requests[event["name"]] = asked
        if asked.state == "submitted" and self.counts_by_itself(asked):
            self._effect(event["name"], asked, said.on or at.date())

    def _said(self, event: Event, at: datetime, policy: dict[str, Any]) -> Answer | None:
        kind, wanted = event["kind"], event.get("wanted_on")
        wanted_on = date.fromisoformat(wanted) if wanted else None
        if kind == "cancellation":
            rule = policy["cancellation"]
            calendar = self.calendar(policy, rule["deadline"])
            return answered(
                rule["deadline"], at, wanted_on, calendar, at_month_end=rule["ends"] == "month_end"
            )
        if kind == "non_renewal":
            return self._not_renewed(policy, at, wanted_on)
        if kind not in (*MORE, *FEWER):
            return None
        rule = policy["changes"].get(kind, {})
        if "for_options" in rule and self.kind(event["product"]) == "option":
            return self._option_reduced(rule["for_options"], policy, at, wanted_on)
        at_month_end = rule.get("effective") == "month_end"
        if "deadline" not in rule:
            return Answer(month_end(wanted_on) if at_month_end and wanted_on else wanted_on)
        calendar = self.calendar(policy, rule["deadline"])
        return answered(rule["deadline"], at, wanted_on, calendar, at_month_end=at_month_end)

    def _option_reduced(
        self, rule: dict[str, Any], policy: dict[str, Any], at: datetime, wanted_on: date | None
    ) -> Answer:
        """What goes is given up with the last day of a month; the smaller number begins on the day after."""
        last = wanted_on - ONE_DAY if wanted_on else None
        calendar = self.calendar(policy, rule["deadline"])
        given_up = answered(rule["deadline"], at, last, calendar, at_month_end=True)
        return replace(given_up, on=given_up.on + ONE_DAY) if given_up.on else given_up

    def _not_renewed(self, policy: dict[str, Any], at: datetime, wanted_on: date | None) -> Answer:
        rule = policy["renewal"]
        calendar = self.calendar(policy, rule["notice"])
        received = calendar.received(at)
        ends = term_ends(
            rule,
            self.starts_on or at.date(),
            max(received, wanted_on or received).replace(day=28) + 400 * ONE_DAY,
        )
        reached = [end for end in ends if last_day(rule["notice"], end, calendar) >= received]
        if wanted_on is None:
            return Answer(reached[0])
        return Answer(wanted_on if wanted_on in reached else None, in_time=wanted_on in reached)

    @staticmethod
    def calendar(policy: dict[str, Any], rule: dict[str, Any]) -> Calendar:
        return Calendar(policy["calendars"][rule.get("calendar", "company")])

    def counts_by_itself(self, asked: Asked) -> bool:
        """Whether the terms let a request count by its receipt."""
        if asked.kind == "cancellation":
            return "effect" in asked.policy["cancellation"]
        if asked.kind == "non_renewal":
            return "effect" in asked.policy.get("renewal", {})
        return "effect" in asked.policy["changes"].get(asked.kind, {})

    def _decide(self, event: Event, at: datetime, answer: str) -> None:
        asked = self.requests[event["request"]]
        by_itself = self.counts_by_itself(asked)
        if event["answer"] == "refuse":
            if by_itself:
                raise DisagreementError(f"{event['request']} counts by its receipt, and was refused by staff")
            asked.state = "refused"
            return
        asked.state = "accepted"
        if by_itself or asked.on is None:
            return
        rule = asked.policy["changes"].get(asked.kind, {})
        if rule.get("notice_completes"):
            return
        on = asked.on
        if rule.get("not_before_acceptance"):
            on = max(on, at.date())
        self._effect(event["request"], asked, on)

    def _succeed(self, event: Event, at: datetime, answer: str) -> None:
        self.requests[event["request"]].state = "accepted"

    def _complete(self, event: Event, at: datetime, answer: str) -> None:
        asked = self.requests[event["request"]]
        asked.completed = True
        self._effect(event["request"], asked, at.date())

    def _withdraw(self, event: Event, at: datetime, answer: str) -> None:
        name = event.get("request")
        if name is None:
            self.withdrawn_on = at.date()
            self._give_up_what_waits("withdrawn")
            return
        self.requests[name].state = "withdrawn"
        self.ends.pop(name, None)
        self.changes = [change for change in self.changes if change.key != name]

    def _effect(self, name: str, asked: Asked, on: date) -> None:
        asked.on = on
        event = asked.event
        if asked.kind in ENDINGS:
            self.ends[name] = on
            return
        if asked.kind not in (*MORE, *FEWER):
            return
        product, quantity = event["product"], event.get("quantity") or 0
        if self.kind(product) == "one_time":
            self.changes.append(Change(name, product, on, quantity, quantity))
            return
        held = self._settled(product, on)
        match asked.kind:
            case "quantity_up" | "quantity_down":
                total = quantity
            case "add_item" | "add_option":
                total = held + quantity
            case _:
                total = held - quantity if quantity else 0
        first = on + ONE_DAY if asked.kind in ("drop_item", "drop_option") else on
        self.changes.append(Change(name, product, first, total, max(0, total - held)))

    def _usage(self, event: Event, at: datetime, answer: str) -> None:
        self.used.append((event["product"], event["month"], event["quantity"]))

    def _price(self, event: Event, at: datetime, answer: str) -> None:
        since = date.fromisoformat(event["effective_on"])
        base = [prices for day, prices in self.prices if day <= since][-1]
        own = {key: {**base[key], "unit_price": price} for key, price in event["prices"].items()}
        self.prices = sorted([*self.prices, (since, {**base, **own})], key=lambda one: one[0])

    def _agree(self, event: Event, at: datetime, answer: str) -> None:
        self.agreed.append((date.fromisoformat(event["from"]), event["rules"]))

    def _terminate(self, event: Event, at: datetime, answer: str) -> None:
        self.ends[f"terminated {at}"] = date.fromisoformat(event["on"]) if event.get("on") else at.date()
        self._give_up_what_waits("refused")

    def _decline_renewal(self, event: Event, at: datetime, answer: str) -> None:
        self.ends[f"not renewed {at}"] = date.fromisoformat(event["on"])

    def _give_up_what_waits(self, state: str) -> None:
        for asked in self.requests.values():
            if asked.state == "submitted":
                asked.state = state

    def _end_service(self, event: Event, at: datetime, answer: str) -> None:
        on, product = date.fromisoformat(event["on"]), event.get("product")
        if not product:
            self.ends[f"service {at}"] = on
            return
        self.changes = [one for one in self.changes if one.product != product or one.first <= on]
        self.changes.append(Change(f"option {at}", product, on + ONE_DAY, 0, 0))

    def _return(self, event: Event, at: datetime, answer: str) -> None:
        self.goodwill[event["month"]] = self.goodwill.get(event["month"], 0) + event["net"]

    # What can be asked about

    def monthly(self, day: date) -> dict[str, int]:
        """What is in use on a day, without what is charged once or by use."""
        products = self.terms.products(day)
        kinds = {key for key, product in products.items() if product["kind"] in MONTHLY}
        return {key: count for key in kinds if (count := self.held(key, day))}


def _state(answer: str) -> str:
    return "refused" if answer.startswith("refused") else answer or "submitted"


__all__ = ["Asked", "Change", "Clerk", "DisagreementError", "month_of"]
