"""A kind of request: what it is called, who may ask for it and from when, what it asks, decides and does.

Each is a class in a module of `contracts.requests.kinds`; `contracts.requests.registry` finds them there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Generic, NoReturn, cast

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.lifecycle.items import NewQuantity
from contracts.models import Contract, ContractRequest, Suspension, TermsVersion
from contracts.models.request import RequestDecision
from contracts.policies.rulebooks import Rulebooks, rulebook_for
from contracts.requests.data import Data, read
from contracts.requests.form import RequestForm
from contracts.requests.offer import Offer, Possibility
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.life.change import Change, ChangeRequest, ChangeRule
from contracts.rules.life.succession import DebtsSaid
from contracts.rules.policy.schema import Policy
from contracts.rules.rulebook import Rulebook
from contracts.wording.products import ProductLine, product_line
from portal.organisations.models import Organisation, User


class Group(TextChoices):
    """Under what kinds are offered, in this order."""

    PRODUCTS = "products", gettext_lazy("Products and numbers")
    CUSTOMER = "customer", gettext_lazy("About the customer")
    USE = "use", gettext_lazy("Interruption and end")


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a decision or its effect needs beyond the request itself."""

    at: datetime
    actor: User | None = None
    monthly_fee: int | None = None
    successor: Organisation | None = None
    representative: int | None = None
    takes_debts: DebtsSaid | None = None


