"""What a request changes, as before and after."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from django.utils.translation import gettext as _

from contracts.models import ContractRequest
from contracts.models.request_data import (
    AuthorisedUserData,
    InterruptionData,
    NameData,
    ParticularsData,
    ResponsiblePersonData,
    SuccessionData,
    Successor,
)
from contracts.requests.product_changes import total_after
from contracts.requests.words import cause_label
from contracts.rules.life.change import DROPS
from contracts.wording.formats import day_text
from contracts.wording.particulars import label_of
from contracts.wording.products import product_lines

Kind = ContractRequest.Kind


@dataclass(frozen=True)
class ChangedLine:
    """What is asked about, how it is without the request, and how it is to be; both may hold line breaks."""

    label: str
    before: str
    after: str


def changed_lines(request: ContractRequest, until: date | None = None) -> list[ChangedLine]:
    """The lines of a request, stored or drafted. What was before comes from the contract's dated rows.

    With `until` nothing is told of how the contract stands after that day.
    """
    before_on = min(_day_before(request), until or date.max)
    return list(_LINES.get(request.kind, _of_product)(request, before_on))


def _settled_on(request: ContractRequest) -> date | None:
    """The day of its decision; else the wanted one."""
    decided = request.decision.get("effective_on") or request.decision.get("ends_on")
    return date.fromisoformat(decided) if decided else request.wanted_on


def _day_before(request: ContractRequest) -> date:
    """The last day on which everything is as before."""
    day = _settled_on(request) or request.submitted_at.date()
    return day if request.kind in DROPS else day - timedelta(days=1)


def _ending(request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
    ends_on = _settled_on(request)
    wanted = day_text(ends_on) if ends_on else _("The earliest day possible")
    yield ChangedLine(_("End of the contract"), _("Not settled"), wanted)


def _of_product(request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
    policy = request.governing_version.policy
    held = request.contract.items_on(before_on).get(request.product, 0)
    once = any(product.key == request.product and product.kind == "one_time" for product in policy.products)
    before = 0 if once else held
    counts = [(request.product, before), (request.product, total_after(request, before))]
    old, new = (
        f"{line.quantity} {line.unit}" if line.quantity else "—" for line in product_lines(policy, counts)
    )
    (named,) = product_lines(policy, [(request.product, 0)])
    yield ChangedLine(named.name, old, new)


def _stated(request: ContractRequest, before_on: date, values: dict[str, str]) -> Iterator[ChangedLine]:
    organisation = request.contract.organisation
    held = request.contract.particulars_on(before_on)
    for key, value in values.items():
        before = held.get(key) or str(getattr(organisation, key, ""))
        yield ChangedLine(str(label_of(key)), before or "—", value or "—")


def _particulars(request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
    data = cast(ParticularsData, request.data)
    yield from _stated(request, before_on, {str(key): value for key, value in data.particulars.items()})


def _name(request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
    data = cast(NameData, request.data)
    yield from _stated(request, before_on, {"name": data.name, **({"kana": data.kana} if data.kana else {})})


def _responsible_person(request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
    data = cast(ResponsiblePersonData, request.data)
    yield from _stated(request, before_on, {"responsible_person": str(data)})


def _succession(request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
    data = cast(SuccessionData, request.data)
    several = len(data.successors) > 1
    before = request.contract.name_on(before_on)
    after = "\n\n".join(
        _successor(successor, represents=several and place == data.representative)
        for place, successor in enumerate(data.successors)
    )
    yield ChangedLine(_("Customer"), before, after)
    yield ChangedLine(_("Cause"), "—", cause_label(data.cause))


def _successor(successor: Successor, *, represents: bool) -> str:
    name = _("%(name)s (representative)") % {"name": successor.name} if represents else successor.name
    address = f"〒{successor.postal_code} {successor.address}"
    lines = (name, successor.kana, successor.corporate_number, address, successor.phone, successor.email)
    return "\n".join(filter(None, lines))


def _interruption(request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
    until = cast(InterruptionData, request.data).until
    starts_on = _settled_on(request)
    first = day_text(starts_on) if starts_on else "—"
    last = day_text(until) if until else _("until it is resumed")
    label = _("Use of the service")
    if request.product:
        (line,) = product_lines(request.governing_version.policy, [(request.product, 0)])
        label = line.name
    yield ChangedLine(
        label, _("In use"), _("Interrupted: %(first)s – %(last)s") % {"first": first, "last": last}
    )


def _authorised_user(request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
    data = cast(AuthorisedUserData, request.data)
    parts: tuple[str, ...] = (data.name, data.address, data.contact, data.purpose)
    yield ChangedLine(_("Authorised user"), "—", "\n".join(filter(None, parts)))


_LINES: dict[str, Callable[[ContractRequest, date], Iterator[ChangedLine]]] = {
    Kind.CANCELLATION: _ending,
    Kind.NON_RENEWAL: _ending,
    Kind.PARTICULARS: _particulars,
    Kind.NAME: _name,
    Kind.RESPONSIBLE_PERSON: _responsible_person,
    Kind.SUCCESSION: _succession,
    Kind.INTERRUPTION: _interruption,
    Kind.OPTION_INTERRUPTION: _interruption,
    Kind.AUTHORISED_USER: _authorised_user,
}
