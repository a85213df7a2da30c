"""What customers ask for, and what staff make of it."""

from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.lives.machine.base import ONE_DAY, Playing, exists
from tests.lives.machine.moments import days_ahead
from tests.lives.machine.naive.clerk import FEWER, MORE, Asked
from tests.lives.machine.orders import most_of
from tests.lives.machine.player import Event


def waits(machine: Playing) -> bool:
    return machine.begun and bool(open_requests(machine))


def open_requests(machine: Playing) -> list[str]:
    """Requests that wait; without any, those that staff accepted, which may be taken back."""
    asked = machine.clerk.requests.items()
    waiting = [name for name, one in asked if one.state == "submitted"]
    return waiting or [name for name, one in asked if one.state == "accepted"]


class Asking(Playing):
    # Applications

    @precondition(lambda self: self.begun and self.clerk.starts_on is None and self.clerk.applied)
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        self.accept_at(data, self.moment(data))

    @precondition(lambda self: self.begun and (self.clerk.withdrawn_on or not self.clerk.applied))
    @rule(data=st.data())
    def apply(self, data: st.DataObject) -> None:
        self.apply_at(data, self.moment(data))

    @precondition(lambda self: self.begun and self.may_withdraw())
    @rule(data=st.data())
    def withdraw_application(self, data: st.DataObject) -> None:
        at = self.moment(data, most=20)
        costs = data.draw(st.sampled_from([None, 0, 5000]))
        self.play({"at": at.isoformat(), "do": "withdraw", "costs": costs})

    def may_withdraw(self) -> bool:
        starts_on = self.clerk.starts_on
        return starts_on is None or starts_on > self.player.now.date()

    # Requests

    def ask(self, data: st.DataObject, event: Event) -> None:
        """Have the customer ask, and more often than not staff answer before anything else happens."""
        self.names += 1
        name = f"r{self.names}"
        if not self.play({**event, "do": "request", "name": name}) or name not in open_requests(self):
            return
        next_step = data.draw(st.integers(0, 9))
        if next_step < 6:
            self.answer(data, name)
        elif next_step > 7:
            self.ask_for_a_quantity(data)  # what is taken back must leave this as it is
            self.play({"at": self.moment(data).isoformat(), "do": "withdraw", "request": name})
        if name in self.to_complete() and data.draw(st.integers(0, 9)) < 6:
            self.play({"at": self.moment(data).isoformat(), "do": "complete", "request": name})

    def answer(self, data: st.DataObject, name: str) -> None:
        at = self.moment(data).isoformat()
        answer = data.draw(st.sampled_from(["accept", "accept", "accept", "refuse"]))
        if self.clerk.requests[name].kind == "succession" and answer == "accept":
            self.play({"at": at, "do": "succeed", "request": name})
        else:
            self.play({"at": at, "do": "decide", "request": name, "answer": answer})

    @precondition(exists)
    @rule(data=st.data())
    def ask_for_quantity(self, data: st.DataObject) -> None:
        self.ask_for_a_quantity(data)

    @precondition(exists)
    @rule(data=st.data())
    def ask_for_another_quantity(self, data: st.DataObject) -> None:
        self.ask_for_a_quantity(data)

    def ask_for_a_quantity(self, data: st.DataObject) -> None:
        at = self.moment(data)
        changes = self.terms.on(at.date())["changes"]
        kind = data.draw(st.sampled_from([kind for kind in (*MORE, *FEWER) if kind in changes]))
        wanted = data.draw(days_ahead(at.date()))
        product, quantity = data.draw(self.quantities(kind, wanted))
        asks_for_ids = "user_ids_deleted" in str(changes[kind].get("conditions"))
        self.ask(
            data,
            {
                "at": at.isoformat(),
                "kind": kind,
                "wanted_on": wanted.isoformat(),
                "product": product,
                "quantity": quantity,
                "user_ids_deleted": data.draw(st.sampled_from([True, True, False])) if asks_for_ids else None,
            },
        )

    def quantities(self, kind: str, day: date) -> st.SearchStrategy[tuple[str, int | None]]:
        """A product and a quantity that may be asked for by a kind of request, or nearly; None: all of it."""
        products = self.terms.products(day)
        held = {key: self.clerk.held(key, day) for key, one in products.items() if one.get("orderable", True)}
        mine = [key for key, count in held.items() if count]
        options = [key for key in held if products[key]["kind"] == "option"]
        choices = {
            "add_option": options,
            "add_item": [key for key in held if key not in options],
            "drop_option": [key for key in mine if key in options],
            "drop_item": [key for key in mine if key not in options],
        }.get(kind, mine)

        def counts(product: str) -> st.SearchStrategy[tuple[str, int | None]]:
            now, most = held[product], most_of(self.terms, product)
            numbers: st.SearchStrategy[int | None] = st.integers(1, 2)
            if kind == "quantity_up":
                numbers = st.integers(now + 1, max(now + 1, most))
            elif kind == "quantity_down":
                numbers = st.integers(1, max(1, now - 1))
            elif kind in FEWER:
                numbers = st.one_of(st.none(), st.integers(1, max(1, now)))
            return st.tuples(st.just(product), numbers)

        return st.sampled_from(choices or sorted(held)).flatmap(counts)

    @precondition(exists)
    @rule(data=st.data())
    def ask_for_end(self, data: st.DataObject) -> None:
        at = self.moment(data)
        policy = self.terms.on(at.date())
        kind = data.draw(st.sampled_from(["cancellation", *(["non_renewal"] if "renewal" in policy else [])]))
        wanted = data.draw(days_ahead(at.date())).isoformat()
        if kind == "non_renewal" or policy["cancellation"]["deadline"].get("late") == "deem":
            wanted = data.draw(st.sampled_from([wanted, None]))
        self.ask(data, {"at": at.isoformat(), "kind": kind, "wanted_on": wanted})

    @precondition(exists)
    @rule(data=st.data())
    def ask_for_something_else(self, data: st.DataObject) -> None:
        at = self.moment(data)
        others = [
            kind
            for kind in self.terms.on(at.date())["changes"]
            if kind not in (*MORE, *FEWER, "succession") and "option" not in kind
        ]
        event = {
            "at": at.isoformat(),
            "kind": data.draw(st.sampled_from(others)),
            "wanted_on": data.draw(days_ahead(at.date())).isoformat(),
        }
        if event["kind"] == "interruption":
            event["until"] = data.draw(st.sampled_from([None, event["wanted_on"]]))
        self.ask(data, event)

    @precondition(exists)
    @rule(data=st.data())
    def ask_for_succession(self, data: st.DataObject) -> None:
        at = self.moment(data)
        policy = self.terms.on(at.date())
        if "succession" not in policy["changes"]:
            return
        causes = policy["succession"].get("causes", ["inheritance", "merger", "split", "business_transfer"])
        back = data.draw(st.integers(0, 20))
        self.ask(
            data,
            {
                "at": at.isoformat(),
                "kind": "succession",
                "wanted_on": (at.date() - back * ONE_DAY).isoformat(),
                "cause": data.draw(st.sampled_from(causes)),
            },
        )

    @precondition(waits)
    @rule(data=st.data())
    def decide(self, data: st.DataObject) -> None:
        self.answer(data, data.draw(st.sampled_from(open_requests(self))))

    @precondition(lambda self: waits(self) and bool(self.to_complete()))
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self.to_complete()))
        self.play({"at": self.moment(data).isoformat(), "do": "complete", "request": name})

    def to_complete(self) -> list[str]:
        def waits_for_it(asked: Asked) -> bool:
            rule = asked.policy["changes"].get(asked.kind, {})
            return asked.state == "accepted" and rule.get("notice_completes", False) and not asked.completed

        return [name for name, asked in self.clerk.requests.items() if waits_for_it(asked)]

    @precondition(waits)
    @rule(data=st.data())
    def withdraw_request(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(open_requests(self)))
        self.play({"at": self.moment(data).isoformat(), "do": "withdraw", "request": name})