@dataclass(frozen=True)
class ChangedLine:
    """What is asked about, how it is without the request, and how it is to be; both may hold line breaks."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Note:
    """What a customer should know before a request is sent, with the articles that found it."""

    text: str
    articles: Sequence[str]


class Kind(Generic[Data]):
    """What holds for every kind that a policy rules under `changes`; others override what differs.

    `key` is what policies and requests name it by. `place` orders the kinds of a group. `sentence` tells the
    step `change.KEY` of a decision, with `%(at)s`, the moment of submission. `asked_ahead`: it can be asked
    what would follow from it, by its day, and its product and quantity where it has them.

    `before_start`: it is about the customer and not about use, and can be asked for before that begins.
    `gives_up`: the day on which it takes effect is the last day of use. `passes_on`: the contract has another
    customer afterwards. `lifts`: which suspensions it ends; one that has begun ends by it alone where the
    terms provide for it. `panel`: the template of what stands beside its form; empty for nothing.
    """

    key: ClassVar[str]
    label: ClassVar[Any]
    sentence: ClassVar[Any] = ""
    group: ClassVar[Group]
    place: ClassVar[int]
    data: type[Data]
    form: ClassVar[type[RequestForm]]
    day_label: ClassVar[Any] = gettext_lazy("Wanted date")
    ends_contract: ClassVar[bool] = False
    asks_for_debts: ClassVar[bool] = False
    asked_ahead: ClassVar[bool] = False
    before_start: ClassVar[bool] = False
    gives_up: ClassVar[bool] = False
    passes_on: ClassVar[bool] = False
    lifts: ClassVar[Suspension.Kind | None] = None
    panel: ClassVar[str] = ""

    # Who may ask, and from when

    def governing(self, contract: Contract, at: datetime, books: Rulebooks | None = None) -> TermsVersion:
        """The version that a request sent at a moment is decided by."""
        day = japan_date(at)
        return (books or Rulebooks()).governing(contract, day, lambda policy: policy.rule_on(self.key))

    def possibility(self, contract: Contract, at: datetime, books: Rulebooks) -> Possibility | None:
        """The earliest date that the terms provide for, before any typing; None where they provide for none.

        Whether the contract contains what a change needs is not asked here.
        """
        version = self.governing(contract, at, books)
        rule = version.policy.change_rule(self.key)
        first = self._first_day(contract, japan_date(at))
        if rule is None or first is None:
            return None
        decision = self._first_change(at, first, books.of(version))
        earliest = decision.effective_on
        if earliest is None or (contract.ends_on and earliest > contract.ends_on):
            return None
        return self.possible(earliest, decision.last_moment, decision, version, proof=rule.proof)

    def _first_day(self, contract: Contract, today: date) -> date | None:
        """The first day that can be asked about; None while that is not settled."""
        if self.before_start:
            return today
        return max(today, contract.service_starts_on) if contract.service_starts_on else None

    def _first_change(self, at: datetime, first: date, rules: Rulebook) -> Change:
        decision = rules.change_by_dates(self._dated(at, first))
        deadline = decision.deadline_on
        if deadline and deadline < decision.received_on and decision.earliest_effective_on:
            return rules.change_by_dates(self._dated(at, decision.earliest_effective_on))
        return decision

    def possible(
        self,
        earliest_on: date,
        in_time_until: datetime | None,
        decision: RequestDecision,
        version: TermsVersion,
        *,
        proof: str = "none",
    ) -> Possibility:
        """A possibility of this kind."""
        return Possibility(self.key, str(self.label), earliest_on, in_time_until, proof, decision, version)

    def offer(self, contract: Contract, possibility: Possibility) -> Offer | None:
        """What is offered of what the terms provide for; None where the contract leaves no room for it."""
        return self.offered(contract, possibility)

    def offered(
        self, contract: Contract, possibility: Possibility, products: Sequence[ProductLine] = ()
    ) -> Offer:
        """An offer of this kind, with the products to choose from."""
        return Offer(
            contract=contract,
            possibility=possibility,
            day_label=str(self.day_label),
            products=products,
            begins=self.begins(possibility.version.policy.change_rule(self.key)),
            ends_contract=self.ends_contract,
            asks_for_debts=self.asks_for_debts,
            panel=self.panel,
        )

    def begins(self, rule: ChangeRule | None) -> str:
        """From when it counts, where that is no day that can be told now; otherwise empty."""
        if rule and rule.notice_completes:
            return _("From the notice of completion")
        if rule and rule.not_before_acceptance:
            return _("From the wanted date, at the earliest from acceptance")
        return ""

    # What is asked for

    def data_of(self, request: ContractRequest) -> Data:
        """What a request holds, typed."""
        return read(self.data, request)

    def check(self, request: ContractRequest) -> None:
        """ValidationError, naming the field, for what can't be asked for whatever the deadlines are."""
        if self.key not in request.governing_version.policy.changes:
            raise ValidationError({"kind": _("The terms don't provide for this change.")})
        if self._first_day(request.contract, japan_date(request.submitted_at)) is None:
            raise ValidationError(
                _("The service has no start date yet; it can be changed afterwards."), code="not_begun"
            )

    def check_again(self, request: ContractRequest) -> None:
        """The same at acceptance, for what may have happened since."""

    # What the rules say

    def asked(self, request: ContractRequest, wanted_on: date) -> ChangeRequest:
        """What the rules are asked, for a wanted day."""
        return self._dated(request.submitted_at, wanted_on)

    def _dated(self, at: datetime, wanted_on: date) -> ChangeRequest:
        return ChangeRequest(kind=self.key, submitted_at=at, wanted_on=wanted_on, gives_up=self.gives_up)

    def decide(self, request: ContractRequest, on: date | None) -> RequestDecision:
        """Ask the rules; `on` stands in for the wanted day."""
        wanted_on = on or cast(date, request.wanted_on)
        return rulebook_for(request.governing_version).change(self.asked(request, wanted_on))

    def by_dates(self, offer: Offer, wanted_on: date | None, at: datetime) -> RequestDecision:
        """What the dates alone say, before everything else that a request needs is filled in."""
        day = wanted_on or offer.possibility.earliest_on
        return rulebook_for(offer.version).change_by_dates(self._dated(at, day))

    def ensure_possible(self, request: ContractRequest, decision: RequestDecision) -> None:
        """ValidationError where what is settled already leaves no room for the decided dates."""

    def completed(
        self, request: ContractRequest, decision: RequestDecision, context: Context
    ) -> RequestDecision:
        """The decision as the request keeps it, with what follows beside its dates."""
        return decision

    def as_things_are(self, request: ContractRequest, context: Context) -> RequestDecision:
        """The decision that an accepted request keeps, by what has changed since it was sent."""
        return cast(RequestDecision, request.decided)

    def decided_at(self, request: ContractRequest, at: datetime) -> RequestDecision:
        """What `as_things_are` says of a moment."""
        return self.as_things_are(request, Context(at=at))

    # What follows

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        """Carry out what was accepted, on the dates of the request's decision."""
        raise NotImplementedError

    def take_effect_at_receipt(self, request: ContractRequest, context: Context) -> dict[str, Any]:
        """Carry out what counts by its receipt; gives what `put_back` needs, as JSON can say it."""
        self.take_effect(request, context)
        return {}

    def put_back(self, request: ContractRequest, context: Context) -> None:
        """Undo what took effect with its receipt; ValidationError where that can't be any more."""
        self._refuse_to_undo()

    def new_quantity(self, request: ContractRequest) -> NewQuantity | None:
        """What the decision that a request holds makes of a product; None where it changes none."""
        return None

    def charged_once(self, request: ContractRequest) -> dict[str, int]:
        """What is asked for and charged one time, with its quantity; empty for all else."""
        return {}

    def may_undo(self, request: ContractRequest, on: date) -> bool:
        """Whether what was accepted can still be taken back on a day."""
        return False

    def undo(self, request: ContractRequest, context: Context) -> None:
        """Take back what was accepted and has not begun; ValidationError where that can't be."""
        self._refuse_to_undo()

    def _refuse_to_undo(self) -> NoReturn:
        raise ValidationError(
            _("This was decided already and can't be taken back here; please contact us."),
            code="already_decided",
        )

    # In words

    def use_of(self, policy: Policy, product: str) -> str:
        """What use it is about: that of the service, or with a product's key, of that."""
        return product_line(policy, product, 0).name if product else _("Use of the service")

    def lines(self, request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
        """What a request changes; `before_on` is the last day on which everything is as before."""
        raise NotImplementedError

    def last_day_before(self, request: ContractRequest) -> date:
        """The last day on which everything is as before."""
        return (settled_on(request) or japan_date(request.submitted_at)) - timedelta(days=1)

    def notes(self, offer: Offer, decision: RequestDecision | None) -> Iterator[Note]:
        """What follows beside its dates; `decision` is None before there is one."""
        rule = offer.rule
        if rule and rule.proof == "required":
            yield Note(
                _("A document must prove it. You can hand it in here as soon as the request is sent."),
                rule.article,
            )
        elif rule and rule.proof == "on_request":
            yield Note(_("The provider may ask for a document that proves it."), rule.article)

    def hints(self, request: ContractRequest) -> Iterator[Note]:
        """What is unusual about what is asked for, before it is sent; it binds nobody."""
        return iter(())

    def counted_day(self, version: TermsVersion, wanted_on: date) -> date:
        """The wanted day, or the end of its month where it takes effect with that."""
        rule = version.policy.change_rule(self.key)
        return Month.of(wanted_on).last if rule and rule.effective == "month_end" else wanted_on

    def follows(self, version: TermsVersion, day: str) -> str:
        """What happens on the decided day, which is given in words."""
        rule = version.policy.change_rule(self.key)
        if rule and rule.notice_completes:
            return _("It can be used from the day of the notice of completion.")
        if rule and rule.not_before_acceptance:
            return _("It counts from %(day)s, or from its acceptance where that is later.") % {"day": day}
        return _("It takes effect on %(day)s.") % {"day": day}


def effective_on(request: ContractRequest) -> date:
    """The first day of what the decision on a change settled."""
    return cast(date, cast(Change, request.decided).effective_on)


def settled_on(request: ContractRequest) -> date | None:
    """The day of its decision; else the wanted one."""
    decided = request.decided
    return (decided.settled_on if decided else None) or request.wanted_on
