"""What goes wrong on either side, and what the provider does about it."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.lives.machine.base import ONE_DAY, Playing, billed, exists
from tests.lives.machine.moments import days_ahead
from tests.lives.machine.naive.days import month_of


def rules(machine: Playing) -> dict[str, Any]:
    return machine.terms.on(machine.player.now.date())


def charging_rules(machine: Playing) -> dict[str, Any]:
    charging: dict[str, Any] = rules(machine)["charging"]
    return charging


class Troubles(Playing):
    @precondition(lambda self: exists(self) and "outages" in charging_rules(self))
    @rule(data=st.data())
    def outage(self, data: st.DataObject) -> None:
        at = self.moment(data)
        policy = self.terms.on(at.date())
        ended = at - data.draw(st.sampled_from([timedelta(hours=1), timedelta(days=3), timedelta(days=40)]))
        hours = data.draw(st.sampled_from([1, 8, 24, 30, 100, 400]))
        options = [key for key, one in self.terms.products(at.date()).items() if one["kind"] == "option"]
        rules = policy["charging"].get("outages", ())
        owes_damage = any(one.get("limits_damage") or one["credit"] == "monthly_fee" for one in rules)
        self.play(
            {
                "at": at.isoformat(),
                "do": "outage",
                "from": (ended - timedelta(hours=hours)).isoformat(),
                "to": ended.isoformat(),
                "fault": data.draw(st.sampled_from(["ordinary", "gross"])),
                "damage": data.draw(st.sampled_from([1000, 10**6])) if owes_damage else None,
                "product": data.draw(st.sampled_from(["", "", *options])) or None,
            }
        )

    @precondition(lambda self: exists(self) and "damages_cap" in charging_rules(self))
    @rule(data=st.data())
    def damage(self, data: st.DataObject) -> None:
        at = self.moment(data)
        back = data.draw(st.integers(0, 40))
        self.play(
            {
                "at": at.isoformat(),
                "do": "damage",
                "on": (at.date() - back * ONE_DAY).isoformat(),
                "amount": data.draw(st.sampled_from([1, 3000, 10**6])),
                "fault": data.draw(st.sampled_from(["ordinary", "gross"])),
            }
        )

    @precondition(lambda self: exists(self) and "suspension" in rules(self))
    @rule(data=st.data())
    def suspend(self, data: st.DataObject) -> None:
        at = self.moment(data)
        reasons = [one["key"] for one in rules(self)["suspension"]["reasons"]]
        since = data.draw(days_ahead(at.date()))
        until = data.draw(st.one_of(st.none(), days_ahead(since)))
        self.play(
            {
                "at": at.isoformat(),
                "do": "suspend",
                "reason": data.draw(st.sampled_from(reasons)),
                "from": since.isoformat(),
                "until": until and until.isoformat(),
            }
        )

    @precondition(lambda self: exists(self) and any(one["do"] == "suspend" for one in self.clerk.taken))
    @rule(data=st.data())
    def lift(self, data: st.DataObject) -> None:
        self.play({"at": self.moment(data).isoformat(), "do": "lift"})

    @precondition(exists)
    @rule(data=st.data())
    def terminate(self, data: st.DataObject) -> None:
        before = self.player.now
        at = self.moment(data)
        grounds = {one["key"]: one for one in self.terms.on(at.date())["termination"]["grounds"]}
        ground = grounds[data.draw(st.sampled_from(sorted(grounds)))]
        since = None
        if "since" in ground:
            days = (at.date() - before.date()).days
            since = at.date() - data.draw(st.integers(0, max(0, days - 1))) * ONE_DAY
        on = data.draw(st.one_of(st.none(), days_ahead(at.date())))
        self.play(
            {
                "at": at.isoformat(),
                "do": "terminate",
                "ground": ground["key"],
                "since": since and since.isoformat(),
                "on": on and on.isoformat(),
            }
        )

    @precondition(lambda self: exists(self) and "endings" in rules(self))
    @rule(data=st.data())
    def end_service(self, data: st.DataObject) -> None:
        at = self.moment(data)
        options = [key for key, one in self.terms.products(at.date()).items() if one["kind"] == "option"]
        held = [key for key in options if self.clerk.held(key, at.date())]
        on = data.draw(days_ahead(at.date() + data.draw(st.sampled_from([0, 100, 190])) * ONE_DAY))
        self.play(
            {
                "at": at.isoformat(),
                "do": "end_service",
                "on": on.isoformat(),
                "notified_at": at.isoformat(),
                "product": data.draw(st.sampled_from([None, *held])),
            }
        )

    @precondition(lambda self: exists(self) and "surcharge" in charging_rules(self))
    @rule(data=st.data())
    def surcharge(self, data: st.DataObject) -> None:
        evaded = data.draw(st.sampled_from([1, 7000]))
        self.play({"at": self.moment(data).isoformat(), "do": "surcharge", "evaded": evaded})

    @precondition(lambda self: exists(self) and "individual_agreements" in rules(self))
    @rule(data=st.data())
    def agree(self, data: st.DataObject) -> None:
        at = self.moment(data)
        months = data.draw(st.sampled_from([3, 12]))
        self.play(
            {
                "at": at.isoformat(),
                "do": "agree",
                "rules": {"minimum_term": {"months": months}},
                "from": data.draw(days_ahead(at.date())).isoformat(),
            }
        )

    @precondition(lambda self: exists(self) and "deposit" in charging_rules(self))
    @rule(data=st.data())
    def ask_deposit(self, data: st.DataObject) -> None:
        at = self.moment(data)
        pay_by = at.date() + data.draw(st.integers(0, 30)) * ONE_DAY
        amount = data.draw(st.sampled_from([1, 50000]))
        self.play({"at": at.isoformat(), "do": "ask_deposit", "amount": amount, "pay_by": pay_by.isoformat()})

    @precondition(lambda self: exists(self) and any(one["do"] == "ask_deposit" for one in self.clerk.taken))
    @rule(data=st.data())
    def receive_deposit(self, data: st.DataObject) -> None:
        at = self.moment(data)
        self.play({"at": at.isoformat(), "do": "receive_deposit", "on": at.date().isoformat()})

    @precondition(lambda self: billed(self) and any(one["do"] == "ask_deposit" for one in self.clerk.taken))
    @rule(data=st.data())
    def use_deposit(self, data: st.DataObject) -> None:
        at = self.moment(data)
        invoices = self.invoices()
        if invoices:
            month = month_of(data.draw(st.sampled_from(invoices)).month)
            self.play({"at": at.isoformat(), "do": "use_deposit", "month": month})

    @precondition(lambda self: exists(self) and "device_return" in rules(self))
    @rule(data=st.data())
    def replace_device(self, data: st.DataObject) -> None:
        at = self.moment(data)
        once = [key for key, one in self.terms.products(at.date()).items() if one["kind"] == "one_time"]
        received = at.date() - data.draw(st.sampled_from([0, 14, 15])) * ONE_DAY
        sent_back = data.draw(st.sampled_from([None, received, received + 14 * ONE_DAY]))
        self.play(
            {
                "at": at.isoformat(),
                "do": "replace_device",
                "product": data.draw(st.sampled_from(once)),
                "received_on": received.isoformat(),
                "sent_back_on": sent_back.isoformat() if sent_back and sent_back <= at.date() else None,
            }
        )
