"""What goes wrong on either side: outages, damages, suspensions, terminations, devices."""

from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q
from pydantic import Field

from billing.approvals.credits import DAMAGES, OUTAGE, DamagesData, OutageData
from contracts.approvals.charges import DEVICE_CHARGE, DeviceChargeData
from contracts.lifecycle.devices import replace_device
from contracts.lifecycle.provider_ends.non_renewals import decline_renewal
from contracts.lifecycle.provider_ends.terminations import demand_cure, terminate
from contracts.lifecycle.suspensions import lift_suspension, suspend
from contracts.lifecycle.tasks import complete_task
from contracts.models import Contract, Suspension, Task
from contracts.policies.rulebooks import governing_version
from contracts.rules.calendar.period import JAPAN, japan_date
from contracts.rules.examples.given import Day, Moment, Yen
from contracts.rules.policy.charging import Fault
from portal.lives.events.event import Event
from portal.lives.stage import TEXT, Stage


class Outage(Event):
    """An outage of the service, or of one option."""

    do = "outage"

    begins_at: Moment = Field(alias="from")
    ends_at: Moment = Field(alias="to")
    fault: Fault
    damage: Yen | None = None
    product: str = ""
    claimed_at: Moment | None = None

    def play(self, stage: Stage) -> None:
        wanted = OutageData(
            contract=stage.contract.number,
            known_at=self.begins_at,
            restored_at=self.ends_at,
            fault=self.fault,
            product=self.product,
            damage=self.damage,
            claimed_at=self.claimed_at,
            reason=TEXT,
        )
        stage.decided(OUTAGE, wanted)


class Damage(Event):
    """A damage other than by an outage, as staff accept it."""

    do = "damage"

    on: Day
    amount: Yen
    fault: Fault

    def play(self, stage: Stage) -> None:
        wanted = DamagesData(
            contract=stage.contract.number,
            arose_on=self.on,
            damage=self.amount,
            fault=self.fault,
            ground=self._ground(stage),
            reason=TEXT,
        )
        stage.decided(DAMAGES, wanted)

    def _ground(self, stage: Stage) -> str:
        """Where the terms owe only certain damages, it is one of those."""
        cap = governing_version(stage.contract, self.on).policy.charging.damages_cap
        return next((ground.key for ground in cap.grounds), "") if cap else ""


class Suspend(Event):
    """The provider suspends the service; without a last day until a debt is paid, or as long as it may."""

    do = "suspend"

    reason: str
    starts_on: Day = Field(alias="from")
    until: Day | None = None

    def play(self, stage: Stage) -> None:
        contract = stage.contract
        rule = governing_version(contract, self.starts_on).policy.suspension
        for_debts = rule.until_paid.reasons if rule and rule.until_paid else ()
        suspend(
            contract,
            stage.staff,
            self.reason,
            self.starts_on,
            self.until,
            TEXT,
            until_paid=self.until is None and self.reason in for_debts,
            urgent=TEXT if self.starts_on == japan_date(stage.now) else "",
            at=stage.now,
        )


class Lift(Event):
    """The suspension ends: it can be used again from the day on."""

    do = "lift"

    def play(self, stage: Stage) -> None:
        lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=stage.today)
        stop = Suspension.objects.filter(lasting, contract=stage.contract).order_by("starts_on").first()
        if stop is None:
            raise ValidationError("The service is not suspended.")
        last_day = max(stop.starts_on, stage.today - timedelta(days=1))
        lift_suspension(stop, stage.staff, last_day, at=stage.now)


class Terminate(Event):
    """The provider terminates the contract, told at the moment, for the day or for a later one."""

    do = "terminate"

    ground: str
    since: Day | None = None
    on: Day | None = None

    def play(self, stage: Stage) -> None:
        contract = stage.contract
        self._demand(stage, contract)
        terminate(contract, stage.staff, self.ground, self.since, stage.now, ends_on=self.on, urgent=TEXT)

    def _demand(self, stage: Stage, contract: Contract) -> None:
        """What the ground wants to be demanded first was demanded on its day."""
        rule = governing_version(contract, stage.today).policy.termination
        grounds = {ground.key: ground for ground in rule.grounds} if rule else {}
        ground = grounds.get(self.ground)
        if self.since is None or ground is None or ground.since != "notice":
            return
        demanded = Task.objects.filter(
            contract=contract, kind=Task.Kind.CURE_PERIOD, detail__ground=self.ground
        )
        if not demanded.exists():
            with stage.at(datetime.combine(self.since, time(12), JAPAN)):
                demand_cure(contract, stage.staff, self.ground, self.since, TEXT, stage.now)


class DeclineRenewal(Event):
    """The provider tells the customer that the contract is not renewed after the term that ends on a day."""

    do = "decline_renewal"

    on: Day

    def play(self, stage: Stage) -> None:
        decline_renewal(stage.contract, stage.staff, self.on, stage.now)


class ReplaceDevice(Event):
    """A replacement came, and the old device went back or not: what the terms let charge is charged."""

    do = "replace_device"

    product: str
    received_on: Day
    sent_back_on: Day | None = None

    def play(self, stage: Stage) -> None:
        contract = stage.contract
        task = replace_device(contract, stage.staff, self.product, self.received_on, None, stage.now)
        if self.sent_back_on and self.sent_back_on <= task.due_on:
            complete_task(task, stage.staff, TEXT, stage.now)
        elif stage.today > task.due_on:
            stage.decided(DEVICE_CHARGE, DeviceChargeData(task=task.pk))
