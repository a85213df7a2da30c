"""What customers ask for, and what staff make of it."""


from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.lives.machine.base import ONE_DAY, Playing, exists
from tests.lives.machine.moments import days_ahead
from tests.lives.machine.naive.clerk import FEWER, MORE, Asked
from tests.lives.machine.orders import most


def waits(machine: Playing) -> bool:
    return machine.begun and bool(open_requests(machine))


def open_requests(machine: Playing) -> list[str]:
    """Requests that wait, and those that staff accepted and that may be taken back or completed."""
    asked = machine.clerk.requests
    return [name for name, one in asked.items() if one.state in ("submitted", "accepted")]


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

    def name(self) -> str:
        self.names += 1
        return f"r{self.names}"

    @precondition(exists)
    @rule(data=st.data())
    def ask_for_quantity(self, data: st.DataObject) -> None:
        at = self.moment(data)
        policy = self.terms.on(at.date())
        kinds = [kind for kind in (*MORE, *FEWER) if kind in policy["changes"]]
        kind = data.draw(st.sampled_from(kinds))
        products = self.terms.products(at.date())
        keys = [key for key, one in products.items() if one.get("orderable", True)]
        held = [key for key in keys if self.clerk.held(key, max(at.date(), self.clerk.starts_on))]
        product = data.draw(
            st.sampled_from(held or keys) if kind not in ("add_item", "add_option") else st.sampled_from(keys)
        )
        fewer = kind in ("drop_item", "drop_option")
        least = 0 if fewer else 1
        quantity = data.draw(st.integers(least, most(self.terms, product)))
        deleted = True if "user_ids_deleted" in str(policy["changes"][kind].get("conditions")) else None
        self.play(
            {
                "at": at.isoformat(),
                "do": "request",
                "name": self.name(),
                "kind": kind,
                "wanted_on": data.draw(days_ahead(at.date())).isoformat(),
                "product": product,
                "quantity": quantity or None,
                "user_ids_deleted": data.draw(st.sampled_from([deleted, deleted, False]))
                if deleted
                else None,
            }
        )

    @precondition(exists)
    @rule(data=st.data())
    def ask_for_end(self, data: st.DataObject) -> None:
        at = self.moment(data)
        policy = self.terms.on(at.date())
        kind = data.draw(st.sampled_from(["cancellation", *(["non_renewal"] if "renewal" in policy else [])]))
        wanted = data.draw(days_ahead(at.date())).isoformat()
        if kind == "non_renewal" or policy["cancellation"]["deadline"].get("late") == "deem":
            wanted = data.draw(st.sampled_from([wanted, None]))
        self.play(
            {"at": at.isoformat(), "do": "request", "name": self.name(), "kind": kind, "wanted_on": wanted}
        )

    @precondition(exists)
    @rule(data=st.data())
    def ask_for_something_else(self, data: st.DataObject) -> None:
        at = self.moment(data)
        others = [
            kind
            for kind in self.terms.on(at.date())["changes"]
            if kind not in (*MORE, *FEWER, "succession") and "option" not in kind
        ]
        event = {"at": at.isoformat(), "do": "request", "name": self.name()}
        event |= {
            "kind": data.draw(st.sampled_from(others)),
            "wanted_on": data.draw(days_ahead(at.date())).isoformat(),
        }
        if event["kind"] == "interruption":
            event["until"] = data.draw(st.sampled_from([None, event["wanted_on"]]))
        self.play(event)

    @precondition(exists)
    @rule(data=st.data())
    def ask_for_succession(self, data: st.DataObject) -> None:
        at = self.moment(data)
        policy = self.terms.on(at.date())
        if "succession" not in policy["changes"]:
            return
        causes = policy["succession"].get("causes", ["inheritance", "merger", "split", "business_transfer"])
        back = data.draw(st.integers(0, 20))
        self.play(
            {
                "at": at.isoformat(),
                "do": "request",
                "name": self.name(),
                "kind": "succession",
                "wanted_on": (at.date() - back * ONE_DAY).isoformat(),
                "cause": data.draw(st.sampled_from(causes)),
            }
        )

    @precondition(waits)
    @rule(data=st.data())
    def decide(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(open_requests(self)))
        at = self.moment(data)
        answer = data.draw(st.sampled_from(["accept", "accept", "accept", "refuse"]))
        do = "succeed" if self.clerk.requests[name].kind == "succession" and answer == "accept" else "decide"
        event = {"at": at.isoformat(), "do": do, "request": name}
        self.play(event if do == "succeed" else {**event, "answer": answer})

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
